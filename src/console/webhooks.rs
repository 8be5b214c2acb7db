//! Use cases of webhooks: added, tested, switched on again, removed, and their log.

use super::broken;
use super::browse::sound_limit;
use super::desk::Desk;
use crate::domain::errors::chain;
use crate::domain::id::WebhookId;
use crate::domain::notice::Kind as Event;
use crate::domain::role::Act;
use crate::domain::time::Millis;
use crate::store::{LoggedDelivery, NewWebhook, StoredWebhook, WEBHOOKS_MAX};
use crate::webhook::{Message, SECRET_BYTES, Secret, Webhooks};
use crate::wire::domain::Page;
use crate::wire::error::{Kind, Refusal};
use crate::wire::webhooks::{DeliveryView, Message as Body, WebhookView};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

impl Desk {
    /// Webhooks that the caller may manage.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn webhooks(&self) -> Result<Vec<WebhookView>, Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.console.store.webhooks(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        Ok(stored.into_iter().map(view).collect())
    }

    /// Adds a webhook; its secret is given this once and never again.
    ///
    /// # Errors
    /// Names the field that is wrong; `too_many_webhooks`.
    pub async fn add_webhook(&self, url: &str, customer: &str, events: &[String]) -> Result<String, Refusal> {
        self.caller.must(Act::Manage)?;
        let customer = self.customer_meant(Some(customer)).await?;
        let target = self.sending()?.target(url);
        let target = target.map_err(|problem| Refusal::field("bad_value", "url", problem.to_string()))?;
        let kinds: Vec<Event> = Event::ALL.into_iter().filter(|kind| events.iter().any(|e| e == kind.word())).collect();
        if kinds.is_empty() {
            return Err(Refusal::field("bad_value", "events", "Choose at least one event."));
        }
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        rand::fill(&mut bytes).map_err(|_| Refusal::broken())?;
        let secret = Secret::new(bytes.clone());
        let created_by = self.caller.name.clone();
        let new = NewWebhook { customer, url: target.as_str().to_owned(), kinds, secret: bytes, created_by };
        let added = self.console.store.add_webhook(new, self.console.clock.now()).await.map_err(|e| broken(&e))?;
        if added.is_none() {
            let words = format!("A customer has at most {WEBHOOKS_MAX} webhooks. Remove one first.");
            return Err(Refusal::new(Kind::Conflict, "too_many_webhooks", words));
        }
        Ok(secret.text().to_string())
    }

    /// One webhook.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn webhook(&self, id: &str) -> Result<WebhookView, Refusal> {
        Ok(view(self.stored_webhook(id).await?))
    }

    /// What was sent to it, or will be, the newest first.
    ///
    /// # Errors
    /// `not_found`, or the cursor when it is not ours.
    pub async fn webhook_log(&self, id: &str, cursor: &str) -> Result<Page<DeliveryView>, Refusal> {
        let webhook = self.stored_webhook(id).await?;
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
        let page = self.console.store.deliveries(&webhook.id, cursor, sound_limit(None)?).await;
        let page = page.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(logged).collect(), next_cursor: page.next_cursor })
    }

    /// Sends a message that only tries the way, once, and keeps what came of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn test_webhook(&self, id: &str) -> Result<(), Refusal> {
        let webhook = self.stored_webhook(id).await?;
        let sending = self.sending()?;
        let now = self.console.clock.now();
        let outcome = test(sending, &webhook, now).await;
        self.console.store.note_test(&webhook, &outcome, now).await.map_err(|e| broken(&e))
    }

    /// Switches it on again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn enable_webhook(&self, id: &str) -> Result<(), Refusal> {
        let webhook = self.stored_webhook(id).await?;
        self.console.store.enable_webhook(&webhook, self.console.clock.now()).await.map_err(|e| broken(&e))
    }

    /// Removes it, with what was still to be sent.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_webhook(&self, id: &str) -> Result<(), Refusal> {
        let webhook = self.stored_webhook(id).await?;
        self.console.store.remove_webhook(&webhook, self.console.clock.now()).await.map_err(|e| broken(&e))
    }

    async fn stored_webhook(&self, id: &str) -> Result<StoredWebhook, Refusal> {
        self.caller.must(Act::Manage)?;
        let found = self.console.store.webhook(&self.caller.scope(), &WebhookId::new(id)).await;
        found.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)
    }

    fn sending(&self) -> Result<&Webhooks, Refusal> {
        self.console.webhooks.as_ref().ok_or_else(Refusal::broken)
    }
}

/// What a test comes to, in words.
async fn test(sending: &Webhooks, webhook: &StoredWebhook, now: Millis) -> String {
    let target = match sending.target(&webhook.url) {
        Ok(target) => target,
        Err(problem) => return problem.to_string(),
    };
    let body = serde_json::to_string(&Body::test(now.into())).unwrap_or_default();
    let id = format!("test-{}-{}", webhook.id, now.0);
    let secret = Secret::new(webhook.secret.clone());
    match sending.send(&target, &secret, Message { id: &id, at: now, body: &body }).await {
        Ok(answer) => answer.to_string(),
        Err(problem) => chain(&problem),
    }
}

fn view(webhook: StoredWebhook) -> WebhookView {
    let (disabled_at, disabled_why) = webhook.disabled.map(|(at, why)| (at.into(), why)).unzip();
    let (tested_at, tested) = webhook.tested.map(|(at, words)| (at.into(), words)).unzip();
    WebhookView {
        id: webhook.id.to_string(),
        customer: webhook.customer_name,
        url: webhook.url,
        events: webhook.kinds.iter().map(|kind| kind.word().to_owned()).collect(),
        created_by: webhook.created_by,
        created_at: webhook.created_at.into(),
        disabled_at,
        disabled_why,
        tested_at,
        tested,
    }
}

fn logged(delivery: LoggedDelivery) -> DeliveryView {
    let state = match delivery.outcome.as_deref() {
        None => "waiting",
        Some("taken") => "delivered",
        Some(_) => "given_up",
    };
    DeliveryView {
        message: delivery.notice,
        event: delivery.kind,
        domain: delivery.domain,
        at: delivery.at.into(),
        attempts: delivery.attempts,
        state: state.to_owned(),
        next_at: (state == "waiting").then(|| delivery.due_at.into()),
        detail: delivery.detail,
    }
}

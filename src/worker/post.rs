//! The worker's post: takes what is to be told, sends mails and messages to webhooks, and notes what came of it.
//!
//! A delivery is one call that may be made twice: a process that ends between the call and the note leaves it to the next
//! one, which sends the same thing under the same id. Nothing is held in memory between two tries.

use super::clock::Clock;
use crate::domain::errors::chain;
use crate::domain::id::{UserId, WebhookId};
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use crate::failpoint::{Act, Injected, around};
use crate::mail::notice::{About, Addressee, House, letter, subject};
use crate::mail::{MailProblem, Mailer};
use crate::store::{Delivered, Delivery, Receiver, Scope, Store, StoreError, Way};
use crate::webhook::{Message, Secret, SendProblem, Webhooks};
use crate::wire::webhooks::Message as Body;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Mails sent at once; the mail server is one.
const MAILS: u32 = 16;
/// Messages sent at once; each waits for another server.
const MESSAGES: u32 = 128;
/// A killed node's deliveries are taken over after this: longer than any try may take.
const LEASE_MS: i64 = MINUTE_MS;
/// The store is asked at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// After a store that failed.
const TROUBLE: Duration = Duration::from_secs(5);
/// Pauses after each try that failed, as Standard Webhooks recommends; then nobody tries any more.
const RETRIES_MS: [i64; 9] = [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];

/// Delivers notices.
#[derive(Clone)]
pub struct Post {
    /// Where they are.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Sends mail; none where no mail server is configured.
    pub mailer: Option<Mailer>,
    /// Sends messages to webhooks.
    pub webhooks: Webhooks,
    /// The provider's own name, and where the Console is.
    pub house: Arc<House>,
}

/// Why a try came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Mail(#[from] MailProblem),
    #[error(transparent)]
    Send(#[from] SendProblem),
    #[error(transparent)]
    Injected(#[from] Injected),
}

impl Post {
    /// Works until `shutdown`; what is being delivered then is brought to its end.
    pub async fn run(&self, shutdown: CancellationToken) {
        tokio::join!(self.keep(Way::Mail, &shutdown), self.keep(Way::Webhook, &shutdown));
    }

    /// Goes one way, so that slow receivers of messages hold up no mail.
    async fn keep(&self, way: Way, shutdown: &CancellationToken) {
        loop {
            let pause = match self.pass(way).await {
                Ok(0) => LONGEST_SLEEP,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "notices could not be delivered");
                    TROUBLE
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Delivers what is due now; how many tries that were.
    ///
    /// # Errors
    /// When the store fails; what was taken is left to whoever comes after the lease.
    pub async fn pass(&self, way: Way) -> Result<usize, StoreError> {
        let now = self.clock.now();
        // Taking is a write, which nobody needs while nothing is due.
        if self.store.next_delivery(way).await?.is_none_or(|due| due > now) {
            return Ok(0);
        }
        let limit = match way {
            Way::Mail => MAILS,
            Way::Webhook => MESSAGES,
        };
        let taken = self.store.take_deliveries(way, limit, now, now.plus(LEASE_MS)).await?;
        let count = taken.len();
        let tried = join_all(taken.iter().map(|delivery| self.deliver(delivery))).await;
        tried.into_iter().collect::<Result<(), _>>()?;
        Ok(count)
    }

    /// Makes one try and notes what came of it.
    ///
    /// # Errors
    /// When the store fails.
    async fn deliver(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let tried = match &delivery.to {
            Receiver::Person(person) => self.mail(delivery, person).await,
            Receiver::Webhook(webhook) => self.message(delivery, webhook).await,
        };
        let delivered = match tried {
            Ok(delivered) => delivered,
            Err(Failed::Store(error)) => return Err(error),
            Err(Failed::Injected(injected)) => return Err(injected.into()),
            Err(Failed::Mail(problem)) if problem.is_permanent() => Delivered::Never(chain(&problem)),
            Err(error) => again(delivery.attempt, chain(&error), self.clock.now()),
        };
        if let Delivered::Never(why) = &delivered {
            tracing::warn!(delivery.id = %delivery.id, %why, "a notice is not delivered");
        }
        self.store.note_delivery(delivery, &delivered, self.clock.now()).await?;
        Ok(())
    }

    async fn mail(&self, delivery: &Delivery, person: &UserId) -> Result<Delivered, Failed> {
        let Some(mailer) = &self.mailer else { return Ok(Delivered::Never("no mail server is configured".into())) };
        let told = &delivery.told;
        let address = match told.notice.topic {
            Some(topic) => self.store.mail_address(person, &told.customer, topic, self.clock.now()).await?,
            None => None,
        };
        let Some((email, token)) = address else {
            return Ok(Delivered::Never("the person wants no such mail any more".into()));
        };
        let chain_pem = match told.notice.certificate.as_ref().filter(|_| told.notice.kind.encloses()) {
            Some(certificate) => self.store.chain(&certificate.id).await?,
            None => None,
        };
        let to = Addressee { email, token };
        let about =
            About { notice: &told.notice, at: told.at, domain: told.domain.as_str(), customer: &told.customer_name };
        let letter = letter(&self.house, about, &to, &delivery.id, chain_pem);
        around(Act::Deliver, async { mailer.send(letter).await.map_err(Failed::from) }).await?;
        let (detail, subject) = (format!("sent to {}", to.email), subject(&told.notice, told.at));
        Ok(Delivered::Mailed { detail, subject })
    }

    async fn message(&self, delivery: &Delivery, webhook: &WebhookId) -> Result<Delivered, Failed> {
        let found = self.store.webhook(&Scope::All, webhook).await?;
        let Some(found) = found.filter(|found| found.disabled.is_none()) else {
            return Ok(Delivered::Never("the webhook is switched off".into()));
        };
        let target = match self.webhooks.target(&found.url) {
            Ok(target) => target,
            Err(problem) => return Ok(Delivered::Never(problem.to_string())),
        };
        let (told, now) = (&delivery.told, self.clock.now());
        let body = Body::of(&told.notice, told.domain.as_str(), told.customer.as_str(), told.at.into());
        let Ok(body) = serde_json::to_string(&body) else {
            return Ok(Delivered::Never("the message is no plain data".into()));
        };
        let (secret, message) = (Secret::new(found.secret), Message { id: &told.id, at: now, body: &body });
        let send = async { self.webhooks.send(&target, &secret, message).await.map_err(Failed::from) };
        let answer = around(Act::Deliver, send).await?;
        if answer.is_gone() {
            self.store.disable_webhook(webhook, &answer.to_string(), self.clock.now()).await?;
            return Ok(Delivered::Never(answer.to_string()));
        }
        if answer.is_taken() {
            return Ok(Delivered::Taken(answer.to_string()));
        }
        Ok(again(delivery.attempt, answer.to_string(), self.clock.now()))
    }
}

/// When the next try is, or that there is none.
fn again(attempt: i64, why: String, now: Millis) -> Delivered {
    let tried = usize::try_from(attempt - 1).unwrap_or_default();
    match RETRIES_MS.get(tried) {
        Some(pause) => Delivered::Again(now.plus(*pause), why),
        None => Delivered::Never(why),
    }
}

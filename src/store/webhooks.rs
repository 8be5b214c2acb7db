//! Webhooks: where a customer's own programs hear of what happens. The secret that messages are signed with lies here sealed.

use super::audit::Deed;
use super::error::StoreError;
use super::fresh::new_id;
use super::row::readable;
use super::{Scope, Store};
use crate::domain::id::{CustomerId, WebhookId};
use crate::domain::notice::Kind;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

/// Webhooks of one customer; each event is written once for each of them.
pub const WEBHOOKS_MAX: i64 = 10;

macro_rules! webhooks {
    ($condition:literal) => {
        concat!(
            "select webhooks.id, webhooks.customer, customers.name as customer_name, webhooks.url, webhooks.kinds, \
             webhooks.sealed, webhooks.created_by, webhooks.created_at, webhooks.disabled_at, webhooks.disabled_why, \
             webhooks.tested_at, webhooks.tested from webhooks join customers on customers.id = webhooks.customer where ",
            $condition
        )
    };
}

const ONE: &str = webhooks!("webhooks.id = $1 and ($2 is null or webhooks.customer = $2)");
const LIST: &str =
    webhooks!("($1 is null or webhooks.customer = $1) order by customers.name_key, webhooks.id limit $2");
/// Listed at once: for the provider's own people, who see those of every customer.
const LISTED: i64 = 500;
const COUNT: &str = "select count(*) as n from webhooks where customer = $1";
const ADD: &str = "insert into webhooks (id, customer, url, kinds, sealed, created_by, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
const FORGET: [&str; 2] = ["delete from deliveries where webhook = $1", "delete from webhooks where id = $1"];
const DISABLE: &str = "update webhooks set disabled_at = $2, disabled_why = $3 where id = $1 and disabled_at is null";
const ENABLE: &str = "update webhooks set disabled_at = null, disabled_why = null where id = $1";
const TESTED: &str = "update webhooks set tested_at = $2, tested = $3 where id = $1";

/// A webhook to be added.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Whose it is.
    pub customer: CustomerId,
    /// Where messages are sent.
    pub url: String,
    /// What they are about.
    pub kinds: Vec<Kind>,
    /// The secret that signs them.
    pub secret: Zeroizing<Vec<u8>>,
    /// Who adds it, as the timeline names them.
    pub created_by: String,
}

/// A webhook as it is stored.
#[derive(Clone)]
pub struct StoredWebhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// Where messages are sent.
    pub url: String,
    /// What they are about.
    pub kinds: Vec<Kind>,
    /// The secret that signs them; wiped when dropped.
    pub secret: Zeroizing<Vec<u8>>,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
    /// Since when nothing is sent, and why; none while it is on.
    pub disabled: Option<(Millis, String)>,
    /// When it was last tested, and what came of it.
    pub tested: Option<(Millis, String)>,
}

impl std::fmt::Debug for StoredWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredWebhook").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

impl Store {
    /// Adds a webhook; none when the customer has [`WEBHOOKS_MAX`] of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_webhook(&self, new: NewWebhook, now: Millis) -> Result<Option<WebhookId>, StoreError> {
        let (id, customer) = (new_id(now), new.customer.as_str());
        let sealed = self.keys.seal(&place(customer, &id), &new.secret)?;
        let mut tx = self.database.begin().await?;
        let count = sqlx::query(COUNT).bind(customer).fetch_one(&mut *tx).await?;
        if count.try_get::<i64, _>("n")? >= WEBHOOKS_MAX {
            return Ok(None);
        }
        let kinds: Vec<&str> = new.kinds.iter().map(|kind| kind.word()).collect();
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(customer)
            .bind(new.url.as_str())
            .bind(format!(" {} ", kinds.join(" ")))
            .bind(sealed)
            .bind(new.created_by.as_str())
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        let summary = format!("Webhook to {} added", new.url);
        let deed = Deed { act: "webhook.added", customer: Some(&new.customer), subject: &id, summary: &summary };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(Some(WebhookId::new(id)))
    }

    /// Webhooks that a scope sees.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(&self, scope: &Scope) -> Result<Vec<StoredWebhook>, StoreError> {
        let query = sqlx::query(LIST).bind(scope.customer().map(str::to_owned)).bind(LISTED);
        Ok(readable(&query.fetch_all(self.database.reader()).await?, |row| self.read_webhook(row)))
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails, or its secret does not open.
    pub async fn webhook(&self, scope: &Scope, id: &WebhookId) -> Result<Option<StoredWebhook>, StoreError> {
        let query = sqlx::query(ONE).bind(id.as_str()).bind(scope.customer().map(str::to_owned));
        let row = query.fetch_optional(self.database.reader()).await?;
        row.as_ref().map(|row| self.read_webhook(row)).transpose()
    }

    /// Removes a webhook with what was to be sent to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_webhook(&self, webhook: &StoredWebhook, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        for statement in FORGET {
            sqlx::query(statement).bind(webhook.id.as_str()).execute(&mut *tx).await?;
        }
        let summary = format!("Webhook to {} removed", webhook.url);
        self.note(&mut tx, deed("webhook.removed", webhook, &summary), now).await?;
        Ok(tx.commit().await?)
    }

    /// Switches a webhook on again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enable_webhook(&self, webhook: &StoredWebhook, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        sqlx::query(ENABLE).bind(webhook.id.as_str()).execute(&mut *tx).await?;
        let summary = format!("Webhook to {} switched on", webhook.url);
        self.note(&mut tx, deed("webhook.enabled", webhook, &summary), now).await?;
        Ok(tx.commit().await?)
    }

    /// Switches a webhook off, because its receiver says that nobody is there any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disable_webhook(&self, id: &WebhookId, why: &str, now: Millis) -> Result<(), StoreError> {
        let query = sqlx::query(DISABLE).bind(id.as_str()).bind(now.0).bind(why);
        self.database.execute(query).await?;
        Ok(())
    }

    /// Keeps what a test came to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_test(&self, webhook: &StoredWebhook, outcome: &str, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        sqlx::query(TESTED).bind(webhook.id.as_str()).bind(now.0).bind(outcome).execute(&mut *tx).await?;
        let summary = format!("Webhook to {} tested", webhook.url);
        self.note(&mut tx, deed("webhook.tested", webhook, &summary), now).await?;
        Ok(tx.commit().await?)
    }

    fn read_webhook(&self, row: &AnyRow) -> Result<StoredWebhook, StoreError> {
        let text = |column| row.try_get::<String, _>(column);
        let moment = |at, words| -> Result<Option<(Millis, String)>, StoreError> {
            let at: Option<i64> = row.try_get(at)?;
            let words: Option<String> = row.try_get(words)?;
            Ok(at.map(|at| (Millis(at), words.unwrap_or_default())))
        };
        let (id, customer) = (text("id")?, text("customer")?);
        let sealed: Vec<u8> = row.try_get("sealed")?;
        Ok(StoredWebhook {
            secret: self.keys.open(&place(&customer, &id), &sealed)?,
            id: WebhookId::new(id),
            customer: CustomerId::new(customer),
            customer_name: text("customer_name")?,
            url: text("url")?,
            kinds: text("kinds")?.split(' ').filter_map(Kind::from_word).collect(),
            created_by: text("created_by")?,
            created_at: Millis(row.try_get("created_at")?),
            disabled: moment("disabled_at", "disabled_why")?,
            tested: moment("tested_at", "tested")?,
        })
    }
}

/// What a secret is bound to.
pub(super) fn place<'a>(customer: &'a str, id: &'a str) -> [&'a str; 3] {
    ["webhook", customer, id]
}

fn deed<'a>(act: &'a str, webhook: &'a StoredWebhook, summary: &'a str) -> Deed<'a> {
    Deed { act, customer: Some(&webhook.customer), subject: webhook.id.as_str(), summary }
}

//! What people are to be told: written with what it tells of, in one transaction, and delivered later.
//!
//! A notice becomes one delivery for each person who wants mail about its topic, in the transaction that adds it: whoever
//! may hear of it is settled at that moment, and asked once more before the mail goes out. A delivery is taken by a lease, so that of several nodes one delivers it; a node that was killed in between leaves it to the next. Whether the
//! other side took what was sent just then, nobody knows: it is sent again under the same id, by which it is told apart.
//! What was mailed stands in the domain's timeline, one line for a notice, in the transaction that notes the delivery.

use super::Store;
use super::error::StoreError;
use super::fresh::new_id;
use super::mail_choices::wanting;
use super::outbox::Changed;
use super::page::{self, Page};
use super::timeline::count_mails;
use super::transaction::Tx;
use crate::domain::finding::printable;
use crate::domain::id::{CustomerId, DomainId, UserId, WebhookId};
use crate::domain::notice::Notice;
use crate::domain::time::{DAY_MS, Millis};
use crate::failpoint::{Act, Moment, reach};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row as _};

/// Deliveries are kept this long, for their log.
pub(super) const KEPT_MS: i64 = 30 * DAY_MS;

macro_rules! add {
    ($values:literal) => {
        concat!("insert into notices (id, at, domain, customer, kind, payload) ", $values)
    };
}
const ADD: &str = add!("values ($1, $2, $3, $4, $5, $6)");
/// Mostly nobody asked for what only webhooks hear of: then nothing is written. Words are looked for without `like`, whose
/// argument would have SQLite plan the statement anew each time.
const ADD_FOR_WEBHOOKS: &str = add!(
    "select $1, $2, $3, $4, $5, $6 where exists \
     (select 1 from webhooks where customer = $4 and disabled_at is null and replace(kinds, $7, '') <> kinds)"
);
const TO_PEOPLE: &str = concat!(
    "insert into deliveries (id, notice, target, due_at, attempts) ",
    wanting!("$3 || ':' || users.id, $3, users.id, $4, 0", "")
);

/// The same message to each webhook that wants to hear of it.
const TO_WEBHOOKS: &str = "insert into deliveries (id, notice, target, webhook, due_at, attempts) \
    select $1 || ':' || id, $1, id, id, $2, 0 from webhooks \
    where customer = $3 and disabled_at is null and replace(kinds, $4, '') <> kinds";

macro_rules! due {
    ($which:literal, $lock:literal) => {
        concat!(
            "update deliveries set attempts = attempts + 1, leased_until = $1 where id in (select id from deliveries \
             where done_at is null and due_at <= $2 and (leased_until is null or leased_until <= $2) and ",
            $which,
            " order by due_at limit $3",
            $lock,
            ") returning id, notice, target, webhook, attempts"
        )
    };
}
/// A receiver that is slow, or has much to catch up with, leaves room for the others.
macro_rules! fair {
    ($lock:literal) => {
        due!(
            "id in (select id from (select id, row_number() over (partition by webhook order by due_at) as place \
             from deliveries where done_at is null and due_at <= $2 and webhook is not null \
             and (leased_until is null or leased_until <= $2)) as first where place <= 16)",
            $lock
        )
    };
}
pub(super) const MAILS: [&str; 2] = [due!("webhook is null", ""), due!("webhook is null", " for update skip locked")];
pub(super) const MESSAGES: [&str; 2] = [fair!(""), fair!(" for update skip locked")];
const NOTICE: &str = "select notices.id, notices.at, notices.domain, notices.customer, customers.name as customer_name, \
    notices.payload from notices join customers on customers.id = notices.customer where notices.id = $1";
const DONE: &str = "update deliveries set done_at = $3, outcome = $4, detail = $5, leased_until = null \
    where id = $1 and attempts = $2 and done_at is null";
/// Whoever notes the next mail about a notice waits for the one before, and finds what it counted; SQLite has one writer.
pub(super) const HOLD: [&str; 2] =
    ["select id from notices where id = $1", "select id from notices where id = $1 for update"];
const AGAIN: &str = "update deliveries set due_at = $3, detail = $4, leased_until = null \
    where id = $1 and attempts = $2 and done_at is null";
pub(super) const NEXT: [&str; 2] = [
    "select min(due_at) as at from deliveries where done_at is null and webhook is null",
    "select min(due_at) as at from deliveries where done_at is null and webhook is not null",
];
pub(super) const LOG: &str = "select deliveries.id, deliveries.notice, deliveries.due_at, deliveries.attempts, deliveries.outcome, \
    deliveries.detail, notices.at, notices.kind, domains.hostname from deliveries \
    join notices on notices.id = deliveries.notice join domains on domains.id = notices.domain \
    where deliveries.webhook = $1 and deliveries.id < $2 order by deliveries.id desc limit $3";
pub(super) const OLD_DELIVERIES: &str = "delete from deliveries where id in (select deliveries.id from deliveries \
    join notices on notices.id = deliveries.notice where notices.at < $1 limit $2)";
pub(super) const OLD_NOTICES: &str = "delete from notices where id in (select id from notices where at < $1 \
    and not exists (select 1 from deliveries where deliveries.notice = notices.id) order by at limit $2)";

/// By which way things are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Mails to people.
    Mail,
    /// Messages to webhooks.
    Webhook,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A person.
    Person(UserId),
    /// A program.
    Webhook(WebhookId),
}

/// A delivery that was taken.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its row: the same for every try.
    pub id: String,
    /// Who is told.
    pub to: Receiver,
    /// Which try this is, from 1 on; also guards what is written of it.
    pub attempt: i64,
    /// What is told.
    pub told: ToldNotice,
}

/// A notice as it is stored.
#[derive(Clone, Debug)]
pub struct ToldNotice {
    /// Its row.
    pub id: String,
    /// When it happened.
    pub at: Millis,
    /// The domain.
    pub domain: DomainId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// What is told.
    pub notice: Notice,
}

/// A delivery to a webhook, as its log shows it.
#[derive(Clone, Debug)]
pub struct LoggedDelivery {
    /// The notice, whose id is the message's.
    pub notice: String,
    /// What happened, as a word.
    pub kind: String,
    /// When.
    pub at: Millis,
    /// To which web domain.
    pub domain: String,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Millis,
    /// `taken` or `never`; none while it waits.
    pub outcome: Option<String>,
    /// What the other side said last.
    pub detail: Option<String>,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It was taken.
    Taken(String),
    /// A mail was taken.
    Mailed {
        /// To whom, for the log.
        detail: String,
        /// What it is about, for the timeline: everybody reads it who sees the domain.
        subject: String,
    },
    /// Nobody will take it.
    Never(String),
    /// It is tried again then.
    Again(Millis, String),
}

impl Store {
    /// Adds what is to be told of a change, within its transaction.
    pub(super) async fn add_notices(
        &self,
        tx: &mut Tx,
        changed: &Changed,
        notices: &[Notice],
        now: Millis,
    ) -> Result<(), StoreError> {
        for notice in notices {
            let payload = serde_json::to_string(notice)
                .map_err(|_| StoreError::Contradiction("a notice that is no plain data"))?;
            let (id, customer) = (new_id(now), changed.customer.as_str());
            let wanted = format!(" {} ", notice.kind.word());
            let add = sqlx::query(if notice.topic.is_some() { ADD } else { ADD_FOR_WEBHOOKS })
                .bind(id.as_str())
                .bind(now.0)
                .bind(changed.domain.as_str())
                .bind(customer)
                .bind(notice.kind.word())
                .bind(payload);
            let webhooks = sqlx::query(TO_WEBHOOKS).bind(id.as_str()).bind(now.0).bind(customer).bind(wanted.as_str());
            match notice.topic {
                Some(topic) => {
                    let people = sqlx::query(TO_PEOPLE).bind(customer).bind(topic.word());
                    tx.together([add, people.bind(id.as_str()).bind(now.0), webhooks]).await?;
                }
                // Both find the same webhooks, so that none is told what is not there.
                None => tx.together([add.bind(wanted.as_str()), webhooks]).await?,
            }
        }
        Ok(())
    }

    /// Takes deliveries that are due, for as long as `leased_until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_deliveries(
        &self,
        way: Way,
        limit: u32,
        now: Millis,
        leased_until: Millis,
    ) -> Result<Vec<Delivery>, StoreError> {
        let [sqlite, postgres] = match way {
            Way::Mail => MAILS,
            Way::Webhook => MESSAGES,
        };
        let statement = self.database.pick(sqlite, postgres);
        let rows = sqlx::query(statement)
            .bind(leased_until.0)
            .bind(now.0)
            .bind(i64::from(limit))
            .fetch_all(self.database.writer())
            .await?;
        let mut taken = Vec::new();
        for row in &rows {
            let notice: String = row.try_get("notice")?;
            let Some(told) = sqlx::query(NOTICE).bind(notice).fetch_optional(self.database.reader()).await? else {
                continue;
            };
            let to = match row.try_get::<Option<String>, _>("webhook")? {
                Some(webhook) => Receiver::Webhook(WebhookId::new(webhook)),
                None => Receiver::Person(UserId::new(row.try_get::<String, _>("target")?)),
            };
            taken.push(Delivery { id: row.try_get("id")?, to, attempt: row.try_get("attempts")?, told: read(&told)? });
        }
        Ok(taken)
    }

    /// Writes down what came of a try. False when somebody else has the delivery by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_delivery(
        &self,
        delivery: &Delivery,
        delivered: &Delivered,
        now: Millis,
    ) -> Result<bool, StoreError> {
        reach(Act::NoteDelivery, Moment::Before).await?;
        let query = match delivered {
            Delivered::Mailed { detail, subject } => {
                let done = self.note_mailed(delivery, detail, subject, now).await?;
                reach(Act::NoteDelivery, Moment::After).await?;
                return Ok(done);
            }
            Delivered::Taken(detail) => ended(delivery, "taken", detail, now),
            Delivered::Never(detail) => ended(delivery, "never", detail, now),
            Delivered::Again(at, detail) => {
                let query = sqlx::query(AGAIN).bind(delivery.id.as_str()).bind(delivery.attempt);
                query.bind(at.0).bind(detail.as_str())
            }
        };
        let done = query.execute(self.database.writer()).await?.rows_affected() == 1;
        reach(Act::NoteDelivery, Moment::After).await?;
        Ok(done)
    }

    async fn note_mailed(
        &self,
        delivery: &Delivery,
        detail: &str,
        subject: &str,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let told = &delivery.told;
        // A power cut that takes it back costs a repetition, which is known as one, and no line too many.
        let mut tx = self.database.begin().await?.unflushed();
        let hold = sqlx::query(self.database.pick(HOLD[0], HOLD[1])).bind(told.id.as_str());
        hold.fetch_optional(&mut *tx).await?;
        if ended(delivery, "taken", detail, now).execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let words = |people: i64| {
            let whom = if people == 1 { "1 person".to_owned() } else { format!("{people} people") };
            format!("Mailed to {whom}: {}", printable(subject))
        };
        count_mails(&mut tx, &told.id, &told.domain, 1, words, now).await?;
        reach(Act::NoteDelivery, Moment::Commit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// When a delivery is due next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery(&self, way: Way) -> Result<Option<Millis>, StoreError> {
        let statement = match way {
            Way::Mail => NEXT[0],
            Way::Webhook => NEXT[1],
        };
        let row = sqlx::query(statement).fetch_one(self.database.reader()).await?;
        Ok(row.try_get::<Option<i64>, _>("at")?.map(Millis))
    }

    /// What was or will be sent to a webhook, the newest first.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn deliveries(
        &self,
        webhook: &WebhookId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<LoggedDelivery>, StoreError> {
        // Ids are made of hexadecimal digits, their time first.
        let before: String = cursor.map_or_else(|| Ok("z".to_owned()), page::decode)?;
        let query = sqlx::query(LOG).bind(webhook.as_str()).bind(before).bind(page::rows(limit));
        let mut rows = query.fetch_all(self.database.reader()).await?;
        let next_cursor = page::cut(&mut rows, limit, |row| Ok(row.try_get::<String, _>("id")?))?;
        Ok(Page { items: rows.iter().map(read_logged).collect::<Result<_, _>>()?, next_cursor })
    }
}

fn ended(delivery: &Delivery, outcome: &'static str, detail: &str, now: Millis) -> Query<'static, Any, AnyArguments> {
    let query: Query<'static, Any, AnyArguments> = sqlx::query(DONE);
    query.bind(delivery.id.as_str()).bind(delivery.attempt).bind(now.0).bind(outcome).bind(detail)
}

fn read_logged(row: &AnyRow) -> Result<LoggedDelivery, StoreError> {
    Ok(LoggedDelivery {
        notice: row.try_get("notice")?,
        kind: row.try_get("kind")?,
        at: Millis(row.try_get("at")?),
        domain: row.try_get("hostname")?,
        attempts: row.try_get("attempts")?,
        due_at: Millis(row.try_get("due_at")?),
        outcome: row.try_get("outcome")?,
        detail: row.try_get("detail")?,
    })
}

fn read(row: &AnyRow) -> Result<ToldNotice, StoreError> {
    let (id, payload): (String, String) = (row.try_get("id")?, row.try_get("payload")?);
    let bad =
        |error: serde_json::Error| StoreError::BadRow { table: "notices", id: id.clone(), why: error.to_string() };
    Ok(ToldNotice {
        notice: serde_json::from_str(&payload).map_err(bad)?,
        id: id.clone(),
        at: Millis(row.try_get("at")?),
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        customer: CustomerId::new(row.try_get::<String, _>("customer")?),
        customer_name: row.try_get("customer_name")?,
    })
}

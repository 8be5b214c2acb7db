//! What people are to be told: written with what it tells of, in one transaction, and delivered later.
//!
//! A notice becomes one delivery for each person who wants mail about its topic, in the transaction that adds it: whoever
//! may hear of it is settled at that moment, and asked once more before the mail goes out. A delivery is taken by a lease, so that of several nodes one delivers it; a node that was killed in between leaves it to the next. Whether the
//! other side took what was sent just then, nobody knows: it is sent again under the same id, by which it is told apart.

use super::Store;
use super::error::StoreError;
use super::fresh::new_id;
use super::mail_choices::wanting;
use super::outbox::Changed;
use super::patience::Tx;
use crate::domain::id::{CustomerId, DomainId, UserId};
use crate::domain::notice::Notice;
use crate::domain::time::{DAY_MS, Millis};
use crate::failpoint::{Act, Moment, reach};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Deliveries are kept this long, for their log.
pub(super) const KEPT_MS: i64 = 30 * DAY_MS;

const ADD: &str = "insert into notices (id, at, domain, customer, kind, payload) values ($1, $2, $3, $4, $5, $6)";
const TO_PEOPLE: &str = concat!(
    "insert into deliveries (id, notice, target, due_at, attempts) ",
    wanting!("$3 || ':' || users.id, $3, users.id, $4, 0", "")
);

macro_rules! due {
    ($lock:literal) => {
        concat!(
            "update deliveries set attempts = attempts + 1, leased_until = $1 where id in (select id from deliveries \
             where done_at is null and due_at <= $2 and (leased_until is null or leased_until <= $2) \
             order by due_at limit $3",
            $lock,
            ") returning id, notice, target, attempts"
        )
    };
}
pub(super) const CLAIM: [&str; 2] = [due!(""), due!(" for update skip locked")];
const NOTICE: &str = "select notices.id, notices.at, notices.domain, notices.customer, customers.name as customer_name, \
    notices.payload from notices join customers on customers.id = notices.customer where notices.id = $1";
const DONE: &str = "update deliveries set done_at = $3, outcome = $4, detail = $5, leased_until = null \
    where id = $1 and attempts = $2 and done_at is null";
const AGAIN: &str = "update deliveries set due_at = $3, detail = $4, leased_until = null \
    where id = $1 and attempts = $2 and done_at is null";
pub(super) const NEXT: &str = "select min(due_at) as at from deliveries where done_at is null";
pub(super) const OLD_DELIVERIES: &str = "delete from deliveries where id in (select deliveries.id from deliveries \
    join notices on notices.id = deliveries.notice where notices.at < $1 limit $2)";
pub(super) const OLD_NOTICES: &str = "delete from notices where id in (select id from notices where at < $1 \
    and not exists (select 1 from deliveries where deliveries.notice = notices.id) order by at limit $2)";

/// A delivery that was taken.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its row: the same for every try.
    pub id: String,
    /// The person.
    pub target: UserId,
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

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It was taken.
    Taken(String),
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
            sqlx::query(ADD)
                .bind(id.as_str())
                .bind(now.0)
                .bind(changed.domain.as_str())
                .bind(customer)
                .bind(notice.kind.word())
                .bind(payload)
                .execute(&mut **tx)
                .await?;
            if let Some(topic) = notice.topic {
                let people = sqlx::query(TO_PEOPLE).bind(customer).bind(topic.word()).bind(id.as_str()).bind(now.0);
                people.execute(&mut **tx).await?;
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
        limit: u32,
        now: Millis,
        leased_until: Millis,
    ) -> Result<Vec<Delivery>, StoreError> {
        let statement = self.database.pick(CLAIM[0], CLAIM[1]);
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
            taken.push(Delivery {
                id: row.try_get("id")?,
                target: UserId::new(row.try_get::<String, _>("target")?),
                attempt: row.try_get("attempts")?,
                told: read(&told)?,
            });
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
        let (id, attempt) = (delivery.id.as_str(), delivery.attempt);
        let query = match delivered {
            Delivered::Taken(detail) => {
                sqlx::query(DONE).bind(id).bind(attempt).bind(now.0).bind("taken").bind(detail.as_str())
            }
            Delivered::Never(detail) => {
                sqlx::query(DONE).bind(id).bind(attempt).bind(now.0).bind("never").bind(detail.as_str())
            }
            Delivered::Again(at, detail) => sqlx::query(AGAIN).bind(id).bind(attempt).bind(at.0).bind(detail.as_str()),
        };
        let done = query.execute(self.database.writer()).await?.rows_affected() == 1;
        reach(Act::NoteDelivery, Moment::After).await?;
        Ok(done)
    }

    /// When a delivery is due next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery(&self) -> Result<Option<Millis>, StoreError> {
        let row = sqlx::query(NEXT).fetch_one(self.database.reader()).await?;
        Ok(row.try_get::<Option<i64>, _>("at")?.map(Millis))
    }
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

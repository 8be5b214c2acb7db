//! What people ask of the worker: a look now, a page that is open.
//!
//! Asking touches neither facts, revision nor lease, so that it never disturbs work in flight; it raises a number that the
//! worker's release compares, so that no request made meanwhile is lost.

use super::Store;
use super::error::StoreError;
use super::outbox::{Changed, What};
use super::scope::Scope;
use super::transaction::Tx;
use crate::domain::id::{CustomerId, DomainId};
use crate::domain::schedule::REFRESH_EVERY_MS;
use crate::domain::step::{Asked, refresh_again_at};
use crate::domain::time::{Millis, SECOND_MS};
use crate::failpoint::Act;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A domain that is theirs; a removed one has no row in `work`.
macro_rules! theirs {
    () => {
        " where domain = $1 and exists (select 1 from domains where id = $1 and ($2 is null or customer = $2))"
    };
}
/// Made due, and what its listeners are told.
macro_rules! ask {
    ($set:literal, $unless:literal) => {
        concat!(
            "update work set ",
            $set,
            ", asked_seq = asked_seq + 1, due_at = case when due_at > $3 then $3 else due_at end",
            theirs!(),
            $unless,
            " returning (select customer from domains where id = $1) as customer, \
             (select revision from domains where id = $1) as revision"
        )
    };
}

const REFRESH: &str = ask!("refresh_at = $3", " and (refresh_at is null or refresh_at <= $4 or refresh_at > $5)");
const REFRESHED: &str = concat!("select refresh_at from work", theirs!());
const WATCH_ON: &str = concat!(
    "update work set watched_until = case when watched_until > $4 then watched_until else $4 end",
    theirs!(),
    " and watched_until > $3"
);
const WATCH: &str = ask!("watched_since = $3, watched_until = $4", "");

/// What came of asking for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It is due now.
    Asked,
    /// It was asked a moment ago.
    TooSoon {
        /// When it may be asked again.
        again_at: Millis,
    },
    /// No such domain, or not theirs.
    NotFound,
}

impl Store {
    /// Asks for a look at DNS now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_refresh(&self, scope: &Scope, id: &DomainId, now: Millis) -> Result<Refresh, StoreError> {
        let customer = scope.customer().map(str::to_owned);
        let mut tx = self.begin(Act::Ask).await?;
        let asked = sqlx::query(REFRESH)
            .bind(id.as_str())
            .bind(customer.clone())
            .bind(now.0)
            .bind(now.plus(-REFRESH_EVERY_MS).0)
            // A time this far ahead was written by a clock that has since been set back.
            .bind(now.plus(SECOND_MS).0)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(row) = asked {
            self.tell_asked(tx, id, &row, now).await?;
            return Ok(Refresh::Asked);
        }
        let last = sqlx::query(REFRESHED).bind(id.as_str()).bind(customer).fetch_optional(&mut *tx).await?;
        tx.commit().await?;
        let Some(row) = last else { return Ok(Refresh::NotFound) };
        let asked = Asked { refresh_at: row.try_get::<Option<i64>, _>("refresh_at")?.map(Millis), ..Asked::default() };
        Ok(Refresh::TooSoon { again_at: refresh_again_at(asked, now).unwrap_or(now) })
    }

    /// Says that a page shows this domain, and will until `until`. False when there is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn watch(&self, scope: &Scope, id: &DomainId, now: Millis, until: Millis) -> Result<bool, StoreError> {
        let mut tx = self.begin(Act::Ask).await?;
        let bind = |statement| {
            sqlx::query(statement)
                .bind(id.as_str().to_owned())
                .bind(scope.customer().map(str::to_owned))
                .bind(now.0)
                .bind(until.0)
        };
        if bind(WATCH_ON).execute(&mut *tx).await?.rows_affected() > 0 {
            tx.commit().await?;
            return Ok(true);
        }
        let Some(row) = bind(WATCH).fetch_optional(&mut *tx).await? else { return Ok(false) };
        self.tell_asked(tx, id, &row, now).await?;
        Ok(true)
    }

    async fn tell_asked(&self, tx: Tx, id: &DomainId, row: &AnyRow, now: Millis) -> Result<(), StoreError> {
        let changed = Changed {
            domain: id.clone(),
            customer: CustomerId::new(row.try_get::<String, _>("customer")?),
            revision: row.try_get::<i64, _>("revision")?.cast_unsigned(),
            what: What::Asked,
            challenges: false,
            installed: false,
            own: true,
        };
        self.commit(Act::Ask, tx, changed, None, now).await.map(drop)
    }
}

//! Clearing what has had its time: change notices, sessions, invitations, answers, and domains that were removed long ago.
//!
//! Everything goes in bounded batches, each a transaction of some milliseconds that others wait for. A purged domain takes
//! its rows along; its ownership token and its challenge label stay, so that neither is ever given to anybody else.

use super::error::StoreError;
use super::invitations::EXPIRED;
use super::outbox::KEPT_MS;
use super::transaction::Tx;
use super::uploads::{WAITING, WAITS_MS};
use super::{Store, mailings, notices, replays};
use crate::domain::time::{DAY_MS, Millis};
use sqlx::Row as _;

/// Removed domains are kept this long.
const REMOVED_KEPT_MS: i64 = 30 * DAY_MS;
/// Rows of a batch that go one by one, with nothing that leads to them.
const BATCH_ROWS: i64 = 5_000;
/// Domains of a batch: each has a dozen rows or more.
const BATCH_DOMAINS: i64 = 50;
/// Batches of one call; what is left waits for the next.
const BATCHES: u32 = 40;

pub(super) const NOTICES: &str =
    "delete from outbox where id in (select id from outbox where at < $1 order by at limit $2)";
pub(super) const LINKS: &str = "delete from links where id in (select id from links where expires_at < $1 limit $2)";
pub(super) const SESSIONS: &str =
    "delete from sessions where id_hash in (select id_hash from sessions where expires_at <= $1 limit $2)";
macro_rules! removed {
    ($lock:literal) => {
        concat!(
            "select id from domains where removed_at is not null and removed_at < $1 order by removed_at limit $2",
            $lock
        )
    };
}
pub(super) const REMOVED: [&str; 2] = [removed!(""), removed!(" for update skip locked")];
/// What leads to other rows goes before them.
pub(super) const OF_DOMAIN: [&str; 19] = [
    "delete from leftovers where domain = $1",
    "delete from published where domain = $1",
    "delete from mailings where domain = $1",
    "delete from domain_agencies where domain = $1",
    "delete from domain_reports where domain = $1",
    "delete from links where domain = $1",
    "delete from deliveries where notice in (select id from notices where domain = $1)",
    "delete from notices where domain = $1",
    "delete from observations where domain = $1",
    "delete from approvals where domain = $1",
    "delete from challenges where domain = $1",
    "delete from http_challenges where domain = $1",
    "delete from orders where domain = $1",
    "delete from uploads where domain = $1",
    "delete from certificates where domain = $1",
    "delete from keys where domain = $1",
    "delete from events where domain = $1",
    "delete from domain_names where domain = $1",
    "delete from domains where id = $1",
];

impl Store {
    /// Clears what has had its time: notices, sessions, links, invitations, answers, processes that are gone, and domains removed
    /// 30 days ago.
    ///
    /// # Errors
    /// When the database fails; the next call goes on.
    pub async fn prune(&self, now: Millis) -> Result<(), StoreError> {
        self.delete(NOTICES, now.plus(-KEPT_MS)).await?;
        self.delete(SESSIONS, now).await?;
        self.delete(LINKS, now).await?;
        self.delete(mailings::OLD, now.plus(-DAY_MS)).await?;
        self.delete(EXPIRED, now).await?;
        self.delete(notices::OLD_DELIVERIES, now.plus(-notices::KEPT_MS)).await?;
        self.delete(notices::OLD_NOTICES, now.plus(-notices::KEPT_MS)).await?;
        self.delete(replays::STALE, now.plus(-replays::KEPT_MS)).await?;
        self.delete(WAITING, now.plus(-WAITS_MS)).await?;
        self.forget_silent(now).await?;
        for _ in 0..BATCHES {
            let purged = self.purge(now.plus(-REMOVED_KEPT_MS)).await?;
            if purged < BATCH_DOMAINS {
                break;
            }
        }
        Ok(())
    }

    async fn delete(&self, statement: &'static str, before: Millis) -> Result<(), StoreError> {
        for _ in 0..BATCHES {
            let query = sqlx::query(statement).bind(before.0).bind(BATCH_ROWS);
            if (query.execute(self.database.writer()).await?.rows_affected() as i64) < BATCH_ROWS {
                break;
            }
        }
        Ok(())
    }

    /// Purges a batch of domains removed before then; gives how many.
    async fn purge(&self, before: Millis) -> Result<i64, StoreError> {
        let mut tx = self.database.begin().await?;
        let statement = self.database.pick(REMOVED[0], REMOVED[1]);
        let rows = sqlx::query(statement).bind(before.0).bind(BATCH_DOMAINS).fetch_all(&mut *tx).await?;
        for row in &rows {
            purge_one(&mut tx, &row.try_get::<String, _>("id")?).await?;
        }
        tx.commit().await?;
        Ok(rows.len() as i64)
    }
}

async fn purge_one(tx: &mut Tx, domain: &str) -> Result<(), StoreError> {
    for statement in OF_DOMAIN {
        sqlx::query(statement).bind(domain).execute(&mut **tx).await?;
    }
    Ok(())
}

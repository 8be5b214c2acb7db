//! Leases: which worker has a domain, for how long, and the fencing number that outlives them all.
//!
//! A claim raises the domain's fencing number, and every write of a worker names the number it was given: a worker that
//! slept through the end of its lease can't write over the one that took over, whatever its clock says.

use super::Store;
use super::change::RecordProblem;
use super::engine::Engine;
use super::error::StoreError;
use super::row::{Stored, stored_columns};
use crate::domain::id::DomainId;
use crate::domain::time::Millis;
use crate::failpoint::{Act, Moment, reach};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Domains that one claim gives at most.
const CLAIMED_AT_ONCE: u32 = 1_000;

// Chosen in a step of its own, so that PostgreSQL locks no more rows than it takes.
macro_rules! claim {
    ($which:literal, $lock:literal) => {
        concat!(
            "with chosen as materialized (select id from domains where removed_at is null and due_at <= $1 \
             and (leased_until is null or leased_until <= $1)",
            $which,
            " order by due_at limit $2",
            $lock,
            ") update domains set lease_owner = $3, lease_token = lease_token + 1, leased_until = $4 from chosen \
             where domains.id = chosen.id returning domains.due_at, domains.asked_seq, domains.lease_token, ",
            stored_columns!()
        )
    };
}

/// On SQLite and on PostgreSQL.
pub(super) const CLAIM: [&str; 2] = [claim!("", ""), claim!("", " for update skip locked")];
/// See [`CLAIM`].
pub(super) const CLAIM_ONE: [&str; 2] = [claim!(" and id = $5", ""), claim!(" and id = $5", " for update skip locked")];

const RELOAD: &str = concat!(
    "select domains.due_at, domains.asked_seq, domains.lease_token, ",
    stored_columns!(),
    " from domains where id = $1 and lease_token = $2 and lease_owner = $3"
);
const EXTEND: &str = "update domains set leased_until = $4 where id = $1 and lease_token = $2 and lease_owner = $3";
const RELEASE: &str = "update domains set lease_owner = null, leased_until = null, \
    due_at = case when asked_seq > $6 then $5 else $4 end where id = $1 and lease_token = $2 and lease_owner = $3";
pub(super) const NEXT_FREE: &str = "select due_at from domains where removed_at is null and leased_until is null \
    order by due_at limit 1";
// A few rows at most are leased at a time: sorting them is cheap.
pub(super) const NEXT_LAPSE: &str = "select case when leased_until > due_at then leased_until else due_at end as free_at from domains \
    where leased_until is not null and removed_at is null order by free_at limit 1";

const INHERIT: &str = "update domains set lease_owner = null, leased_until = null where leased_until is not null";

/// A worker's hold on one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    domain: DomainId,
    owner: String,
    token: i64,
    asked_seen: i64,
}

impl Lease {
    /// Which domain.
    #[must_use]
    pub const fn domain(&self) -> &DomainId {
        &self.domain
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    pub(super) const fn token(&self) -> i64 {
        self.token
    }

    pub(super) const fn asked_seen(&self) -> i64 {
        self.asked_seen
    }
}

/// A domain in a worker's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// What is stored.
    pub stored: Stored,
    /// The hold on it.
    pub lease: Lease,
}

impl Store {
    /// Takes up to `limit` domains that are due, oldest first, for `lease_ms` milliseconds. No two claimers get the same one.
    ///
    /// # Errors
    /// When the database fails. A row that can't be read is logged and left out until its lease lapses.
    pub async fn claim(&self, owner: &str, limit: u32, now: Millis, lease_ms: i64) -> Result<Vec<Claimed>, StoreError> {
        let statement = self.database.pick(CLAIM[0], CLAIM[1]);
        reach(Act::Claim, Moment::Before).await?;
        let rows = sqlx::query(statement)
            .bind(now.0)
            .bind(i64::from(limit.min(CLAIMED_AT_ONCE)))
            .bind(owner)
            .bind(now.plus(lease_ms).0)
            .fetch_all(self.database.writer())
            .await?;
        reach(Act::Claim, Moment::After).await?;
        let mut claimed =
            super::row::readable(&rows, |row| Ok((row.try_get::<i64, _>("due_at")?, claimed(row, owner)?)));
        claimed.sort_by_key(|(due_at, _)| *due_at);
        Ok(claimed.into_iter().map(|(_, claimed)| claimed).collect())
    }

    /// Takes this domain, if it is due and nobody has it.
    ///
    /// # Errors
    /// When the database fails or the row can't be read.
    pub async fn claim_one(
        &self,
        owner: &str,
        id: &DomainId,
        now: Millis,
        lease_ms: i64,
    ) -> Result<Option<Claimed>, StoreError> {
        let statement = self.database.pick(CLAIM_ONE[0], CLAIM_ONE[1]);
        let rows = sqlx::query(statement)
            .bind(now.0)
            .bind(1_i64)
            .bind(owner)
            .bind(now.plus(lease_ms).0)
            .bind(id.as_str())
            .fetch_all(self.database.writer())
            .await?;
        rows.first().map(|row| claimed(row, owner)).transpose()
    }

    /// The domain as it is now, after [`RecordProblem::Stale`]; the lease takes note of what was asked until now.
    ///
    /// # Errors
    /// [`RecordProblem::LeaseLost`], or the database's failure.
    pub async fn reload(&self, lease: &mut Lease) -> Result<Stored, RecordProblem> {
        reach(Act::Reload, Moment::Before).await?;
        // From the writer: a reader of SQLite may not have seen the commit that made us stale.
        let row = sqlx::query(RELOAD)
            .bind(lease.domain.as_str())
            .bind(lease.token)
            .bind(lease.owner.as_str())
            .fetch_optional(self.database.writer())
            .await?
            .ok_or(RecordProblem::LeaseLost)?;
        reach(Act::Reload, Moment::After).await?;
        let claimed = claimed(&row, &lease.owner)?;
        *lease = claimed.lease;
        Ok(claimed.stored)
    }

    /// Keeps a domain for longer.
    ///
    /// # Errors
    /// [`RecordProblem::LeaseLost`], or the database's failure.
    pub async fn extend(&self, lease: &Lease, leased_until: Millis) -> Result<(), RecordProblem> {
        reach(Act::Extend, Moment::Before).await?;
        let done = sqlx::query(EXTEND)
            .bind(lease.domain.as_str())
            .bind(lease.token)
            .bind(lease.owner.as_str())
            .bind(leased_until.0)
            .execute(self.database.writer())
            .await?;
        reach(Act::Extend, Moment::After).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(RecordProblem::LeaseLost) }
    }

    /// Gives a domain back unchanged. What was asked since the claim overrules `due_at`: the domain is due at once.
    ///
    /// # Errors
    /// [`RecordProblem::LeaseLost`], or the database's failure.
    pub async fn release(&self, lease: &Lease, due_at: Millis, now: Millis) -> Result<(), RecordProblem> {
        reach(Act::Release, Moment::Before).await?;
        let done = sqlx::query(RELEASE)
            .bind(lease.domain.as_str())
            .bind(lease.token)
            .bind(lease.owner.as_str())
            .bind(due_at.0)
            .bind(now.0)
            .bind(lease.asked_seen)
            .execute(self.database.writer())
            .await?;
        reach(Act::Release, Moment::After).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(RecordProblem::LeaseLost) }
    }

    /// Ends the leases of this node's earlier process, so that nothing waits for them to lapse; gives how many. SQLite is one
    /// node's, so they all are. On PostgreSQL they may be another node's, and nothing is done. Fencing holds in any case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inherit(&self) -> Result<u64, StoreError> {
        match self.database.engine() {
            Engine::Sqlite => Ok(sqlx::query(INHERIT).execute(self.database.writer()).await?.rows_affected()),
            Engine::Postgres => Ok(0),
        }
    }

    /// When a claim is next worth making; now or earlier when something is due. None while there are no domains.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self) -> Result<Option<Millis>, StoreError> {
        let reader = self.database.reader();
        let free: Option<i64> = sqlx::query_scalar(NEXT_FREE).fetch_optional(reader).await?;
        let lapse: Option<i64> = sqlx::query_scalar(NEXT_LAPSE).fetch_optional(reader).await?;
        Ok(free.into_iter().chain(lapse).min().map(Millis))
    }
}

fn claimed(row: &AnyRow, owner: &str) -> Result<Claimed, StoreError> {
    let stored = Stored::read(row)?;
    let lease = Lease {
        domain: stored.setup.id.clone(),
        owner: owner.to_owned(),
        token: row.try_get("lease_token")?,
        asked_seen: row.try_get("asked_seq")?,
    };
    Ok(Claimed { stored, lease })
}

//! Leases: which worker has a domain, for how long, and the fencing number that outlives them all.
//!
//! A claim raises the domain's fencing number, and every write of a worker names the number it was given: a worker that
//! slept through the end of its lease can't write over the one that took over, whatever its clock says.

use super::Store;
use super::change::RecordProblem;
use super::derived::{Derived, derived_columns};
use super::engine::Engine;
use super::error::StoreError;
use super::row::{Stored, stored_columns, stored_tables};
use crate::domain::id::DomainId;
use crate::domain::time::Millis;
use crate::failpoint::{Act, Moment, reach};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row as _};

/// Domains that one claim gives at most.
const CLAIMED_AT_ONCE: u32 = 1_000;

/// The columns that [`Claimed`] is read from, over `stored_tables`.
macro_rules! claimed_columns {
    () => {
        concat!("work.due_at, work.asked_seq, ", derived_columns!(), ", ", stored_columns!())
    };
}

macro_rules! due {
    ($columns:expr, $which:literal, $end:literal) => {
        concat!(
            "select ",
            $columns,
            " where work.due_at <= $1 and (work.leased_until is null or work.leased_until <= $1)",
            $which,
            " order by work.due_at limit $2",
            $end
        )
    };
}

// SQLite returns columns of the changed table only, and has one writer: it reads first, and takes the same ones after.
macro_rules! claim_sqlite {
    ($which:literal) => {
        [
            due!(
                concat!("work.lease_token + 1 as lease_token, ", claimed_columns!(), " from ", stored_tables!()),
                $which,
                ""
            ),
            concat!(
                "update work set lease_owner = $3, lease_token = lease_token + 1, leased_until = $4 where domain in (",
                due!("domain from work", $which, ""),
                ")"
            ),
        ]
    };
}

// Chosen in a step of its own, so that PostgreSQL locks no more rows than it takes.
macro_rules! claim_postgres {
    ($which:literal) => {
        concat!(
            "with chosen as materialized (",
            due!("domain from work", $which, " for update skip locked"),
            "), work as (update work as taken set lease_owner = $3, lease_token = lease_token + 1, leased_until = $4 \
             from chosen where taken.domain = chosen.domain returning taken.*) \
             select work.lease_token, ",
            claimed_columns!(),
            " from ",
            stored_tables!()
        )
    };
}

/// What is due, and taking it.
pub(super) const CLAIM_SQLITE: [&str; 2] = claim_sqlite!("");
/// See [`CLAIM_SQLITE`].
pub(super) const CLAIM_ONE_SQLITE: [&str; 2] = claim_sqlite!(" and work.domain = $5");
/// Both in one.
pub(super) const CLAIM_POSTGRES: &str = claim_postgres!("");
/// See [`CLAIM_POSTGRES`].
pub(super) const CLAIM_ONE_POSTGRES: &str = claim_postgres!(" and work.domain = $5");

const RELOAD: &str = concat!(
    "select work.lease_token, ",
    claimed_columns!(),
    " from ",
    stored_tables!(),
    " where id = $1 and lease_token = $2 and lease_owner = $3"
);
const IS_HELD: &str = "select domain from work where domain = $1 and lease_token = $2 and lease_owner = $3";
const EXTEND: &str = "update work set leased_until = $4 where domain = $1 and lease_token = $2 and lease_owner = $3";
const RELEASE: &str = "update work set lease_owner = null, leased_until = null, \
    due_at = case when asked_seq > $6 then $5 else $4 end where domain = $1 and lease_token = $2 and lease_owner = $3";
// A few rows at most are leased at a time: sorting them is cheap.
pub(super) const NEXT: &str = "select (select due_at from work where leased_until is null order by due_at limit 1) as free, \
    (select case when leased_until > due_at then leased_until else due_at end as lapse \
     from work where leased_until is not null order by lapse limit 1) as lapse";

const INHERIT: &str = "update work set lease_owner = null, leased_until = null where leased_until is not null";

type Statement<'a> = Query<'a, Any, AnyArguments>;

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

    /// A statement that finds a row while the hold lasts. A lapsed lease still holds until somebody takes over.
    pub(super) fn is_held(&self) -> Statement<'_> {
        self.named(IS_HELD)
    }

    /// A statement that gives the domain back: what was asked since the claim overrules `due_at`.
    pub(super) fn release(&self, due_at: Millis, now: Millis) -> Statement<'_> {
        self.named(RELEASE).bind(due_at.0).bind(now.0).bind(self.asked_seen)
    }

    fn named(&self, statement: &'static str) -> Statement<'_> {
        sqlx::query(statement).bind(self.domain.as_str()).bind(self.token).bind(self.owner.as_str())
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
        reach(Act::Claim, Moment::Before).await?;
        let bound = |statement: &'static str| -> Statement<'_> {
            let statement = sqlx::query(statement).bind(now.0).bind(i64::from(limit.min(CLAIMED_AT_ONCE)));
            statement.bind(owner).bind(now.plus(lease_ms).0)
        };
        let rows = self.take(&[CLAIM_SQLITE[0], CLAIM_SQLITE[1], CLAIM_POSTGRES], bound).await?;
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
        let bound = |statement: &'static str| -> Statement<'_> {
            let statement = sqlx::query(statement).bind(now.0).bind(1_i64).bind(owner);
            statement.bind(now.plus(lease_ms).0).bind(id.as_str())
        };
        let rows = self.take(&[CLAIM_ONE_SQLITE[0], CLAIM_ONE_SQLITE[1], CLAIM_ONE_POSTGRES], bound).await?;
        rows.first().map(|row| claimed(row, owner)).transpose()
    }

    async fn take<'a>(
        &self,
        [due, taken, both]: &[&'static str; 3],
        bound: impl Fn(&'static str) -> Statement<'a>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        if self.database.engine() == Engine::Postgres {
            return Ok(bound(both).fetch_all(self.database.writer()).await?);
        }
        let mut tx = self.database.begin().await?.unflushed();
        let rows = bound(due).fetch_all(&mut *tx).await?;
        if !rows.is_empty() {
            bound(taken).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(rows)
    }

    /// The domain as it is now, after [`RecordProblem::Stale`]; the lease takes note of what was asked until now.
    ///
    /// # Errors
    /// [`RecordProblem::LeaseLost`], or the database's failure.
    pub async fn reload(&self, lease: &mut Lease) -> Result<Stored, RecordProblem> {
        reach(Act::Reload, Moment::Before).await?;
        // From the writer: a reader of SQLite may not have seen the commit that made us stale.
        let row = lease.named(RELOAD).fetch_optional(self.database.writer()).await?.ok_or(RecordProblem::LeaseLost)?;
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
        let done = lease.named(EXTEND).bind(leased_until.0).execute(self.database.writer()).await?;
        reach(Act::Extend, Moment::After).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(RecordProblem::LeaseLost) }
    }

    /// Gives a domain back unchanged. What was asked since the claim overrules `due_at`: the domain is due at once.
    ///
    /// # Errors
    /// [`RecordProblem::LeaseLost`], or the database's failure.
    pub async fn release(&self, lease: &Lease, due_at: Millis, now: Millis) -> Result<(), RecordProblem> {
        reach(Act::Release, Moment::Before).await?;
        let done = lease.release(due_at, now).execute(self.database.writer()).await?;
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
        let row = sqlx::query(NEXT).fetch_one(self.database.reader()).await?;
        let (free, lapse): (Option<i64>, Option<i64>) = (row.try_get("free")?, row.try_get("lapse")?);
        Ok(free.into_iter().chain(lapse).min().map(Millis))
    }
}

fn claimed(row: &AnyRow, owner: &str) -> Result<Claimed, StoreError> {
    let mut stored = Stored::read(row)?;
    stored.derived = Some(Derived::read(row, stored.revision)?);
    let lease = Lease {
        domain: stored.setup.id.clone(),
        owner: owner.to_owned(),
        token: row.try_get("lease_token")?,
        asked_seen: row.try_get("asked_seq")?,
    };
    Ok(Claimed { stored, lease })
}

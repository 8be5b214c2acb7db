//! Writing a domain's facts with everything that follows from them: the one path for workers and people alike.

use super::change::{Extra, Index, RecordProblem, Then};
use super::derived::Derived;
use super::engine::Engine;
use super::error::StoreError;
use super::lease::Lease;
use super::transaction::Tx;
use super::{Store, certificates, orders};
use crate::domain::facts::{Facts, Order};
use crate::domain::id::DomainId;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};

/// PostgreSQL locks the row, and first what a worker locks first: each waits for the other otherwise.
pub(super) const BEFORE: [&str; 2] = [
    "select revision, held_hostname, removed_at from domains where id = $1",
    "with held as materialized (select domain from work where domain = $1 for update) \
     select revision, held_hostname, removed_at from domains left join held on held.domain = id \
     where id = $1 for update of domains",
];

/// What a worker writes only while it holds the domain. PostgreSQL locks the lease's row, so that nobody takes over before this
/// is committed; SQLite has one writer.
const HELD: &str = "select domain from work where domain = $1 and lease_token = $18 and lease_owner = $19";
const DUE: &str = "update work set due_at = $2 where domain = $1";

/// The row as it was: locked until the transaction ends, or as a worker knows it.
pub(super) struct Before {
    pub(super) revision: i64,
    pub(super) removed: bool,
    pub(super) held: bool,
}

/// What to write.
pub(super) struct Write<'a> {
    pub(super) setup: &'a Setup,
    /// The facts until now.
    pub(super) before: &'a Facts,
    /// What the row's derived columns hold, where that is known.
    pub(super) derived: Option<&'a Derived>,
    pub(super) facts: &'a Facts,
    pub(super) index: &'a Index,
    pub(super) extras: &'a [Extra],
    pub(super) by: By<'a>,
}

/// Who writes.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// People: the domain is due at once, and its lease is left alone.
    People,
    /// Whoever holds this lease, and keeps it or not.
    Worker(&'a Lease, Then),
}

/// What the write changed for those who listen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effects {
    pub(super) challenges: bool,
    pub(super) installed: bool,
}

impl Store {
    /// Locks a domain's row and reads what guards it.
    pub(super) async fn before(&self, tx: &mut Tx, id: &DomainId) -> Result<Option<Before>, StoreError> {
        let statement = self.database.pick(BEFORE[0], BEFORE[1]);
        let Some(row) = sqlx::query(statement).bind(id.as_str()).fetch_optional(&mut **tx).await? else {
            return Ok(None);
        };
        Ok(Some(Before {
            revision: row.try_get("revision")?,
            removed: row.try_get::<Option<i64>, _>("removed_at")?.is_some(),
            held: row.try_get::<Option<String>, _>("held_hostname")?.is_some(),
        }))
    }

    /// Writes facts over `before`, and makes orders, challenges and certificates agree with them.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        before: &Before,
        write: &Write<'_>,
        now: Millis,
    ) -> Result<Effects, RecordProblem> {
        self.update(tx, before, write, now).await?;
        for extra in write.extras {
            self.add(tx, write.setup, extra, now).await?;
        }
        let (setup, facts) = (write.setup, write.facts);
        let (old, order) = (write.before.order.as_ref(), facts.order.as_ref());
        let is_gone = |old: &&Order| order.is_none_or(|order| order.id != old.id);
        let ended = |old: &Order| write.extras.iter().any(|extra| extra.ends(&old.id));
        if let Some(gone) = old.filter(is_gone).filter(|gone| !ended(gone)) {
            orders::drop_open(tx, gone, now).await?;
        }
        let challenges = orders::show(tx, setup, old, order, now).await?;
        let certificate = |facts: &Facts| facts.in_use().map(|held| held.id.clone());
        let current = certificate(facts);
        let replaced = certificate(write.before) != current;
        if replaced {
            certificates::mark_current(tx, &setup.id, current.as_ref().map_or("", |id| id.as_str())).await?;
        }
        let held = write.index.held && !before.removed;
        Ok(Effects { challenges, installed: replaced || held != before.held })
    }

    async fn update(&self, tx: &mut Tx, before: &Before, write: &Write<'_>, now: Millis) -> Result<(), RecordProblem> {
        let (id, facts) = (write.setup.id.as_str(), write.facts);
        let text =
            serde_json::to_string(facts).map_err(|_| StoreError::Contradiction("facts that are no plain data"))?;
        let derived = Derived::of(write.index, facts, u64::try_from(before.revision + 1).unwrap_or_default());
        let set = derived.set(write.derived.filter(|_| self.database.engine() == Engine::Sqlite));
        let query = sqlx::query(AssertSqlSafe(self.statement(&set, write.by)))
            .bind(id)
            .bind(text)
            .bind(before.revision)
            .bind(facts.order.as_ref().map(|order| order.id.as_str().to_owned()))
            .bind(facts.order.as_ref().map_or(0, |order| order.shown.len() as i64));
        let query = match write.by {
            By::People => derived.bind(query),
            By::Worker(lease, _) => derived.bind(query).bind(lease.token()).bind(lease.owner()),
        };
        // A row that is locked since it was read is as it was; what a worker knows may be out of date.
        tx.guard(query, "domains").await?;
        match write.by {
            By::People => tx.later(sqlx::query(DUE).bind(id).bind(now.0)).await?,
            By::Worker(_, Then::Keep) => {}
            By::Worker(lease, Then::Release { due_at }) => tx.later(lease.release(due_at, now)).await?,
        }
        Ok(())
    }

    /// The statement that writes facts and sets these derived columns.
    fn statement(&self, set: &str, by: By<'_>) -> String {
        let set = format!("update domains set facts = $2, revision = revision + 1, live_order = $4, shown = $5{set}");
        match (by, self.database.engine()) {
            (By::People, _) => format!("{set} where id = $1 and revision = $3"),
            (By::Worker(..), Engine::Sqlite) => {
                format!("{set} where id = $1 and revision = $3 and exists ({HELD})")
            }
            (By::Worker(..), Engine::Postgres) => format!(
                "with held as materialized ({HELD} for update) {set} from held where id = held.domain and revision = $3"
            ),
        }
    }
}

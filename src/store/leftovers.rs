//! Removed domains, and which of their records still lead here: an alias that nobody answers for can be misused.
//!
//! People are told in the transaction that writes down what a look found: once, and again only after all was gone.

use super::domains::changed;
use super::error::StoreError;
use super::outbox::What;
use super::row::{Stored, readable, stored_columns};
use super::timeline::Entry;
use super::transaction::Tx;
use super::{Scope, Store};
use crate::domain::dangling;
use crate::domain::id::DomainId;
use crate::domain::notice::Notice;
use crate::domain::record::Wanted;
use crate::domain::time::{DAY_MS, Millis};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Rows of the list: whoever removes more within a month reads it again when these are gone.
const LISTED: i64 = 200;
/// Whoever removes a domain is seldom who deletes its records: nobody is told before there was time for it.
const PATIENCE_MS: i64 = 3 * DAY_MS;

const WATCH: &str = "insert into leftovers (domain, due_at, found) values ($1, $2, '[]') on conflict do nothing";
pub(super) const DUE: &str = "select domain, due_at from leftovers where due_at <= $1 order by due_at limit $2";
const TAKE: &str = "update leftovers set due_at = $3 where domain = $1 and due_at = $2";
/// A removed domain is no work any more.
const REMOVED: &str = concat!(
    "select ",
    stored_columns!(),
    " from domains left join work on work.domain = domains.id where domains.id = $1 and removed_at is not null"
);
/// What was gone and comes back is told again.
const NOTE: &str = "update leftovers set checked_at = $2, found = $3, \
    told_at = case when $3 = '[]' then null else told_at end where domain = $1";
/// Of several removals of a name the last one is told, and none while the name is here again.
pub(super) const TELL: &str = "update leftovers set told_at = $2 where domain = $1 and told_at is null \
    and exists (select 1 from domains as gone where gone.id = $1 and gone.removed_at <= $3 \
    and not exists (select 1 from domains as live where live.hostname = gone.hostname \
    and live.customer = gone.customer and live.removed_at is null) \
    and not exists (select 1 from domains as later where later.hostname = gone.hostname \
    and later.customer = gone.customer and later.removed_at is not null and later.removed_at > gone.removed_at))";
/// A name that was added again has its records on purpose.
pub(super) const LIST: &str = concat!(
    "select ",
    stored_columns!(),
    ", domains.removed_at, leftovers.checked_at, leftovers.found from leftovers \
     join domains on domains.id = leftovers.domain left join work on work.domain = domains.id \
     where leftovers.found <> '[]' and ($1 is null or domains.customer = $1) \
     and not exists (select 1 from domains as live where live.hostname = domains.hostname \
     and live.customer = domains.customer and live.removed_at is null) \
     order by domains.removed_at desc, domains.id limit $2"
);

/// A removed domain, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The domain as it was.
    pub stored: Stored,
    /// When it was removed.
    pub removed_at: Millis,
    /// When its records were looked at.
    pub checked_at: Option<Millis>,
    /// Full names at which its records still stand.
    pub found: Vec<String>,
}

impl Store {
    /// Removed domains whose records are due to be looked at; none of them is due again before a day is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_leftovers(&self, now: Millis, limit: u32) -> Result<Vec<Stored>, StoreError> {
        let due = sqlx::query(DUE).bind(now.0).bind(i64::from(limit)).fetch_all(self.database.writer()).await?;
        let mut taken = Vec::new();
        for row in due {
            let (domain, due_at): (String, i64) = (row.try_get("domain")?, row.try_get("due_at")?);
            let mut tx = self.database.begin().await?;
            let ours =
                sqlx::query(TAKE).bind(domain.as_str()).bind(due_at).bind(now.plus(DAY_MS).0).execute(&mut *tx).await?;
            tx.commit().await?;
            // Another node was quicker.
            if ours.rows_affected() == 0 {
                continue;
            }
            let row = sqlx::query(REMOVED).bind(domain).fetch_optional(self.database.writer()).await?;
            taken.extend(row.as_ref().map(Stored::read).transpose()?);
        }
        Ok(taken)
    }

    /// Writes down which records of a removed domain still stand, and tells people of them when it is time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_leftovers(&self, stored: &Stored, left: &[Wanted], now: Millis) -> Result<(), StoreError> {
        let hosts: Vec<&str> = left.iter().map(|one| one.host.as_str()).collect();
        let text = serde_json::to_string(&hosts).map_err(|_| StoreError::Contradiction("names"))?;
        let mut tx = self.database.begin().await?;
        let note = sqlx::query(NOTE).bind(stored.setup.id.as_str()).bind(now.0).bind(text);
        let noted = note.execute(&mut *tx).await?.rows_affected() == 1;
        // A domain that was purged during the look is not told of.
        if noted && !left.is_empty() {
            self.tell_of_leftovers(&mut tx, stored, left, now).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn tell_of_leftovers(
        &self,
        tx: &mut Tx,
        stored: &Stored,
        left: &[Wanted],
        now: Millis,
    ) -> Result<(), StoreError> {
        let setup = &stored.setup;
        let tell = sqlx::query(TELL).bind(setup.id.as_str()).bind(now.0).bind(now.plus(-PATIENCE_MS).0);
        if tell.execute(&mut **tx).await?.rows_affected() == 0 {
            return Ok(());
        }
        let changed = changed(setup, stored.revision, What::Recorded);
        let (kind, actor, summary) = ("records.left".into(), "padlock".into(), dangling::line(left));
        let entry = Entry { kind, actor, summary, detail: serde_json::Value::Null };
        self.tell(tx, &changed, &entry, now).await?;
        self.add_notices(tx, &changed, &[Notice::dangling(setup.hostname.to_string(), left)], now).await
    }

    /// Removed domains whose records still stand, the last removed first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leftovers(&self, scope: &Scope) -> Result<Vec<Leftover>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(scope.customer().map(str::to_owned))
            .bind(LISTED)
            .fetch_all(self.database.reader())
            .await?;
        Ok(readable(&rows, read))
    }
}

/// Begins to watch a domain that is being removed.
pub(super) async fn watch(tx: &mut Tx, domain: &DomainId, now: Millis) -> Result<(), StoreError> {
    sqlx::query(WATCH).bind(domain.as_str()).bind(now.0).execute(&mut **tx).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Leftover, StoreError> {
    let stored = Stored::read(row)?;
    let found: String = row.try_get("found")?;
    let bad = |error: serde_json::Error| StoreError::BadRow {
        table: "leftovers",
        id: stored.setup.id.to_string(),
        why: error.to_string(),
    };
    Ok(Leftover {
        found: serde_json::from_str(&found).map_err(bad)?,
        removed_at: Millis(row.try_get("removed_at")?),
        checked_at: row.try_get::<Option<i64>, _>("checked_at")?.map(Millis),
        stored,
    })
}

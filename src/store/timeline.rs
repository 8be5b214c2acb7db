//! A domain's timeline: what happened, for people.

use super::Store;
use super::error::StoreError;
use super::fresh::new_id;
use super::outbox::Changed;
use super::page::{self, Page};
use super::row::readable;
use super::scope::Scope;
use super::transaction::Tx;
use crate::domain::id::DomainId;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const ADD: &str = "insert into events (id, customer, domain, at, kind, actor, summary, detail) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const PAGE: &str = "select id, at, kind, actor, summary, detail from events where domain = $1 \
    and ($2 is null or customer = $2) and (at, id) < ($3, $4) order by at desc, id desc limit $5";

/// How many mails a line stands for.
pub(super) const COUNTED: &str = "select detail from events where id = $1";
/// The line of the first mail, which keeps its time, or what it says since.
pub(super) const COUNT: &str = "insert into events (id, customer, domain, at, kind, actor, summary, detail) \
    select $1, customer, id, $3, 'mail.sent', 'padlock', $4, $5 from domains where id = $2 \
    on conflict (id) do update set summary = excluded.summary, detail = excluded.detail";

/// A line to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind of thing happened, as a stable word.
    pub kind: String,
    /// Who did it: a person, a token, or `padlock`.
    pub actor: String,
    /// One plain sentence.
    pub summary: String,
    /// The particulars.
    pub detail: serde_json::Value,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Its row.
    pub id: String,
    /// When.
    pub at: Millis,
    /// See [`Entry::kind`].
    pub kind: String,
    /// See [`Entry::actor`].
    pub actor: String,
    /// See [`Entry::summary`].
    pub summary: String,
    /// See [`Entry::detail`].
    pub detail: serde_json::Value,
}

impl Store {
    /// Adds a line, and writes it down as an act where somebody is behind it.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        changed: &Changed,
        entry: &Entry,
        now: Millis,
    ) -> Result<(), StoreError> {
        add(tx, changed, entry, now).await?;
        self.note_told(tx, changed, entry, now).await
    }

    /// A domain's timeline, newest first; that of a removed domain too.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn timeline(
        &self,
        scope: &Scope,
        domain: &DomainId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        let (at, id): (i64, String) = cursor.map_or_else(|| Ok((i64::MAX, String::new())), page::decode)?;
        let mut rows = sqlx::query(PAGE)
            .bind(domain.as_str())
            .bind(scope.customer().map(str::to_owned))
            .bind(at)
            .bind(id)
            .bind(page::rows(limit))
            .fetch_all(self.database.reader())
            .await?;
        let next_cursor =
            page::cut(&mut rows, limit, |row| Ok((row.try_get::<i64, _>("at")?, row.try_get::<String, _>("id")?)))?;
        Ok(Page { items: readable(&rows, read), next_cursor })
    }
}

/// Counts mails in the line of what they tell, whose row is `line`: one line, however many went out and in how many tries.
/// `words` says it for so many. The transaction holds a row that is held for each count of this line, so that none is lost.
pub(super) async fn count_mails(
    tx: &mut Tx,
    line: &str,
    domain: &DomainId,
    more: i64,
    words: impl Fn(i64) -> String,
    now: Millis,
) -> Result<(), StoreError> {
    let told = sqlx::query(COUNTED).bind(line).fetch_optional(&mut **tx).await?;
    let told = told.map(|row| row.try_get::<String, _>("detail")).transpose()?;
    let told: Option<serde_json::Value> = told.and_then(|detail| serde_json::from_str(&detail).ok());
    let mails = told.and_then(|detail| detail["mails"].as_i64()).unwrap_or_default() + more;
    let summary = words(mails);
    let detail = serde_json::json!({ "mails": mails }).to_string();
    let query = sqlx::query(COUNT).bind(line).bind(domain.as_str()).bind(now.0).bind(summary).bind(detail);
    query.execute(&mut **tx).await?;
    Ok(())
}

async fn add(tx: &mut Tx, changed: &Changed, entry: &Entry, now: Millis) -> Result<(), StoreError> {
    let add = sqlx::query(ADD)
        .bind(new_id(now))
        .bind(changed.customer.as_str())
        .bind(changed.domain.as_str())
        .bind(now.0)
        .bind(entry.kind.as_str())
        .bind(entry.actor.as_str())
        .bind(entry.summary.as_str())
        .bind(entry.detail.to_string());
    tx.later(add).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<TimelineEntry, StoreError> {
    let id: String = row.try_get("id")?;
    let detail: String = row.try_get("detail")?;
    let bad = |error: serde_json::Error| StoreError::BadRow { table: "events", id: id.clone(), why: error.to_string() };
    Ok(TimelineEntry {
        at: Millis(row.try_get("at")?),
        kind: row.try_get("kind")?,
        actor: row.try_get("actor")?,
        summary: row.try_get("summary")?,
        detail: serde_json::from_str(&detail).map_err(bad)?,
        id,
    })
}

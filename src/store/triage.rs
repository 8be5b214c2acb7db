//! What is not Ready, in heaps of one cause: how many domains, and since when the oldest waits.
//!
//! The causes are found by leaping from one to the next in their index, and each count ends at a thousand: the queue costs the
//! same for a hundred domains and a hundred thousand.

use super::error::StoreError;
use super::filter::ALL;
use super::row::stored_tables;
use super::tally::TALLIED;
use super::{Scope, Store};
use crate::domain::cause::Cause;
use crate::domain::id::DomainId;
use crate::domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};

/// Heaps that are read: more than there are codes, each with the owners that it occurs with.
const HEAPS: i64 = 300;

/// Domains that wait for the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// What they wait for.
    pub cause: Cause,
    /// How many, up to one more than [`TALLIED`].
    pub domains: i64,
    /// Since when the oldest reads as it does.
    pub oldest: Millis,
}

impl Store {
    /// Every cause that occurs, the one that waits longest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heaps(&self, scope: &Scope) -> Result<Vec<Heap>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(heaps(scope))).bind(HEAPS);
        let query = match scope.customer() {
            Some(customer) => query.bind(customer.to_owned()),
            None => query,
        };
        let mut found = Vec::new();
        for row in query.fetch_all(self.database.reader()).await? {
            // One of a later version is nothing that this one could help with.
            if let Some(cause) = Cause::from_word(&row.try_get::<String, _>("cause")?) {
                let (domains, oldest) = (row.try_get("domains")?, Millis(row.try_get("oldest")?));
                found.push(Heap { cause, domains, oldest });
            }
        }
        found.sort_by_key(|heap| (heap.oldest, std::cmp::Reverse(heap.domains)));
        Ok(found)
    }

    /// Domains of a cause that nobody asked to look at since `asked_before`, those that wait longest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unasked(
        &self,
        scope: &Scope,
        cause: Cause,
        asked_before: Millis,
        limit: u32,
    ) -> Result<Vec<DomainId>, StoreError> {
        let query = sqlx::query_scalar(AssertSqlSafe(unasked(scope)));
        let query = query.bind(cause.word()).bind(asked_before.0).bind(i64::from(limit));
        let query = match scope.customer() {
            Some(customer) => query.bind(customer.to_owned()),
            None => query,
        };
        let ids: Vec<String> = query.fetch_all(self.database.reader()).await?;
        Ok(ids.into_iter().map(DomainId::new).collect())
    }
}

/// Bound are the number of heaps, and the customer, if any.
pub(super) fn heaps(scope: &Scope) -> String {
    let of = format!("{ALL}{}", scope.customer().map_or("", |_| " and customer = $2"));
    format!(
        "with recursive causes (cause) as ( \
            select * from (select cause from {of} and cause is not null order by cause limit 1) as first \
            union all \
            select (select domains.cause from {of} and domains.cause > causes.cause order by domains.cause limit 1) \
            from causes where causes.cause is not null) \
        select cause, \
            (select domains.since from {of} and domains.cause = causes.cause order by domains.since limit 1) as oldest, \
            (select cast(count(*) as bigint) from \
                (select 1 from {of} and domains.cause = causes.cause limit {}) as counted) as domains \
        from causes where cause is not null limit $1",
        TALLIED + 1
    )
}

/// Bound are the cause, the moment, the number of rows, and the customer, if any.
pub(super) fn unasked(scope: &Scope) -> String {
    let whose = scope.customer().map_or("", |_| " and customer = $4");
    format!(
        "select id from {} where cause = $1 and (refresh_at is null or refresh_at < $2) and removed_at is null{whose} \
         order by since, id limit $3",
        stored_tables!()
    )
}

//! Counting domains for the list's quick views: never more than a thousand of each, so that it costs the same for a million.

use super::error::StoreError;
use super::filter::{ALL, expiry};
use super::{Scope, Store};
use crate::domain::status::Attention;
use crate::domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};

/// Counted at most; there are more when a count is above it.
pub const TALLIED: i64 = 1_000;

/// How many domains each quick view has, up to one more than [`TALLIED`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub everything: i64,
    /// Those that wait for the customer.
    pub needs_you: i64,
    /// Those that wait for anybody else.
    pub waiting: i64,
    /// Those that are as they should be.
    pub active: i64,
    /// Those whose certificate ends soon.
    pub expiring: i64,
}

impl Store {
    /// Counts the domains of each view; `expires_before` says what "soon" is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tally(&self, scope: &Scope, expires_before: Millis) -> Result<Tally, StoreError> {
        let query = sqlx::query(AssertSqlSafe(statement(scope))).bind(expires_before.0);
        let row = match scope.customer() {
            Some(customer) => query.bind(customer.to_owned()),
            None => query,
        };
        let row = row.fetch_one(self.database.reader()).await?;
        Ok(Tally {
            everything: row.try_get("everything")?,
            needs_you: row.try_get(Attention::NeedsYou.word())?,
            waiting: row.try_get(Attention::Waiting.word())?,
            active: row.try_get(Attention::Active.word())?,
            expiring: row.try_get("expiring")?,
        })
    }
}

/// One row of counts, each read from an index of its own; bound are the moment of expiry and the customer, if any.
pub(super) fn statement(scope: &Scope) -> String {
    let whose = scope.customer().map_or("", |_| " and customer = $2");
    let count = |name: &str, clause: &str| {
        format!(
            "(select cast(count(*) as bigint) from (select 1 from {ALL}{whose}{clause} limit {}) as counted) as {name}",
            TALLIED + 1
        )
    };
    let mut counts =
        vec![count("everything", ""), count("expiring", concat!(" and ", expiry!(), " < cast($1 as bigint)"))];
    counts.extend(Attention::ALL.iter().map(|one| count(one.word(), &format!(" and attention = '{}'", one.word()))));
    format!("select {}", counts.join(", "))
}

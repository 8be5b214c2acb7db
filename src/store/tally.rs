//! Counting domains for the list's quick views and filters: never more than a thousand of each, so that it costs the same for a
//! million.

use super::error::StoreError;
use super::filter::{ALL, expiry};
use super::{Scope, Store};
use crate::domain::status::{Attention, DomainStatus, SslStatus};
use crate::domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};

/// Counted at most; there are more when a count is above it.
pub const TALLIED: i64 = 1_000;

// In order, though nobody looks at it: PostgreSQL uses no statistics of a partial index's expression, and would read all rows.
const EXPIRING: &str = concat!(" and ", expiry!(), " < $1 order by ", expiry!());

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

/// How many domains each status has, up to one more than [`TALLIED`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusTally {
    /// In the order of [`DomainStatus::ALL`].
    pub domain: Vec<i64>,
    /// In the order of [`SslStatus::ALL`].
    pub ssl: Vec<i64>,
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

    /// Counts the domains of each status.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status_tally(&self, scope: &Scope) -> Result<StatusTally, StoreError> {
        let query = sqlx::query(AssertSqlSafe(of_statuses(scope)));
        let query = match scope.customer() {
            Some(customer) => query.bind(customer.to_owned()),
            None => query,
        };
        let row = query.fetch_one(self.database.reader()).await?;
        let counted = |column: String| row.try_get::<i64, _>(column.as_str());
        let domain = DomainStatus::ALL.iter().map(|one| counted(domain_column(*one)));
        let ssl = SslStatus::ALL.iter().map(|one| counted(ssl_column(*one)));
        Ok(StatusTally { domain: domain.collect::<Result<Vec<_>, _>>()?, ssl: ssl.collect::<Result<Vec<_>, _>>()? })
    }
}

/// One row of counts, each read from an index of its own; bound are the moment of expiry and the customer, if any.
pub(super) fn statement(scope: &Scope) -> String {
    let whose = scope.customer().map_or("", |_| " and customer = $2");
    let count = |name: &str, clause: &str| count(name, &format!("{whose}{clause}"));
    let mut counts = vec![count("everything", ""), count("expiring", EXPIRING)];
    counts.extend(Attention::ALL.iter().map(|one| count(one.word(), &format!(" and attention = '{}'", one.word()))));
    format!("select {}", counts.join(", "))
}

/// The same for the statuses; bound is the customer, if any.
pub(super) fn of_statuses(scope: &Scope) -> String {
    let whose = scope.customer().map_or("", |_| " and customer = $1");
    let of = |column: &str, word: &str| format!("{whose} and {column} = '{word}'");
    let domain = DomainStatus::ALL.iter().map(|one| count(&domain_column(*one), &of("domain_status", one.word())));
    let ssl = SslStatus::ALL.iter().map(|one| count(&ssl_column(*one), &of("ssl_status", one.word())));
    format!("select {}", domain.chain(ssl).collect::<Vec<_>>().join(", "))
}

/// A count of so many at most, as a column.
fn count(name: &str, clauses: &str) -> String {
    format!(
        "(select cast(count(*) as bigint) from (select 1 from {ALL}{clauses} limit {}) as counted) as {name}",
        TALLIED + 1
    )
}

fn domain_column(status: DomainStatus) -> String {
    format!("domain_{}", status.word())
}

fn ssl_column(status: SslStatus) -> String {
    format!("ssl_{}", status.word())
}

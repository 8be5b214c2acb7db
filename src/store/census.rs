//! Counting domains for the metrics: a handful of groups, however many domains there are.

use super::Store;
use super::error::StoreError;
use crate::domain::time::Millis;
use sqlx::Row as _;

const GROUPS: &str = "select domain_status, ssl_status, ready, cast(count(*) as bigint) as domains, \
    min(expires_at) as first_expiry, min(due_at) as oldest_due from domains where removed_at is null \
    group by domain_status, ssl_status, ready order by domain_status, ssl_status, ready";

/// Domains by status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// One for each pair of statuses that occurs.
    pub groups: Vec<Group>,
    /// The first certificate to expire.
    pub first_expiry: Option<Millis>,
    /// The longest overdue work, or the next that is due.
    pub oldest_due: Option<Millis>,
}

/// Domains of one pair of statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Domain Status.
    pub domain_status: String,
    /// SSL Status.
    pub ssl_status: String,
    /// Whether they are ready.
    pub ready: bool,
    /// How many.
    pub domains: i64,
}

impl Store {
    /// Counts the domains.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn census(&self) -> Result<Census, StoreError> {
        let mut census = Census::default();
        for row in sqlx::query(GROUPS).fetch_all(self.database.reader()).await? {
            let time = |column: &str| Ok::<_, StoreError>(row.try_get::<Option<i64>, _>(column)?.map(Millis));
            census.first_expiry = earlier(census.first_expiry, time("first_expiry")?);
            census.oldest_due = earlier(census.oldest_due, time("oldest_due")?);
            census.groups.push(Group {
                domain_status: row.try_get("domain_status")?,
                ssl_status: row.try_get("ssl_status")?,
                ready: row.try_get::<i32, _>("ready")? != 0,
                domains: row.try_get("domains")?,
            });
        }
        Ok(census)
    }
}

fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    one.into_iter().chain(other).min()
}

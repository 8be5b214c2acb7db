//! Counting domains for the metrics: a handful of groups, however many domains there are.

use super::Store;
use super::error::StoreError;
use crate::domain::time::Millis;
use sqlx::Row as _;

// Each reads an index and no row: the first all of it, the others its first entry.
pub(super) const GROUPS: &str = "select domain_status, ssl_status, ready, cast(count(*) as bigint) as domains from domains \
    where removed_at is null group by domain_status, ssl_status, ready order by domain_status, ssl_status, ready";
pub(super) const FIRST_EXPIRY: &str = "select expires_at from domains where removed_at is null \
    order by coalesce(expires_at, 9007199254740991), id limit 1";
pub(super) const OLDEST_DUE: &str = "select due_at from work order by due_at limit 1";

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
        let reader = self.database.reader();
        let first_expiry: Option<Option<i64>> = sqlx::query_scalar(FIRST_EXPIRY).fetch_optional(reader).await?;
        let oldest_due: Option<i64> = sqlx::query_scalar(OLDEST_DUE).fetch_optional(reader).await?;
        let mut groups = Vec::new();
        for row in sqlx::query(GROUPS).fetch_all(reader).await? {
            groups.push(Group {
                domain_status: row.try_get("domain_status")?,
                ssl_status: row.try_get("ssl_status")?,
                ready: row.try_get::<i32, _>("ready")? != 0,
                domains: row.try_get("domains")?,
            });
        }
        Ok(Census { groups, first_expiry: first_expiry.flatten().map(Millis), oldest_due: oldest_due.map(Millis) })
    }
}

//! How many certificates are renewed in each of the coming weeks, counted by an index alone.

use super::error::StoreError;
use super::{Scope, Store};
use crate::domain::time::{DAY_MS, Millis};
use sqlx::Row as _;

/// A week in milliseconds; the statement has it as a literal, so that it is one text.
const WEEK_MS: i64 = 7 * DAY_MS;
/// What is due already belongs to the first week.
pub(super) const WEEKS: &str = "select case when renews_at < $2 then 0 else (renews_at - $2) / 604800000 end as week, \
    count(*) as counted from domains where removed_at is null and renews_at < $3 and ($1 is null or customer = $1) \
    group by week order by week";

impl Store {
    /// Renewals in each of so many weeks from `from` on, by plan or by what the CA says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renewals(&self, scope: &Scope, from: Millis, weeks: usize) -> Result<Vec<i64>, StoreError> {
        let mut counted = vec![0; weeks];
        let rows = sqlx::query(WEEKS)
            .bind(scope.customer().map(str::to_owned))
            .bind(from.0)
            .bind(from.plus(WEEK_MS * weeks as i64).0)
            .fetch_all(self.database.reader())
            .await?;
        for row in rows {
            let week = usize::try_from(row.try_get::<i64, _>("week")?).unwrap_or_default();
            if let Some(count) = counted.get_mut(week) {
                *count = row.try_get("counted")?;
            }
        }
        Ok(counted)
    }
}

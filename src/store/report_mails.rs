//! Which Monitoring Reports are to be mailed: each once in its day or week, by whichever node takes it first.

use super::{Store, StoreError};
use crate::domain::id::DomainId;
use crate::domain::report::Every;
use sqlx::Row as _;

pub(super) const DUE: &str = "select domain_reports.domain, addresses from domain_reports \
    join domains on domains.id = domain_reports.domain \
    where every = $1 and sent_for < $2 and removed_at is null order by sent_for, domain_reports.domain limit $3";
const TAKE: &str = "update domain_reports set sent_for = $2 where domain = $1 and every = $3 and sent_for < $2";

/// A report that is to be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReport {
    /// Of which domain.
    pub domain: DomainId,
    /// To whom.
    pub addresses: Vec<String>,
}

impl Store {
    /// Reports that were not mailed in this period yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_reports(&self, every: Every, period: i64, limit: u32) -> Result<Vec<DueReport>, StoreError> {
        let query = sqlx::query(DUE).bind(every.word()).bind(period).bind(i64::from(limit));
        let mut due = Vec::new();
        for row in query.fetch_all(self.database.reader()).await? {
            let addresses: String = row.try_get("addresses")?;
            due.push(DueReport {
                domain: DomainId::new(row.try_get::<String, _>("domain")?),
                // One that can't be read goes to nobody, and counts as sent.
                addresses: serde_json::from_str(&addresses).unwrap_or_default(),
            });
        }
        Ok(due)
    }

    /// Takes a report for this period: true for one node, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_report(&self, domain: &DomainId, every: Every, period: i64) -> Result<bool, StoreError> {
        let query = sqlx::query(TAKE).bind(domain.as_str()).bind(period).bind(every.word());
        Ok(self.database.execute(query).await?.rows_affected() == 1)
    }
}

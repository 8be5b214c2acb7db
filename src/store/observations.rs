//! The raw facts of each domain's last full pass: kept beside its facts, to be judged again later.

use super::{Store, StoreError};
use crate::domain::id::DomainId;
use crate::domain::observation::Observation;
use sqlx::Row as _;

const KEEP: &str = "insert into observations (domain, observed_at, observation) values ($1, $2, $3) \
    on conflict (domain) do update set observed_at = excluded.observed_at, observation = excluded.observation";
const LAST: &str = "select observation from observations where domain = $1";

impl Store {
    /// Keeps a domain's last full pass in place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_observation(&self, domain: &DomainId, seen: &Observation) -> Result<(), StoreError> {
        let text = serde_json::to_string(seen).map_err(|_| StoreError::Contradiction("an observation"))?;
        // PostgreSQL keeps no zero character, which a stranger's text may hold.
        let text = text.replace("\\u0000", "\\ufffd");
        self.database.execute(sqlx::query(KEEP).bind(domain.as_str()).bind(seen.at.0).bind(text)).await?;
        Ok(())
    }

    /// A domain's last full pass; none before the first, or when it was written by another version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn observation(&self, domain: &DomainId) -> Result<Option<Observation>, StoreError> {
        let row = sqlx::query(LAST).bind(domain.as_str()).fetch_optional(self.database.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let text: String = row.try_get("observation")?;
        Ok(serde_json::from_str(&text).ok())
    }
}

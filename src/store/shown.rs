//! What the responder of every node must hold in memory: challenge values on show.

use super::Store;
use super::error::StoreError;
use super::installable::hostname;
use super::row::readable;
use crate::domain::hostname::Hostname;
use crate::domain::id::{DomainId, OrderId};
use crate::domain::time::Millis;
use sqlx::Row as _;

const SHOWN: &str = "select challenges.label, challenges.value, challenges.domain, challenges.order_id, challenges.shown_at, \
    domains.hostname from challenges join domains on domains.id = challenges.domain order by challenges.label";

const SHOWN_BESIDE: &str = "select domains.dcv_label, challenges.value from domains \
    left join challenges on challenges.label = domains.dcv_label where domains.id = $1";

/// A challenge's value on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// First label of the name in the DCV zone.
    pub label: String,
    /// The TXT value (RFC 8555 §8.4).
    pub value: String,
    /// The domain.
    pub domain: DomainId,
    /// Its name.
    pub hostname: Hostname,
    /// The order.
    pub order: OrderId,
    /// Since when.
    pub shown_at: Millis,
}

impl Store {
    /// Every challenge value on show.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_challenges(&self) -> Result<Vec<Shown>, StoreError> {
        let rows = sqlx::query(SHOWN).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, |row| {
            let (domain, name): (String, String) = (row.try_get("domain")?, row.try_get("hostname")?);
            Ok(Shown {
                label: row.try_get("label")?,
                value: row.try_get("value")?,
                hostname: hostname(&name, &domain)?,
                domain: DomainId::new(domain),
                order: OrderId::new(row.try_get::<String, _>("order_id")?),
                shown_at: Millis(row.try_get("shown_at")?),
            })
        }))
    }

    /// A domain's challenge label, and every value on show at it: those of its wildcard too, with which it shares the label.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_beside(&self, domain: &DomainId) -> Result<Option<(String, Vec<String>)>, StoreError> {
        let rows = sqlx::query(SHOWN_BESIDE).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let values = rows.iter().map(|row| row.try_get::<Option<String>, _>("value")).collect::<Result<Vec<_>, _>>()?;
        Ok(Some((first.try_get("dcv_label")?, values.into_iter().flatten().collect())))
    }
}

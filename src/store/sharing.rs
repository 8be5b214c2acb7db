//! Who else uses a domain, and who is told about it: Enabled Agencies and Monitoring Reports, beside the domain's own row.

use super::domains::{AddProblem, check_agency};
use super::error::StoreError;
use super::transaction::Tx;
use super::{Settings, Store};
use crate::domain::id::{AgencyId, DomainId};
use crate::domain::report::Reports;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;

/// Agencies that one domain can be enabled for.
pub const ENABLED_MAX: usize = 50;
/// Addresses that the reports of one domain go to.
pub const REPORTED_MAX: usize = 10;

pub(super) const ENABLES: &str = "select 1 from domain_agencies where agency = $1 limit 1";
const DISABLE: &str = "delete from domain_agencies where domain = $1";
const ENABLE: &str = "insert into domain_agencies (domain, agency) values ($1, $2) on conflict do nothing";
/// Whoever switches reports off and on again is not sent the same day's twice. Days and weeks are counted apart: a number
/// that is later than the present one, `$4`, is of the others.
const REPORT: &str = "insert into domain_reports (domain, addresses, every) values ($1, $2, $3) \
    on conflict (domain) do update set addresses = excluded.addresses, every = excluded.every, \
    sent_for = case when domain_reports.every = excluded.every or domain_reports.sent_for <= $4 \
    then domain_reports.sent_for else 0 end, \
    again_at = case when domain_reports.every = excluded.every or 'never' in (domain_reports.every, excluded.every) \
    then domain_reports.again_at end";

/// Who else uses a domain, and who is told about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Enabled Agencies, beside the Default Agency.
    pub agencies: Vec<AgencyId>,
    /// Monitoring Reports.
    pub reports: Reports,
}

impl Store {
    /// Who shares a domain; whether the asker may see it was asked before.
    ///
    /// # Errors
    /// When the database fails or the row can't be read.
    pub async fn sharing(&self, domain: &DomainId) -> Result<Sharing, StoreError> {
        Ok(self.sharings(&[domain]).await?.remove(domain).unwrap_or_default())
    }

    /// Whether any domain is enabled for this agency beside those that are its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_enabled_somewhere(&self, agency: &AgencyId) -> Result<bool, StoreError> {
        let found = sqlx::query(ENABLES).bind(agency.as_str()).fetch_optional(self.database.reader()).await?;
        Ok(found.is_some())
    }
}

/// Writes what is set of it.
pub(super) async fn set(tx: &mut Tx, setup: &Setup, settings: &Settings, now: Millis) -> Result<(), AddProblem> {
    let domain = setup.id.as_str();
    if let Some(agencies) = &settings.enabled_agencies {
        sqlx::query(DISABLE).bind(domain).execute(&mut **tx).await?;
        for agency in agencies.iter().take(ENABLED_MAX) {
            check_agency(tx, &setup.customer, Some(agency)).await?;
            sqlx::query(ENABLE).bind(domain).bind(agency.as_str()).execute(&mut **tx).await?;
        }
    }
    if let Some(Reports { addresses, every }) = &settings.reports {
        let text = serde_json::to_string(addresses).map_err(|_| StoreError::Contradiction("addresses"))?;
        let present = every.period(now).unwrap_or(i64::MAX);
        sqlx::query(REPORT).bind(domain).bind(text).bind(every.word()).bind(present).execute(&mut **tx).await?;
    }
    Ok(())
}

//! What is shown of domains beside their own rows, read for a whole page of them at once: a statement for each kind, however
//! many rows the page has.
//!
//! Nobody's scope is asked here: whoever asks has found the domains within their own, and these belong to them.

use super::certificates::{LISTED, StoredCertificate, certificate_columns, read};
use super::error::StoreError;
use super::row::readable;
use super::{Sharing, Store};
use crate::domain::id::{AgencyId, CertificateId, DomainId};
use crate::domain::report::{Every, Reports};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row as _};
use std::collections::HashMap;

impl Store {
    /// The certificates of these domains, of each the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificates_of(
        &self,
        domains: &[&DomainId],
    ) -> Result<HashMap<DomainId, Vec<StoredCertificate>>, StoreError> {
        let mut found: HashMap<DomainId, Vec<StoredCertificate>> = HashMap::new();
        if domains.is_empty() {
            return Ok(found);
        }
        let query = asked(certificates(domains.len()), domains.iter().map(|id| id.as_str())).bind(LISTED);
        for one in readable(&query.fetch_all(self.database.reader()).await?, read) {
            found.entry(one.domain.clone()).or_default().push(one);
        }
        Ok(found)
    }

    /// These certificates, whichever domains they belong to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificates_named(
        &self,
        ids: &[&CertificateId],
    ) -> Result<HashMap<CertificateId, StoredCertificate>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let query = asked(named(ids.len()), ids.iter().map(|id| id.as_str()));
        let found = readable(&query.fetch_all(self.database.reader()).await?, read);
        Ok(found.into_iter().map(|one| (one.certificate.id.clone(), one)).collect())
    }

    /// Who shares these domains; one that nobody shares is not in it.
    ///
    /// # Errors
    /// When the database fails or a row can't be read.
    pub async fn sharings(&self, domains: &[&DomainId]) -> Result<HashMap<DomainId, Sharing>, StoreError> {
        let mut found: HashMap<DomainId, Sharing> = HashMap::new();
        if domains.is_empty() {
            return Ok(found);
        }
        let query = asked(sharings(domains.len()), domains.iter().map(|id| id.as_str()));
        for row in query.fetch_all(self.database.reader()).await? {
            let (domain, what): (String, String) = (row.try_get("domain")?, row.try_get("what")?);
            let said: String = row.try_get("said")?;
            let bad = |why: String| StoreError::BadRow { table: "domain_reports", id: domain.clone(), why };
            let sharing = found.entry(DomainId::new(domain.clone())).or_default();
            match Every::from_word(&what) {
                None => sharing.agencies.push(AgencyId::new(said)),
                Some(every) => {
                    let addresses = serde_json::from_str(&said).map_err(|error| bad(error.to_string()))?;
                    sharing.reports = Reports { addresses, every };
                }
            }
        }
        Ok(found)
    }
}

/// Bound are the domains, and how many certificates of each are read.
pub(super) fn certificates(domains: usize) -> String {
    format!(
        "select {} from (select {}, row_number() over (partition by certificates.domain \
         order by issued_at desc, certificates.id desc) as place from certificates where certificates.domain in ({})) \
         as numbered where place <= ${} order by numbered.domain, place",
        certificate_columns!("numbered"),
        certificate_columns!(),
        places(domains),
        domains + 1
    )
}

/// Bound are the certificates.
pub(super) fn named(ids: usize) -> String {
    format!("select {} from certificates where certificates.id in ({})", certificate_columns!(), places(ids))
}

/// Bound are the domains.
pub(super) fn sharings(domains: usize) -> String {
    let places = places(domains);
    format!(
        "select domain, 'agency' as what, agency as said from domain_agencies where domain in ({places}) \
         union all select domain, every as what, addresses as said from domain_reports where domain in ({places}) \
         order by domain, said"
    )
}

/// `$1, $2, $3`: a place for each of so many values.
fn places(values: usize) -> String {
    (1..=values).map(|value| format!("${value}")).collect::<Vec<_>>().join(", ")
}

/// A statement with these values in its first places. It is not kept: each number of values has a text of its own.
fn asked<'a>(statement: String, values: impl Iterator<Item = &'a str>) -> Query<'static, Any, AnyArguments> {
    let query: Query<'static, Any, AnyArguments> = sqlx::query(AssertSqlSafe(statement));
    values.fold(query.persistent(false), |query, value| query.bind(value.to_owned()))
}

//! Use cases around certificates: all that are in use by expiry, and one with everything that is known of it.

use super::broken;
use super::browse::sound_limit;
use super::desk::Desk;
use super::list::{expiring_before, word};
use super::views;
use crate::acme::anatomy::{self, Part};
use crate::bundle::write;
use crate::domain::certificate::{Certificate, Source};
use crate::domain::id::CertificateId;
use crate::domain::renewal;
use crate::domain::role::Act;
use crate::domain::time::{DAY_MS, Millis};
use crate::store::{Filter, Listed, Sort, Stored, StoredCertificate};
use crate::wire::certificate::{
    CHAIN_PASSWORD, CertificateDetails, CertificateList, CertificatePage, CertificateRow, CertificateSearch, ChainPart,
    LastCheck, RenewalWindow, Week,
};
use crate::wire::domain::{CertificateView, Page};
use crate::wire::error::Refusal;

/// Weeks of the chart: most automatic certificates are renewed within them.
const WEEKS: usize = 12;
/// Later than any certificate ends, and before where the store puts domains that have none.
const FOR_EVER: Millis = Millis(9_007_199_254_740_991);

impl Desk {
    /// A page of the certificates in use, the first to expire first.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn certificates(&self, search: &CertificateSearch) -> Result<Page<CertificateRow>, Refusal> {
        let (page, now) = self.find_certificates(search).await?;
        Ok(Page { items: self.certificate_rows(&page.items, now).await?, next_cursor: page.next_cursor })
    }

    /// The same for the Console's page, with the coming renewals.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn certificate_list(
        &self,
        view: String,
        source: String,
        agency: String,
        cursor: String,
    ) -> Result<CertificateList, Refusal> {
        let search = CertificateSearch { view, source, agency, cursor, limit: None };
        let (page, now) = self.find_certificates(&search).await?;
        let items = self.certificate_rows(&page.items, now).await?;
        let from = Millis(now.0 - now.0.rem_euclid(DAY_MS));
        let counted = self.console.store.renewals(&self.caller.scope(), from, WEEKS).await.map_err(|e| broken(&e))?;
        let week = |(number, counted): (usize, i64)| Week {
            begins_at: from.plus(7 * DAY_MS * number as i64).into(),
            renewals: u32::try_from(counted).unwrap_or(u32::MAX),
        };
        let weeks = counted.into_iter().enumerate().map(week).collect();
        Ok(CertificateList { items, prev_cursor: page.prev_cursor, next_cursor: page.next_cursor, weeks })
    }

    async fn find_certificates(&self, search: &CertificateSearch) -> Result<(Listed, Millis), Refusal> {
        self.caller.must(Act::See)?;
        let now = self.console.clock.now();
        let is_expiring = word("view", &search.view, |word| (word == "expiring").then_some(()))?.is_some();
        let agency = self.listed_agency(&search.agency, None).await?;
        let filter = Filter {
            customer: agency.as_ref().map(|agency| agency.customer.clone()),
            also_enabled: self.is_shared(agency.as_ref()).await?,
            agency: agency.map(|agency| agency.id),
            source: word("source", &search.source, Source::from_word)?,
            expires_before: Some(if is_expiring { expiring_before(now) } else { FOR_EVER }),
            sort: Sort::Expiry,
            limit: sound_limit(search.limit)?,
            cursor: Some(search.cursor.clone()).filter(|cursor| !cursor.is_empty()),
            ..Filter::default()
        };
        let page = self.console.store.list(&self.caller.scope(), &filter).await.map_err(|e| broken(&e))?;
        Ok((page, now))
    }

    async fn certificate_rows(&self, stored: &[Stored], now: Millis) -> Result<Vec<CertificateRow>, Refusal> {
        let offices = self.offices().await?;
        let row = |stored: &Stored| {
            let certificate = stored.facts.in_use()?;
            Some(row(certificate, stored, offices.of(&stored.setup), now))
        };
        Ok(stored.iter().filter_map(row).collect())
    }

    /// One certificate with everything that is known of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn certificate_details(&self, id: &str) -> Result<CertificateDetails, Refusal> {
        let (found, stored) = self.stored_certificate(id).await?;
        self.details(&found, &stored).await
    }

    /// The same for its page, with those before and after it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn certificate_page(&self, id: &str) -> Result<CertificatePage, Refusal> {
        let (found, stored) = self.stored_certificate(id).await?;
        let all = self.console.store.certificates(&self.caller.scope(), &stored.setup.id).await;
        let now = self.console.clock.now();
        let view = |one: &StoredCertificate| views::certificate(one, &stored, now);
        let history: Vec<CertificateView> = all.map_err(|e| broken(&e))?.iter().map(view).collect();
        let (role, id) = (self.caller.role, &found.certificate.id);
        let leaves = found.certificate.source != Source::Acme || self.console.house.export_keys;
        Ok(CertificatePage {
            details: self.details(&found, &stored).await?,
            history,
            exportable: role.may(Act::ExportKeys) && leaves,
            revocable: role.may(Act::Manage) && stored.facts.is_revocable(id),
        })
    }

    async fn details(&self, found: &StoredCertificate, stored: &Stored) -> Result<CertificateDetails, Refusal> {
        let certificate = &found.certificate;
        let chain = self.console.store.chain(&certificate.id).await.map_err(|e| broken(&e))?.unwrap_or_default();
        let parts = anatomy::parts(&chain).map_err(|problem| {
            tracing::error!(certificate.id = %certificate.id, problem = %problem.detail, "a stored chain can't be read");
            Refusal::broken()
        })?;
        let in_use = stored.facts.in_use().is_some_and(|current| current.id == certificate.id);
        let window = renewal::advised(&stored.facts).filter(|_| in_use);
        let checked = stored.facts.checked_now().filter(|_| in_use);
        Ok(CertificateDetails {
            domain_id: stored.setup.id.to_string(),
            domain: stored.setup.hostname.to_string(),
            names: certificate.names.clone(),
            key_type: parts.first().map_or_else(String::new, |leaf| leaf.key_type.clone()),
            chain: parts.into_iter().map(part).collect(),
            renewal_window: window.map(|window| RenewalWindow {
                from: window.start.into(),
                until: window.end.into(),
                explanation_url: window.explanation_url.clone(),
            }),
            last_check: checked.map(|last| LastCheck {
                at: last.at.into(),
                next_at: last.next_at.into(),
                revocation: last.listed.word().into(),
                trust: last.trust.word().into(),
            }),
            certificate: views::certificate(found, stored, self.console.clock.now()),
        })
    }

    /// One certificate's chain as PEM.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn chain(&self, id: &str) -> Result<String, Refusal> {
        let (found, _) = self.stored_certificate(id).await?;
        self.chain_of(&found).await
    }

    /// The same as a PFX file, which opens with [`CHAIN_PASSWORD`]. A key leaves by its own door: see `exports`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn chain_pfx(&self, id: &str) -> Result<Vec<u8>, Refusal> {
        let (found, stored) = self.stored_certificate(id).await?;
        let (chain, name) = (self.chain_of(&found).await?, stored.setup.hostname.to_string());
        let written = tokio::task::spawn_blocking(move || write::chain_pfx(&chain, &name, CHAIN_PASSWORD)).await;
        written.ok().and_then(Result::ok).ok_or_else(Refusal::broken)
    }

    async fn chain_of(&self, found: &StoredCertificate) -> Result<String, Refusal> {
        let chain = self.console.store.chain(&found.certificate.id).await.map_err(|e| broken(&e))?;
        chain.ok_or_else(Refusal::not_found)
    }

    pub(super) async fn stored_certificate(&self, id: &str) -> Result<(StoredCertificate, Stored), Refusal> {
        self.caller.must(Act::See)?;
        let scope = self.caller.scope();
        let found = self.console.store.certificate(&scope, &CertificateId::new(id)).await.map_err(|e| broken(&e))?;
        let found = found.ok_or_else(Refusal::not_found)?;
        let stored = self.stored(found.domain.as_str()).await?;
        Ok((found, stored))
    }
}

fn row(certificate: &Certificate, stored: &Stored, office: &str, now: Millis) -> CertificateRow {
    let is_automatic = certificate.source == Source::Acme;
    CertificateRow {
        id: certificate.id.to_string(),
        domain_id: stored.setup.id.to_string(),
        domain: stored.setup.hostname.to_string(),
        agency: office.to_owned(),
        source: certificate.source.word().to_owned(),
        certificate_authority: certificate.authority.clone(),
        expires_at: certificate.not_after.into(),
        renew_at: renewal::moment(&stored.setup, &stored.facts).filter(|_| is_automatic).map(Into::into),
        status: views::in_use_word(certificate, stored, now).to_owned(),
    }
}

fn part(part: Part) -> ChainPart {
    ChainPart {
        subject: part.subject,
        issuer: part.issuer,
        fingerprint_sha256: part.fingerprint_sha256,
        issued_at: part.not_before.into(),
        expires_at: part.not_after.into(),
        key_type: part.key_type,
    }
}

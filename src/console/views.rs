//! From facts to what people and scripts read: pure, so that pages and the REST API say the same.

use super::steps;
use crate::acme::chain;
use crate::domain::certificate::{Certificate, Source};
use crate::domain::finding::{Finding, printable};
use crate::domain::headline::headline;
use crate::domain::observed::{Observation, RecordState};
use crate::domain::provider::Provider;
use crate::domain::record::{Place, Wanted, relative_host};
use crate::domain::rehearsal::{Rehearsal, rehearse};
use crate::domain::renewal;
use crate::domain::status::Reading;
use crate::domain::step::next_by_hand;
use crate::domain::time::Millis;
use crate::domain::token_file::{Fetched, FileSeen, WantedFile};
use crate::store::{CertificateStatus, Sharing, Stored, StoredCertificate, StoredUpload};
use crate::wire::domain::{
    CertificateView, DomainRow, DomainView, FileView, FindingView, ProviderView, RecordView, RehearsalView,
};
use crate::wire::upload::UploadView;
use crate::wire::when::When;

/// A domain with everything that its page shows.
#[must_use]
pub fn domain(
    stored: &Stored,
    certificates: &[StoredCertificate],
    sharing: Sharing,
    place: &Place,
    now: Millis,
) -> DomainView {
    let (setup, facts) = (&stored.setup, &stored.facts);
    let reading = Reading::of(setup, facts, stored.asked, now);
    let seen = facts.observation.as_ref();
    DomainView {
        id: setup.id.to_string(),
        domain: setup.hostname.to_string(),
        name: setup.name.clone(),
        customer: setup.customer.to_string(),
        agency: setup.agency.as_ref().map(ToString::to_string),
        enabled_agencies: sharing.agencies.iter().map(ToString::to_string).collect(),
        monitoring_reports: sharing.reports,
        alias: setup.alias.clone(),
        wildcard: setup.hostname.is_wildcard(),
        verification_method: setup.verification_method,
        ssl_validation: setup.ssl_validation,
        domain_status: reading.domain_status,
        ssl_status: reading.ssl_status,
        ready: reading.ready,
        status_code: reading.code().to_owned(),
        headline: sentence(stored, &reading),
        since: facts.since.into(),
        next_check_at: reading.next_check_at.into(),
        attempt: reading.attempt,
        checked_at: seen.map(|look| look.at.into()),
        created_at: setup.created_at.into(),
        dns_provider: provider(seen),
        dns_records: setup.wanted(place).into_iter().map(|wanted| record(wanted, seen)).collect(),
        by_hand: facts.hand.is_some(),
        next_step: next_by_hand(setup, facts, now).map(|step| steps::word(step).to_owned()),
        token_file: setup.wanted_file().map(|wanted| token_file(wanted, seen)),
        certificates: certificates.iter().map(|one| certificate(one, stored, now)).collect(),
        renewal_rehearsal: rehearse(setup, facts, now).map(rehearsal),
        findings: reading.findings.into_iter().map(finding).collect(),
        revision: i64::try_from(stored.revision).unwrap_or(i64::MAX),
    }
}

/// A domain as a row of the list.
#[must_use]
pub fn row(stored: &Stored, office: &str, now: Millis) -> DomainRow {
    let reading = Reading::of(&stored.setup, &stored.facts, stored.asked, now);
    DomainRow {
        id: stored.setup.id.to_string(),
        domain: stored.setup.hostname.to_string(),
        name: stored.setup.name.clone(),
        agency: office.to_owned(),
        domain_status: reading.domain_status,
        ssl_status: reading.ssl_status,
        ready: reading.ready,
        next: sentence(stored, &reading),
    }
}

/// What to do now, in one sentence.
fn sentence(stored: &Stored, reading: &Reading) -> String {
    let provider = hosted(stored.facts.observation.as_ref()).map(|(provider, _)| provider.name);
    headline(reading, provider, renews(stored).as_deref())
}

/// Who hosts the zone that was seen, and the zone's name.
fn hosted(seen: Option<&Observation>) -> Option<(&'static Provider, &str)> {
    let zone = seen?.zone.as_ref().ok()?;
    Some((Provider::of(zone.servers.iter().map(|server| server.name.as_str()))?, &zone.apex))
}

fn provider(seen: Option<&Observation>) -> Option<ProviderView> {
    let (provider, zone) = hosted(seen)?;
    Some(ProviderView {
        name: provider.name.to_owned(),
        console_url: provider.console_url(zone),
        steps: provider.steps(zone),
    })
}

fn renews(stored: &Stored) -> Option<String> {
    let ours = stored.facts.uploaded.is_none();
    Some(When(renewal::moment(&stored.setup, &stored.facts).filter(|_| ours)?).date())
}

fn record(wanted: Wanted, seen: Option<&Observation>) -> RecordView {
    let zone = seen.and_then(|look| look.zone.as_ref().ok()).map(|zone| zone.apex.clone());
    let looked = seen.and_then(|look| look.records.iter().find(|one| one.wanted.purpose == wanted.purpose));
    let verdict = looked.zip(seen).map(|(one, look)| one.verdict(&look.edge_addresses));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    RecordView {
        purpose: wanted.purpose,
        label: wanted.purpose.label().to_owned(),
        rtype: wanted.rtype,
        relative_host: zone.as_ref().map_or_else(|| wanted.host.clone(), |zone| relative_host(&wanted.host, zone)),
        zone,
        host: wanted.host,
        value: wanted.value,
        state: verdict.as_ref().map_or(RecordState::Unknown, |verdict| verdict.state),
        agreeing: verdict.as_ref().map_or(0, |verdict| count(verdict.agreeing)),
        heard: verdict.as_ref().map_or(0, |verdict| count(verdict.heard)),
        found: verdict.map(|verdict| verdict.found).unwrap_or_default(),
        servers: looked.map(servers).unwrap_or_default(),
        checked_at: seen.map(|look| look.at.into()),
    }
}

fn token_file(wanted: WantedFile, seen: Option<&Observation>) -> FileView {
    let looked = seen.and_then(|look| look.file.as_ref());
    let found = looked.and_then(|file| match &file.fetched {
        Fetched::Page { text, .. } => Some(printable(text)).filter(|text| !text.is_empty()),
        Fetched::Right | Fetched::Nothing(_) | Fetched::NotAsked(_) => None,
    });
    FileView {
        label: "SSL Certificate Validation (HTTP)".into(),
        url: wanted.url(),
        path: wanted.path,
        content: wanted.content,
        state: looked.map_or(RecordState::Unknown, FileSeen::state),
        found,
        seen: looked.map(|file| printable(&file.words())),
        checked_at: seen.filter(|_| looked.is_some()).map(|look| look.at.into()),
    }
}

fn servers(seen: &crate::domain::observed::RecordSeen) -> Vec<String> {
    let words = |answer: &crate::domain::observed::ServerAnswer| {
        format!("{} ({}) {}", answer.server, answer.address, crate::domain::finding::reply_words(&answer.reply))
    };
    seen.answers.iter().map(words).collect()
}

/// A certificate's details.
#[must_use]
pub fn certificate(one: &StoredCertificate, stored: &Stored, now: Millis) -> CertificateView {
    let certificate = &one.certificate;
    let in_use = stored.facts.in_use().is_some_and(|current| current.id == certificate.id);
    let status = match one.status {
        CertificateStatus::Revoked => "revoked",
        _ if in_use || now >= certificate.not_after => in_use_word(certificate, stored, now),
        _ => "superseded",
    };
    CertificateView {
        id: certificate.id.to_string(),
        source: certificate.source.word().to_owned(),
        hostname: certificate.names.first().cloned().unwrap_or_else(|| stored.setup.hostname.to_string()),
        certificate_authority: certificate.authority.clone(),
        issuer: certificate.issuer.clone(),
        wildcard: certificate.names.iter().any(|name| name.starts_with("*.")),
        serial: certificate.serial.clone(),
        fingerprint_sha256: certificate.fingerprint_sha256.clone(),
        issued_at: certificate.not_before.into(),
        expires_at: certificate.not_after.into(),
        renew_at: renewal::moment(&stored.setup, &stored.facts)
            .filter(|_| in_use && certificate.source == Source::Acme)
            .map(When),
        status: status.to_owned(),
    }
}

/// The status of a certificate that should be served.
pub(super) fn in_use_word(certificate: &Certificate, stored: &Stored, now: Millis) -> &'static str {
    match stored.facts.is_served() {
        _ if now >= certificate.not_after => "expired",
        true => "active",
        false => "pending_deployment",
    }
}

/// An upload for people to check; none when its own chain can't be read.
#[must_use]
pub fn upload(upload: &StoredUpload, stored: &Stored) -> Option<UploadView> {
    let leaf = chain::read(&upload.chain_pem).ok()?;
    Some(UploadView {
        id: upload.id.to_string(),
        domain_id: upload.domain.to_string(),
        domain: stored.setup.hostname.to_string(),
        name: upload.name.clone(),
        reach: upload.reach,
        names: leaf.names,
        certificate_authority: leaf.authority,
        issuer: leaf.issuer,
        serial: leaf.serial,
        fingerprint_sha256: leaf.fingerprint_sha256,
        issued_at: leaf.not_before.into(),
        expires_at: leaf.not_after.into(),
        chain: upload.chain_pem.matches("BEGIN CERTIFICATE").count(),
        warnings: upload.warnings.clone(),
        verified: stored.facts.verified_at.is_some(),
        waits_until: upload.waits_until().into(),
    })
}

fn rehearsal(rehearsal: Rehearsal) -> RehearsalView {
    let Rehearsal { due_at, looked_at, bar } = rehearsal;
    RehearsalView {
        due_at: due_at.into(),
        looked_at: looked_at.into(),
        would_renew: bar.is_none(),
        because: bar.map(finding),
    }
}

/// A finding on the wire.
#[must_use]
pub fn finding(finding: Finding) -> FindingView {
    FindingView {
        code: finding.code.to_owned(),
        severity: finding.severity,
        owner: finding.owner,
        title: finding.title,
        explanation: finding.explanation,
        fix: finding.fix,
        evidence: finding.evidence,
        help: format!("/help#{}", finding.code),
    }
}

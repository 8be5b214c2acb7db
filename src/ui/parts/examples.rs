//! Views made by hand, for the tests of the parts.

use crate::domain::finding::{Owner, Severity};
use crate::domain::observed::RecordState;
use crate::domain::record::{Purpose, RecordType};
use crate::domain::report::Reports;
use crate::domain::setup::{SslValidation, VerificationMethod};
use crate::domain::status::{DomainStatus, SslStatus};
use crate::domain::time::{DAY_MS, Millis};
use crate::wire::domain::{CertificateView, DomainView, EventView, FindingView, Page, RecordView};
use crate::wire::when::When;

const NOW: Millis = Millis(1_795_254_067_250);

/// A domain whose records are all missing.
pub(crate) fn waiting() -> DomainView {
    let record = |purpose: Purpose, rtype, relative: &str, value: &str| RecordView {
        purpose,
        label: purpose.label().into(),
        rtype,
        host: format!("{relative}.court.gov"),
        relative_host: relative.into(),
        zone: Some("court.gov".into()),
        value: value.into(),
        state: RecordState::Missing,
        found: Vec::new(),
        agreeing: 0,
        heard: 2,
        servers: vec!["ns1.court.gov (192.0.2.1) answered that the name does not exist".into()],
        checked_at: Some(When(NOW)),
    };
    DomainView {
        id: "d1".into(),
        domain: "pay.court.gov".into(),
        name: "Payments".into(),
        customer: "c1".into(),
        agency: None,
        enabled_agencies: Vec::new(),
        monitoring_reports: Reports::default(),
        alias: "portal".into(),
        wildcard: false,
        verification_method: VerificationMethod::Txt,
        ssl_validation: SslValidation::Dns,
        domain_status: DomainStatus::VerificationPending,
        ssl_status: SslStatus::NotStarted,
        ready: false,
        status_code: "rec_missing".into(),
        headline: "Add 3 records at your DNS provider".into(),
        since: When(NOW),
        next_check_at: When(NOW.plus(12_000)),
        attempt: 3,
        checked_at: Some(When(NOW)),
        created_at: When(NOW),
        dns_provider: None,
        dns_records: vec![
            record(Purpose::Validation, RecordType::Txt, "_padlock.pay", "padlock-verification=7k2mexample"),
            record(Purpose::Dcv, RecordType::Cname, "_acme-challenge.pay", "7k2mexample.dcv.padlock.net"),
            record(Purpose::Routing, RecordType::Cname, "pay", "edge.padlock.net"),
        ],
        token_file: None,
        by_hand: false,
        next_step: None,
        certificates: Vec::new(),
        renewal_rehearsal: None,
        findings: Purpose::ALL.map(|p| finding("rec_missing", &format!("{} is not there yet", p.label()))).into(),
        revision: 7,
    }
}

/// A domain that is live.
pub(crate) fn live() -> DomainView {
    let mut view = waiting();
    for record in &mut view.dns_records {
        record.state = RecordState::Detected;
        record.agreeing = 2;
    }
    DomainView {
        domain_status: DomainStatus::Active,
        ssl_status: SslStatus::Active,
        ready: true,
        headline: "Nothing to do: the certificate renews about 20 January 2027".into(),
        findings: Vec::new(),
        certificates: vec![CertificateView {
            id: "k1".into(),
            source: "acme".into(),
            hostname: "pay.court.gov".into(),
            certificate_authority: "Let's Encrypt".into(),
            issuer: "CN=E7, O=Let's Encrypt, C=US".into(),
            wildcard: false,
            serial: "03a1".into(),
            fingerprint_sha256: "9f".repeat(32),
            issued_at: When(NOW),
            expires_at: When(NOW.plus(90 * DAY_MS)),
            renew_at: Some(When(NOW.plus(60 * DAY_MS))),
            status: "active".into(),
        }],
        ..view
    }
}

/// A finding that blocks.
pub(crate) fn finding(code: &str, title: &str) -> FindingView {
    FindingView {
        code: code.into(),
        severity: Severity::Blocking,
        owner: Owner::Dns,
        title: title.into(),
        explanation: "It is so.".into(),
        fix: "Mend it.".into(),
        evidence: Vec::new(),
        help: format!("/help#{code}"),
    }
}

/// A page of a timeline with more behind it.
pub(crate) fn events() -> Page<EventView> {
    let event = EventView {
        id: "e1".into(),
        at: When(NOW),
        kind: "dns.changed".into(),
        actor: "padlock".into(),
        summary: "DNS changed.".into(),
        changes: Vec::new(),
    };
    Page { items: vec![event], next_cursor: Some("a&b".into()) }
}

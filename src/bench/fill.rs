//! Fills a database through the store's own doors, as benchmarks need it: domains that are Active, each with a certificate.

use data_encoding::HEXLOWER;
use padlock::domain::certificate::{Certificate, Source};
use padlock::domain::facts::Facts;
use padlock::domain::hostname::Hostname;
use padlock::domain::id::{CertificateId, CustomerId, KeyId};
use padlock::domain::setup::{SslValidation, VerificationMethod};
use padlock::domain::time::DAY_MS;
use padlock::store::{Change, Claimed, Extra, Index, NewDomain, Scope, Store, Then, new_id};
use padlock::worker::clock::Clock;

/// Why a benchmark could not be run.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Longer than any batch takes to be written.
const LEASE_MS: i64 = 600_000;
/// Nobody works on these domains for as long as a benchmark runs.
const REST_MS: i64 = 30 * DAY_MS;

/// A certificate to be stored.
pub(crate) struct Given {
    /// The name it is for.
    pub(crate) host: String,
    /// PEM, leaf first.
    pub(crate) chain_pem: String,
    /// PKCS #8, DER.
    pub(crate) pkcs8: Vec<u8>,
    /// The leaf's SHA-256.
    pub(crate) fingerprint: [u8; 32],
}

/// Adds a domain for each certificate. They must be the only ones that are due.
pub(crate) async fn fill(store: &Store, customer: &CustomerId, all: Vec<Given>) -> Result<(), Trouble> {
    let now = Clock::system().now();
    for given in &all {
        let hostname = Hostname::parse_form(&given.host).map_err(|error| format!("{}: {error}", given.host))?;
        let new = NewDomain {
            customer: customer.clone(),
            agency: None,
            name: given.host.clone(),
            hostname,
            alias: "portal".into(),
            verification_method: VerificationMethod::Txt,
            ssl_validation: SslValidation::Dns,
        };
        store.add_domain(&Scope::All, new, None, now).await?;
    }
    let limit = u32::try_from(all.len())?;
    let mut claimed = store.claim("fill", limit, now, LEASE_MS).await?;
    claimed.sort_by_key(|claimed| claimed.stored.setup.hostname.to_string());
    for (claimed, given) in claimed.iter().zip(all) {
        install(store, claimed, given, Then::Release { due_at: now.plus(REST_MS) }).await?;
    }
    Ok(())
}

/// Records a certificate for a domain in hand, as a worker does when an order ends.
pub(crate) async fn install(store: &Store, claimed: &Claimed, given: Given, then: Then) -> Result<(), Trouble> {
    let (now, setup) = (Clock::system().now(), &claimed.stored.setup);
    let key = KeyId::new(new_id(now));
    let certificate = Certificate {
        id: CertificateId::new(new_id(now)),
        key: key.clone(),
        source: Source::Acme,
        names: vec![given.host],
        authority: "Bench".into(),
        issuer: "CN=Bench CA".into(),
        serial: "01".into(),
        fingerprint_sha256: HEXLOWER.encode(&given.fingerprint),
        ari_id: None,
        not_before: now,
        not_after: now.plus(90 * DAY_MS),
    };
    let facts = Facts {
        verified_at: Some(now),
        routed_since: Some(now),
        certificate: Some(certificate.clone()),
        issued_at: Some(now),
        ..claimed.stored.facts.clone()
    };
    let extras = vec![
        Extra::NewKey { id: key, pkcs8: given.pkcs8.into(), csr_der: Vec::new() },
        Extra::NewCertificate { certificate, chain_pem: given.chain_pem },
    ];
    let index = Index::of(setup, &facts, claimed.stored.asked, now);
    let (revision, before) = (claimed.stored.revision, claimed.stored.facts.clone());
    let derived = claimed.stored.derived.clone();
    let (entries, notices) = (Vec::new(), Vec::new());
    let change = Change { revision, before, derived, facts, index, extras, entries, notices, then };
    store.record(&claimed.lease, setup, change, now).await?;
    Ok(())
}

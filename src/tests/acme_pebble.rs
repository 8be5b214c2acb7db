//! The ACME client against a real Pebble, each test with its own.
#![expect(clippy::disallowed_methods, reason = "certificates of a real CA are dated by the real clock")]

use crate::pebble::{Habits, Pebble};
use futures::StreamExt;
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use padlock::acme::key::{KeyAndCsr, new_key};
use padlock::acme::{Ca, NewOrder, Progress, Proof, chain};
use padlock::domain::hostname::Hostname;
use padlock::domain::problem::ProblemKind;
use padlock::domain::revocation::Reason;
use padlock::domain::setup::SslValidation;
use padlock::domain::time::Millis;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::time::{Instant, SystemTime};
use zeroize::Zeroizing;

const NAME: &str = "portal.court.test";
const PATIENCE_MS: u64 = 20_000;

const fn wanted(names: &[String]) -> NewOrder<'_> {
    NewOrder { names, replaces: None }
}

fn names(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

fn key_for(name: &str) -> KeyAndCsr {
    new_key(&names(name)).expect("a key")
}

fn account_key() -> AccountKey {
    AccountKey::generate().expect("randomness")
}

fn same(key: &AccountKey) -> AccountKey {
    AccountKey::from_pkcs8(Zeroizing::new(key.pkcs8_der().to_vec())).expect("a stored key")
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970");
    Millis(i64::try_from(since.as_millis()).expect("a time that fits"))
}

/// Goes on with an order after its proof is on show.
async fn chain_of(ca: &AcmeCa, url: &str, key: &KeyAndCsr) -> String {
    match ca.advance(url, SslValidation::Dns, Some(&key.csr_der), PATIENCE_MS).await.expect("a certificate") {
        Progress::Issued { chain_pem } => chain_pem,
        waiting => panic!("{waiting:?}"),
    }
}

/// The same, and checks what comes of it.
async fn finish(ca: &AcmeCa, url: &str, name: &str, key: &KeyAndCsr) -> chain::Leaf {
    let hostname = Hostname::parse_form(name).expect("a name");
    chain::check(&chain_of(ca, url, key).await, &key.csr_der, &hostname, now()).expect("a sound chain")
}

/// Opens an order and shows its proof.
async fn proven(pebble: &Pebble, ca: &AcmeCa, name: &str) -> String {
    let url = ca.open(wanted(&names(name))).await.expect("an order").url;
    if let Proof::Show(values) = ca.proof(&url, SslValidation::Dns).await.expect("a proof") {
        pebble.show(name.trim_start_matches("*."), &values).await;
    }
    url
}

async fn issue(pebble: &Pebble, ca: &AcmeCa, name: &str) -> chain::Leaf {
    let key = key_for(name);
    let url = proven(pebble, ca, name).await;
    finish(ca, &url, name, &key).await
}

async fn issued_der(pebble: &Pebble, ca: &AcmeCa, name: &str) -> Vec<u8> {
    let url = proven(pebble, ca, name).await;
    let chain = chain_of(ca, &url, &key_for(name)).await;
    CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate").to_vec()
}

#[tokio::test]
async fn a_certificate_is_issued() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let ca = pebble.ca(account_key());
    assert_eq!(ca.name(), "pebble");
    let opened = ca.open(wanted(&names(NAME))).await.expect("an order");
    assert!(opened.expires.is_some_and(|at| at > now()), "{opened:?}");

    let leaf = issue(&pebble, &ca, NAME).await;
    assert_eq!(leaf.names, [NAME]);
    assert!(leaf.authority.starts_with("Pebble Intermediate CA"), "{}", leaf.authority);

    let wild = issue(&pebble, &ca, "*.court.test").await;
    assert_eq!(wild.names, ["*.court.test"]);
}

#[tokio::test]
async fn a_certificate_is_revoked_by_its_own_account_and_stays_so() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let ca = pebble.ca(account_key());
    let der = issued_der(&pebble, &ca, NAME).await;
    let stranger = pebble.ca(account_key()).revoke(&der, Reason::KeyCompromise).await.expect_err("another account's");
    assert_eq!(stranger.problem.name, "urn:ietf:params:acme:error:unauthorized");
    assert_eq!(pebble.status(&der).await["Status"], "Valid");
    // The second time is what follows a lost answer.
    for _ in 0..2 {
        assert_eq!(ca.revoke(&der, Reason::KeyCompromise).await, Ok(()));
        let status = pebble.status(&der).await;
        assert_eq!((&status["Status"], &status["Reason"]), (&"Revoked".into(), &1.into()), "{status}");
    }
}

#[tokio::test]
async fn an_earlier_proof_is_used_again() {
    let Some(pebble) = Pebble::start(Habits { reused_authorizations: 100, ..Habits::default() }).await else { return };
    let ca = pebble.ca(account_key());
    issue(&pebble, &ca, NAME).await;
    let url = ca.open(wanted(&names(NAME))).await.expect("a second order").url;
    assert_eq!(ca.proof(&url, SslValidation::Dns).await, Ok(Proof::NotNeeded));
    finish(&ca, &url, NAME, &key_for(NAME)).await;
}

/// Fifty certificates in every run, five hundred behind `PADLOCK_TEST_LONG`; every name is ordered twice.
#[tokio::test]
async fn refused_nonces_and_used_authorizations_cost_no_certificate() {
    let count = if std::env::var("PADLOCK_TEST_LONG").is_ok() { 500 } else { 50 };
    let habits = Habits { refused_nonces: 30, reused_authorizations: 50, ..Habits::default() };
    let Some(pebble) = Pebble::start(habits).await else { return };
    let (ca, start) = (pebble.ca(account_key()), Instant::now());
    let name = |n: usize| format!("n{}.court.test", n % (count / 2));
    let each = (0..count).map(async |n| issue(&pebble, &ca, &name(n)).await);
    let leaves: Vec<_> = futures::stream::iter(each).buffered(10).collect().await;
    assert!((0..count).all(|n| leaves[n].names == [name(n)]));
    assert_eq!((leaves.len(), pebble.orders()), (count, count), "one order for each certificate");
    eprintln!("{count} of {count} certificates in {:?}", start.elapsed());
}

#[tokio::test]
async fn an_order_goes_on_in_another_process_after_each_step() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let (account, key) = (account_key(), key_for(NAME));
    let reborn = || pebble.ca(same(&account));

    let url = reborn().open(wanted(&names(NAME))).await.expect("an order").url;
    let Ok(Proof::Show(values)) = reborn().proof(&url, SslValidation::Dns).await else { panic!("a proof is needed") };
    assert_eq!(
        reborn().proof(&url, SslValidation::Dns).await,
        Ok(Proof::Show(values.clone())),
        "the same proof after a crash"
    );
    pebble.show(NAME, &values).await;

    // No patience: each call takes what is there and comes back, as if it had crashed behind its last request.
    let mut waits = Vec::new();
    let chain_pem = loop {
        match reborn().advance(&url, SslValidation::Dns, Some(&key.csr_der), 0).await.expect("progress") {
            Progress::Issued { chain_pem } => break chain_pem,
            Progress::Waiting { issuing, retry_after_ms } => waits.push((issuing, retry_after_ms)),
        }
    };
    assert_eq!(waits.first(), Some(&(false, None)), "told the CA, and came back before it had looked");
    assert!(waits.is_sorted(), "issuing never goes back to validating: {waits:?}");
    assert_eq!(reborn().proof(&url, SslValidation::Dns).await, Ok(Proof::NotNeeded));

    // The chain was lost before it was stored: the CA hands it out again.
    let again = reborn().advance(&url, SslValidation::Dns, Some(&key.csr_der), 0).await;
    assert_eq!(again, Ok(Progress::Issued { chain_pem }));
}

#[tokio::test]
async fn two_workers_on_one_order_get_one_certificate() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let (ca, key) = (pebble.ca(account_key()), key_for(NAME));
    let url = ca.open(wanted(&names(NAME))).await.expect("an order").url;
    let Ok(Proof::Show(values)) = ca.proof(&url, SslValidation::Dns).await else { panic!("a proof is needed") };
    pebble.show(NAME, &values).await;
    let advance = || ca.advance(&url, SslValidation::Dns, Some(&key.csr_der), PATIENCE_MS);
    let (one, other) = tokio::join!(advance(), advance());
    for outcome in [&one, &other] {
        assert!(
            outcome.as_ref().is_ok_and(|done| matches!(done, Progress::Issued { .. }))
                || outcome.as_ref().is_err_and(|error| !error.ends_order),
            "{outcome:?}"
        );
    }
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    finish(&ca, &url, NAME, &key).await;
}

#[tokio::test]
async fn a_wrong_proof_ends_the_order_with_the_cas_words() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let ca = pebble.ca(account_key());
    let url = ca.open(wanted(&names(NAME))).await.expect("an order").url;
    pebble.show(NAME, &["an-older-token".to_owned()]).await;
    let refused = ca
        .advance(&url, SslValidation::Dns, Some(&key_for(NAME).csr_der), PATIENCE_MS)
        .await
        .expect_err("a wrong TXT value");
    assert_eq!((refused.problem.kind, refused.ends_order), (ProblemKind::Validation, true), "{refused:?}");
    assert!(refused.problem.name.starts_with("urn:ietf:params:acme:error:"), "{refused:?}");
    assert!(!refused.problem.detail.is_empty(), "{refused:?}");
    assert_eq!(ca.proof(&url, SslValidation::Dns).await, Err(refused), "asked again, the order says the same");
}

#[tokio::test]
async fn a_name_on_the_cas_blocklist_is_a_matter_of_policy() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let refused =
        pebble.ca(account_key()).open(wanted(&names("blocked-domain.test"))).await.expect_err("a blocked name");
    assert_eq!((refused.problem.kind, refused.ends_order), (ProblemKind::Policy, true), "{refused:?}");
}

#[tokio::test]
async fn an_account_is_found_again_by_its_key() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let key = account_key();
    let first = pebble.ca(same(&key)).standing().await.expect("an account");
    assert_eq!(pebble.ca(key).standing().await, Ok(first.clone()));
    let other = pebble.ca(account_key()).standing().await.expect("another account");
    assert_ne!(other.account_uri, first.account_uri);
}

#[tokio::test]
async fn an_order_that_the_ca_forgot_has_expired() {
    let Some(pebble) = Pebble::start(Habits::default()).await else { return };
    let ca = pebble.ca(account_key());
    let url = ca.open(wanted(&names(NAME))).await.expect("an order").url;
    let gone = format!("{url}gone");
    let proof = ca.proof(&gone, SslValidation::Dns).await.expect_err("no such order");
    assert_eq!((proof.problem.kind, proof.ends_order), (ProblemKind::Expired, true), "{proof:?}");
    let advance =
        ca.advance(&gone, SslValidation::Dns, Some(&key_for(NAME).csr_der), 0).await.expect_err("no such order");
    assert_eq!(advance.problem.kind, ProblemKind::Expired);

    // Somebody else's order is no order of ours, and no reason to look at DNS.
    let stranger = pebble.ca(account_key()).proof(&url, SslValidation::Dns).await.expect_err("another account's order");
    assert_ne!(stranger.problem.kind, ProblemKind::Validation, "{stranger:?}");
}

#[tokio::test]
async fn a_ca_that_does_not_answer_ends_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let settings = CaSettings {
        name: "nobody".into(),
        directory_url: format!("https://127.0.0.1:{port}/dir"),
        contact: None,
        roots_pem: None,
        ..CaSettings::default()
    };
    let ca = AcmeCa::new(settings, account_key()).expect("roots");
    let down = ca.open(wanted(&names(NAME))).await.expect_err("nobody listens");
    assert_eq!((down.problem.kind, down.ends_order), (ProblemKind::Outage, false), "{down:?}");
    assert_eq!(down.problem.name, "network");
}

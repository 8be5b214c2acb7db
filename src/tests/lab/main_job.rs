//! The main job: added, published, certified, served; and a wildcard.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use crate::kit::sandbox::Sandbox;
use padlock::domain::record::Purpose;
use padlock::domain::status::{DomainStatus, SslStatus};
use padlock::probe::handshake::{self, HandshakeProblem};
use padlock::wire::domain::DomainView;
use std::time::Duration;
use tokio::time::Instant;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// From Refresh to Ready; a second is usual.
const READY: Duration = Duration::from_secs(10);
/// From adding to the first look's result.
const LOOKED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_domain_is_served_with_its_certificate_on_sqlite() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    main_job(&node, "SQLite").await;
}

#[tokio::test]
async fn a_domain_is_served_with_its_certificate_on_postgresql() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    main_job(&node, "PostgreSQL").await;
}

async fn main_job(node: &Node, engine: &str) {
    let name = node.name("portal", "court.test");
    let added = node.add(&name).await;
    let missing = node.until(&added.id, LOOKED, "a first look", |view| view.status_code == "rec_missing").await;
    assert_eq!(missing.domain_status, DomainStatus::VerificationPending);
    assert_eq!((missing.ssl_status, missing.ready), (SslStatus::NotStarted, false));

    node.publish(&added, &Purpose::ALL);
    let begun = Instant::now();
    node.refresh(&added.id).await;
    served_by(node, &name, begun).await;
    let served_after = begun.elapsed();
    let ready = node.until(&added.id, READY, "ready", |view| view.ready).await;
    eprintln!("{engine}: refresh → served {served_after:?}, → ready {:?}", begun.elapsed());

    shows_what_the_api_says(node, &ready).await;
    answers_over_http_and_https(node, &name).await;
    let stranger = handshake::served(node.edge(), &node.name("stranger", "court.test")).await;
    assert!(matches!(stranger, Err(HandshakeProblem::Alert(_))), "{stranger:?}");
    challenge_is_gone(node, &ready);
    let told = node.timeline(&ready.id).await;
    let wanted = [
        "domain.added",
        "dns.changed",
        "dns.changed",
        "order.planned",
        "order.proof",
        "certificate.issued",
        "certificate.deployed",
    ];
    assert_eq!(told.iter().filter(|kind| wanted.contains(&kind.as_str())).collect::<Vec<_>>(), wanted);
}

/// Waits for the first handshake that shows a certificate.
async fn served_by(node: &Node, name: &str, begun: Instant) {
    while let Err(problem) = handshake::served(node.edge(), name).await {
        assert!(begun.elapsed() < READY, "{problem}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The edge's certificate is the one that the API calls active.
async fn shows_what_the_api_says(node: &Node, view: &DomainView) {
    let [certificate] = view.certificates.as_slice() else { panic!("{view:#?}") };
    let served = handshake::served(node.edge(), &view.domain).await.unwrap();
    let fingerprint: String = served.fingerprint_sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((fingerprint, "active"), (certificate.fingerprint_sha256.clone(), certificate.status.as_str()));
    let (_, leaf) = X509Certificate::from_der(&served.leaf_der).unwrap();
    assert_eq!(leaf.tbs_certificate.serial.to_str_radix(16), certificate.serial.trim_start_matches('0'));
    assert_eq!(certificate.hostname, view.domain);
    assert_eq!(view.status_code, "ok");
}

async fn answers_over_http_and_https(node: &Node, name: &str) {
    let plain = format!("http://{}/a?b=c", node.address("PADLOCK_EDGE_HTTP_ADDR"));
    let redirect = rest::ask("GET", &plain, &[("host", name)], "").await.expect(308);
    let port = match node.edge().port() {
        443 => String::new(),
        port => format!(":{port}"),
    };
    assert_eq!(redirect.header("location"), format!("https://{name}{port}/a?b=c"));
    let page = node.visitor().await.get(node.edge(), name, "/").await.unwrap().expect(200);
    assert!(page.text().contains("It works") && page.text().contains(name), "{}", page.text());
}

/// The responder is there, knows its zone, and shows no value for this domain any more.
fn challenge_is_gone(node: &Node, view: &DomainView) {
    let responder = node.address("PADLOCK_DCV_ADDR");
    assert!(!Sandbox::ask(responder, node.setting("PADLOCK_DCV_ZONE"), "SOA").is_empty());
    let dcv = view.dns_records.iter().find(|record| record.purpose == Purpose::Dcv).unwrap();
    assert_eq!(Sandbox::ask(responder, &dcv.value, "TXT"), "");
}

#[tokio::test]
async fn a_wildcard_is_served_for_the_names_below_it() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let parent = node.name("w1", "agency.test");
    let ready = node.ready(&format!("*.{parent}")).await;
    assert!(ready.wildcard && ready.certificates[0].wildcard);
    let visitor = node.visitor().await;
    let page = visitor.get(node.edge(), &format!("anything.{parent}"), "/").await.unwrap().expect(200);
    assert!(page.text().contains(&parent));
    // Neither the parent nor what lies deeper is covered (RFC 9525 §6.3).
    for other in [parent.clone(), format!("a.b.{parent}")] {
        let refused = handshake::served(node.edge(), &other).await;
        assert!(matches!(refused, Err(HandshakeProblem::Alert(_))), "{other}: {refused:?}");
    }
    challenge_is_gone(&node, &ready);
}

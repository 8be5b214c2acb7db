//! Renewal: by itself on certificates that live for seconds, and at once when somebody asks.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use crate::pebble::{Habits, Pebble};
use padlock::domain::record::Purpose;
use padlock::domain::status::{DomainStatus, SslStatus};
use padlock::wire::domain::DomainView;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

/// A certificate's life: renewed at half of it, so twice in the time that the test watches.
const LIFE_S: u32 = 20;
/// Certificates that are seen one after the other.
const CERTIFICATES: usize = 3;
/// Two renewals take a life; a busy machine may be late once.
const WATCHED: Duration = Duration::from_secs(2 * LIFE_S as u64);
/// Between two handshakes.
const BREATH: Duration = Duration::from_millis(5);

#[tokio::test]
async fn certificates_renew_by_themselves_and_no_handshake_ever_fails() {
    let Some(sandbox) = Sandbox::running() else { return };
    let habits = Habits { validity_s: LIFE_S, resolver: Some(sandbox.resolver()), ..Habits::default() };
    let Some(pebble) = Pebble::start(habits).await else { return };
    let root = pebble.listener_root();
    let ca = [
        ("PADLOCK_ACME_DIRECTORY", pebble.settings().directory_url),
        ("PADLOCK_ACME_ROOT", root.display().to_string()),
    ];
    let ca = ca.each_ref().map(|(name, value)| (*name, value.as_str()));
    let node = Node::with(sandbox, Database::Sqlite, &ca).await;
    let visitor = Visitor::of_pebble(&pebble.management_url(), &std::fs::read(root).unwrap()).await;
    let ready = node.ready(&node.name("brief", "court.test")).await;

    let seen = RefCell::new(HashSet::new());
    let handshakes = handshakes(&node, &visitor, &ready.domain, &seen);
    let statuses = statuses(&node, &ready.id, &seen);
    let (made, statuses) = tokio::time::timeout(WATCHED, async { tokio::join!(handshakes, statuses) }).await.unwrap();
    eprintln!("{made} handshakes over {CERTIFICATES} certificates, all verified; {statuses:?}");
    assert!(statuses.contains(&SslStatus::Renewing), "{statuses:?}");
    let last = |view: &DomainView| view.certificates.len() >= CERTIFICATES && is_deployed(view);
    node.until(&ready.id, Duration::from_secs(5), "the last one deployed", last).await;
    let told = node.timeline(&ready.id).await;
    for kind in ["order.planned", "certificate.issued", "certificate.deployed"] {
        assert!(told.iter().filter(|one| *one == kind).count() >= CERTIFICATES, "{kind}: {told:?}");
    }
    assert!(pebble.orders() <= CERTIFICATES + 1, "{} orders", pebble.orders());
}

/// Whether the newest certificate was seen on the edge: a renewal is ready before that, since its predecessor is served.
fn is_deployed(view: &DomainView) -> bool {
    view.ready && view.certificates[0].status == "active"
}

/// Shakes hands until every certificate was seen; each handshake passes a browser's checks of chain, name and dates.
async fn handshakes(node: &Node, visitor: &Visitor, name: &str, seen: &RefCell<HashSet<Vec<u8>>>) -> usize {
    let mut made = 0;
    while seen.borrow().len() < CERTIFICATES {
        let leaf = visitor.leaf(node.edge(), name).await;
        let leaf = leaf.unwrap_or_else(|problem| panic!("handshake {made} failed: {problem}"));
        seen.borrow_mut().insert(leaf);
        made += 1;
        tokio::time::sleep(BREATH).await;
    }
    made
}

/// The SSL statuses that a script reads meanwhile; the domain stays Active throughout.
async fn statuses(node: &Node, id: &str, seen: &RefCell<HashSet<Vec<u8>>>) -> HashSet<SslStatus> {
    let mut read = HashSet::new();
    while seen.borrow().len() < CERTIFICATES {
        let view = node.domain(id).await;
        assert_eq!(view.domain_status, DomainStatus::Active);
        // A tenth of this short life is late already: a machine that is busy for two seconds reads so, truthfully.
        let serving = [SslStatus::Active, SslStatus::Renewing, SslStatus::RenewalFailing];
        assert!(serving.contains(&view.ssl_status), "{view:#?}");
        read.insert(view.ssl_status);
    }
    read
}

#[tokio::test]
async fn a_renewal_on_request_is_served_within_seconds() {
    let Some(sandbox) = Sandbox::running() else { return };
    let node = Node::with(sandbox, Database::Postgres, &[("PADLOCK_RENEWAL_RATE", "1")]).await;
    let domain = node.name("asked", "county.test");
    let added = node.add(&domain).await;
    let path = format!("/domains/{}/renew", added.id);
    node.api("POST", &path, Value::Null).await.expect_problem(409, "no_certificate");
    node.publish(&added, &Purpose::ALL);
    node.until(&added.id, Duration::from_secs(5), "a first look", |view| view.checked_at.is_some()).await;
    node.refresh(&added.id).await;
    let first = node.until(&added.id, Duration::from_secs(20), "ready", |view| view.ready).await;
    let old = first.certificates[0].serial.clone();
    // At once: the successor may end in the same second as the old one, and takes its place all the same.
    node.api("POST", &path, Value::Null).await.expect(202);
    let renewed = |view: &DomainView| is_deployed(view) && view.certificates[0].serial != old;
    let second = node.until(&added.id, Duration::from_secs(10), "renewed and served", renewed).await;
    let statuses: Vec<&str> = second.certificates.iter().map(|one| one.status.as_str()).collect();
    assert_eq!(statuses, ["active", "superseded"]);
    let told = node.timeline(&added.id).await;
    assert!(told.contains(&"certificate.renew_asked".to_owned()), "{told:?}");
    let again = node.api("POST", &path, Value::Null).await;
    assert!(again.header("retry-after").parse::<u64>().is_ok_and(|wait| wait <= 3_600), "{again:?}");
    again.expect_problem(429, "too_soon");
}

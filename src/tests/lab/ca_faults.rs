//! The real process on a CA that misbehaves.

use crate::kit::fake_ca::{Endpoint, FakeCa, Fault, Habits, Proofs};
use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use padlock::domain::record::Purpose;
use padlock::worker::clock::Clock;
use std::time::Duration;

/// Nine outages one after the other, each with its pause, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_outage_of_every_endpoint_in_turn_ends_served_with_one_order() {
    let Some(sandbox) = Sandbox::running() else { return };
    let habits = Habits { proofs: Proofs::Asked(sandbox.resolver()), ..Habits::default() };
    let ca = FakeCa::with("Fake Trust", Clock::system(), habits).await;
    Endpoint::WAY.into_iter().for_each(|endpoint| ca.fails(endpoint, Fault::unavailable(), 1));
    ca.fails(Endpoint::Certificate, Fault::AnswerCut, 1);
    ca.fails(Endpoint::Finalize, Fault::AnswerLost, 1);
    let root = ca.listener_root().display().to_string();
    let directory = ca.directory_url();
    let own = [("PADLOCK_ACME_DIRECTORY", directory.as_str()), ("PADLOCK_ACME_ROOT", root.as_str())];
    let node = Node::with(sandbox, Database::Sqlite, &own).await;

    let added = node.add(&node.name("faults", "court.test")).await;
    node.publish(&added, &Purpose::ALL);
    node.until(&added.id, Duration::from_secs(10), "a first look", |view| view.checked_at.is_some()).await;
    node.refresh(&added.id).await;
    let ready = node.until(&added.id, PATIENCE, "ready", |view| view.ready).await;
    assert_eq!((ca.orders(), ca.finalized(), ready.certificates.len()), (1, 1, 1));
    let visitor = Visitor::trusting(ca.root_pem().as_bytes());
    visitor.leaf(node.edge(), &ready.domain).await.expect("a visitor who trusts this CA");
}

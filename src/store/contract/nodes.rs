//! Processes that say they are alive, and how several of them share claims.

use super::given::{LEASE_MS, START, customer, domain};
use super::kit::Kit;
use super::postgres::Server;
use crate::store::{Node, Store};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn nodes_are_listed_while_they_are_heard(kit: Kit) {
    let (here, there) = (&kit.store, kit.another().await);
    let node = |name: &str, edge: Option<&str>| Node {
        name: name.into(),
        version: "1".into(),
        roles: if edge.is_some() { "worker,edge" } else { "worker" }.into(),
        edge: edge.map(|address| address.parse().expect("an address")),
        started_at: START,
        seen_at: START,
        own: true,
    };
    let (one, two) = (node("one", Some("192.0.2.1:443")), node("two", None));
    here.beat(&one, START).await.expect("beats");
    there.beat(&two, START).await.expect("beats");
    let two = Node { own: false, ..two };
    assert!(one.is_edge() && !two.is_edge());
    assert_eq!(here.nodes(START).await.expect("reads"), [one.clone(), two]);
    let later = START.plus(15_000);
    here.beat(&one, later).await.expect("beats");
    let one = Node { seen_at: later, ..one };
    assert_eq!(here.nodes(later).await.expect("reads"), std::slice::from_ref(&one), "the silent one counts as gone");
    assert_eq!(here.nodes(START).await.expect("reads").len(), 2);
    here.prune(later).await.expect("prunes");
    here.leave().await.expect("leaves");
    assert!(there.nodes(START).await.expect("reads").is_empty());
}

/// Domains in the database, claims by each claimer, and claimers of each node.
const DOMAINS: usize = 3_000;
const CLAIMERS: usize = 4;
const WATCHED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn claims_per_second_of_one_and_three_nodes() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test measures (PADLOCK_TEST_LONG=1)");
        return;
    }
    let Some(server) = Server::found_or_started() else { return };
    let kit = Kit::postgres(&Arc::new(server)).await;
    let customer = customer(&kit.store, "Court").await;
    for n in 0..DOMAINS {
        domain(&kit.store, &customer, &format!("h{n}.court.test")).await;
    }
    for nodes in [1, 3] {
        let mut stores = Vec::new();
        for _ in 0..nodes {
            stores.push(kit.another().await);
        }
        let begun = Instant::now();
        let claimers = stores.iter().enumerate().flat_map(|(node, store)| {
            (0..CLAIMERS).map(move |n| tokio::spawn(claim_and_release(store.clone(), format!("w{node}-{n}"), begun)))
        });
        let (mut claimed, mut calls) = (0, 0);
        for claimer in claimers.collect::<Vec<_>>() {
            let (domains, made) = claimer.await.expect("no panic");
            (claimed, calls) = (claimed + domains, calls + made);
        }
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!(
            "{nodes} nodes with {CLAIMERS} claimers each: {:.0} claims a second that took {:.0} domains, each released",
            f64::from(calls) / seconds,
            f64::from(claimed) / seconds
        );
    }
}

/// Takes four domains and gives them back due at once, as fast as the database allows. None is held by two.
async fn claim_and_release(store: Store, owner: String, begun: Instant) -> (u32, u32) {
    let (mut claimed, mut calls) = (0, 0);
    while begun.elapsed() < WATCHED {
        let held = store.claim(&owner, 4, START, LEASE_MS).await.expect("claims");
        calls += 1;
        let names: HashSet<_> = held.iter().map(|one| one.stored.setup.id.clone()).collect();
        assert_eq!(names.len(), held.len());
        for one in &held {
            // The fencing number proves that nobody else claimed it meanwhile.
            store.release(&one.lease, START, START).await.expect("still held");
            claimed += 1;
        }
    }
    (claimed, calls)
}

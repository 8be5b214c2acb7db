//! Kills: the process ends by SIGKILL at random moments while domains come in, and every one of them ends Active.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use crate::pebble::{Habits, Pebble};
use aws_lc_rs::digest::{SHA256, digest};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use std::time::Duration;
use tokio::time::Instant;

/// In every run.
const SHORT: Siege = Siege { domains: 12, kills: 8 };
/// Behind `PADLOCK_TEST_LONG`.
const LONG: Siege = Siege { domains: 50, kills: 30 };
/// A domain takes 30 ms to a tenth of a second from Refresh to Ready: most kills fall into somebody's order.
const LIFE_MS: u64 = 40;
/// What was in hand is taken up at the start; only a call that failed meanwhile waits for its next try.
const SETTLED: Duration = Duration::from_secs(120);

#[derive(Clone, Copy)]
struct Siege {
    domains: usize,
    kills: usize,
}

#[tokio::test]
async fn killed_again_and_again_every_domain_ends_active() {
    survive(SHORT).await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn fifty_domains_survive_thirty_kills() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    survive(LONG).await;
}

async fn survive(siege: Siege) {
    let Some(sandbox) = Sandbox::running() else { return };
    let habits = Habits { resolver: Some(sandbox.resolver()), ..Habits::default() };
    let Some(pebble) = Pebble::start(habits).await else { return };
    let mut dice = Dice::new();
    let (directory, root) = (pebble.settings().directory_url, pebble.listener_root());
    let ca = [("PADLOCK_ACME_DIRECTORY", directory.as_str()), ("PADLOCK_ACME_ROOT", root.to_str().unwrap())];
    let mut node = Node::with(sandbox, Database::Sqlite, &ca).await;

    let mut added = Vec::new();
    for kill in 0..siege.kills {
        let upto = siege.domains * (kill + 1) / siege.kills;
        come_in(&node, &mut added, upto).await;
        tokio::time::sleep(Duration::from_millis(dice.upto(LIFE_MS))).await;
        node.kill();
        node.serve().await;
    }
    let restarted = Instant::now();
    let mut ready = Vec::new();
    for view in &added {
        ready.push(node.until(&view.id, SETTLED, "ready after the kills", |view| view.ready).await);
    }
    let settled = restarted.elapsed();
    let (planned, made) = (planned(&node, &ready).await, pebble.orders());
    let hit = node.log().matches("left work in hand").count();
    let Siege { domains, kills } = siege;
    eprintln!(
        "{domains} domains, {kills} kills, {hit} of them while a domain was being worked on: all Active {settled:?} after"
    );
    eprintln!("the last one; {planned} orders planned, {made} opened at the CA");
    assert!(hit > 0, "no kill fell into anybody's work");
    assert_eq!(ready.len(), domains);
    for orders in [planned, made] {
        assert!((domains..=domains + kills).contains(&orders), "{orders} orders");
    }
    let visitor = Visitor::of_pebble(&pebble.management_url(), &std::fs::read(root).unwrap()).await;
    for view in &ready {
        served_as_told(&node, &visitor, view).await;
    }
}

/// Adds domains up to so many, each with its records, and asks for a check.
pub(super) async fn come_in(node: &Node, added: &mut Vec<DomainView>, upto: usize) {
    let first = added.len();
    for number in first..upto {
        added.push(node.add(&node.name(&format!("k{number}"), "court.test")).await);
    }
    node.publish_all(&added[first..], &Purpose::ALL);
    for view in &added[first..] {
        node.refresh(&view.id).await;
    }
}

pub(super) async fn planned(node: &Node, views: &[DomainView]) -> usize {
    let mut planned = 0;
    for view in views {
        planned += node.timeline(&view.id).await.iter().filter(|kind| *kind == "order.planned").count();
    }
    planned
}

/// What is served passes a browser's checks, is what the API calls active, and left no challenge behind.
pub(super) async fn served_as_told(node: &Node, visitor: &Visitor, view: &DomainView) {
    let leaf = visitor.leaf(node.edge(), &view.domain).await.unwrap();
    let fingerprint: String = digest(&SHA256, &leaf).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let active: Vec<_> = view.certificates.iter().filter(|one| one.status == "active").collect();
    assert_eq!(active.len(), 1, "{view:#?}");
    assert_eq!(active[0].fingerprint_sha256, fingerprint, "{}", view.domain);
    let dcv = view.dns_records.iter().find(|record| record.purpose == Purpose::Dcv).unwrap();
    assert_eq!(Sandbox::ask(node.address("PADLOCK_DCV_ADDR"), &dcv.value, "TXT"), "", "{}", view.domain);
}

/// SplitMix64; its seed is printed, and taken from `PADLOCK_TEST_SEED` to play a run again.
pub(super) struct Dice(u64);

impl Dice {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
    pub(super) fn new() -> Self {
        let named = std::env::var("PADLOCK_TEST_SEED").ok().map(|seed| seed.parse().unwrap());
        let seed = named.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 1);
        eprintln!("PADLOCK_TEST_SEED={seed}");
        Self(seed)
    }

    pub(super) fn upto(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % (most + 1)
    }
}

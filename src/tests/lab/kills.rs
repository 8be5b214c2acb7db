//! Kills: the process ends by SIGKILL at random moments while domains come in and while they renew. Every one of them ends
//! Active, is served by its own key, and no kill costs more than one order.

use crate::kit::dice::Dice;
use crate::kit::invariants::is_sound;
use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use crate::kit::witness::Witness;
use crate::pebble::{Habits, Pebble};
use aws_lc_rs::digest::{SHA256, digest};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use padlock::worker::clock::Clock;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// In every run.
const SHORT: Siege = Siege { domains: 12, kills: 8, renews: true };
/// The same on PostgreSQL without renewals: a dead node's leases lapse after 30 seconds each time.
const BRIEF: Siege = Siege { renews: false, ..SHORT };
/// Behind `PADLOCK_TEST_LONG`.
const LONG: Siege = Siege { domains: 50, kills: 30, renews: true };
/// A domain takes 30 ms to a tenth of a second from Refresh to Ready: most kills fall into somebody's order.
const LIFE_MS: u64 = 40;
/// What was in hand is taken up at the start, on PostgreSQL when its lease lapses; a call that failed waits for its next try.
const SETTLED: Duration = Duration::from_secs(120);

#[derive(Clone, Copy)]
struct Siege {
    domains: usize,
    kills: usize,
    /// Whether there are as many kills again while all of them renew.
    renews: bool,
}

#[tokio::test]
async fn killed_again_and_again_every_domain_ends_active() {
    survive(SHORT, Database::Sqlite).await;
}

#[tokio::test]
async fn killed_again_and_again_on_postgres() {
    survive(BRIEF, Database::Postgres).await;
}

#[tokio::test]
async fn fifty_domains_survive_thirty_kills() {
    if is_long() {
        survive(LONG, Database::Sqlite).await;
    }
}

#[tokio::test]
async fn fifty_domains_survive_thirty_kills_on_postgres() {
    if is_long() {
        survive(LONG, Database::Postgres).await;
    }
}

/// Kills while domains come in, and as many again while all of them renew.
async fn survive(siege: Siege, database: Database) {
    let Some(sandbox) = Sandbox::running() else { return };
    let habits = Habits { resolver: Some(sandbox.resolver()), ..Habits::default() };
    let Some(pebble) = Pebble::start(habits).await else { return };
    let (directory, root) = (pebble.settings().directory_url, pebble.listener_root());
    let ca = [("PADLOCK_ACME_DIRECTORY", directory.as_str()), ("PADLOCK_ACME_ROOT", root.to_str().unwrap())];
    let node = Node::with(sandbox, database, &ca).await;
    let witness = Witness::of(node.setting("PADLOCK_DATABASE_URL"));
    let visitor = Visitor::of_pebble(&pebble.management_url(), &std::fs::read(&root).unwrap()).await;
    let mut attack = Attack { siege, node, witness, visitor, dice: Dice::seeded(), hit: 0 };
    let Siege { domains, kills, renews } = siege;

    let ready = attack.onboarding().await;
    let (planned_first, made) = (planned(&attack.node, &ready).await, pebble.orders());
    eprintln!("{database:?}: {planned_first} orders planned, {made} opened at the CA");
    for orders in [planned_first, made] {
        assert!((domains..=domains + kills).contains(&orders), "{orders} orders");
    }
    if !renews {
        return;
    }
    let renewed = attack.renewals(&ready).await;
    let (again, made) = (planned(&attack.node, &renewed).await - planned_first, pebble.orders() - made);
    eprintln!("{database:?}, renewals: {again} orders planned, {made} opened at the CA");
    for orders in [again, made] {
        assert!((domains..=domains + kills).contains(&orders), "{orders} orders for renewals");
    }
}

struct Attack {
    siege: Siege,
    node: Node,
    witness: Witness,
    visitor: Visitor,
    dice: Dice,
    /// Kills that fell into somebody's work.
    hit: usize,
}

impl Attack {
    async fn onboarding(&mut self) -> Vec<DomainView> {
        let mut added = Vec::new();
        for kill in 0..self.siege.kills {
            come_in(&self.node, &mut added, self.upto(kill)).await;
            self.kill().await;
        }
        self.settle(&added, |_, view| view.ready).await
    }

    /// Asks for everybody's renewal, some after each kill; whoever has a certificate is served all along.
    async fn renewals(&mut self, ready: &[DomainView]) -> Vec<DomainView> {
        let mut asked = 0;
        for kill in 0..self.siege.kills {
            for view in &ready[asked..self.upto(kill)] {
                self.node.api("POST", &format!("/domains/{}/renew", view.id), Value::Null).await.expect(202);
            }
            asked = self.upto(kill);
            self.kill().await;
            for view in ready {
                self.visitor.leaf(self.node.edge(), &view.domain).await.unwrap();
            }
        }
        let is_new = |old: &DomainView, view: &DomainView| {
            let newest = &view.certificates[0];
            view.ready && newest.status == "active" && newest.serial != old.certificates[0].serial
        };
        self.settle(ready, is_new).await
    }

    fn upto(&self, kill: usize) -> usize {
        self.siege.domains * (kill + 1) / self.siege.kills
    }

    async fn kill(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.dice.upto(LIFE_MS))).await;
        self.node.kill();
        self.hit += usize::from(self.witness.leased().await > 0);
        self.node.serve().await;
    }

    async fn settle(
        &mut self,
        before: &[DomainView],
        is_done: impl Fn(&DomainView, &DomainView) -> bool,
    ) -> Vec<DomainView> {
        let restarted = Instant::now();
        let mut done = Vec::new();
        for old in before {
            done.push(self.node.until(&old.id, SETTLED, "done after the kills", |view| is_done(old, view)).await);
        }
        let (settled, hit) = (restarted.elapsed(), std::mem::take(&mut self.hit));
        let Siege { domains, kills, .. } = self.siege;
        eprintln!(
            "{domains} domains, {kills} kills, {hit} of them in the midst of work: all done {settled:?} after the last"
        );
        assert!(hit > 0, "no kill fell into anybody's work");
        for view in &done {
            let shown = served_as_told(&self.node, &self.visitor, view).await;
            // The handshake proves that the edge has the key of what it shows; the stored key is the same one.
            is_sound(&self.witness.certificate(&shown).await.unwrap(), Clock::system().now());
        }
        done
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

/// Orders that were planned for these domains, by their timelines.
pub(super) async fn planned(node: &Node, views: &[DomainView]) -> usize {
    let mut planned = 0;
    for view in views {
        planned += node.timeline(&view.id).await.iter().filter(|kind| *kind == "order.planned").count();
    }
    planned
}

/// What is served passes a browser's checks of chain, name and dates, is what the API calls active, and left no challenge
/// behind. Gives its fingerprint.
pub(super) async fn served_as_told(node: &Node, visitor: &Visitor, view: &DomainView) -> String {
    let leaf = visitor.leaf(node.edge(), &view.domain).await.unwrap();
    let fingerprint: String = digest(&SHA256, &leaf).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let active: Vec<_> = view.certificates.iter().filter(|one| one.status == "active").collect();
    assert_eq!(active.len(), 1, "{view:#?}");
    assert_eq!(active[0].fingerprint_sha256, fingerprint, "{}", view.domain);
    let dcv = view.dns_records.iter().find(|record| record.purpose == Purpose::Dcv).unwrap();
    assert_eq!(Sandbox::ask(node.address("PADLOCK_DCV_ADDR"), &dcv.value, "TXT"), "", "{}", view.domain);
    fingerprint
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
fn is_long() -> bool {
    let long = std::env::var("PADLOCK_TEST_LONG").is_ok();
    if !long {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
    }
    long
}

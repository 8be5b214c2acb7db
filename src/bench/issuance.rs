//! Issuance: from a Refresh, the records being in DNS, to the handshake in which the edge shows the new certificate.
//!
//! The real process on the sandbox (Pebble, Unbound, Knot), on both engines, beside a floor of the same run.

use crate::issuance_floor::Floor;
use crate::kit::node::{Database, Node};
use crate::kit::rest;
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use futures::{StreamExt as _, stream};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Domains measured one after the other; the first ones only warm up.
const ONE_BY_ONE: usize = 25;
const WARM_UP: usize = 4;
/// Domains that come in at the same moment.
const AT_ONCE: usize = 200;
/// Names in one message of a dynamic update: three records of some hundred bytes each.
pub(crate) const NAMES_PER_UPDATE: usize = 50;
/// Requests to the Console side by side.
const REQUESTS: usize = 16;
/// Between two handshakes with an edge that does not know the name yet.
const ASK_EVERY: Duration = Duration::from_millis(1);
/// The same while many come in: what asking costs is taken from them, and all together need seconds.
const ASK_MANY_EVERY: Duration = Duration::from_millis(20);
/// Something is broken when the last certificate is not there by then.
const PATIENCE: Duration = Duration::from_secs(120);
/// What Padlock did before must not run into what is measured next.
const CALM: Duration = Duration::from_millis(100);

pub(crate) fn bench() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::running().expect("the sandbox runs: make bench");
        let floor = Floor::new(&sandbox).await;
        floor.one_by_one(WARM_UP).await;
        let one = median(floor.one_by_one(ONE_BY_ONE - WARM_UP).await);
        let many = floor.at_once(AT_ONCE).await;
        println!("issuance, floor: one certificate {:.1} ms; {AT_ONCE} at once {:.0} a second", ms(one), rate(many));
        for database in [Database::Sqlite, Database::Postgres] {
            against(database, &sandbox, one, many).await;
        }
    });
}

async fn against(database: Database, sandbox: &Sandbox, floor_one: Duration, floor_many: Duration) {
    // On loopback the CA's resolver and everybody else are one network, which the responder would send to TCP.
    let own = [("PADLOCK_LOG", "warn"), ("PADLOCK_DCV_RATE", "0")];
    let node = Node::with(sandbox.clone(), database, &own).await;
    let visitor = node.visitor().await;
    let added = come_in(&node, "one", ONE_BY_ONE).await;
    let (warm_up, measured) = added.split_at(WARM_UP);
    one_by_one(&node, &visitor, warm_up).await;
    let before = spent(&node).await;
    let one = median(one_by_one(&node, &visitor, measured).await);
    let ratio = one.as_secs_f64() / floor_one.as_secs_f64();
    println!("issuance, {database:?}: one domain {:.1} ms, {ratio:.2} times the floor", ms(one));
    tell(&before, &spent(&node).await, measured.len());

    let added = come_in(&node, "all", AT_ONCE).await;
    let before = spent(&node).await;
    let many = at_once(&node, &visitor, &added).await;
    let ratio = floor_many.as_secs_f64() / many.as_secs_f64();
    println!("issuance, {database:?}: {AT_ONCE} at once {:.0} a second, {ratio:.2} of the floor", rate(many));
    tell(&before, &spent(&node).await, AT_ONCE);
}

/// Adds domains and publishes their records, once the first look has seen that there are none.
async fn come_in(node: &Node, kind: &str, count: usize) -> Vec<DomainView> {
    let names = (0..count).map(|number| node.name(&format!("{kind}{number}"), "court.test"));
    let added: Vec<DomainView> =
        stream::iter(names).map(|name| async move { node.add(&name).await }).buffered(REQUESTS).collect().await;
    for view in &added {
        node.until(&view.id, PATIENCE, "a first look", |view| view.checked_at.is_some()).await;
    }
    for part in added.chunks(NAMES_PER_UPDATE) {
        node.publish_all(part, &Purpose::ALL);
    }
    added
}

async fn one_by_one(node: &Node, visitor: &Visitor, domains: &[DomainView]) -> Vec<Duration> {
    let mut took = Vec::new();
    for view in domains {
        tokio::time::sleep(CALM).await;
        let begun = Instant::now();
        node.refresh(&view.id).await;
        served(node, visitor, &view.domain, ASK_EVERY).await;
        took.push(begun.elapsed());
    }
    took
}

async fn at_once(node: &Node, visitor: &Visitor, domains: &[DomainView]) -> Duration {
    tokio::time::sleep(CALM).await;
    let begun = Instant::now();
    let refreshes = stream::iter(domains).for_each_concurrent(REQUESTS, |view| node.refresh(&view.id));
    // In the order of asking, so that one visitor is nearly enough: the last name decides.
    let handshakes = async {
        for view in domains {
            served(node, visitor, &view.domain, ASK_MANY_EVERY).await;
        }
    };
    tokio::join!(refreshes, handshakes);
    begun.elapsed()
}

/// Until the edge shows the name's certificate: a name without one is refused.
async fn served(node: &Node, visitor: &Visitor, name: &str, ask_every: Duration) {
    let begun = Instant::now();
    while visitor.leaf(node.edge(), name).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "{name} is not served");
        tokio::time::sleep(ask_every).await;
    }
}

/// What Padlock says that its parts took since its start: seconds and count, by the metric's name and label.
async fn spent(node: &Node) -> BTreeMap<String, (f64, f64)> {
    let url = format!("{}/metrics", node.setting("PADLOCK_PUBLIC_URL"));
    let text = rest::ask("GET", &url, &[], "").await.expect(200).text();
    let mut spent = BTreeMap::<String, (f64, f64)>::new();
    for (name, value) in text.lines().filter_map(|line| line.rsplit_once(' ')) {
        let Ok(value) = value.parse::<f64>() else { continue };
        if name.contains("_seconds_sum") {
            spent.entry(name.replace("_sum", "")).or_default().0 = value;
        } else if name.contains("_seconds_count") {
            spent.entry(name.replace("_count", "")).or_default().1 = value;
        }
    }
    spent
}

/// Where the time went, for each domain.
fn tell(before: &BTreeMap<String, (f64, f64)>, after: &BTreeMap<String, (f64, f64)>, domains: usize) {
    for (name, (seconds, count)) in after {
        let (seconds_before, count_before) = before.get(name).copied().unwrap_or_default();
        let (seconds, count) = (seconds - seconds_before, count - count_before);
        if count > 0.0 {
            let domains = domains as f64;
            println!("  {:6.2} ms in {:4.1} times {name}", seconds * 1_000.0 / domains, count / domains);
        }
    }
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

fn rate(took: Duration) -> f64 {
    AT_ONCE as f64 / took.as_secs_f64()
}

//! PostgreSQL restarted while domains come in, and away for a long time: nothing committed is lost, the public is served
//! meanwhile, and work goes on as soon as it is back.

use super::kills::{come_in, planned, served_as_told};
use crate::kit::cluster::Cluster;
use crate::kit::dice::Dice;
use crate::kit::node::{Database, Node};
use crate::kit::public::Public;
use crate::kit::sandbox::Sandbox;
use crate::kit::visitor::Visitor;
use padlock::domain::record::Purpose;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Restarts, and domains that come in meanwhile: in every run, and behind `PADLOCK_TEST_LONG`.
const RESTARTS: (usize, usize) = (4, 8);
const LONG_RESTARTS: (usize, usize) = (100, 100);
/// A domain takes some 100 ms from Refresh to Ready: most restarts fall into somebody's order.
const LIFE_MS: u64 = 80;
/// How long the database is away at most, between two restarts.
const AWAY_MS: u64 = 300;
/// How long it is away in the other tests.
const AWAY: Duration = Duration::from_secs(8);
const LONG_AWAY: Duration = Duration::from_secs(60);
/// From the database's return until everything is as if it had never been away.
const RECOVERY: Duration = Duration::from_secs(30);
/// Lines that a minute without a database may cost.
const LOG_LINES: usize = 100;
/// The Console says that it can't by then.
const ANSWER: Duration = Duration::from_secs(11);

#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
fn is_long() -> bool {
    std::env::var("PADLOCK_TEST_LONG").is_ok()
}

#[tokio::test]
async fn postgres_restarts_while_domains_come_in_and_loses_nothing() {
    let Some((mut cluster, node)) = node_on_a_cluster().await else { return };
    let (restarts, domains) = if is_long() { LONG_RESTARTS } else { RESTARTS };
    let (mut dice, mut added, mut slowest) = (Dice::seeded(), Vec::new(), Duration::ZERO);
    for restart in 0..restarts {
        come_in(&node, &mut added, domains * (restart + 1) / restarts).await;
        tokio::time::sleep(Duration::from_millis(dice.upto(LIFE_MS))).await;
        cluster.stop();
        tokio::time::sleep(Duration::from_millis(dice.upto(AWAY_MS))).await;
        cluster.resume().await;
        let back = Instant::now();
        until_ready(&node).await;
        slowest = slowest.max(back.elapsed());
    }
    let back = Instant::now();
    let mut ready = Vec::new();
    for view in &added {
        let left = RECOVERY.saturating_sub(back.elapsed());
        ready.push(node.until(&view.id, left, "ready after the restarts", |view| view.ready).await);
    }
    let settled = back.elapsed();
    let (planned, visitor) = (planned(&node, &ready).await, node.visitor().await);
    for view in &ready {
        served_as_told(&node, &visitor, view).await;
    }
    eprintln!(
        "{restarts} restarts, {domains} domains: all Active {settled:?} after the last, {planned} orders planned"
    );
    eprintln!("the Console was ready again {slowest:?} after a restart at most");
    assert!((domains..=domains + restarts).contains(&planned), "{planned} orders");
}

#[tokio::test]
async fn while_postgres_is_frozen_the_public_is_served_and_the_console_says_so() {
    let Some((cluster, node)) = node_on_a_cluster().await else { return };
    let visitor = node.visitor().await;
    let name = node.ready(&node.name("portal", "court.test")).await.domain;
    let begun = away(&node, &visitor, &name, "frozen", || cluster.freeze()).await;
    cluster.thaw();
    recovered(&node, begun, "thawed").await;
}

#[tokio::test]
async fn while_postgres_is_gone_the_public_is_served_and_the_console_says_so() {
    let Some((mut cluster, node)) = node_on_a_cluster().await else { return };
    let visitor = node.visitor().await;
    let name = node.ready(&node.name("portal", "court.test")).await.domain;
    let begun = away(&node, &visitor, &name, "stopped", || cluster.stop()).await;
    cluster.resume().await;
    recovered(&node, begun, "started").await;
}

async fn node_on_a_cluster() -> Option<(Cluster, Node)> {
    let sandbox = Sandbox::running()?;
    let cluster = Cluster::start().await?;
    let url = cluster.url("padlock");
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_DATABASE_URL", &url)]).await;
    Some((cluster, node))
}

/// Takes the database away, in the middle of an order, and looks at everything for a while. Gives the domain whose order
/// it was.
async fn away(node: &Node, visitor: &Visitor, served: &str, how: &str, take: impl FnOnce()) -> String {
    let mut begun = Vec::new();
    come_in(node, &mut begun, 1).await;
    take();
    let (began, lines) = (Instant::now(), node.log().lines().count());
    let public = Public::of(node, visitor, served);
    let span = if is_long() { LONG_AWAY } else { AWAY };
    let mut slowest = Duration::ZERO;
    while began.elapsed() < span {
        slowest = slowest.max(says_so(node).await);
    }
    let (count, said) = (public.count().await, node.log().lines().count() - lines);
    eprintln!(
        "{how} for {:?}: {count:?}; {said} lines in the log; the Console's slowest answer {slowest:?}",
        began.elapsed()
    );
    assert_eq!((count.failed_visits, count.failed_questions), (0, 0));
    assert!(count.visits > 20, "{count:?}");
    assert!(said <= LOG_LINES, "{said} lines in {:?}:\n{}", began.elapsed(), node.log());
    begun.remove(0).id
}

/// Alive, not ready, and every door answers that something is wrong; gives how long the slowest took.
async fn says_so(node: &Node) -> Duration {
    let mut slowest = Duration::ZERO;
    let bearer = format!("Bearer {}", node.token);
    let token = [("authorization", bearer.as_str())];
    let cookie = [("cookie", "padlock=AAAAAAAAAAAAAAAAAAAAAA"), ("accept", "text/html")];
    let doors = [
        ("/livez", [].as_slice(), "alive"),
        ("/readyz", &[], "the database does not answer"),
        ("/api/v1/domains", &token, "try again"),
        ("/domains", &cookie, "try again"),
    ];
    for (path, headers, words) in doors {
        let asked = Instant::now();
        let answer = node.ask("GET", path, headers, "").await;
        let took = asked.elapsed();
        assert!(took < ANSWER, "{path} took {took:?}");
        assert_eq!(answer.status.is_success(), path == "/livez", "{path}: {}", answer.text());
        assert!(answer.text().contains(words), "{path}: {}", answer.text());
        slowest = slowest.max(took);
    }
    slowest
}

/// What was in hand ends, what is new begins, and there is nothing wrong any more.
async fn recovered(node: &Node, begun: String, how: &str) {
    let back = Instant::now();
    until_ready(node).await;
    let ready = back.elapsed();
    node.until(&begun, RECOVERY, "ready, though its order was cut", |view| view.ready).await;
    eprintln!("{how}: the Console ready after {ready:?}, the order that was cut ended after {:?}", back.elapsed());
    let added = node.add(&node.name("later", "court.test")).await;
    node.publish(&added, &Purpose::ALL);
    node.refresh(&added.id).await;
    let left = RECOVERY.saturating_sub(back.elapsed());
    node.until(&added.id, left, "a new domain ready", |view| view.ready).await;
    let listed = node.api("GET", "/domains", Value::Null).await.expect(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3), "{listed}");
    node.api("PATCH", &format!("/domains/{}", added.id), json!({ "name": "Still here" })).await.expect(200);
}

async fn until_ready(node: &Node) {
    let back = Instant::now();
    while node.ask("GET", "/readyz", &[], "").await.status != 200 {
        assert!(back.elapsed() < RECOVERY, "not ready {RECOVERY:?} after the database is back:\n{}", node.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

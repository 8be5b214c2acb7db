//! SQLite's disk full, and its lock in other hands: what is served stays, the reason is told, and it heals by itself.

use super::kills::{come_in, served_as_told};
use crate::kit::dice::Dice;
use crate::kit::disk::Disk;
use crate::kit::node::{Database, Node};
use crate::kit::public::Public;
use crate::kit::sandbox::Sandbox;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use std::time::Duration;
use tokio::time::Instant;

/// How often the disk is filled: in every run, and behind `PADLOCK_TEST_LONG`.
const FILLED: usize = 4;
const LONG_FILLED: usize = 30;
/// A domain takes 30 ms to a tenth of a second from Refresh to Ready.
const LIFE_MS: u64 = 40;
/// The disk stays full, or the lock in other hands, for so long once it was noticed; SQLite waits 5 s for a lock.
const HELD: Duration = Duration::from_secs(1);
/// Until it is noticed, and until everything is well again.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn a_full_disk_is_told_and_heals() {
    let (Some(sandbox), Some(disk)) = (Sandbox::running(), Disk::mounted()) else { return };
    let url = format!("sqlite://{}", disk.path().join("padlock.db").display());
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_DATABASE_URL", &url)]).await;
    let visitor = node.visitor().await;
    let served = node.ready(&node.name("portal", "court.test")).await;
    let public = Public::of(&node, &visitor, &served.domain);
    let rounds = if std::env::var("PADLOCK_TEST_LONG").is_ok() { LONG_FILLED } else { FILLED };
    let (mut dice, mut added) = (Dice::seeded(), Vec::new());
    for round in 0..rounds {
        come_in(&node, &mut added, 2 * (round + 1)).await;
        tokio::time::sleep(Duration::from_millis(dice.upto(LIFE_MS))).await;
        disk.fill();
        until_refused(&node, "the database has no room left on its disk").await;
        tokio::time::sleep(HELD).await;
        disk.clear();
        until_taken(&node, &format!("healed {round}")).await;
    }
    let back = Instant::now();
    for view in &added {
        let ready = node.until(&view.id, PATIENCE, "ready after the disk was full", |view| view.ready).await;
        served_as_told(&node, &visitor, &ready).await;
    }
    let count = public.count().await;
    eprintln!(
        "the disk full {rounds} times: {} domains Active {:?} after the last; {count:?}",
        added.len(),
        back.elapsed()
    );
    assert_eq!((count.failed_visits, count.failed_questions), (0, 0));
    served_as_told(&node, &visitor, &node.domain(&served.id).await).await;
}

#[tokio::test]
async fn a_lock_in_other_hands_is_told_and_heals() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let visitor = node.visitor().await;
    let served = node.ready(&node.name("portal", "court.test")).await;
    let public = Public::of(&node, &visitor, &served.domain);
    let mut added = Vec::new();
    come_in(&node, &mut added, 2).await;
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(node.setting("PADLOCK_DATABASE_URL")).await.unwrap();
    other.execute("pragma busy_timeout = 10000").await.unwrap();
    other.execute("begin immediate").await.unwrap();
    until_refused(&node, "the database is locked by another process").await;
    tokio::time::sleep(HELD).await;
    assert_eq!(node.domain(&served.id).await.domain, served.domain, "what is only read is answered");
    other.execute("rollback").await.unwrap();
    until_taken(&node, "healed").await;
    for view in &added {
        let ready = node.until(&view.id, PATIENCE, "ready after the lock", |view| view.ready).await;
        served_as_told(&node, &visitor, &ready).await;
    }
    let count = public.count().await;
    eprintln!("the lock in other hands: {count:?}");
    assert_eq!((count.failed_visits, count.failed_questions), (0, 0));
}

/// Until a write is refused for want of the database, in words, and the node says why.
async fn until_refused(node: &Node, why: &str) {
    let began = Instant::now();
    loop {
        // A new name each time: the last room on a disk may still take one.
        let name = node.name(&format!("refused-{}", uuid::Uuid::new_v4().simple()), "county.test");
        let answer = node.api("POST", "/domains", json!({ "domain": name })).await;
        let health = node.ask("GET", "/readyz", &[], "").await;
        if health.status == 503 && health.text().contains(why) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "not noticed: {}; {}", answer.text(), health.text());
    }
    assert!(node.log().contains(why), "{}", node.log());
    assert_eq!(node.ask("GET", "/livez", &[], "").await.status, 200);
}

/// Until a write is taken again, and the node says that it is ready.
async fn until_taken(node: &Node, name: &str) {
    let began = Instant::now();
    let body = json!({ "domain": node.name(&name.replace(' ', "-"), "county.test") });
    while node.api("POST", "/domains", body.clone()).await.status != 201 {
        assert!(began.elapsed() < PATIENCE, "still refused {PATIENCE:?} after: {}", node.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Somebody who queued all the while may only now give up.
    while node.ask("GET", "/readyz", &[], "").await.status != 200 {
        assert!(began.elapsed() < PATIENCE, "not ready {PATIENCE:?} after: {}", node.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

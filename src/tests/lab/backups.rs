//! A disaster: the node and its database are gone; a copy and the master key are there, and everything goes on.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::{Sandbox, said};
use crate::kit::visitor::Visitor;
use crate::pebble::{Habits, Pebble};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
/// Long enough for a worker to do what it should not.
const QUIET: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_copy_of_sqlite_goes_on_where_it_was_taken() {
    let Some((mut node, pebble)) = stage(Database::Sqlite).await else { return };
    let (served, waiting) = domains(&node).await;
    // Taken while the node writes: somebody adds domains and asks for looks.
    let copy = node.folder().join("copy.db").display().to_string();
    let busy = async {
        for n in 0..10 {
            node.add(&node.name(&format!("busy{n}"), "agency.test")).await;
            node.refresh(&waiting.id).await;
        }
    };
    let taken = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        node.said(&["backup", &copy])
    };
    let ((), printed) = tokio::join!(busy, taken);
    assert_eq!(printed, copy);
    let before = leaf(&node, &pebble, &served).await;

    // The README's way: a fresh folder with the copy and the master key.
    node.kill();
    let fresh = node.folder().join("restored");
    std::fs::create_dir(&fresh).unwrap();
    std::fs::copy(&copy, fresh.join("padlock.db")).unwrap();
    std::fs::copy(node.folder().join("master.key"), fresh.join("master.key")).unwrap();
    node.set("PADLOCK_DATABASE_URL", &format!("sqlite://{}", fresh.join("padlock.db").display()));
    node.set("PADLOCK_MASTER_KEY_FILE", &fresh.join("master.key").display().to_string());
    for gone in ["padlock.db", "padlock.db-wal", "master.key"] {
        std::fs::remove_file(node.folder().join(gone)).unwrap();
    }
    goes_on(&mut node, &pebble, &served, &waiting, &before).await;
}

#[tokio::test]
async fn a_dump_of_postgres_goes_on_where_it_was_taken() {
    let Some((mut node, pebble)) = stage(Database::Postgres).await else { return };
    let (served, waiting) = domains(&node).await;
    let refused = node.run(&["backup", "copy.db"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && words.contains("pg_dump"), "{words}");
    let dump = node.folder().join("padlock.dump").display().to_string();
    said(Command::new("pg_dump").args([
        "-Fc",
        "--exclude-table-data=outbox",
        "-f",
        &dump,
        node.setting("PADLOCK_DATABASE_URL"),
    ]));
    let before = leaf(&node, &pebble, &served).await;

    node.kill();
    let name = format!("restored_{}", uuid::Uuid::new_v4().simple());
    let url = node.sandbox.create_database(&name);
    said(Command::new("pg_restore").args(["-d", &url, "--exit-on-error", "--no-owner", &dump]));
    node.set("PADLOCK_DATABASE_URL", &url);
    goes_on(&mut node, &pebble, &served, &waiting, &before).await;
    node.kill();
    node.sandbox.drop_database(&name);
}

async fn stage(database: Database) -> Option<(Node, Pebble)> {
    let sandbox = Sandbox::running()?;
    let habits = Habits { resolver: Some(sandbox.resolver()), ..Habits::default() };
    let pebble = Pebble::start(habits).await?;
    let (directory, root) = (pebble.settings().directory_url, pebble.listener_root());
    let ca = [("PADLOCK_ACME_DIRECTORY", directory.as_str()), ("PADLOCK_ACME_ROOT", root.to_str().unwrap())];
    Some((Node::with(sandbox, database, &ca).await, pebble))
}

/// One that is served, and one whose records are not there yet.
async fn domains(node: &Node) -> (DomainView, DomainView) {
    (node.ready(&node.name("served", "court.test")).await, node.add(&node.name("waiting", "court.test")).await)
}

async fn leaf(node: &Node, pebble: &Pebble, view: &DomainView) -> Vec<u8> {
    let root = std::fs::read(pebble.listener_root()).unwrap();
    let visitor = Visitor::of_pebble(&pebble.management_url(), &root).await;
    visitor.leaf(node.edge(), &view.domain).await.unwrap()
}

/// The restored node serves what was served, orders nothing twice, and goes on renewing and onboarding.
async fn goes_on(node: &mut Node, pebble: &Pebble, served: &DomainView, waiting: &DomainView, before: &[u8]) {
    let ordered = pebble.orders();
    node.serve().await;
    assert_eq!(leaf(node, pebble, served).await, before, "the same certificate");
    tokio::time::sleep(QUIET).await;
    assert_eq!(pebble.orders(), ordered, "nothing is ordered twice");
    assert!(node.domain(&served.id).await.ready);

    node.api("POST", &format!("/domains/{}/renew", served.id), Value::Null).await.expect(202);
    node.until(&served.id, SOON, "renewed", |view| view.ready && view.certificates.len() == 2).await;
    assert_ne!(leaf(node, pebble, served).await, before, "a new certificate");
    node.publish(waiting, &Purpose::ALL);
    node.refresh(&waiting.id).await;
    node.until(&waiting.id, SOON, "ready", |view| view.ready).await;
    assert_eq!(pebble.orders(), ordered + 2, "one for the renewal, one for the domain that was waiting");
}

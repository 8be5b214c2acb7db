//! What our own end shows: certificates that are not on every edge yet, and an application that does not answer.

use super::diagnoses::{codes, diagnosed, diagnosed_with};
use super::secure_sites::{insist, listen};
use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use padlock::domain::record::Purpose;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

/// The last number of an address at which no other test listens.
const OTHER_EDGE: u8 = 240;
const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_edge_that_shows_something_else_is_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let port = |name: &str| node.sandbox.line(name).parse::<u16>().unwrap();
    let [a, b, c, _] = node.sandbox.line("LAB_OLD_SITE").parse::<Ipv4Addr>().unwrap().octets();
    let (ours, other) = (node.edge().ip(), Ipv4Addr::new(a, b, c, OTHER_EDGE));
    let update = |lines: &[String]| node.sandbox.update("court.test", lines);
    let name = node.name("served", "court.test");
    let view = node.add(&name).await;
    node.publish(&view, &[Purpose::Validation, Purpose::Dcv]);
    update(&[format!("add {name}. 1 A {ours}")]);
    node.until(&view.id, SOON, "a first look", |view| view.checked_at.is_some()).await;
    node.refresh(&view.id).await;
    node.until(&view.id, SOON, "ready", |view| view.ready).await;

    // A second edge, which still shows what it had before.
    listen(other, port("LAB_HTTPS_PORT"), &name, 2090, true);
    insist(other, port("LAB_HTTP_PORT"));
    let edges = node.name("edges", "court.test");
    let told = |edges: &str| diagnosed_with(&node, &view.id, ("PADLOCK_EDGE_HOSTNAME", edges));
    update(&[format!("add {edges}. 1 A {ours}"), format!("add {edges}. 1 A {other}")]);
    let both = told(&edges);
    assert!(codes(&both).contains(&"tls_not_everywhere"), "{both:#}");
    // Visitors are led to one of the two by a record of its own: that breaks when the addresses change.
    assert!(codes(&both).contains(&"a_not_cname"), "{both:#}");
    update(&[format!("del {edges}. A {ours}"), format!("del {name}. A {ours}"), format!("add {name}. 1 A {other}")]);
    let old = told(&edges);
    assert!(codes(&old).contains(&"tls_old_cert"), "{old:#}");
    // Put right: every edge shows what was issued, and the name is an alias.
    update(&[format!("del {edges}. A {other}"), format!("del {name}. A {other}")]);
    update(&[format!("add {edges}. 1 A {ours}"), format!("add {name}. 1 CNAME {edges}.")]);
    let mended = told(&edges);
    let kept = ["tls_not_everywhere", "tls_old_cert", "a_not_cname"];
    assert!(!codes(&mended).iter().any(|code| kept.contains(code)), "{mended:#}");
}

#[tokio::test]
async fn an_application_that_does_not_answer_is_told() {
    let Some(sandbox) = Sandbox::running() else { return };
    // A port that is ours, and at which nobody listens yet.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let services = format!("court=http://{at}");
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_SERVICES", &services)]).await;
    let ready = node.ready(&node.name("app", "court.test")).await;
    let told = diagnosed(&node, &ready.id, "LAB_RESOLVER");
    assert!(codes(&told).contains(&"app_origin"), "{told:#}");
    insist(Ipv4Addr::LOCALHOST, at.port());
    let told = diagnosed(&node, &ready.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"app_origin"), "an application says what it likes: {told:#}");
}

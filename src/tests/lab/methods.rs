//! Other ways than DNS records on real servers: Pebble fetches the challenge from the edge, and our probe the token file.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use padlock::domain::record::Purpose;
use padlock::domain::status::DomainStatus;
use padlock::wire::domain::DomainView;
use serde_json::json;
use std::time::Duration;

/// From Refresh to Ready; a second is usual.
const READY: Duration = Duration::from_secs(15);

#[tokio::test]
async fn the_ca_validates_over_http_and_the_edge_answers_on_sqlite() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    over_http(&node).await;
}

#[tokio::test]
async fn the_ca_validates_over_http_and_the_edge_answers_on_postgresql() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    over_http(&node).await;
}

/// Token file and challenge are both answered by the edge: routing is the only record.
async fn over_http(node: &Node) {
    let name = node.name("http", "court.test");
    let body = json!({ "domain": name, "verification_method": "http", "ssl_validation": "http" });
    let added: DomainView = node.api("POST", "/domains", body).await.expect(201).read();
    let purposes: Vec<Purpose> = added.dns_records.iter().map(|record| record.purpose).collect();
    assert_eq!(purposes, [Purpose::Routing]);
    let missing = node.until(&added.id, READY, "a first look", |view| view.checked_at.is_some()).await;
    assert_eq!(missing.domain_status, DomainStatus::VerificationPending);
    node.publish(&added, &[Purpose::Routing]);
    node.refresh(&added.id).await;
    let ready = node.until(&added.id, READY, "ready", |view| view.ready).await;
    let page = node.visitor().await.get(node.edge(), &name, "/").await.unwrap().expect(200);
    assert!(page.text().contains("It works"));
    let told = node.timeline(&ready.id).await;
    assert!(told.iter().any(|kind| kind == "order.proof"), "{told:?}");
    // Nothing is left to be answered, but the token file.
    let file = ready.token_file.unwrap();
    let edge = node.address("PADLOCK_EDGE_HTTP_ADDR");
    let answer = rest::ask("GET", &format!("http://{edge}{}", file.path), &[("host", &name)], "").await.expect(200);
    assert_eq!(answer.text(), file.content);
    let refused = json!({ "domain": format!("*.{name}"), "ssl_validation": "http" });
    let refused = node.api("POST", "/domains", refused).await.expect(422).json();
    assert_eq!(
        (&refused["code"], &refused["errors"][0]["pointer"]),
        (&"wildcard_method".into(), &"/ssl_validation".into())
    );
}

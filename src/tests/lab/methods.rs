//! Other ways than DNS records on real servers: Pebble fetches the challenge from the edge, and our probe the token file.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use crate::kit::server::Server;
use padlock::domain::record::Purpose;
use padlock::domain::status::DomainStatus;
use padlock::wire::domain::DomainView;
use serde_json::json;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
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

#[tokio::test]
async fn a_file_on_the_old_site_proves_ownership_before_anything_is_moved() {
    if !Server::is_installed("nginx") {
        return;
    }
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("file", "court.test");
    let body = json!({ "domain": name, "verification_method": "http" });
    let added: DomainView = node.api("POST", "/domains", body).await.expect(201).read();
    let file = added.token_file.clone().unwrap();
    let (folder, address) = (tempfile::tempdir().unwrap(), old_site(&node));
    let _nginx = nginx(folder.path(), &format!("{address}:{}", node.sandbox.line("LAB_HTTP_PORT"))).await;
    node.publish(&added, &[Purpose::Dcv]);
    node.sandbox.update("court.test", &[format!("add {name}. 1 A {address}")]);
    node.refresh(&added.id).await;
    let said = |view: &DomainView| view.token_file.as_ref().and_then(|file| file.seen.clone());
    let asked = |view: &DomainView| said(view).as_deref() == Some("The site answers with status 404.");
    let empty = node.until(&added.id, READY, "the old site is asked", asked).await;
    assert_eq!(empty.domain_status, DomainStatus::VerificationPending);

    let place = folder.path().join("site").join(file.path.trim_start_matches('/'));
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, format!("{}\n", file.content)).unwrap();
    node.refresh(&added.id).await;
    let proven =
        |view: &DomainView| view.domain_status == DomainStatus::VerifiedNotRouted && !view.certificates.is_empty();
    node.until(&added.id, READY, "a certificate while the old site still answers", proven).await;

    node.sandbox.update("court.test", &[format!("del {name}.")]);
    node.publish(&added, &[Purpose::Routing]);
    node.refresh(&added.id).await;
    node.until(&added.id, READY, "ready", |view| view.ready).await;
    node.visitor().await.get(node.edge(), &name, "/").await.unwrap().expect(200);
}

/// An address of the sandbox that nobody else has.
fn old_site(node: &Node) -> Ipv4Addr {
    const NGINX: u8 = 230;
    let old: Ipv4Addr = node.sandbox.line("LAB_OLD_SITE").parse().unwrap();
    let [a, b, c, _] = old.octets();
    Ipv4Addr::new(a, b, c, NGINX)
}

/// The web server of before, with an empty site.
async fn nginx(folder: &Path, listen: &str) -> Server {
    let base = folder.display();
    std::fs::create_dir(folder.join("site")).unwrap();
    let text = format!(
        "daemon off; user root; pid {base}/pid; error_log {base}/error.log; events {{}}\nhttp {{ access_log off; \
         client_body_temp_path {base}/b; proxy_temp_path {base}/p; fastcgi_temp_path {base}/f; uwsgi_temp_path {base}/u; \
         scgi_temp_path {base}/s;\nserver {{ listen {listen}; root {base}/site; }} }}\n"
    );
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
    let server = Server::start(Command::new("nginx").arg("-c").arg(folder.join("nginx.conf")));
    server.listens(listen.parse().unwrap()).await;
    server
}

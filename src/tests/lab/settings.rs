//! A domain's settings on the running node: another service, removal, and being added again.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use padlock::probe::handshake::{self, HandshakeProblem};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// A change reaches the edge of the node that made it at once; this is patience with a busy machine.
const SOON: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::test]
async fn settings_removal_and_adding_again() {
    let Some(sandbox) = Sandbox::running() else { return };
    let (court, archive) = (upstream("the court").await, upstream("the archive").await);
    let services = format!("court=http://{court},archive=http://{archive}");
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_SERVICES", &services)]).await;
    let ready = node.ready(&node.name("settings", "court.test")).await;
    assert_eq!(ready.alias, "court");
    shows(&node, &ready.domain, "the court").await;

    let path = format!("/domains/{}", ready.id);
    let unknown = node.api("PATCH", &path, json!({ "alias": "kitchen" })).await.expect_problem(422, "unknown_alias");
    assert_eq!(unknown["errors"][0]["pointer"], "/alias");
    let changed = node.api("PATCH", &path, json!({ "name": "Filings", "alias": "archive" })).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["alias"]), (&json!("Filings"), &json!("archive")));
    shows(&node, &ready.domain, "the archive").await;

    node.api("DELETE", &path, Value::Null).await.expect(204);
    node.api("GET", &path, Value::Null).await.expect_problem(404, "not_found");
    refuses(&node, &ready.domain).await;
    let again = node.add(&ready.domain).await;
    let value = |view: &padlock::wire::domain::DomainView, record: usize| view.dns_records[record].value.clone();
    assert_eq!(value(&again, 0), value(&ready, 0), "the token never rotates");
    assert_ne!(value(&again, 1), value(&ready, 1), "a label is never used again");
    assert!(handshake::served(node.edge(), &ready.domain).await.is_err(), "not served before it is proven anew");
}

/// Waits until a visitor sees a service's words.
async fn shows(node: &Node, name: &str, words: &str) {
    let (visitor, begun) = (node.visitor().await, Instant::now());
    loop {
        let page = visitor.get(node.edge(), name, "/").await.unwrap();
        if page.text() == words {
            return;
        }
        assert!(begun.elapsed() < SOON, "{}", page.text());
        tokio::time::sleep(PAUSE).await;
    }
}

async fn refuses(node: &Node, name: &str) {
    let begun = Instant::now();
    loop {
        match handshake::served(node.edge(), name).await {
            Err(HandshakeProblem::Alert(_)) => return,
            other => assert!(begun.elapsed() < SOON, "{other:?}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A service that answers every request with the same words, until the test ends.
async fn upstream(words: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let length = words.len();
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{words}");
            if stream.read(&mut request).await.is_ok() {
                let _gone = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    address
}

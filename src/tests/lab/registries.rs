//! A domain that was switched off is told from one that nobody has, by a registry that a test runs (RFC 9083, RFC 9224).

use super::diagnoses::{cause, codes, diagnosed_with};
use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Serves the list of registries, itself as the only one, and one domain that is on hold; for as long as the process lives.
fn registry(held: String) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 2_048];
            let length = stream.read(&mut request).unwrap_or_default();
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            let (status, body) = match text.split(' ').nth(1).unwrap_or_default() {
                "/dns.json" => ("200 OK", format!(r#"{{"services":[[["test"],["http://{at}"]]]}}"#)),
                path if path == format!("/domain/{held}") => {
                    ("200 OK", r#"{"ldhName":"x","status":["client transfer prohibited","client hold"]}"#.to_owned())
                }
                _ => ("404 Not Found", r#"{"errorCode":404}"#.to_owned()),
            };
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    at
}

#[tokio::test]
async fn a_domain_that_was_switched_off_is_told_from_one_that_nobody_has() {
    let Some(sandbox) = Sandbox::running() else { return };
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_ROLES", "console,dns")]).await;
    let (held, free) = (node.name("held", "test"), node.name("free", "test"));
    let at = registry(held.clone());
    let told = |name: &str, list: &str| diagnosed_with(&node, name, ("PADLOCK_RDAP", list));
    let list = format!("http://{at}/dns.json");
    let on_hold = told(&format!("portal.{held}"), &list);
    assert_eq!(cause(&on_hold), Some("domain_on_hold"), "{on_hold:#}");
    let words = on_hold["findings"][0]["explanation"].as_str().unwrap();
    assert!(words.contains("client hold") && !words.contains("transfer"), "{words}");
    let nobodys = told(&format!("portal.{free}"), &list);
    assert_eq!(cause(&nobodys), Some("domain_unregistered"), "{nobodys:#}");
    // Whom DNS knows is no registry's matter, and a registry that is away says nothing.
    let known = told(&node.name("known", "court.test"), &list);
    assert!(!codes(&known).contains(&"domain_on_hold"), "{known:#}");
    let away = told(&format!("portal.{held}"), "http://127.0.0.1:9/dns.json");
    assert_eq!(cause(&away), Some("domain_unregistered"), "{away:#}");
}

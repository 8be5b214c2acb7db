//! What a site's web server does in the way of a certificate, done by real listeners on port 80 of the sandbox.

use super::diagnoses::{cause, codes, diagnosed};
use crate::kit::node::{Database, Node};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Once;

/// The last number of the first address that no slot of the sandbox uses.
const FIRST: u8 = 201;
/// The last number of the address at which a content network stands.
const NETWORK: u8 = 220;

/// What a listener does with a connection whose request asks for the path.
type Manner = fn(&mut TcpStream, &str);

fn answer(stream: &mut TcpStream, words: &str) {
    let _ = stream.write_all(words.as_bytes());
}

/// Cuts the connection without an answer: what was not read makes the kernel reset it.
fn cut(_: &mut TcpStream) {}

const MANNERS: &[(&str, Manner)] = &[
    ("http_waf", |stream, _| answer(stream, "HTTP/1.1 403 Forbidden\r\nServer: waf\r\n\r\nAre you human?")),
    ("http_redirect", |stream, path| answer(stream, &format!("HTTP/1.1 301 Moved\r\nLocation: {path}\r\n\r\n"))),
    ("http_redirect", |stream, _| answer(stream, "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n")),
    ("http_wrong_proto", |stream, _| answer(stream, "SSH-2.0-OpenSSH_9.2\r\n")),
    ("http_router", |stream, _| {
        answer(stream, "HTTP/1.1 200 OK\r\nServer: RouterOS\r\n\r\n<title>Router login</title>")
    }),
    ("http_404", |stream, _| answer(stream, "HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\n")),
    ("http_body", |stream, _| answer(stream, "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n<html>Welcome</html>")),
    ("http_fw_acme", |stream, path| match path.starts_with("/.well-known/") {
        true => cut(stream),
        false => answer(stream, "HTTP/1.1 200 OK\r\n\r\nWelcome"),
    }),
    ("http_timeout", |_, _| std::thread::sleep(std::time::Duration::from_secs(5))),
];

/// What must be told of a site, and where one stands; the first who asks begins them.
pub(super) fn standing(node: &Node) -> Vec<(&'static str, Ipv4Addr)> {
    static BEGUN: Once = Once::new();
    let port: u16 = node.sandbox.line("LAB_HTTP_PORT").parse().unwrap();
    let old: Ipv4Addr = node.sandbox.line("LAB_OLD_SITE").parse().unwrap();
    let [a, b, c, _] = old.octets();
    let addresses = (FIRST..).map(|last| Ipv4Addr::new(a, b, c, last));
    BEGUN.call_once(|| MANNERS.iter().zip(addresses.clone()).for_each(|((_, manner), at)| listen(at, port, *manner)));
    MANNERS.iter().map(|(code, _)| *code).zip(addresses).collect()
}

/// Listens at an address for as long as the test's process lives.
fn listen(address: Ipv4Addr, port: u16, manner: Manner) {
    let listener = TcpListener::bind((address, port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                manner(&mut stream, text.split(' ').nth(1).unwrap_or_default());
            });
        }
    });
}

#[tokio::test]
async fn what_a_web_server_does_in_the_way_is_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let old = node.sandbox.line("LAB_OLD_SITE");
    let mut told_404 = None;
    for (number, (code, address)) in standing(&node).into_iter().enumerate() {
        let name = node.name(&format!("w{number}"), "court.test");
        node.sandbox.update("court.test", &[format!("add {name}. 60 A {address}")]);
        let told = diagnosed(&node, &name, "LAB_RESOLVER");
        assert!(codes(&told).contains(&code), "{code}: {told:#}");
        let others = codes(&told).into_iter().filter(|other| other.starts_with("http_") && *other != code).count();
        assert_eq!(others, 0, "nothing else of HTTP: {told:#}");
        assert!(codes(&told).contains(&"tls_handshake"), "nobody listens there for HTTPS: {told:#}");
        if code == "http_404" {
            told_404 = Some(address);
        }
    }
    proxied(&node, standing(&node)[0].1);
    // Two addresses that are not alike, and one where nobody listens.
    let (first, silent) = (told_404.unwrap(), old);
    let name = node.name("two", "court.test");
    node.sandbox.update("court.test", &[format!("add {name}. 60 A {first}"), format!("add {name}. 60 A {silent}")]);
    let told = diagnosed(&node, &name, "LAB_RESOLVER");
    assert!(codes(&told).contains(&"http_multi") && cause(&told) == Some("http_refused"), "{told:#}");
    // Put right: one address, and somebody who answers as a web server does.
    node.sandbox.update("court.test", &[format!("del {name}. A {silent}")]);
    let told = diagnosed(&node, &name, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"http_multi") && !codes(&told).contains(&"http_refused"), "{told:#}");
}

/// A content network stands before the site of a domain of the Console, in place of the alias.
fn proxied(node: &Node, other: Ipv4Addr) {
    let [a, b, c, _] = other.octets();
    let network = Ipv4Addr::new(a, b, c, NETWORK);
    listen(network, node.sandbox.line("LAB_HTTP_PORT").parse().unwrap(), |stream, _| {
        answer(stream, "HTTP/1.1 404 Not Found\r\nServer: cloudflare\r\n\r\n");
    });
    let name = node.name("proxied", "court.test");
    let view: DomainView = serde_json::from_str(&node.said(&["domain", "add", &name, "--json"])).unwrap();
    node.publish(&view, &[Purpose::Dcv]);
    let lead = |to: &str| node.sandbox.update("court.test", &[format!("del {name}."), format!("add {name}. 1 {to}")]);
    let told = || diagnosed(node, &view.id, "LAB_RESOLVER");
    lead(&format!("A {network}"));
    assert!(codes(&told()).contains(&"proxied"), "{:#}", told());
    lead(&format!("A {other}"));
    assert!(!codes(&told()).contains(&"proxied"), "another server is no content network: {:#}", told());
    lead(&format!("CNAME {}.", node.setting("PADLOCK_EDGE_HOSTNAME")));
    assert!(!codes(&told()).contains(&"proxied"), "{:#}", told());
}

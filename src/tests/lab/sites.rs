//! What a site's web server does in the way of a certificate, done by real listeners on port 80 of the sandbox.

use super::diagnoses::{cause, codes, diagnosed};
use crate::kit::node::{Database, Node};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// The last number of the first address that no slot of the sandbox uses.
const FIRST: u8 = 201;

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
    let port: u16 = node.sandbox.line("LAB_HTTP_PORT").parse().unwrap();
    let old: Ipv4Addr = node.sandbox.line("LAB_OLD_SITE").parse().unwrap();
    let [a, b, c, _] = old.octets();
    let mut told_404 = None;
    for ((code, manner), last) in MANNERS.iter().zip(FIRST..) {
        let address = Ipv4Addr::new(a, b, c, last);
        listen(address, port, *manner);
        let name = node.name(&format!("w{last}"), "court.test");
        node.sandbox.update("court.test", &[format!("add {name}. 60 A {address}")]);
        let told = diagnosed(&node, &name, "LAB_RESOLVER");
        assert!(codes(&told).contains(code), "{code}: {told:#}");
        let others = codes(&told).into_iter().filter(|other| other.starts_with("http_") && other != code).count();
        assert_eq!(others, 0, "nothing else of HTTP: {told:#}");
        assert!(codes(&told).contains(&"tls_handshake"), "nobody listens there for HTTPS: {told:#}");
        if *code == "http_404" {
            told_404 = Some(address);
        }
    }
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

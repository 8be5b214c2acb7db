//! What a site's own HTTPS shows, by real listeners on port 443 of the sandbox.

use super::diagnoses::{codes, diagnosed};
use crate::kit::node::{Database, Node};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

/// The last number of the first address that no other test listens at.
const FIRST: u8 = 230;

/// What is shown: the name in it, its last year, and whether its issuer's certificate comes along.
const SITES: &[(&str, Option<&str>, i32, bool)] = &[
    ("tls_wrong_cert", Some("other.court.test"), 2090, true),
    ("tls_expired", None, 2020, true),
    ("tls_chain", None, 2090, false),
    ("", None, 2090, true),
];

fn shown(name: &str, year: i32, whole: bool) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new([name.to_owned()]).unwrap();
    (leaf.not_before, leaf.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(year, 1, 1));
    let leaf_pem = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap().pem();
    let of = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let chain = if whole { vec![of(&leaf_pem), of(&root_pem)] } else { vec![of(&leaf_pem)] };
    (chain, PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap())
}

/// Listens at an address for as long as the test's process lives.
pub(super) fn listen(address: Ipv4Addr, port: u16, name: &str, year: i32, whole: bool) {
    let (chain, key) = shown(name, year, whole);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind((address, port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), config) = (stream, Arc::clone(&config)) else { continue };
            std::thread::spawn(move || {
                let session = rustls::ServerConnection::new(config).unwrap();
                let mut secure = rustls::StreamOwned::new(session, stream);
                let _ = secure.read(&mut [0; 1_024]);
                let _ = secure.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            });
        }
    });
}

/// Port 80 of the same site, which insists on HTTPS.
pub(super) fn insist(address: Ipv4Addr, port: u16) {
    let listener = TcpListener::bind((address, port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 1_024]);
            let words = "HTTP/1.1 404 Not Found\r\nstrict-transport-security: max-age=31536000\r\n\r\n";
            let _ = stream.write_all(words.as_bytes());
        }
    });
}

#[tokio::test]
async fn what_a_site_shows_over_https_is_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let port = |name: &str| node.sandbox.line(name).parse::<u16>().unwrap();
    let old: Ipv4Addr = node.sandbox.line("LAB_OLD_SITE").parse().unwrap();
    let [a, b, c, _] = old.octets();
    for ((code, shown, year, whole), last) in SITES.iter().zip(FIRST..) {
        let (address, name) = (Ipv4Addr::new(a, b, c, last), node.name(&format!("t{last}"), "court.test"));
        listen(address, port("LAB_HTTPS_PORT"), shown.unwrap_or(&name), *year, *whole);
        insist(address, port("LAB_HTTP_PORT"));
        node.sandbox.update("court.test", &[format!("add {name}. 60 A {address}")]);
        let told = diagnosed(&node, &name, "LAB_RESOLVER");
        let found: Vec<&str> = codes(&told).into_iter().filter(|code| code.starts_with("tls_")).collect();
        let want: Vec<&str> = [*code].into_iter().filter(|code| !code.is_empty()).collect();
        assert_eq!(found, want, "{told:#}");
        // Nobody can click through where browsers insist on HTTPS; a sound site may.
        assert_eq!(codes(&told).contains(&"hsts_locked"), !code.is_empty(), "{told:#}");
    }
}

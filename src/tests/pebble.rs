//! A Pebble of one's own: a real ACME server on free ports, with a DNS server whose TXT records the test sets.

use crate::kit::listener::Identity;
use crate::kit::visitor::Visitor;
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a certificate lives when nobody says: 90 days.
const VALIDITY_S: u32 = 7_776_000;
/// What it prints, in its folder.
const LOG: &str = "pebble.log";

/// How a Pebble behaves; zero everywhere is the quickest one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Habits {
    /// Good nonces that it refuses, in percent.
    pub(crate) refused_nonces: u8,
    /// Valid authorizations that it uses again, in percent.
    pub(crate) reused_authorizations: u8,
    /// Seconds that a certificate lives; 90 days when zero.
    pub(crate) validity_s: u32,
    /// The resolver that it validates by; its own DNS server when none is named.
    pub(crate) resolver: Option<SocketAddr>,
}

/// A running Pebble and its DNS server; both end with it.
pub(crate) struct Pebble {
    _pebble: Process,
    _dns: Process,
    folder: TempDir,
    acme_port: u16,
    manage_acme_port: u16,
    manage_dns_port: u16,
    root_pem: Vec<u8>,
}

impl Pebble {
    /// Starts one; none, and says so, where Debian's package `pebble` is not installed.
    pub(crate) async fn start(habits: Habits) -> Option<Self> {
        if Command::new("pebble").arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            eprintln!("SKIPPED: this test needs `pebble` and `pebble-challtestsrv` (Debian: apt install pebble)");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [acme_port, manage_acme_port, dns_port, manage_dns_port] = free_ports();
        let dns = Process::start(
            Command::new("pebble-challtestsrv").args(["-http01", "", "-https01", "", "-tlsalpn01", ""]).args([
                "-dns01",
                &local(dns_port),
                "-management",
                &local(manage_dns_port),
            ]),
        );
        let listener = Identity::new();
        write_config(folder.path(), [acme_port, manage_acme_port], habits, &listener);
        let resolver = habits.resolver.map_or_else(|| local(dns_port), |resolver| resolver.to_string());
        let pebble = Process::logging(
            &folder.path().join(LOG),
            Command::new("pebble")
                .arg("-config")
                .arg(folder.path().join("pebble.json"))
                .args(["-dnsserver", &resolver])
                // Pebble 2.4 locks itself up when one thread reads an authorization while another looks for a valid one.
                .env("GOMAXPROCS", "1")
                .env("PEBBLE_VA_NOSLEEP", "1")
                .env("PEBBLE_WFE_NONCEREJECT", habits.refused_nonces.to_string())
                .env("PEBBLE_AUTHZREUSE", habits.reused_authorizations.to_string()),
        );
        for port in [acme_port, dns_port, manage_dns_port] {
            bound(port).await;
        }
        Some(Self {
            _pebble: pebble,
            _dns: dns,
            folder,
            acme_port,
            manage_acme_port,
            manage_dns_port,
            root_pem: listener.root.into_bytes(),
        })
    }

    /// A CA that speaks to it with this account key.
    pub(crate) fn ca(&self, key: AccountKey) -> AcmeCa {
        AcmeCa::new(self.settings(), key).expect("roots")
    }

    /// Where it is.
    pub(crate) fn settings(&self) -> CaSettings {
        CaSettings {
            name: "pebble".into(),
            directory_url: format!("https://{}/dir", local(self.acme_port)),
            contact: Some("ops@court.test".into()),
            roots_pem: Some(self.root_pem.clone()),
            ..CaSettings::default()
        }
    }

    /// Where its management listens: its roots are there.
    pub(crate) fn management_url(&self) -> String {
        format!("https://{}", local(self.manage_acme_port))
    }

    /// What it says of a certificate.
    pub(crate) async fn status(&self, der: &[u8]) -> serde_json::Value {
        let (_, certificate) = X509Certificate::from_der(der).expect("a certificate");
        let path = format!("/cert-status-by-serial/{}", certificate.tbs_certificate.serial.to_str_radix(16));
        let (listener, address) =
            (Visitor::trusting(&self.root_pem), SocketAddr::from(([127, 0, 0, 1], self.manage_acme_port)));
        let answer = listener.get(address, "127.0.0.1", &path).await.expect("an answer").expect(200);
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// A file with the root of its listeners' certificate.
    pub(crate) fn listener_root(&self) -> PathBuf {
        let file = self.folder.path().join("root.pem");
        std::fs::write(&file, &self.root_pem).expect("a file");
        file
    }

    /// Orders that it was ever asked to open, by its log.
    pub(crate) fn orders(&self) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join(LOG)).expect("a log");
        log.lines().filter(|line| line.contains("Added order ")).count()
    }

    /// Publishes these TXT values at the challenge's name for `name`, beside those that are there already.
    pub(crate) async fn show(&self, name: &str, values: &[String]) {
        for value in values {
            let body = format!(r#"{{"host":"_acme-challenge.{name}.","value":"{value}"}}"#);
            post(self.manage_dns_port, "/set-txt", &body).await;
        }
    }
}

struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("the program starts"))
    }

    fn logging(file: &Path, command: &mut Command) -> Self {
        let log = File::create(file).expect("a file");
        let quiet = command.stdin(Stdio::null()).stdout(log).stderr(Stdio::null());
        Self(quiet.spawn().expect("the program starts"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// Ports that nobody listens on, by UDP or TCP; held together, so that they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let held: [(TcpListener, UdpSocket); N] = std::array::from_fn(|_| {
        let both = || {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
            Some((tcp, udp))
        };
        std::iter::repeat_with(both).take(100).flatten().next().expect("a free port")
    });
    held.map(|(tcp, _)| tcp.local_addr().expect("a bound port").port())
}

/// Waits until somebody listens.
async fn bound(port: u16) {
    for _ in 0..1_000 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody listens on port {port}");
}

async fn post(port: u16, path: &str, body: &str) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("a connection");
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Writes Pebble's configuration and its listener's certificate.
fn write_config(folder: &Path, [port, manage_port]: [u16; 2], habits: Habits, listener: &Identity) {
    let validity_s = if habits.validity_s == 0 { VALIDITY_S } else { habits.validity_s };
    let config = serde_json::json!({ "pebble": {
        "listenAddress": local(port), "managementListenAddress": local(manage_port),
        "certificate": folder.join("listener.pem"), "privateKey": folder.join("listener.key"),
        "httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "",
        "domainBlocklist": ["blocked-domain.test"], "certificateValidityPeriod": validity_s,
    }});
    let files = [
        ("listener.pem", &listener.certificate),
        ("listener.key", &listener.key),
        ("pebble.json", &config.to_string()),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a file");
    }
}

//! Resumed sessions: a ticket is good for the name and the certificate that it was given under, and for nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::HandshakeKind::{Full, Resumed};
use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, NamedGroup, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::testing::*;
use super::*;

/// A visitor's sessions, offered under whatever name is asked for next: what no browser does.
#[derive(Debug, Default)]
struct Careless {
    tls13: Mutex<Vec<Tls13ClientSessionValue>>,
    tls12: Mutex<Option<Tls12ClientSessionValue>>,
}

impl ClientSessionStore for Careless {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        *self.tls12.lock().unwrap() = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.tls12.lock().unwrap().clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        *self.tls12.lock().unwrap() = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.tls13.lock().unwrap().push(value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.tls13.lock().unwrap().pop()
    }
}

struct Visitor {
    connector: TlsConnector,
    to: SocketAddr,
}

impl Visitor {
    fn new(to: SocketAddr, version: &'static SupportedProtocolVersion, trusted: &[&Made]) -> Self {
        let mut config = tls_client(&[version], roots(trusted));
        config.resumption = Resumption::store(Arc::new(Careless::default()));
        Self { connector: TlsConnector::from(Arc::new(config)), to }
    }

    /// Shakes hands, and stays until the edge has sent its tickets, which come before its first answer.
    async fn comes(&self, name: &'static str) -> std::io::Result<(HandshakeKind, CertificateDer<'static>)> {
        let tcp = TcpStream::connect(self.to).await?;
        let mut stream = self.connector.connect(ServerName::try_from(name).unwrap(), tcp).await?;
        stream.write_all(format!("GET / HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
        stream.read_to_end(&mut Vec::new()).await?;
        let (_, session) = stream.get_ref();
        Ok((session.handshake_kind().unwrap(), session.peer_certificates().unwrap()[0].clone()))
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_its_name_and_its_certificate_only() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let (first, second, other) = (made("portal.court.test"), made("portal.court.test"), made("other.court.test"));
    for version in [&TLS12, &TLS13] {
        edge.sites.install("portal.court.test", "app", &first.pem, &first.key).unwrap();
        edge.sites.install("other.court.test", "app", &other.pem, &other.key).unwrap();
        let visitor = Visitor::new(edge.https, version, &[&first, &second, &other]);
        assert_eq!(visitor.comes("portal.court.test").await.unwrap(), (Full, first.der.clone()));
        assert_eq!(visitor.comes("portal.court.test").await.unwrap(), (Resumed, first.der.clone()));
        assert_eq!(visitor.comes("other.court.test").await.unwrap(), (Full, other.der.clone()));

        let visitor = Visitor::new(edge.https, version, &[&first, &second, &other]);
        assert_eq!(visitor.comes("portal.court.test").await.unwrap(), (Full, first.der.clone()));
        edge.sites.install("portal.court.test", "app", &second.pem, &second.key).unwrap();
        assert_eq!(visitor.comes("portal.court.test").await.unwrap(), (Full, second.der.clone()));
        assert_eq!(visitor.comes("portal.court.test").await.unwrap(), (Resumed, second.der.clone()));
        edge.sites.remove("portal.court.test");
        let problem = visitor.comes("portal.court.test").await.unwrap_err().to_string();
        assert!(problem.contains("AccessDenied"), "{problem}");
    }
}

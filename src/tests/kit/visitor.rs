//! A visitor of a served domain: a browser's strictness about certificates, and nothing else of a browser.

use super::rest::Answer;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A page or a handshake that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Trusts the roots it was given; checks chain, name and dates on every handshake, and never resumes a session.
#[derive(Clone)]
pub(crate) struct Visitor {
    tls: TlsConnector,
}

impl Visitor {
    pub(crate) fn trusting(roots_pem: &[u8]) -> Self {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(roots_pem) {
            roots.add(root.unwrap()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let mut config =
            config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
        config.resumption = Resumption::disabled();
        Self { tls: TlsConnector::from(Arc::new(config)) }
    }

    /// A visitor who trusts the root of the Pebble whose management listens at `management_url`; `listener_root_pem` is
    /// the root of that listener's own certificate.
    pub(crate) async fn of_pebble(management_url: &str, listener_root_pem: &[u8]) -> Self {
        let address: SocketAddr = management_url.strip_prefix("https://").unwrap().parse().unwrap();
        let listener = Self::trusting(listener_root_pem);
        let (stream, _) = listener.connect(address, &address.ip().to_string()).await.unwrap();
        let root = exchange(stream, "localhost", "/roots/0").await.unwrap().expect(200);
        Self::trusting(&root.body)
    }

    /// The leaf that is served for a name, once it passed every check.
    pub(crate) async fn leaf(&self, edge: SocketAddr, name: &str) -> Result<Vec<u8>, Trouble> {
        let connected = tokio::time::timeout(PATIENCE, self.connect(edge, name)).await?;
        connected.map(|(_, leaf)| leaf)
    }

    /// `GET` of a path over HTTPS.
    pub(crate) async fn get(&self, edge: SocketAddr, name: &str, path: &str) -> Result<Answer, Trouble> {
        let visit = async {
            let (stream, _) = self.connect(edge, name).await?;
            exchange(stream, name, path).await
        };
        tokio::time::timeout(PATIENCE, visit).await?
    }

    async fn connect(&self, edge: SocketAddr, name: &str) -> Result<(TlsStream<TcpStream>, Vec<u8>), Trouble> {
        let server = ServerName::try_from(name.to_owned())?;
        let stream = self.tls.connect(server, TcpStream::connect(edge).await?).await?;
        let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or("no certificate")?.to_vec();
        Ok((stream, leaf))
    }
}

async fn exchange(stream: TlsStream<TcpStream>, host: &str, path: &str) -> Result<Answer, Trouble> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let request = Request::get(path).header("host", host).body(Empty::<Bytes>::new())?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    driven.abort();
    Ok(Answer { status: head.status, headers: head.headers, body })
}

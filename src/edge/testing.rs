//! What the edge's tests share: an edge on free ports, certificates, a visitor, and a scripted upstream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::*;

/// A self-signed certificate as the edge takes it, and as a visitor trusts it.
pub(super) struct Made {
    pub(super) pem: String,
    pub(super) key: Vec<u8>,
    pub(super) der: rustls::pki_types::CertificateDer<'static>,
}

pub(super) fn made(host: &str) -> Made {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec![host.to_owned()]).unwrap();
    Made { pem: cert.pem(), key: signing_key.serialize_der(), der: cert.der().clone() }
}

/// A running edge; dropping it shuts it down.
pub(super) struct Running {
    pub(super) sites: Sites,
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
    pub(super) done: JoinHandle<Result<(), ServeProblem>>,
    pub(super) shutdown: CancellationToken,
    _guard: DropGuard,
}

pub(super) async fn edge(services: Services, limits: Limits) -> Running {
    edge_trusting(RootCertStore::empty(), services, limits).await
}

/// An edge whose HTTPS upstreams show certificates of these roots.
pub(super) async fn edge_trusting(upstream_roots: RootCertStore, services: Services, limits: Limits) -> Running {
    let tls = tls_client(&[&version::TLS13], upstream_roots);
    let client = connector::client(&limits, tls);
    let (http, https) = (bound().await, bound().await);
    let (http_addr, https_addr) = (http.local_addr().unwrap(), https.local_addr().unwrap());
    let (sites, shutdown) = (Sites::default(), CancellationToken::new());
    let listeners = EdgeListeners { http, https };
    let done = tokio::spawn(serve::serve_through(client, listeners, sites.clone(), services, limits, shutdown.clone()));
    let _guard = shutdown.clone().drop_guard();
    Running { sites, http: http_addr, https: https_addr, done, shutdown, _guard }
}

/// An edge whose `portal.court.test` goes to this upstream.
pub(super) async fn edge_before(upstream: SocketAddr, limits: Limits) -> (Running, Made) {
    let to = format!("http://{upstream}").parse().unwrap();
    let running = edge(Services::new([("app".to_owned(), to)]), limits).await;
    let made = made("portal.court.test");
    running.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    (running, made)
}

pub(super) async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Shakes hands as a browser that trusts exactly these certificates.
pub(super) async fn visit(
    to: SocketAddr,
    name: &str,
    trusted: &[&Made],
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut config = tls_client(versions, roots(trusted));
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(to).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
}

pub(super) fn roots(trusted: &[&Made]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for made in trusted {
        roots.add(made.der.clone()).unwrap();
    }
    roots
}

pub(super) fn tls_client(versions: &[&'static SupportedProtocolVersion], roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// An HTTP/1.1 connection to `portal.court.test`.
pub(super) async fn h1(running: &Running, made: &Made) -> http1::SendRequest<Full<Bytes>> {
    let stream = visit(running.https, "portal.court.test", &[made], &[&version::TLS13], &[b"http/1.1"]).await.unwrap();
    let (send, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    send
}

/// An HTTP/2 connection under this name.
pub(super) async fn h2(running: &Running, name: &str, made: &Made) -> http2::SendRequest<Full<Bytes>> {
    let stream = visit(running.https, name, &[made], &[&version::TLS13], &[b"h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (send, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    send
}

pub(super) fn get(uri: &str) -> hyper::http::request::Builder {
    Request::get(uri).header("host", "portal.court.test")
}

pub(super) async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// An upstream that answers every request by this function.
pub(super) async fn upstream<F, A>(answer: F) -> SocketAddr
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let listener = bound().await;
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, std::convert::Infallible>(answer.await) }
            });
            let server = hyper::server::conn::http1::Builder::new();
            tokio::spawn(async move { server.serve_connection(TokioIo::new(stream), service).with_upgrades().await });
        }
    });
    address
}

/// An HTTPS upstream for `localhost` that answers with the server name and the host it was asked for.
pub(super) async fn tls_upstream(made: &Made) -> SocketAddr {
    let listener = bound().await;
    let address = listener.local_addr().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der.clone()], PrivateKeyDer::try_from(made.key.clone()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let name = stream.get_ref().1.server_name().unwrap().to_owned();
            let service = service_fn(move |request: Request<Incoming>| {
                let seen = format!("{name} {}", request.headers()["host"].to_str().unwrap());
                async move { Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from(seen))) }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// An upstream that shows the request as it arrived, one header on a line.
pub(super) async fn mirror() -> SocketAddr {
    upstream(|request| async move {
        let mut seen = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
        for (name, value) in request.headers() {
            seen.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
        let body = request.into_body().collect().await.unwrap().to_bytes();
        seen.push_str(&format!("\n{}", String::from_utf8_lossy(&body)));
        Response::builder()
            .header("connection", "x-hop")
            .header("x-hop", "gone")
            .header("x-end", "kept")
            .body(Full::from(seen))
            .unwrap()
    })
    .await
}

/// Limits that fail soon, for tests of what happens then.
pub(super) fn impatient() -> Limits {
    let soon = Duration::from_millis(100);
    Limits { response: soon, handshake: soon, connect: soon, ..Limits::default() }
}

//! The client that requests are passed on with: kept-alive HTTP/1.1 connections, over TLS where the upstream asks for it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tower::{BoxError, Service};

use super::body::Upload;
use super::limits::{IDLE_UPSTREAM_CONNECTIONS, IDLE_UPSTREAM_SECONDS, Limits};
use super::patience::Patient;
use super::serve::ServeProblem;

/// The pool of upstream connections.
pub(super) type Upstreams = Client<HttpsConnector<PatientConnector>, Upload>;

/// Passes requests on with this TLS towards HTTPS upstreams.
pub(super) fn client(limits: &Limits, tls: ClientConfig) -> Upstreams {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limits.connect));
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(PatientConnector { tcp, silence: limits.idle });
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(IDLE_UPSTREAM_SECONDS))
        .pool_max_idle_per_host(IDLE_UPSTREAM_CONNECTIONS)
        .build(connector)
}

/// Trusts what the machine trusts. Its roots are read only if an upstream needs them: a bare container has none.
pub(super) fn tls(needs_roots: bool) -> Result<ClientConfig, ServeProblem> {
    let builder =
        ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions()?;
    let verifying = if needs_roots {
        builder.with_platform_verifier().map_err(ServeProblem::Roots)?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(verifying.with_no_client_auth())
}

/// TCP connections that give up when an upstream goes silent in the middle of an answer.
#[derive(Clone)]
pub(super) struct PatientConnector {
    tcp: HttpConnector,
    silence: Duration,
}

impl Service<Uri> for PatientConnector {
    type Response = TokioIo<Patient<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (connecting, silence) = (self.tcp.call(to), self.silence);
        Box::pin(async move { Ok(TokioIo::new(Patient::new(connecting.await?.into_inner(), silence))) })
    }
}

impl Connection for Patient<TcpStream> {
    fn connected(&self) -> Connected {
        self.stream().connected()
    }
}

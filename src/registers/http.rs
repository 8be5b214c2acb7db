//! The HTTP client that asks them: bounded in size, no redirect followed, and every address asked about at the guard before it is
//! connected to, since lists and names come from outside.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs::default_provider;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};

/// Which addresses may be connected to.
pub type Allowed = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// The client.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector<Guarded>>, Empty<Bytes>>,
    allowed: Allowed,
}

impl Http {
    pub(super) fn new(allowed: Allowed) -> io::Result<Self> {
        let mut tcp = HttpConnector::new_with_resolver(Guarded(allowed.clone()));
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), allowed })
    }

    /// An answer's status and text; none when there is no answer, or one longer than so many bytes.
    pub(super) async fn ask(&self, url: &str, form: &'static str, most: usize) -> Option<(StatusCode, Vec<u8>)> {
        let uri: Uri = url.parse().ok()?;
        // An address in place of a name is connected to without asking the resolver.
        let host = uri.host()?.trim_matches(['[', ']']);
        if host.parse().is_ok_and(|address| !(self.allowed)(address)) {
            return None;
        }
        let request = Request::get(uri).header(header::ACCEPT, form);
        let (head, body) = self.client.request(request.body(Empty::new()).ok()?).await.ok()?.into_parts();
        Some((head.status, Limited::new(body, most).collect().await.ok()?.to_bytes().into()))
    }
}

/// The system's resolver, without the addresses that the guard refuses.
#[derive(Clone)]
struct Guarded(Allowed);

impl tower::Service<Name> for Guarded {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allowed = self.0.clone();
        let look = async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.filter(|address| allowed(address.ip())).collect::<Vec<_>>().into_iter())
        };
        look.boxed()
    }
}

//! The HTTP client below it: bounded in time and size, and no redirect is followed, as the tokens are meant for one address.

use futures::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use openidconnect::{HttpRequest, HttpResponse};
use rustls::crypto::aws_lc_rs::default_provider;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// One request and its whole answer.
const CALL: Duration = Duration::from_secs(4);
/// Configurations, keys and tokens have a few kilobytes.
const BODY_BYTES: usize = 1 << 20;

/// The client.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why a request brought no answer.
#[derive(Debug)]
pub(super) struct Fault(Box<dyn Error + Send + Sync>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer")
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl Http {
    pub(super) fn new() -> io::Result<Self> {
        // Plain HTTP is for a provider on the same machine: the configuration refuses it elsewhere.
        let connector = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(default_provider())?;
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// What the OpenID client asks with. Its answers borrow nothing, as they are waited for in other threads.
    pub(super) fn asker(&self) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Fault>> + 'static {
        let client = self.0.clone();
        move |request| {
            let asked = client.request(request.map(|body| Full::new(body.into())));
            let answered = async {
                let (head, body) = asked.await?.into_parts();
                let body = Limited::new(body, BODY_BYTES).collect().await?.to_bytes();
                Ok(HttpResponse::from_parts(head, body.into()))
            };
            Box::pin(async {
                let in_time = tokio::time::timeout(CALL, answered).await;
                in_time.unwrap_or_else(|late| Err(late.into())).map_err(Fault)
            })
        }
    }
}

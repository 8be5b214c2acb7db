//! The HTTP client below ACME: fast, limited, and with an ear for what instant-acme does not pass on.
//!
//! HTTP/1.1 kept alive with `TCP_NODELAY`, since a pause of 40 ms for each small request was most of a certificate's
//! time. Nonces are kept here and nowhere else: every answer brings one, so that asking for one, a round trip at the
//! start of each call, is needed only the first time. What an answer said besides its document ([`Heard`]) belongs to
//! the call that asked, in a task-local: many orders share one client. No redirect is followed: ACME knows none, and a
//! signed request is meant for the URL that it names (RFC 8555 §6.4).

use super::retry_after::{answered_at, retry_after_ms};
use crate::domain::time::Millis;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use hyper::http::response::Parts;
use hyper::{Method, Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient, Problem};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls_platform_verifier::Verifier;
use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// One request and its whole answer. Pebble hangs now and then, and no public CA takes this long.
const CALL_LIMIT: Duration = Duration::from_millis(10_000);
/// The longest document of a CA: chains and orders have a few kilobytes.
const BODY_LIMIT_BYTES: usize = 1 << 20;
/// Connections kept for the next order; Boulder closes idle ones after about a minute.
const IDLE_LIMIT: Duration = Duration::from_secs(45);
/// Requests on their way at the same time, each on a connection of its own, all of them kept: a new one costs both sides
/// a TLS handshake, and CAs refuse clients with too many. A walk asks a few milliseconds and then waits, so that many more
/// walks than these go on side by side.
const CONNECTIONS: usize = 32;
/// Nonces kept at most: as many as orders that end at about the same time.
const NONCES: usize = 256;
const REPLAY_NONCE: HeaderName = HeaderName::from_static("replay-nonce");
const JOSE: HeaderValue = HeaderValue::from_static("application/jose+json");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("padlock/", env!("CARGO_PKG_VERSION")));

/// Why no client could be made from the operator's settings.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The extra roots are not PEM certificates.
    #[error("the extra root certificates can't be read")]
    Roots(#[source] rustls::pki_types::pem::Error),
    /// There is nothing to trust, or a root is malformed.
    #[error("no usable set of trusted root certificates")]
    Trust(#[from] rustls::Error),
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection failed")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the answer could not be read")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the CA sends us elsewhere ({0})")]
    Redirected(StatusCode),
}

/// What the last answer of a call said besides its document.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// Its status; none when there was no answer.
    pub(super) status: Option<StatusCode>,
    /// Its `Retry-After`.
    pub(super) retry_after_ms: Option<u64>,
    /// Its `Date`.
    pub(super) answered_at: Option<Millis>,
    /// Its `Location`: the URL of what was made.
    pub(super) location: Option<String>,
    /// It was asked for a nonce, and for nothing else.
    pub(super) of_nonce: bool,
    /// Its body.
    pub(super) body: Bytes,
}

tokio::task_local! {
    static HEARD: RefCell<Heard>;
}

impl Heard {
    /// Runs one call, which hears only its own answers.
    pub(super) async fn during<T>(call: impl Future<Output = T>) -> T {
        HEARD.scope(RefCell::default(), call).await
    }

    /// What this call heard last.
    pub(super) fn last() -> Self {
        HEARD.try_with(|heard| heard.borrow().clone()).unwrap_or_default()
    }

    fn of_head(parts: &Parts, of_nonce: bool) -> Self {
        Self {
            status: Some(parts.status),
            retry_after_ms: retry_after_ms(&parts.headers),
            answered_at: answered_at(&parts.headers),
            location: parts.headers.get(LOCATION).and_then(|url| url.to_str().ok()).map(str::to_owned),
            of_nonce,
            body: Bytes::new(),
        }
    }

    fn note(next: Self) {
        // Outside of a call nobody listens, and nothing is lost.
        let _ = HEARD.try_with(|heard| *heard.borrow_mut() = next);
    }
}

/// The client; clones share connections and nonces.
#[derive(Clone)]
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
    nonces: Arc<Mutex<Vec<HeaderValue>>>,
    turns: Arc<Semaphore>,
    call_limit: Duration,
}

impl Http {
    /// A client that trusts the platform's roots and these.
    pub(super) fn new(extra_roots_pem: Option<&[u8]>, call_limit: Option<Duration>) -> Result<Self, TrustError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let extra = CertificateDer::pem_slice_iter(extra_roots_pem.unwrap_or_default())
            .collect::<Result<Vec<_>, _>>()
            .map_err(TrustError::Roots)?;
        let verifier = Verifier::new_with_extra_roots(extra, provider.clone())?;
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .pool_max_idle_per_host(CONNECTIONS)
            .build(connector);
        Ok(Self {
            client,
            nonces: Arc::default(),
            turns: Arc::new(Semaphore::new(CONNECTIONS)),
            call_limit: call_limit.unwrap_or(CALL_LIMIT),
        })
    }

    /// Makes a request of our own; an answer that is no success is an error.
    pub(super) async fn ask(&self, method: Method, url: &str, body: Vec<u8>) -> Result<Heard, Error> {
        let mut request = Request::builder().method(method).uri(url).body(BodyWrapper::from(body))?;
        request.headers_mut().insert(CONTENT_TYPE, JOSE);
        self.clone().send(request).await?;
        let heard = Heard::last();
        match heard.status {
            Some(status) if status.is_success() => Ok(heard),
            _ => Err(serde_json::from_slice::<Problem>(&heard.body)?.into()),
        }
    }

    /// A nonce that was kept, or a new one (RFC 8555 §7.2).
    pub(super) async fn nonce(&self, new_nonce_url: &str) -> Result<String, Error> {
        let request = Request::builder().method(Method::HEAD).uri(new_nonce_url).body(BodyWrapper::default())?;
        let answer = HttpClient::request(self, request).await?;
        let nonce = answer.parts.headers.get(REPLAY_NONCE).and_then(|nonce| nonce.to_str().ok());
        nonce.map(str::to_owned).ok_or(Error::Str("the nonce"))
    }

    async fn send(self, mut request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let of_nonce = request.method() == Method::HEAD;
        Heard::note(Heard { of_nonce, ..Heard::default() });
        request.headers_mut().insert(USER_AGENT, AGENT);
        // Nobody closes the semaphore, and without a turn the request would only come too early.
        let turn = self.turns.acquire().await.ok();
        let (mut parts, body) = tokio::time::timeout(self.call_limit, self.exchange(request))
            .await
            .unwrap_or(Err(Fault::TimedOut))
            .map_err(|fault| Error::Other(Box::new(fault)))?;
        drop(turn);
        // Only a HEAD asks for a nonce; all other answers' nonces wait here for the next HEAD.
        if !of_nonce && let Some(nonce) = parts.headers.remove(REPLAY_NONCE) {
            self.keep(nonce, refuses_nonce(parts.status, &body));
        }
        Heard::note(Heard { body: body.clone(), ..Heard::of_head(&parts, of_nonce) });
        if parts.status.is_redirection() {
            return Err(Error::Other(Box::new(Fault::Redirected(parts.status))));
        }
        Ok(Response::from_parts(parts, Full::new(body)).into())
    }

    async fn exchange(&self, request: Request<BodyWrapper<Bytes>>) -> Result<(Parts, Bytes), Fault> {
        let of_nonce = request.method() == Method::HEAD;
        let (parts, body) = self.client.request(request).await.map_err(Fault::Connection)?.into_parts();
        // What was made exists, even when the rest of the answer is lost.
        Heard::note(Heard::of_head(&parts, of_nonce));
        let body = Limited::new(body, BODY_LIMIT_BYTES).collect().await.map_err(Fault::Body)?;
        Ok((parts, body.to_bytes()))
    }

    /// Keeps a nonce; all older ones go when the CA has just refused one, since they are likely to be as stale.
    fn keep(&self, nonce: HeaderValue, others_are_stale: bool) {
        let mut nonces = self.nonces();
        if others_are_stale {
            nonces.clear();
        }
        if nonces.len() < NONCES {
            nonces.push(nonce);
        }
    }

    fn nonces(&self) -> MutexGuard<'_, Vec<HeaderValue>> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let kept = if request.method() == Method::HEAD { self.nonces().pop() } else { None };
        match kept {
            Some(nonce) => Box::pin(std::future::ready(Ok(nonce_answer(nonce)))),
            None => Box::pin(self.clone().send(request)),
        }
    }
}

/// What the CA would have answered to a request for a nonce (RFC 8555 §7.2).
fn nonce_answer(nonce: HeaderValue) -> BytesResponse {
    let mut answer = Response::new(Full::new(Bytes::new()));
    answer.headers_mut().insert(REPLAY_NONCE, nonce);
    answer.into()
}

fn refuses_nonce(status: StatusCode, body: &[u8]) -> bool {
    const BAD_NONCE: &[u8] = b"urn:ietf:params:acme:error:badNonce";
    status == StatusCode::BAD_REQUEST && body.windows(BAD_NONCE.len()).any(|part| part == BAD_NONCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce(text: &'static str) -> HeaderValue {
        HeaderValue::from_static(text)
    }

    #[test]
    fn a_refusal_drops_older_nonces() {
        let http = Http::new(None, None).expect("this machine has root certificates");
        http.keep(nonce("a"), false);
        http.keep(nonce("b"), false);
        http.keep(nonce("c"), true);
        assert_eq!(*http.nonces(), [nonce("c")]);
    }

    #[test]
    fn nonces_are_limited() {
        let http = Http::new(None, None).expect("this machine has root certificates");
        for _ in 0..=NONCES {
            http.keep(nonce("n"), false);
        }
        assert_eq!(http.nonces().len(), NONCES);
    }

    #[test]
    fn roots_that_are_none_are_refused() {
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(Http::new(Some(broken), None), Err(TrustError::Trust(_))));
        assert!(matches!(Http::new(Some(b"-----BEGIN CERTIFICATE-----\n"), None), Err(TrustError::Roots(_))));
    }

    #[tokio::test]
    async fn a_server_that_hangs_is_left() {
        let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://{}/dir", mute.local_addr().expect("an address"));
        let request = Request::builder().uri(url).body(BodyWrapper::default()).expect("a request");
        let http = Http::new(None, Some(Duration::from_millis(20))).expect("root certificates");
        let Err(Error::Other(fault)) = http.send(request).await else { panic!("nobody answers") };
        assert!(matches!(fault.downcast_ref(), Some(Fault::TimedOut)), "{fault}");
    }

    #[tokio::test]
    async fn what_was_heard_stays_within_its_call() {
        let heard = |ms| Heard { retry_after_ms: Some(ms), ..Heard::default() };
        let (one, other) = tokio::join!(
            Heard::during(async {
                Heard::note(heard(1));
                tokio::task::yield_now().await;
                Heard::last().retry_after_ms
            }),
            Heard::during(async {
                Heard::note(heard(2));
                tokio::task::yield_now().await;
                Heard::last().retry_after_ms
            }),
        );
        assert_eq!((one, other), (Some(1), Some(2)));
    }
}

//! Webhooks on their way out: one signed POST to an address that a customer named (Standard Webhooks 1.0).
//!
//! The address is hostile: a guard is asked about every address that is connected to, no redirect is followed, little of the
//! answer is read, and all of it ends in time. Nothing is queued here: whoever sends hears what the receiver answered.

mod connector;
mod secret;

pub use secret::{SECRET_BYTES, Secret};

use crate::domain::time::Millis;
use connector::{Allowed, Guarded, NotAllowed};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs::default_provider;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tower::BoxError;
use url::{Host, Url};

/// One call with its whole answer: a person may wait for it, and a page's answer has ten seconds.
const CALL: Duration = Duration::from_secs(8);
/// As much of an answer's body is read; a longer one is told by its status alone.
const ANSWER_BYTES: usize = 4_096;
/// As much of it is kept for the log.
const KEPT_CHARS: usize = 200;
/// A longer address is a mistake.
const URL_CHARS: usize = 500;

/// The way out; clones share it.
#[derive(Clone)]
pub struct Webhooks {
    client: Client<HttpsConnector<HttpConnector<Guarded>>, Full<Bytes>>,
    allowed: Allowed,
    plain: bool,
}

/// An address that messages may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

/// Why an address is none that messages are sent to; said to whoever typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetProblem {
    /// It does not read as one.
    #[error("Enter a whole address, such as https://example.org/padlock.")]
    NoUrl,
    /// What is sent could be read on the way.
    #[error("The address begins with https://.")]
    Plain,
    /// A password in an address ends up in logs.
    #[error("Leave user name and password out of the address: messages are signed.")]
    Credentials,
    /// The guard refuses it.
    #[error("That address is not public.")]
    NotPublic,
}

/// A message to one receiver.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The same for every try, by which a receiver knows a repetition.
    pub id: &'a str,
    /// When this try is made.
    pub at: Millis,
    /// JSON.
    pub body: &'a str,
}

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How the body begins; hostile.
    pub text: String,
}

impl Answer {
    /// Whether the message was taken.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether nobody is there any more, and never will be: the webhook is switched off.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.status == 410
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}", self.status)?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendProblem {
    /// It has no address that may be reached.
    #[error("its address is not public")]
    NotPublic,
    /// It can't be written as a request.
    #[error("the request could not be put together")]
    Request(#[from] hyper::http::Error),
    /// Nothing came in time.
    #[error("no answer came within {} seconds", CALL.as_secs())]
    Late,
    /// The network or TLS said otherwise.
    #[error("the receiver could not be reached")]
    Failed(#[source] BoxError),
}

impl Webhooks {
    /// Reaches what `allowed` lets through; addresses without TLS only where `plain`.
    ///
    /// # Errors
    /// When the machine's roots can't be read.
    pub fn new(allowed: Allowed, plain: bool) -> io::Result<Self> {
        let resolver = Guarded { resolver: GaiResolver::new(), allowed: Arc::clone(&allowed) };
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        // No connection is kept: the guard is asked before each message.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, allowed, plain })
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`TargetProblem`].
    pub fn target(&self, typed: &str) -> Result<Target, TargetProblem> {
        let url = Url::parse(typed.trim()).map_err(|_| TargetProblem::NoUrl)?;
        if url.as_str().len() > URL_CHARS || url.fragment().is_some() || !url.has_host() {
            return Err(TargetProblem::NoUrl);
        }
        match url.scheme() {
            "https" => {}
            "http" if self.plain => {}
            "http" => return Err(TargetProblem::Plain),
            _ => return Err(TargetProblem::NoUrl),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetProblem::Credentials);
        }
        let target = Target(url);
        if target.literal().is_some_and(|address| !(self.allowed)(address)) {
            return Err(TargetProblem::NotPublic);
        }
        Ok(target)
    }

    /// Sends a message, and gives what the receiver answered, whatever that is.
    ///
    /// # Errors
    /// [`SendProblem`]; then it is not known whether the receiver has it.
    pub async fn send(&self, target: &Target, secret: &Secret, message: Message<'_>) -> Result<Answer, SendProblem> {
        // The resolver is not asked about an address that is written as numbers.
        if target.literal().is_some_and(|address| !(self.allowed)(address)) {
            return Err(SendProblem::NotPublic);
        }
        let timestamp_s = message.at.0.div_euclid(1_000);
        let request = Request::post(target.0.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "Padlock (webhook)")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", secret.sign(message.id, timestamp_s, message.body))
            .body(Full::from(message.body.to_owned()))?;
        tokio::time::timeout(CALL, self.exchange(request)).await.map_err(|_| SendProblem::Late)?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, SendProblem> {
        let (head, body) = self.client.request(request).await.map_err(no_answer)?.into_parts();
        // The status has said all that counts: a body that is too long or breaks off takes nothing from it.
        let body = Limited::new(body, ANSWER_BYTES).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let text = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(KEPT_CHARS).collect();
        Ok(Answer { status: head.status.as_u16(), text })
    }
}

fn no_answer(error: hyper_util::client::legacy::Error) -> SendProblem {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        if one.is::<NotAllowed>() {
            return SendProblem::NotPublic;
        }
        cause = one.source();
    }
    SendProblem::Failed(error.into())
}

impl Target {
    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address, where it is written as numbers.
    fn literal(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("plain", &self.plain).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use zeroize::Zeroizing;

    fn webhooks(allowed: impl Fn(IpAddr) -> bool + Send + Sync + 'static, plain: bool) -> Webhooks {
        Webhooks::new(Arc::new(allowed), plain).expect("a client")
    }

    fn secret() -> Secret {
        Secret::new(Zeroizing::new(vec![7; SECRET_BYTES]))
    }

    fn message() -> Message<'static> {
        Message { id: "n1", at: Millis(1_795_254_067_250), body: "{}" }
    }

    #[test]
    fn addresses_are_whole_public_and_private_to_others() {
        let sending = webhooks(|address| !address.is_loopback(), false);
        assert!(sending.target(" https://hooks.court.gov:8443/a?b=c ").is_ok());
        for (typed, problem) in [
            ("hooks.court.gov", TargetProblem::NoUrl),
            ("ftp://hooks.court.gov/", TargetProblem::NoUrl),
            ("https://hooks.court.gov/#a", TargetProblem::NoUrl),
            ("http://hooks.court.gov/", TargetProblem::Plain),
            ("https://me:secret@hooks.court.gov/", TargetProblem::Credentials),
            ("https://127.0.0.1/", TargetProblem::NotPublic),
            ("https://0x7f.1/", TargetProblem::NotPublic),
            ("https://[::1]/", TargetProblem::NotPublic),
        ] {
            assert_eq!(sending.target(typed), Err(problem), "{typed}");
        }
    }

    #[tokio::test]
    async fn neither_a_name_nor_a_number_leads_past_the_guard() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (open, closed) = (webhooks(|_| true, true), webhooks(|_| false, true));
        for host in ["localhost", "127.0.0.1"] {
            let target = open.target(&format!("http://{host}:{port}/")).expect("an address");
            let sent = closed.send(&target, &secret(), message()).await;
            assert!(matches!(sent, Err(SendProblem::NotPublic)), "{host}: {sent:?}");
        }
        let met = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(met.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn no_redirect_is_followed_and_little_is_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let open = webhooks(|_| true, true);
        let target = open.target(&format!("http://{address}/")).expect("an address");
        for (says, answer) in [
            (format!("HTTP/1.1 302 Found\r\nLocation: http://{address}/\r\n\r\n"), (302, "")),
            (format!("HTTP/1.1 500 No\r\nContent-Length: 9000\r\n\r\n{}", "x".repeat(9_000)), (500, "")),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfi\r\nne".to_owned(), (200, "fine")),
        ] {
            let serve = async {
                let (mut stream, _) = listener.accept().await.expect("a call");
                let mut request = [0; 2_048];
                let length = stream.read(&mut request).await.expect("a request");
                assert!(request[..length].starts_with(b"POST / HTTP/1.1\r\n"));
                let _ = stream.write_all(says.as_bytes()).await;
            };
            let secret = secret();
            let (sent, ()) = tokio::join!(open.send(&target, &secret, message()), serve);
            let sent = sent.expect("an answer");
            assert_eq!((sent.status, sent.text.as_str()), answer);
        }
    }
}

//! The ACME client against answers that Pebble never gives: limits, outages, lost accounts, junk.

use crate::listener::Identity;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use padlock::acme::{Ca, CaError, NewOrder, Progress};
use padlock::domain::problem::ProblemKind;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// One answer: status, extra headers, body.
type Answer = (u16, Vec<(&'static str, String)>, String);
/// The answer to the n-th request (from 1) for a path; none for the well-behaved one.
type Script = fn(path: &str, n: usize) -> Option<Answer>;

/// A CA that does as the script says, and otherwise registers accounts and knows one pending order.
struct Scripted {
    settings: CaSettings,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    async fn start(script: Script) -> Self {
        let identity = Identity::new();
        let acceptor = acceptor(&identity);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let home = format!("https://{}", listener.local_addr().expect("an address"));
        let settings = CaSettings {
            name: "scripted".into(),
            directory_url: format!("{home}/dir"),
            contact: None,
            roots_pem: Some(identity.root.into_bytes()),
            ..CaSettings::default()
        };
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, home, log) = (acceptor.clone(), home.clone(), log.clone());
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await.expect("a handshake");
                    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                        let answer = answer(script, &home, &log, request.uri().path());
                        std::future::ready(Ok::<_, std::convert::Infallible>(answer))
                    });
                    // The client hangs up when the test is over.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { settings, asked }
    }

    fn ca(&self) -> AcmeCa {
        AcmeCa::new(self.settings.clone(), AccountKey::generate().expect("randomness")).expect("roots")
    }

    fn order_url(&self) -> String {
        self.settings.directory_url.replace("/dir", "/order")
    }

    fn times_asked(&self, path: &str) -> usize {
        self.asked.lock().expect("the log").iter().filter(|asked| *asked == path).count()
    }
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a configuration");
    TlsAcceptor::from(Arc::new(config))
}

fn answer(script: Script, home: &str, log: &Mutex<Vec<String>>, path: &str) -> Response<Full<Bytes>> {
    let n = {
        let mut asked = log.lock().expect("the log");
        asked.push(path.to_owned());
        asked.iter().filter(|earlier| *earlier == path).count()
    };
    let (status, headers, body) = script(path, n).unwrap_or_else(|| well_behaved(home, path));
    let mut answer = Response::builder().status(status);
    if path != "/dir" {
        answer = answer.header("replay-nonce", format!("nonce{path}{n}"));
    }
    for (name, value) in headers {
        answer = answer.header(name, value);
    }
    answer.body(Full::from(body)).expect("an answer")
}

fn well_behaved(home: &str, path: &str) -> Answer {
    let order = format!(r#"{{"status":"pending","authorizations":[],"finalize":"{home}/finalize"}}"#);
    match path {
        "/dir" => {
            let directory = format!(
                r#"{{"newNonce":"{home}/nonce","newAccount":"{home}/account","newOrder":"{home}/new-order",
                    "meta":{{"caaIdentities":["ca.test"]}}}}"#
            );
            (200, vec![], directory)
        }
        "/nonce" => (200, vec![], String::new()),
        "/account" => (201, vec![("location", format!("{home}/account/1"))], r#"{"status":"valid"}"#.into()),
        "/new-order" => (201, vec![("location", format!("{home}/order"))], order),
        "/order" => (200, vec![], order),
        _ => (404, vec![], String::new()),
    }
}

fn refusal(status: u16, word: &str, headers: Vec<(&'static str, String)>) -> Option<Answer> {
    Some((status, headers, format!(r#"{{"type":"urn:ietf:params:acme:error:{word}","detail":"CA words"}}"#)))
}

#[track_caller]
fn assert_refused(got: &CaError, kind: ProblemKind, ends_order: bool, retry_after_ms: Option<u64>) {
    assert_eq!((got.problem.kind, got.ends_order, got.retry_after_ms), (kind, ends_order, retry_after_ms), "{got:?}");
}

const fn wanted(names: &[String]) -> NewOrder<'_> {
    NewOrder { names, replaces: None }
}

fn names() -> Vec<String> {
    vec!["portal.court.test".to_owned()]
}

#[tokio::test]
async fn a_limit_on_orders_says_until_when() {
    let scripted = Scripted::start(|path, _| match path {
        "/new-order" => refusal(429, "rateLimited", vec![("retry-after", "3600".into())]),
        _ => None,
    })
    .await;
    let got = scripted.ca().open(wanted(&names())).await.expect_err("limited");
    assert_refused(&got, ProblemKind::RateLimited, true, Some(3_600_000));
    assert_eq!(got.problem.detail, "CA words");
}

#[tokio::test]
async fn an_overloaded_ca_names_a_date() {
    let scripted = Scripted::start(|path, _| match path {
        "/order" => {
            let headers = vec![
                ("date", "Sun, 06 Nov 1994 08:49:07 GMT".into()),
                ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT".into()),
            ];
            Some((503, headers, "<html>busy</html>".into()))
        }
        _ => None,
    })
    .await;
    let got = scripted.ca().proof(&scripted.order_url()).await.expect_err("busy");
    assert_refused(&got, ProblemKind::Outage, false, Some(60_000));
    assert_eq!(got.problem.name, "http_503");
}

#[tokio::test]
async fn a_pause_longer_than_our_patience_is_handed_up_at_once() {
    let scripted = Scripted::start(|path, _| match path {
        "/order" => {
            let order = r#"{"status":"processing","authorizations":[],"finalize":"https://127.0.0.1/finalize"}"#;
            Some((200, vec![("retry-after", "30".into())], order.into()))
        }
        _ => None,
    })
    .await;
    let got = scripted.ca().advance(&scripted.order_url(), b"", 20_000).await;
    assert_eq!(got, Ok(Progress::Waiting { issuing: true, retry_after_ms: Some(30_000) }));
    assert_eq!(scripted.times_asked("/order"), 1, "asked no sooner than the CA wants");
}

#[tokio::test]
async fn a_forgotten_account_is_registered_again() {
    let scripted = Scripted::start(|path, n| match (path, n) {
        ("/new-order", 1) => refusal(400, "accountDoesNotExist", vec![]),
        _ => None,
    })
    .await;
    let opened = scripted.ca().open(wanted(&names())).await.expect("an order of the account made anew");
    assert_eq!(opened.url, scripted.order_url());
    assert_eq!(scripted.times_asked("/account"), 2);
}

#[tokio::test]
async fn a_ca_that_is_down_is_asked_once_for_all_who_wait() {
    let scripted = Scripted::start(|path, n| match (path, n) {
        ("/dir", 1) => Some((502, vec![], "<html>bad gateway</html>".into())),
        _ => None,
    })
    .await;
    let ca = scripted.ca();
    for outcome in futures::future::join_all((0..5).map(|_| ca.standing())).await {
        assert_refused(&outcome.expect_err("down"), ProblemKind::Outage, false, None);
    }
    assert_eq!(scripted.times_asked("/dir"), 1);
    assert_eq!(ca.standing().await.expect("up again").caa_identities, ["ca.test"]);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let scripted = Scripted::start(|path, _| match path {
        "/order" => Some((200, vec![], " ".repeat(2 << 20))),
        _ => None,
    })
    .await;
    let got = scripted.ca().proof(&scripted.order_url()).await.expect_err("too long");
    assert_refused(&got, ProblemKind::Outage, false, None);
    assert!(got.problem.detail.contains("length limit exceeded"), "{got:?}");
}

#[tokio::test]
async fn one_nonce_is_asked_for_and_then_each_answer_brings_the_next() {
    let scripted = Scripted::start(|_, _| None).await;
    let ca = scripted.ca();
    for _ in 0..3 {
        ca.open(wanted(&names())).await.expect("an order");
    }
    assert_eq!((scripted.times_asked("/nonce"), scripted.times_asked("/new-order")), (1, 3));
}

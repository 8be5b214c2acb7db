//! A fake CA's listener: HTTPS on loopback, and the ways in which an answer gets lost.

use super::Inner;
use super::protocol::{Answer, route};
use super::script::{Endpoint, Fault};
use super::state::Refusal;
use crate::listener::Identity;
use futures::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(100);

/// Until the first half of an answer has left.
const FLUSH: Duration = Duration::from_millis(20);

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The connection is closed without a word.
fn hang_up() -> io::Error {
    io::Error::other("the test wants this connection closed")
}

pub(super) fn acceptor(identity: &Identity) -> TlsAcceptor {
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

/// Answers until the test's runtime ends.
pub(super) async fn serve(ca: Arc<Inner>, listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let (ca, acceptor) = (ca.clone(), acceptor.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = hyper::service::service_fn(move |request| {
                let ca = ca.clone();
                async move { ca.reply(request).await }
            });
            // The client hangs up when the test is over, or a fault did.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Inner {
    async fn reply(&self, request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let body = request.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        let generation = self.state().generation;
        let Some((endpoint, rest)) = route(&path, generation) else {
            return Ok(self.response(&method, whole(Refusal::new(404, "malformed", "no such resource").into())));
        };
        let fault = {
            let mut state = self.state();
            state.asked.push((endpoint, self.clock.now()));
            state.script.next(endpoint)
        };
        let answer = match &fault {
            Some(Fault::Refused { status, word, retry_after }) => {
                let mut answer = Answer::from(Refusal::new(*status, word, "CA words"));
                answer.headers.extend(retry_after.map(|wait| ("retry-after", wait.to_owned())));
                answer
            }
            Some(Fault::Answered { status, headers, body }) => {
                Answer { status: *status, headers: headers.clone(), body: body.clone() }
            }
            _ => self.answer(endpoint, &path, rest, &body).await,
        };
        let named = |answer: &Answer| answer.headers.iter().any(|(name, _)| *name == "replay-nonce");
        debug_assert!(!named(&answer), "nonces are given in one place");
        match fault {
            Some(Fault::AnswerLost) => Err(hang_up()),
            Some(Fault::AnswerCut) => Ok(self.response(&method, cut(answer))),
            Some(Fault::AnswerDripping) => Ok(self.response(&method, dripping(answer))),
            _ => Ok(self.response(&method, whole(answer))),
        }
    }

    /// Everything but a plain GET brings a nonce (RFC 8555 §6.5).
    fn response(&self, method: &Method, (answer, body): (Answer, Body)) -> Response<Body> {
        let date = jiff::Timestamp::from_millisecond(self.clock.now().0).expect("a time");
        let mut response = Response::builder().status(answer.status);
        response = response.header(
            "date",
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).expect("a date"),
        );
        if method != Method::GET {
            response = response.header("replay-nonce", self.state().new_nonce());
        }
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        response.body(body).expect("an answer")
    }

    /// How often an endpoint was asked.
    pub(super) fn asked(&self, endpoint: Endpoint) -> usize {
        self.state().asked.iter().filter(|(asked, _)| *asked == endpoint).count()
    }
}

fn whole(mut answer: Answer) -> (Answer, Body) {
    let body = std::mem::take(&mut answer.body);
    (answer, Full::from(body).map_err(|never| match never {}).boxed_unsync())
}

/// The first half of the body, and then nothing any more.
fn cut(mut answer: Answer) -> (Answer, Body) {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let first = stream::iter([Ok(Frame::data(body.slice(..body.len() / 2)))]);
    // What stands before a failure is sent only if there is time for it.
    let failure = stream::once(async {
        tokio::time::sleep(FLUSH).await;
        Err(hang_up())
    });
    (answer, StreamBody::new(first.chain(failure)).boxed_unsync())
}

/// A byte now and then: each comes soon, and the whole takes seconds.
fn dripping(mut answer: Answer) -> (Answer, Body) {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let drops = stream::unfold(0, move |at| {
        let drop = (at < body.len()).then(|| body.slice(at..=at));
        async move {
            tokio::time::sleep(DRIP).await;
            Some((Ok(Frame::data(drop?)), at + 1))
        }
    });
    (answer, StreamBody::new(drops).boxed_unsync())
}

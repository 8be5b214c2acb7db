//! Passes a request to its upstream and the answer back, streaming both.
//!
//! hyper reads every message by its own framing and writes it anew, so a request that says `Content-Length` and
//! `Transfer-Encoding` at once, or anything else that two parsers could cut differently, does not get through as it came.

use std::error::Error;
use std::io;
use std::pin::pin;
use std::time::Duration;

use http_body_util::{Either, Full, LengthLimitError};
use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use tokio::time::timeout;

use super::accept::Tasks;
use super::body::{Body, Moved, Upload};
use super::connector::Upstreams;
use super::front::Visitor;
use super::headers;
use super::host::Named;
use super::limits::Limits;
use super::pages;
use super::services::Remote;
use super::tunnel;

/// The reverse proxy.
pub(super) struct Proxy {
    client: Upstreams,
    limits: Limits,
    tasks: Tasks,
}

impl Proxy {
    pub(super) fn new(client: Upstreams, limits: &Limits, tasks: Tasks) -> Self {
        Self { client, limits: limits.clone(), tasks }
    }

    /// The upstream's answer, or a page that says what went wrong.
    pub(super) async fn forward(
        &self,
        mut request: Request<Incoming>,
        to: &Remote,
        named: &Named,
        visitor: &Visitor,
    ) -> Response<Body> {
        if let Some(refusal) = self.refusal(&request) {
            return refusal.page();
        }
        let upgrade = wanted_upgrade(&mut request);
        let moved = Moved::default();
        let (mut parts, body) = request.into_parts();
        if readdress(&mut parts, to).is_err() {
            return Refusal::Target.page();
        }
        headers::towards_upstream(&mut parts.headers, &visitor.origin, named.authority(), parts.version);
        if upgrade.is_some() {
            headers::upgrade_to_websocket(&mut parts.headers);
        }
        parts.version = Version::HTTP_11;
        let upload = Upload::new(body, self.limits.request_body_bytes, moved.clone());
        let asked = self.client.request(Request::from_parts(parts, upload));
        match while_it_moves(asked, self.limits.response, &moved).await.and_then(|it| it.map_err(Refusal::from_client))
        {
            Ok(answer) => self.answer(answer, upgrade, visitor).unwrap_or_else(|refusal| refusal.page()),
            Err(refusal) => {
                let authority = to.authority.as_str();
                tracing::info!(domain.host = named.host(), upstream = authority, problem = ?refusal, "no answer");
                refusal.page()
            }
        }
    }

    fn refusal(&self, request: &Request<Incoming>) -> Option<Refusal> {
        if request.method() == Method::CONNECT {
            return Some(Refusal::Connect);
        }
        if headers::has_been_here(request.headers()) {
            return Some(Refusal::Loop);
        }
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        length.filter(|length| *length > self.limits.request_body_bytes).map(|_| Refusal::TooLarge)
    }

    fn answer(
        &self,
        mut answer: Response<Incoming>,
        upgrade: Option<OnUpgrade>,
        visitor: &Visitor,
    ) -> Result<Response<Body>, Refusal> {
        let switches = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let agreed = switches && headers::are_websocket(answer.headers());
        if switches {
            let asked = upgrade.filter(|_| agreed).ok_or(Refusal::Upgrade)?;
            tunnel::open(asked, hyper::upgrade::on(&mut answer), visitor.place.clone(), &self.tasks);
        }
        let (mut parts, body) = answer.into_parts();
        headers::towards_visitor(&mut parts.headers, parts.version);
        parts.version = Version::HTTP_11;
        if agreed {
            headers::upgrade_to_websocket(&mut parts.headers);
            return Ok(Response::from_parts(parts, Either::Right(Full::default())));
        }
        Ok(Response::from_parts(parts, Either::Left(body)))
    }
}

/// Waits for the answer's headers; as long as the request's body moves, the wait starts over.
async fn while_it_moves<T>(answer: impl Future<Output = T>, wait: Duration, moved: &Moved) -> Result<T, Refusal> {
    let mut answer = pin!(answer);
    loop {
        match timeout(wait, &mut answer).await {
            Ok(outcome) => return Ok(outcome),
            Err(_) if moved.since_last_look() => {}
            Err(_) => return Err(Refusal::Slow),
        }
    }
}

/// A body after an upgrade request would be bytes that two sides may read differently, so such a request is an ordinary one.
fn wanted_upgrade(request: &mut Request<Incoming>) -> Option<OnUpgrade> {
    let wanted = headers::may_upgrade(request.method(), request.version())
        && headers::are_websocket(request.headers())
        && request.body().is_end_stream();
    wanted.then(|| hyper::upgrade::on(request))
}

/// Same path and query, to the upstream.
fn readdress(parts: &mut Parts, to: &Remote) -> Result<(), hyper::http::Error> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = Uri::builder().scheme(to.scheme.clone()).authority(to.authority.clone());
    parts.uri = uri.path_and_query(path).build()?;
    Ok(())
}

/// Why the visitor gets a page of ours instead of the upstream's answer.
#[derive(Debug)]
enum Refusal {
    Connect,
    Loop,
    Target,
    TooLarge,
    Slow,
    Upgrade,
    Down(#[expect(dead_code, reason = "read by the log line, through Debug")] hyper_util::client::legacy::Error),
}

impl Refusal {
    fn from_client(problem: hyper_util::client::legacy::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&problem);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return Self::TooLarge;
            }
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
                return Self::Slow;
            }
            cause = error.source();
        }
        Self::Down(problem)
    }

    fn page(&self) -> Response<Body> {
        let (status, sentence) = match self {
            Self::Connect => (StatusCode::METHOD_NOT_ALLOWED, "This site is not a tunnel."),
            Self::Loop => (StatusCode::LOOP_DETECTED, "This site's service leads back to itself."),
            Self::Target => (StatusCode::BAD_REQUEST, "The request does not name a page."),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The upload is too large for this site."),
            Self::Slow => (StatusCode::GATEWAY_TIMEOUT, "The service behind this site takes too long to answer."),
            Self::Upgrade => {
                (StatusCode::BAD_GATEWAY, "The service behind this site gave an answer that makes no sense.")
            }
            Self::Down(_) => (StatusCode::BAD_GATEWAY, "The service behind this site does not answer at the moment."),
        };
        pages::plain(status, sentence).map(Either::Right)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::task::Poll;

    use super::*;

    const WAIT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_slow_upload_is_no_slow_upstream() {
        let moved = Moved::default();
        let mut looks = 0;
        // Each wait looks at the answer when it begins and when it is over, so this one outlasts four of them.
        let answer = poll_fn(|_| {
            looks += 1;
            moved.mark();
            if looks > 8 { Poll::Ready("answer") } else { Poll::Pending }
        });
        assert!(matches!(while_it_moves(answer, WAIT, &moved).await, Ok("answer")));
        moved.mark();
        let silent = while_it_moves(pending::<()>(), WAIT, &moved).await;
        assert!(matches!(silent, Err(Refusal::Slow)));
        assert!(!moved.since_last_look(), "the last movement bought one more wait");
    }
}

//! How often the API and the pages' doors may be called: by token or person, and by address where nobody is known.
//!
//! Each answer says what is left, in the fields of draft-ietf-httpapi-ratelimit-headers. Whoever is refused as a stranger is
//! one: a token that does not work is paced by the address that it comes from.

use super::asker::Known;
use super::problem;
use crate::console::Console;
use crate::console::address::ClientAddress;
use crate::console::caller::identity_of;
use crate::console::pace::{Turn, key_of, key_of_address};
use crate::console::session;
use crate::wire::error::{Kind, Refusal};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_sessions::Session;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Paces the REST API.
pub async fn paced(State(console): State<Console>, request: Request, next: Next) -> Response {
    let turn = match request.extensions().get::<Known>() {
        Some(Known(Ok(desk))) => Paced::caller(&console, &desk.caller().identity()),
        _ => Paced::stranger(&console, &request),
    };
    turn.then(request, next).await
}

/// Paces what pages send.
pub async fn paced_forms(State(console): State<Console>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let session = Session::from_request_parts(&mut parts, &console).await.ok();
    let user = match &session {
        Some(session) => session::claimed(session).await,
        None => None,
    };
    let request = Request::from_parts(parts, body);
    let turn = match user {
        Some(user) => Paced::caller(&console, &identity_of(&user)),
        None => Paced::stranger(&console, &request),
    };
    turn.then(request, next).await
}

/// A turn, and by which policy.
struct Paced {
    policy: &'static str,
    turn: Turn,
}

impl Paced {
    fn caller(console: &Console, identity: &str) -> Self {
        let turn = console.pace.callers.take(key_of(&["caller", identity]), console.clock.now());
        Self { policy: "caller", turn }
    }

    fn stranger(console: &Console, request: &Request) -> Self {
        let address = request.extensions().get::<ClientAddress>().map(|ClientAddress(address)| *address);
        Self { policy: "address", turn: console.pace.strangers.take(key_of_address(address), console.clock.now()) }
    }

    async fn then(self, request: Request, next: Next) -> Response {
        let reads_pages = request.headers().get(header::ACCEPT).is_some_and(|kinds| {
            let kinds = kinds.to_str().unwrap_or_default();
            kinds.contains("text/html")
        });
        let mut response = match self.turn.granted {
            true => next.run(request).await,
            false => self.refused(reads_pages),
        };
        if self.turn.allowed > 0 {
            let Turn { allowed, left, window_s, resets_s, .. } = self.turn;
            let policy = self.policy;
            let mut say = |name, text: String| {
                HeaderValue::from_str(&text).map(|value| response.headers_mut().insert(name, value))
            };
            let _ = say(POLICY, format!("\"{policy}\";q={allowed};w={window_s}"));
            let _ = say(LIMIT, format!("\"{policy}\";r={left};t={resets_s}"));
        }
        response
    }

    fn refused(&self, reads_pages: bool) -> Response {
        let Turn { allowed, window_s, resets_s, .. } = self.turn;
        let words =
            format!("This is more than {allowed} calls in {window_s} seconds. Try again in {resets_s} seconds.");
        if reads_pages {
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, resets_s.to_string())], words)
                .into_response();
        }
        let refusal = Refusal { retry_after_s: Some(resets_s), ..Refusal::new(Kind::TooSoon, "too_many_calls", words) };
        problem::answer(StatusCode::TOO_MANY_REQUESTS, &refusal)
    }
}

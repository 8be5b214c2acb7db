//! Refusals as RFC 9457 problem details.

use crate::wire::error::{Kind, Refusal};
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

const PROBLEM: &str = "application/problem+json";
const NO_SUCH_PATH: &str = "There is no such path in this API; see /api/v1/openapi.json.";
const NO_SUCH_METHOD: &str = "This path does not know that method; see /api/v1/openapi.json.";

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem(pub Refusal);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let status = StatusCode::from_u16(refusal.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer(status, &refusal)
    }
}

/// Writes a problem under a status.
pub(super) fn answer(status: StatusCode, refusal: &Refusal) -> Response {
    let errors: Vec<_> = refusal
        .fields
        .iter()
        .map(|field| json!({ "pointer": format!("/{}", field.field), "detail": field.message }))
        .collect();
    let body = json!({
        "type": format!("urn:padlock:problem:{}", refusal.code),
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "code": refusal.code,
        "detail": refusal.detail,
        "errors": errors,
    });
    let mut response = (status, Json(body)).into_response();
    let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
    set(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    if let Some(seconds) = refusal.retry_after_s {
        set(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.kind == Kind::SignedOut {
        set(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Whatever refuses a request to this API, and wherever, answers with a problem: layers around it speak plain text.
pub async fn always(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let ours = path == "/api/v1" || path.starts_with("/api/v1/");
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !ours || !is_error || response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM) {
        return response;
    }
    let mut problem = answer(status, &in_words(status));
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH {
            problem.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
    problem
}

/// What is said where only a status is known.
pub(super) fn in_words(status: StatusCode) -> Refusal {
    let (code, words) = match status {
        StatusCode::FORBIDDEN => {
            ("cross_origin", "This request does not come from the Console's own pages. Send an API token instead.")
        }
        StatusCode::NOT_FOUND => ("not_found", NO_SUCH_PATH),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", NO_SUCH_METHOD),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is too long for this API."),
        status if status.is_server_error() => return Refusal::broken(),
        _ => ("bad_request", "The request could not be read."),
    };
    Refusal::new(Kind::Invalid, code, words)
}

/// Answers a path that does not exist.
pub async fn no_such_path() -> Problem {
    Problem(Refusal::new(Kind::NotFound, "not_found", NO_SUCH_PATH))
}

/// Answers a method that a path does not have.
pub async fn no_such_method() -> Response {
    answer(StatusCode::METHOD_NOT_ALLOWED, &in_words(StatusCode::METHOD_NOT_ALLOWED))
}

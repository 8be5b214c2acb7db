//! Refusals as RFC 9457 problem details.

use crate::wire::error::{Kind, Refusal};
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

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
    set(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = refusal.retry_after_s {
        set(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.kind == Kind::SignedOut {
        set(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Answers a path that does not exist.
pub async fn no_such_path() -> Problem {
    Problem(Refusal::new(Kind::NotFound, "not_found", "There is no such path in this API; see /api/v1/openapi.json."))
}

/// Answers a method that a path does not have.
pub async fn no_such_method() -> Response {
    let refusal = Refusal::new(
        Kind::Invalid,
        "method_not_allowed",
        "This path does not know that method; see /api/v1/openapi.json.",
    );
    answer(StatusCode::METHOD_NOT_ALLOWED, &refusal)
}

//! How the pages' doors answer over HTTP: a refusal has its own status, and a form that comes back brings one error only.
//!
//! Leptos answers every refusal with 500 and adds each error to the address of the page that sent the form.

use crate::wire::error::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use url::Url;

/// A refusal is at most this long: it repeats what was typed, whose length the request's limit bounds.
const REFUSAL_BYTES: usize = 1024 * 1024;
/// What Leptos adds to the address of a form that comes back.
const ERROR_PAIRS: [&str; 2] = ["__path", "__err"];

/// Corrects both.
pub async fn answers(mut request: Request, next: Next) -> Response {
    forget_last_error(request.headers_mut());
    let response = next.run(request).await;
    let refused = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if !refused || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, REFUSAL_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.status = status(&body);
    Response::from_parts(parts, Body::from(body))
}

fn status(refusal: &Bytes) -> StatusCode {
    let read = serde_json::from_slice::<Refusal>(refusal).ok();
    read.and_then(|refusal| StatusCode::from_u16(refusal.kind.status()).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn forget_last_error(headers: &mut HeaderMap) {
    let Some(clean) = headers.get(header::REFERER).and_then(|page| without_error(page.to_str().ok()?)) else { return };
    if let Ok(page) = HeaderValue::from_str(&clean) {
        headers.insert(header::REFERER, page);
    }
}

fn without_error(page: &str) -> Option<String> {
    let mut url = Url::parse(page).ok()?;
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !ERROR_PAIRS.contains(&&**name))
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    if kept.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loses_its_last_error_and_nothing_else() {
        let clean = |page: &str| without_error(page).unwrap();
        assert_eq!(clean("http://a.test/x?__path=%2Fa&__err=eyJ9"), "http://a.test/x");
        assert_eq!(clean("http://a.test/x?next=%2Fy%3Fz%3D1&__path=a&__err=b"), "http://a.test/x?next=%2Fy%3Fz%3D1");
        assert_eq!(without_error("not an address"), None);
    }

    #[test]
    fn a_refusal_has_its_own_status() {
        let body = |refusal: &Refusal| Bytes::from(serde_json::to_vec(refusal).unwrap());
        assert_eq!(status(&body(&Refusal::not_found())), StatusCode::NOT_FOUND);
        assert_eq!(status(&body(&Refusal::field("x", "y", "z"))), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status(&Bytes::from_static(b"?")), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

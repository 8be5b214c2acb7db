//! What guards every route: the client's address, security headers on all responses, and no mutation by a cookie alone.
//!
//! Server functions check no origin by themselves. tower-http's layer refuses what says that it comes from elsewhere; a
//! request that says nothing of where it comes from may not mutate with a session's cookie, only with a token.

use crate::console::address::ClientAddress;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::set_header::SetResponseHeaderLayer;

/// A layer that sets a header where none is set.
#[must_use]
pub fn header(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, value)
}

/// Has browsers come back over HTTPS only, for a year (RFC 6797): for a Console whose own address is one.
///
/// It speaks for the Console's own name. The names below it are the operator's to promise for: an edge that answers challenges
/// over plain HTTP may be among them, and what a browser once heard can't be taken back.
#[must_use]
pub fn https_only() -> SetResponseHeaderLayer<HeaderValue> {
    header(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"))
}

/// Addresses that are secrets themselves: no page that they lead to may hear of them.
const SECRET_PATHS: [&str; 2] = ["/records/", "/api/v1/shared/"];

/// Sets the security headers; a page's own policy stays.
pub async fn headers(request: Request, next: Next) -> Response {
    const ALWAYS: [(HeaderName, &str); 6] = [
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let is_secret = SECRET_PATHS.iter().any(|start| request.uri().path().starts_with(start));
    let mut response = next.run(request).await;
    if is_secret {
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    for (name, value) in ALWAYS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
        .headers_mut()
        .entry(HeaderName::from_static("cross-origin-opener-policy"))
        .or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// Establishes where the request comes from, for all who write it down or pace it.
pub async fn know_client(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if let Some(peer) = peer {
        let client = ClientAddress::of(peer, request.headers(), &trusted);
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

/// Longest wait for the first byte of an answer: what takes longer waits for something that is away. Live updates begin at
/// once and are not cut.
const ANSWER: Duration = Duration::from_secs(10);
/// The same for a table of a thousand domains, each of which is a write of its own.
const TABLE: Duration = Duration::from_secs(60);
const TABLES: [&str; 3] = ["/api/v1/domains/import", "/api/domains/import", "/api/domains/import-check"];

/// Answers in time, with a plain page if need be.
pub async fn answer_in_time(request: Request, next: Next) -> Response {
    let limit = if TABLES.contains(&request.uri().path()) { TABLE } else { ANSWER };
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let words =
            "This takes too long: something on our side does not answer. Nothing was lost; try again in a moment.\n";
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "10")], words).into_response()
    })
}

/// Whether a mail program ends mails by one click (RFC 8058 §3.1): it comes from elsewhere by its nature, brings no cookie, and
/// the token in the address is all that it needs. Forging it takes that token, with which one may as well ask directly.
#[must_use]
pub fn is_one_click(method: &Method, address: &Uri) -> bool {
    method == Method::POST && address.path().starts_with("/one-click/")
}

/// Refuses a mutation that carries a cookie and says nothing of where it comes from.
pub async fn refuse_bare_cookies(request: Request<Body>, next: Next) -> Response {
    if is_bare(&request) {
        let words = "This request does not say where it comes from. Use the Console's own forms, or an API token.";
        return (StatusCode::FORBIDDEN, words).into_response();
    }
    next.run(request).await
}

fn is_bare(request: &Request<Body>) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let has = |name: &str| request.headers().contains_key(name);
    !safe && has("cookie") && !has("authorization") && !has("origin") && !has("sec-fetch-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_posted_one_click_may_come_from_elsewhere() {
        let may = |method: &Method, path: &str| is_one_click(method, &path.parse().expect("an address"));
        assert!(may(&Method::POST, "/one-click/token?topic=renewed"));
        for path in ["/api/one-click/token", "/one-click", "/domains/import?x=/one-click/", "/api/notices/unsubscribe"]
        {
            assert!(!may(&Method::POST, path), "{path}");
        }
        assert!(!may(&Method::DELETE, "/one-click/token"));
    }
}

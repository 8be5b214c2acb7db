//! The API's description for programs, OpenAPI 3.1: kept by hand, and held true by the tests below it.
//!
//! Derives would have to stand on types that the browser shares; a plain file reads better and can be looked at as it is.

use axum::http::header;
use axum::response::IntoResponse;

const DOCUMENT: &str = include_str!("openapi.json");

/// `GET /openapi.json`, for everybody.
pub async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}

#[cfg(test)]
#[path = "tests_openapi.rs"]
mod tests;

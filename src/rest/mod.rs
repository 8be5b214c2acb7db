//! The REST API, version 1: doors for scripts, a few lines each.
//!
//! Errors are RFC 9457 problems with a stable code; another customer's thing is not found. A bearer token opens every
//! door; a signed-in person's session opens them too, so that a page can link to a download.

pub mod asker;
pub mod domains;
pub mod live;
pub mod people;
pub mod problem;
pub mod records;

use crate::console::Console;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// A request's body is at most this long: settings and names are short.
const BODY_BYTES: usize = 64 * 1024;

/// Every path below `/api/v1`.
pub fn router() -> Router<Console> {
    Router::new()
        .route("/domains", get(domains::list).post(domains::add))
        .route("/domains/{id}", get(domains::show).patch(domains::change).delete(domains::remove))
        .route("/domains/{id}/refresh", post(domains::refresh))
        .route("/domains/{id}/renew", post(domains::renew))
        .route("/domains/{id}/diagnosis", get(domains::diagnosis))
        .route("/domains/{id}/events", get(domains::events))
        .route("/domains/{id}/dns-records", get(records::download))
        .route("/certificates/{id}", get(domains::certificate))
        .route("/certificates/{id}/download", get(domains::download_certificate))
        .route("/customers", get(people::customers).post(people::add_customer))
        .route("/agencies", get(people::agencies).post(people::add_agency))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

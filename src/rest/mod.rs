//! The REST API, version 1: doors for scripts, a few lines each.
//!
//! Errors are RFC 9457 problems with a stable code; another customer's thing is not found. A bearer token opens every
//! door; a signed-in person's session opens them too, so that a page can link to a download.

pub mod asker;
pub mod audit;
pub mod certificates;
pub mod diagnosis;
pub mod domains;
pub mod exports;
mod forms;
pub mod idempotency;
pub mod import;
pub mod links;
pub mod live;
pub mod one_click;
pub mod openapi;
pub mod openid;
pub mod people;
pub mod problem;
pub mod rate;
pub mod records;
pub mod tokens;
pub mod uploads;

use crate::console::Console;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};

/// A request's body is at most this long: settings and names are short.
const BODY_BYTES: usize = 64 * 1024;

/// The API, the live updates and the way to an OpenID provider, each request with a known caller, at their pace, and done once where it says so.
pub fn router(console: &Console) -> Router {
    Router::new()
        .nest("/api/v1", doors())
        .route("/events", get(live::events))
        .route("/sign-in/openid", get(openid::leave))
        .route("/sign-in/openid/back", get(openid::come_back))
        .route("/one-click/{token}", get(one_click::page).post(one_click::end))
        .layer(from_fn_with_state(console.clone(), idempotency::once))
        .layer(from_fn_with_state(console.clone(), rate::paced))
        .layer(from_fn_with_state(console.clone(), asker::identify))
        .with_state(console.clone())
}

/// Every path below `/api/v1`.
fn doors() -> Router<Console> {
    paths()
        .into_iter()
        .fold(Router::new(), |router, (path, doors)| router.route(path, doors))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// A table, so that a test can hold it against the API's description.
fn paths() -> [(&'static str, MethodRouter<Console>); 28] {
    [
        ("/openapi.json", get(openapi::document)),
        ("/domains", get(domains::list).post(domains::add)),
        ("/domains/export", get(domains::export)),
        ("/domains/import", post(import::import).layer(DefaultBodyLimit::max(import::BODY_BYTES))),
        ("/domains/{id}", get(domains::show).patch(domains::change).delete(domains::remove)),
        ("/domains/{id}/refresh", post(domains::refresh)),
        ("/domains/{id}/renew", post(domains::renew)),
        ("/domains/{id}/approval", get(domains::approvers).post(domains::ask_approval)),
        ("/domains/{id}/steps", post(domains::take_step).put(domains::hand_over)),
        ("/domains/{id}/diagnosis", get(diagnosis::show)),
        ("/domains/{id}/events", get(domains::events)),
        ("/domains/{id}/dns-records", get(records::download)),
        ("/domains/{id}/certificates", post(uploads::upload).layer(DefaultBodyLimit::max(uploads::BODY_BYTES))),
        ("/domains/{id}/links", get(links::list).post(links::make)),
        ("/links/{id}", delete(links::end)),
        ("/shared/{id}", get(links::shared)),
        ("/shared/{id}/dns-records", get(links::download)),
        ("/certificates", get(certificates::list)),
        ("/certificates/{id}", get(certificates::show)),
        ("/certificates/{id}/download", get(certificates::download)),
        ("/certificates/{id}/revoke", post(certificates::revoke)),
        ("/certificates/{id}/export", post(exports::export)),
        ("/customers", get(people::customers).post(people::add_customer)),
        ("/agencies", get(people::agencies).post(people::add_agency)),
        ("/tokens", get(tokens::list).post(tokens::make)),
        ("/tokens/{id}", delete(tokens::revoke)),
        ("/audit", get(audit::list)),
        ("/audit/export", get(audit::export)),
    ]
}

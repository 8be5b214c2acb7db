//! Doors that a page's plain form posts to as well: what went wrong leads back to the page.

use crate::wire::error::Refusal;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::server_fn::error::ServerFnUrlError;
use url::Url;

/// Whether a browser sends a form, and shows whatever is answered.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

/// Leads back to the form's page, with what is wrong in the address, as every form's door does.
pub(super) fn back(page: [&str; 3], refusal: Refusal) -> Response {
    let address = Url::parse("http://console/").ok().and_then(|mut address| {
        address.path_segments_mut().ok()?.clear().extend(page);
        ServerFnUrlError::new(page[2], refusal).to_url(address.as_str()).ok()
    });
    address.map_or_else(
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |address| Redirect::to(&format!("{}?{}", address.path(), address.query().unwrap_or_default())).into_response(),
    )
}

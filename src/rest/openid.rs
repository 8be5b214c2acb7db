//! Doors for signing in at an OpenID provider: away, and back. Plain links, as a form may lead to no other site.

use crate::console::Console;
use crate::console::address::ClientAddress;
use crate::console::openid::Return;
use crate::wire::openid::NotLetIn;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

/// Where to go on afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

/// `GET /sign-in/openid`
pub async fn leave(State(console): State<Console>, session: Session, Query(Next { next }): Query<Next>) -> Response {
    to(console.leave(&session, &next).await)
}

/// `GET /sign-in/openid/back`
pub async fn come_back(
    State(console): State<Console>,
    session: Session,
    address: Option<Extension<ClientAddress>>,
    Query(back): Query<Return>,
) -> Response {
    to(console.come_back(&session, back, address.map(|Extension(address)| address)).await)
}

/// On to where that leads, or to the sign-in page, which says why not.
fn to(led: Result<String, NotLetIn>) -> Response {
    let place = led.unwrap_or_else(|why| format!("/sign-in?why={}", why.word()));
    match HeaderValue::from_str(&place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

//! The door at which Caddy fetches certificates (`get_certificate http`): a listener apart, for servers of the operator's own.
//!
//! Whoever may ask is given private keys. So it listens on a private address only, and every address in it ends in a secret
//! that the operator chose. It answers from the database, so that a renewed certificate is the very next answer.

use super::serve::{Trouble, at};
use super::settings::Settings;
use crate::domain::errors::chain;
use crate::domain::hostname::Hostname;
use crate::store::{Installable, Store, StoreError};
use crate::targets::{Handover, pem};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A secret that nobody guesses.
const TOKEN_CHARS: usize = 32;

/// Where it listens, and what its addresses end in.
#[derive(Clone)]
pub struct Handout {
    /// A private address.
    pub address: SocketAddr,
    token: Arc<str>,
}

impl Handout {
    /// Judges what the operator wrote down.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(address: SocketAddr, token: &str) -> Result<Self, String> {
        let is_private = match address.ip() {
            IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
            IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
        };
        if !is_private {
            return Err(format!("{address} is no private address, and keys would be handed out there"));
        }
        if token.len() < TOKEN_CHARS || !token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return Err(format!("handout_token has at least {TOKEN_CHARS} letters, digits, hyphens and underscores"));
        }
        Ok(Self { address, token: token.into() })
    }
}

/// What Caddy adds to the address: the name that a visitor asked for, and more that does not matter here.
#[derive(Deserialize)]
struct Asked {
    server_name: String,
}

/// Opens it, where it is configured.
pub(super) async fn open(
    settings: &Settings,
    store: &Store,
    parts: &mut JoinSet<Result<(), Trouble>>,
    shutdown: &CancellationToken,
) -> Result<(), Trouble> {
    let Some(handout) = settings.handout.clone() else { return Ok(()) };
    let address = handout.address;
    let listener = TcpListener::bind(address).await.map_err(|e| at("handout_addr", address, &e))?;
    tracing::info!(%address, "certificates are handed out to Caddy");
    let (app, stop) = (router(handout, store.clone()), shutdown.clone().cancelled_owned());
    parts.spawn(async move { Ok(axum::serve(listener, app).with_graceful_shutdown(stop).await?) });
    Ok(())
}

/// `GET /certificate/<token>?server_name=…`
pub fn router(handout: Handout, store: Store) -> Router {
    Router::new().route("/certificate/{token}", get(hand_out)).with_state((store, handout))
}

async fn hand_out(
    State((store, handout)): State<(Store, Handout)>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    if verify_slices_are_equal(token.as_bytes(), handout.token.as_bytes()).is_err() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match of_name(&store, &asked.server_name).await {
        Ok(Some(item)) => {
            let host = item.hostname.to_string();
            let text = pem(&Handover { host: &host, chain_pem: &item.chain_pem, pkcs8: &item.pkcs8 });
            let headers = [(header::CONTENT_TYPE, "application/x-pem-file"), (header::CACHE_CONTROL, "no-store")];
            (headers, text.to_string()).into_response()
        }
        // So Caddy knows that there is none, and goes on by what else it has.
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            tracing::warn!(error = %chain(&error), "a certificate could not be handed out");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The certificate for a name, else that of the wildcard above it.
async fn of_name(store: &Store, name: &str) -> Result<Option<Installable>, StoreError> {
    let Ok(name) = Hostname::parse_form(name) else { return Ok(None) };
    if let Some(item) = store.installable_of(&name.to_string()).await? {
        return Ok(Some(item));
    }
    match name.base().split_once('.') {
        Some((_, parent)) => store.installable_of(&format!("*.{parent}")).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_handed_out_on_private_addresses_and_to_whoever_knows_the_secret() {
        let made = |address: &str, token: &str| Handout::new(address.parse().expect("an address"), token).is_ok();
        let token = "0123456789abcdef0123456789abcdef";
        assert!(made("127.0.0.1:7080", token) && made("10.1.2.3:7080", token) && made("[fd00::1]:7080", token));
        assert!(!made("0.0.0.0:7080", token) && !made("192.0.2.1:7080", token) && !made("[2001:db8::1]:7080", token));
        assert!(!made("127.0.0.1:7080", "short") && !made("127.0.0.1:7080", &"a/".repeat(16)));
    }
}

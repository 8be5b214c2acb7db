//! One click ends mails (RFC 8058): a mail program posts here by itself. Whoever follows the address is shown the page.

use super::asker::Asked;
use super::problem::Problem;
use crate::console::Console;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use serde::Deserialize;

/// Which mails are ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Topic {
    topic: String,
}

/// `GET /one-click/{token}`: changes nothing.
pub async fn page(Path(token): Path<String>, Asked(Topic { topic }): Asked<Topic>) -> Redirect {
    let safe = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    Redirect::to(&format!("/unsubscribe/{}?topic={}", safe(&token), safe(&topic)))
}

/// `POST /one-click/{token}`
pub async fn end(
    State(console): State<Console>,
    Path(token): Path<String>,
    Asked(Topic { topic }): Asked<Topic>,
) -> Result<StatusCode, Problem> {
    console.unsubscribe(&token, &topic).await?;
    Ok(StatusCode::OK)
}

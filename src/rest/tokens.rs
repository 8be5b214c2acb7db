//! Doors for API tokens: made and shown once, listed and revoked.

use super::asker::{Asker, Id, Sent};
use super::problem::Problem;
use crate::console::tokens::NewApiToken;
use crate::wire::domain::Page;
use crate::wire::people::{NewTokenView, TokenView};
use axum::Json;
use axum::http::StatusCode;

/// `GET /tokens`
pub async fn list(Asker(desk): Asker) -> Result<Json<Page<TokenView>>, Problem> {
    Ok(Json(Page { items: desk.tokens().await?, next_cursor: None }))
}

/// `POST /tokens`
pub async fn make(
    Asker(desk): Asker,
    Sent(new): Sent<NewApiToken>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    Ok((StatusCode::CREATED, Json(desk.make_token(&new).await?)))
}

/// `DELETE /tokens/{id}`
pub async fn revoke(Asker(desk): Asker, Id(id): Id) -> Result<StatusCode, Problem> {
    desk.revoke_token(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Doors for API tokens: made and shown once, listed and revoked.

use super::asker::{Asked, Asker, Id, PageAsked, Sent};
use super::problem::Problem;
use crate::console::tokens::NewApiToken;
use crate::wire::domain::Page;
use crate::wire::people::{NewTokenView, TokenView};
use axum::Json;
use axum::http::StatusCode;

/// `GET /tokens`
pub async fn list(Asker(desk): Asker, Asked(page): Asked<PageAsked>) -> Result<Json<Page<TokenView>>, Problem> {
    Ok(Json(desk.paged_tokens(&page.cursor, page.limit).await?))
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

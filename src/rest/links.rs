//! Doors for links without sign-in: made, listed and ended by token or session; read by whoever holds one.

use super::asker::{Asked, Asker, Id, PageAsked};
use super::problem::Problem;
use super::records::{Format, Listed, answer};
use crate::console::Console;
use crate::wire::domain::Page;
use crate::wire::link::{LinkView, NewLinkView, SharedView};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// `GET /domains/{id}/links`
pub async fn list(
    Asker(desk): Asker,
    Id(id): Id,
    Asked(page): Asked<PageAsked>,
) -> Result<Json<Page<LinkView>>, Problem> {
    Ok(Json(desk.paged_links(&id, &page.cursor, page.limit).await?))
}

/// `POST /domains/{id}/links`
pub async fn make(Asker(desk): Asker, Id(id): Id) -> Result<(StatusCode, Json<NewLinkView>), Problem> {
    Ok((StatusCode::CREATED, Json(desk.make_link(&id).await?)))
}

/// `DELETE /links/{id}`
pub async fn end(Asker(desk): Asker, Id(id): Id) -> Result<StatusCode, Problem> {
    desk.end_link(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /shared/{id}`: the link's secret takes the place of an account.
pub async fn shared(State(console): State<Console>, Id(secret): Id) -> Result<Json<SharedView>, Problem> {
    Ok(Json(console.shared(&secret).await?))
}

/// `GET /shared/{id}/dns-records`
pub async fn download(
    State(console): State<Console>,
    Id(secret): Id,
    Asked(asked): Asked<Format>,
) -> Result<Response, Problem> {
    let shared = console.shared(&secret).await?;
    let listed =
        Listed { domain: &shared.domain, provider: shared.dns_provider.as_ref(), records: &shared.dns_records };
    answer(&listed, asked.format.as_deref())
}

//! Doors for web domains.

use super::asker::{Asked, Asker, Id, PageAsked, Sent};
use super::problem::Problem;
use crate::console::domains::{ChangedSettings, NewWebDomain};
use crate::wire::approval::ApproversView;
use crate::wire::domain::{DomainView, EventView, Page};
use crate::wire::list::Search;
use axum::Json;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

type Answer<T> = Result<Json<T>, Problem>;

/// `GET /domains`
pub async fn list(Asker(desk): Asker, Asked(search): Asked<Search>) -> Answer<Page<DomainView>> {
    Ok(Json(desk.list(&search).await?))
}

/// `GET /domains/export`: the list as a file, sent as it is read.
pub async fn export(Asker(desk): Asker, Asked(search): Asked<Search>) -> Result<Response, Problem> {
    let export = desk.export(search).await?;
    let parts = futures::stream::try_unfold(export, |mut export| async move {
        // A file that breaks off is better than one that seems whole.
        let part = export.next().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(part.map(|part| (part, export)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"web-domains.csv\""),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// `POST /domains`
pub async fn add(Asker(desk): Asker, Sent(typed): Sent<NewWebDomain>) -> Result<impl IntoResponse, Problem> {
    let added = desk.add_domain(&typed).await?;
    let location = format!("/api/v1/domains/{}", added.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(added)))
}

/// `GET /domains/{id}`
pub async fn show(Asker(desk): Asker, Id(id): Id) -> Answer<DomainView> {
    Ok(Json(desk.domain(&id).await?))
}

/// `PATCH /domains/{id}`
pub async fn change(Asker(desk): Asker, Id(id): Id, Sent(typed): Sent<ChangedSettings>) -> Answer<DomainView> {
    Ok(Json(desk.change(&id, &typed).await?))
}

/// `DELETE /domains/{id}`
pub async fn remove(Asker(desk): Asker, Id(id): Id) -> Result<StatusCode, Problem> {
    desk.remove(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /domains/{id}/refresh`
pub async fn refresh(Asker(desk): Asker, Id(id): Id) -> Result<StatusCode, Problem> {
    desk.refresh(&id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /domains/{id}/renew`
pub async fn renew(Asker(desk): Asker, Id(id): Id) -> Result<StatusCode, Problem> {
    desk.renew(&id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Which of the three steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    step: String,
}

/// `POST /domains/{id}/steps`
pub async fn take_step(Asker(desk): Asker, Id(id): Id, Sent(typed): Sent<NewStep>) -> Result<StatusCode, Problem> {
    desk.take_step(&id, &typed.step).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Who takes the three steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHand {
    by_hand: bool,
}

/// `PUT /domains/{id}/steps`
pub async fn hand_over(Asker(desk): Asker, Id(id): Id, Sent(typed): Sent<NewHand>) -> Result<StatusCode, Problem> {
    desk.hand_over(&id, typed.by_hand).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom to ask for approval.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    address: String,
}

/// `GET /domains/{id}/approval`
pub async fn approvers(Asker(desk): Asker, Id(id): Id) -> Answer<ApproversView> {
    Ok(Json(desk.approvers(&id).await?))
}

/// `POST /domains/{id}/approval`
pub async fn ask_approval(
    Asker(desk): Asker,
    Id(id): Id,
    Sent(typed): Sent<NewApproval>,
) -> Result<impl IntoResponse, Problem> {
    Ok((StatusCode::ACCEPTED, Json(desk.ask_approval(&id, &typed.address).await?)))
}

/// `GET /domains/{id}/events`
pub async fn events(Asker(desk): Asker, Id(id): Id, Asked(page): Asked<PageAsked>) -> Answer<Page<EventView>> {
    Ok(Json(desk.timeline(&id, &page.cursor, page.limit).await?))
}

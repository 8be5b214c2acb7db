//! Doors for certificates: all that are in use, and the public part of one.

use super::asker::{Asked, Asker, Id, Sent};
use super::problem::Problem;
use crate::console::revocations::Revoke;
use crate::wire::certificate::{CertificateDetails, CertificateRow, CertificateSearch};
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

/// `GET /certificates`
pub async fn list(
    Asker(desk): Asker,
    Asked(search): Asked<CertificateSearch>,
) -> Result<Json<Page<CertificateRow>>, Problem> {
    Ok(Json(desk.certificates(&search).await?))
}

/// `GET /certificates/{id}`
pub async fn show(Asker(desk): Asker, Id(id): Id) -> Result<Json<CertificateDetails>, Problem> {
    Ok(Json(desk.certificate_details(&id).await?))
}

/// `POST /certificates/{id}/revoke`
pub async fn revoke(Asker(desk): Asker, Id(id): Id, Sent(why): Sent<Revoke>) -> Result<StatusCode, Problem> {
    desk.revoke(&id, &why.reason).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The format of a download.
#[derive(Debug, Deserialize)]
pub struct Format {
    format: Option<String>,
}

/// `GET /certificates/{id}/download`: the public chain.
pub async fn download(
    Asker(desk): Asker,
    Id(id): Id,
    Asked(asked): Asked<Format>,
) -> Result<impl IntoResponse, Problem> {
    match asked.format.as_deref() {
        None | Some("pem") => {}
        Some(other) => {
            let words = format!("{other:?} is not offered here: the public chain is downloaded as \"pem\".");
            return Err(Refusal::field("bad_value", "format", words).into());
        }
    }
    let chain = desk.chain(&id).await?;
    let disposition = "attachment; filename=\"certificate.pem\"";
    Ok((
        [(header::CONTENT_TYPE, "application/pem-certificate-chain"), (header::CONTENT_DISPOSITION, disposition)],
        chain,
    ))
}

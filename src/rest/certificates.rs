//! Doors for certificates: all that are in use, and the public part of one.

use super::asker::{Asked, Asker, Id, Sent};
use super::problem::Problem;
use crate::console::revocations::Revoke;
use crate::wire::certificate::{CertificateDetails, CertificateRow, CertificateSearch};
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
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
pub async fn download(Asker(desk): Asker, Id(id): Id, Asked(asked): Asked<Format>) -> Result<Response, Problem> {
    match asked.format.as_deref() {
        None | Some("pem") => {
            Ok(file("application/pem-certificate-chain", "certificate.pem", desk.chain(&id).await?.into_bytes()))
        }
        Some("pfx") => Ok(file("application/x-pkcs12", "certificate.pfx", desk.chain_pfx(&id).await?)),
        Some(other) => {
            let words = format!("{other:?} is not offered here: the public chain is downloaded as \"pem\" or \"pfx\".");
            Err(Refusal::field("bad_value", "format", words).into())
        }
    }
}

fn file(kind: &'static str, name: &str, content: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content).into_response()
}

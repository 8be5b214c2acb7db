//! The door for uploading a certificate: scripts are answered with it, a form from the Console's page is led on to check it.

use super::asker::{Asker, Id};
use super::forms::{back, is_form};
use super::problem::Problem;
use crate::console::desk::Desk;
use crate::console::uploads::Brought;
use crate::wire::error::{Kind, Refusal};
use axum::Json;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use zeroize::Zeroizing;

/// The files, which `bundle` measures again, and what multipart puts around them.
pub const BODY_BYTES: usize = 272 * 1024;
/// Parts of one upload: each field once.
const PARTS: usize = 10;

/// `POST /domains/{id}/certificates`
pub async fn upload(asker: Result<Asker, Problem>, Id(id): Id, request: Request) -> Response {
    let by_form = is_form(request.headers());
    match taken(asker, &id, request, by_form).await {
        Ok(answer) => answer,
        Err(Problem(refusal)) if by_form => back(["domains", &id, "upload"], refusal),
        Err(problem) => problem.into_response(),
    }
}

async fn taken(asker: Result<Asker, Problem>, id: &str, request: Request, by_form: bool) -> Result<Response, Problem> {
    let Asker(desk) = asker?;
    // Nobody's files are read who may not upload here.
    desk.may_upload(id).await?;
    let brought = brought(request).await?;
    if by_form {
        return Ok(held(&desk, id, brought).await?);
    }
    let view = desk.upload(id, brought).await?;
    let location = format!("/api/v1/certificates/{}", view.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(view)).into_response())
}

async fn held(desk: &Desk, id: &str, brought: Brought) -> Result<Response, Refusal> {
    let (name, scope) = (brought.name.clone(), brought.scope.clone());
    let held = desk.hold_upload(id, brought).await;
    let held = held.map_err(|refusal| refusal.with_typed(&[("name", &name), ("scope", &scope)]))?;
    Ok(Redirect::to(&format!("/domains/{}/upload/check", held.domain_id)).into_response())
}

async fn brought(request: Request) -> Result<Brought, Refusal> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut brought = Brought::default();
    for _ in 0..=PARTS {
        let Some(part) = parts.next_field().await.map_err(|_| unreadable())? else { return Ok(brought) };
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = Zeroizing::new(part.bytes().await.map_err(|_| unreadable())?.to_vec());
        let text = || String::from_utf8(bytes.to_vec()).map_err(|_| unreadable());
        let handed = &mut brought.handed;
        match name.as_str() {
            "name" => brought.name = text()?,
            "scope" => brought.scope = text()?,
            "password" => handed.password = Zeroizing::new(text()?),
            "certificate" => handed.certificate = bytes,
            "intermediate" => handed.intermediate = bytes,
            "ca_bundle" => handed.ca_bundle = bytes,
            "private_key" => handed.private_key = bytes,
            "pfx" => handed.pfx = bytes,
            _ => break,
        }
    }
    Err(unreadable())
}

fn unreadable() -> Refusal {
    let words = "Send the files as multipart/form-data, in parts named certificate, intermediate, ca_bundle and private_key, \
        or pfx and password; beside them name and scope. All together have 256 KB at most.";
    Refusal::new(Kind::Invalid, "not_multipart", words)
}

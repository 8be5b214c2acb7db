//! Doors for certificates that people upload; the files themselves come by the REST API's door.

use crate::wire::error::Refusal;
use crate::wire::upload::UploadView;
use leptos::prelude::*;

/// The upload that waits for a domain.
#[server(endpoint = "domains/upload")]
pub async fn waiting_upload(id: String) -> Result<UploadView, Refusal> {
    crate::console::desk::open().await?.waiting_upload(&id).await
}

/// Serves the upload that was checked and goes on to its domain's page.
#[server(endpoint = "domains/upload-serve")]
pub async fn serve_upload(id: String, upload: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.serve_upload(&id, &upload).await?;
    leptos_axum::redirect(&format!("/domains/{id}"));
    Ok(())
}

/// Forgets the upload that waits and goes back to the form.
#[server(endpoint = "domains/upload-discard")]
pub async fn discard_upload(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.discard_upload(&id).await?;
    leptos_axum::redirect(&format!("/domains/{id}/upload"));
    Ok(())
}

/// Takes an uploaded certificate back.
#[server(endpoint = "domains/upload-remove")]
pub async fn remove_upload(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.remove_upload(&id).await
}

//! Doors for exporting certificates; the files themselves leave by the REST API's door.

use crate::wire::certificate::ExportableView;
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// The certificate that may be exported.
#[server(endpoint = "certificates/exportable")]
pub async fn exportable(id: String) -> Result<ExportableView, Refusal> {
    crate::console::desk::open().await?.exportable(&id).await
}

/// Has a certificate revoked, whose domain's name the person types to say that they mean it, and goes on to that domain.
#[server(endpoint = "certificates/revoke")]
pub async fn revoke_certificate(id: String, reason: String, typed: String) -> Result<(), Refusal> {
    let domain = crate::console::desk::open().await?.revoke_from_form(&id, &reason, &typed).await?;
    leptos_axum::redirect(&format!("/domains/{domain}"));
    Ok(())
}

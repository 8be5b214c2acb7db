//! Doors for certificates.

use crate::wire::certificate::{CertificateList, CertificatePage};
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// A page of the certificates in use, the first to expire first; empty text means any.
#[server(endpoint = "certificates/list")]
pub async fn certificates(
    view: String,
    source: String,
    agency: String,
    cursor: String,
) -> Result<CertificateList, Refusal> {
    crate::console::desk::open().await?.certificate_list(view, source, agency, cursor).await
}

/// One certificate with everything that is known of it.
#[server(endpoint = "certificates/show")]
pub async fn certificate(id: String) -> Result<CertificatePage, Refusal> {
    crate::console::desk::open().await?.certificate_page(&id).await
}

//! The door to the audit log.

use crate::wire::audit::AuditView;
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// A page of the audit log, newest first; empty text means any.
#[server(endpoint = "audit/list")]
pub async fn audit(actor: String, act: String, domain: String, cursor: String) -> Result<Page<AuditView>, Refusal> {
    crate::console::desk::open().await?.audit_page(actor, act, domain, cursor).await
}

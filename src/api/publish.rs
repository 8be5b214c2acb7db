//! Doors for publishing records into a customer's zone.

use crate::wire::error::Refusal;
use crate::wire::publish::PublishView;
use leptos::prelude::*;

/// What would be published, and with which key.
#[server(endpoint = "domains/publishing")]
pub async fn publishing(id: String) -> Result<PublishView, Refusal> {
    crate::console::desk::open().await?.publishing(&id).await
}

/// Keeps a key that may change the zone.
#[server(endpoint = "domains/keep-key")]
pub async fn keep_update_key(
    id: String,
    server: String,
    name: String,
    algorithm: String,
    secret: String,
) -> Result<(), Refusal> {
    let typed = crate::console::publish::TypedKey { server, name, algorithm, secret: secret.into() };
    crate::console::desk::open().await?.keep_update_key(&id, typed).await
}

/// Forgets the key.
#[server(endpoint = "domains/forget-key")]
pub async fn forget_update_key(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.forget_update_key(&id).await
}

/// Publishes the records and goes back to the domain's page, which looks at DNS again.
#[server(endpoint = "domains/publish")]
pub async fn publish_records(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.publish(&id).await?;
    leptos_axum::redirect(&format!("/domains/{id}"));
    Ok(())
}

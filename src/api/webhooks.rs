//! Doors for webhooks.

use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::webhooks::{DeliveryView, WebhookView, WebhooksView};
use leptos::prelude::*;

/// The webhooks, and the secret of one that was added a moment ago.
#[server(endpoint = "webhooks/list")]
pub async fn webhooks() -> Result<WebhooksView, Refusal> {
    crate::console::desk::webhooks().await
}

/// Adds a webhook and goes back to the list, which shows its secret once.
#[server(endpoint = "webhooks/add")]
pub async fn add_webhook(url: String, customer: String, #[server(default)] events: Vec<String>) -> Result<(), Refusal> {
    let added = crate::console::desk::add_webhook(&url, &customer, &events).await;
    added.map_err(|refusal| refusal.with_typed(&[("url", &url)]))
}

/// One webhook.
#[server(endpoint = "webhooks/show")]
pub async fn webhook(id: String) -> Result<WebhookView, Refusal> {
    crate::console::desk::open().await?.webhook(&id).await
}

/// What was sent to a webhook, or will be, the newest first.
#[server(endpoint = "webhooks/log")]
pub async fn webhook_log(id: String, cursor: String) -> Result<Page<DeliveryView>, Refusal> {
    crate::console::desk::open().await?.webhook_log(&id, &cursor).await
}

/// Sends a message that only tries the way.
#[server(endpoint = "webhooks/test")]
pub async fn test_webhook(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.test_webhook(&id).await
}

/// Switches a webhook on again.
#[server(endpoint = "webhooks/enable")]
pub async fn enable_webhook(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.enable_webhook(&id).await
}

/// Removes a webhook and goes back to the list.
#[server(endpoint = "webhooks/remove")]
pub async fn remove_webhook(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.remove_webhook(&id).await?;
    leptos_axum::redirect("/webhooks");
    Ok(())
}

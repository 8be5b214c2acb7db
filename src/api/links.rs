//! Doors for links without sign-in.

use crate::wire::error::Refusal;
use crate::wire::link::{LinkView, SharedView};
use leptos::prelude::*;

/// What a link shows to whoever holds it.
#[server(endpoint = "links/shared")]
pub async fn shared(secret: String) -> Result<SharedView, Refusal> {
    crate::console::desk::shared(&secret).await
}

/// The links of a domain that work.
#[server(endpoint = "domains/links")]
pub async fn links(id: String) -> Result<Vec<LinkView>, Refusal> {
    crate::console::desk::open().await?.links(&id).await
}

/// Makes a link and goes on to the page that it leads to, whose address is handed on.
#[server(endpoint = "domains/link")]
pub async fn make_link(id: String) -> Result<(), Refusal> {
    let made = crate::console::desk::open().await?.make_link(&id).await?;
    leptos_axum::redirect(made.path());
    Ok(())
}

/// Ends a link.
#[server(endpoint = "links/end")]
pub async fn end_link(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.end_link(&id).await
}

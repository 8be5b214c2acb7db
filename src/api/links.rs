//! Doors for links without sign-in, and for the mail that brings one.

use crate::wire::error::Refusal;
use crate::wire::link::{LetterView, LinkView, SharedView};
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

/// The letter with a domain's records, as it would be sent.
#[server(endpoint = "domains/letter")]
pub async fn letter(id: String, to: String, note: String) -> Result<LetterView, Refusal> {
    crate::console::desk::open().await?.letter(&id, &to, &note).await
}

/// Mails a domain's records to whoever manages its DNS, and goes back to its page.
#[server(endpoint = "domains/notify")]
pub async fn notify_domain(id: String, to: String, note: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.notify(&id, &to, &note).await?;
    leptos_axum::redirect(&format!("/domains/{id}#timeline"));
    Ok(())
}

/// Ends a link.
#[server(endpoint = "links/end")]
pub async fn end_link(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.end_link(&id).await
}

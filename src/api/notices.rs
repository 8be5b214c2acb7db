//! Doors for the choice of mails.

use crate::wire::error::Refusal;
use crate::wire::notices::{ChoiceView, UnsubscribeView};
use leptos::prelude::*;

/// What the person is written about.
#[server(endpoint = "notices/choices")]
pub async fn mail_choices() -> Result<Vec<ChoiceView>, Refusal> {
    crate::console::desk::open().await?.mail_choices().await
}

/// Chooses what to be written about.
#[server(endpoint = "notices/choose")]
pub async fn choose_mail(#[server(default)] wanted: Vec<String>) -> Result<(), Refusal> {
    crate::console::desk::open().await?.choose_mail(&wanted).await?;
    leptos_axum::redirect("/account/mails?saved=yes");
    Ok(())
}

/// What the link in a mail offers to end.
#[server(endpoint = "notices/unsubscribing")]
pub async fn unsubscribing(token: String, topic: String) -> Result<UnsubscribeView, Refusal> {
    crate::console::desk::console()?.unsubscribing(&token, &topic).await
}

/// Ends mails about a topic.
#[server(endpoint = "notices/unsubscribe")]
pub async fn unsubscribe(token: String, #[server(default)] topic: String) -> Result<(), Refusal> {
    crate::console::desk::console()?.unsubscribe(&token, &topic).await?;
    leptos_axum::redirect("/unsubscribed");
    Ok(())
}

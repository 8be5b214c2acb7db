//! Doors for approval by e-mail.

use crate::wire::approval::{ApproversView, AskedView};
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// Whom a domain's owner can have asked.
#[server(endpoint = "domains/approvers")]
pub async fn approvers(id: String) -> Result<ApproversView, Refusal> {
    crate::console::desk::open().await?.approvers(&id).await
}

/// Mails the approver a link.
#[server(endpoint = "domains/ask-approval")]
pub async fn ask_approval(id: String, #[server(default)] address: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.ask_approval(&id, &address).await.map(drop)
}

/// What a mail's link shows.
#[server(endpoint = "approvals/asked")]
pub async fn approval_asked(token: String) -> Result<AskedView, Refusal> {
    crate::console::desk::approval_asked(&token).await
}

/// Answers a request for approval, and goes on to a page that says so.
#[server(endpoint = "approvals/answer")]
pub async fn answer_approval(
    token: String,
    #[server(default)] typed: String,
    #[server(default)] answer: String,
) -> Result<(), Refusal> {
    let given = crate::console::desk::answer_approval(&token, &typed, &answer).await?;
    leptos_axum::redirect(if given { "/answered?approval=given" } else { "/answered?approval=declined" });
    Ok(())
}

//! Doors for API tokens.

use crate::wire::error::Refusal;
use crate::wire::people::{TokenView, TokensView};
use leptos::prelude::*;

/// The tokens, and the text of one that was made a moment ago.
#[server(endpoint = "tokens/list")]
pub async fn tokens() -> Result<TokensView, Refusal> {
    crate::console::desk::tokens().await
}

/// Makes a token and goes back to the list, which shows its text once.
#[server(endpoint = "tokens/make")]
pub async fn make_token(
    name: String,
    role: String,
    customer: String,
    access: String,
    days: String,
) -> Result<(), Refusal> {
    let made = crate::console::desk::make_token(&name, role, customer, &access, &days).await;
    made.map_err(|refusal| refusal.with_typed(&[("name", &name)]))
}

/// One token, as it is asked whether to revoke it.
#[server(endpoint = "tokens/show")]
pub async fn token(id: String) -> Result<TokenView, Refusal> {
    crate::console::desk::open().await?.token(&id).await
}

/// Revokes a token and goes back to the list.
#[server(endpoint = "tokens/revoke")]
pub async fn revoke_token(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.revoke_token(&id).await?;
    leptos_axum::redirect("/tokens");
    Ok(())
}

//! Doors for signing in and out.

use crate::wire::error::Refusal;
use crate::wire::people::{HouseView, Viewer};
use leptos::prelude::*;

/// Who is signed in, if anybody is.
#[server(endpoint = "session/viewer")]
pub async fn signed_in() -> Result<Option<Viewer>, Refusal> {
    crate::console::desk::viewer().await
}

/// The provider's name and where help is.
#[server(endpoint = "session/house")]
pub async fn house() -> Result<HouseView, Refusal> {
    crate::console::desk::house()
}

/// Signs in and goes on to `next`, a path of this Console.
#[server(endpoint = "session/sign-in")]
pub async fn sign_in(email: String, password: String, next: String) -> Result<(), Refusal> {
    crate::console::desk::sign_in(&email, password, &next).await
}

/// Goes on at another customer that the person belongs to.
#[server(endpoint = "session/switch")]
pub async fn switch_customer(customer: String) -> Result<(), Refusal> {
    crate::console::desk::switch(&customer).await
}

/// Signs out.
#[server(endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), Refusal> {
    crate::console::desk::sign_out().await
}

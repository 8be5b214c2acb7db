//! Doors for signing in and out.

use crate::wire::error::Refusal;
use crate::wire::people::{HouseView, InvitedView, SessionView, Viewer};
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

/// What an invitation's link offers.
#[server(endpoint = "session/invited")]
pub async fn invited(token: String) -> Result<InvitedView, Refusal> {
    crate::console::desk::invited(&token).await
}

/// Accepts an invitation and goes on to the sign-in page.
#[server(endpoint = "session/accept")]
pub async fn accept(token: String, password: String) -> Result<(), Refusal> {
    crate::console::desk::accept(&token, password).await
}

/// Goes on at another customer that the person belongs to.
#[server(endpoint = "session/switch")]
pub async fn switch_customer(customer: String) -> Result<(), Refusal> {
    crate::console::desk::switch(&customer).await
}

/// Where the person is signed in.
#[server(endpoint = "session/list")]
pub async fn sessions() -> Result<Vec<SessionView>, Refusal> {
    crate::console::desk::sessions().await
}

/// Stays signed in.
#[server(endpoint = "session/extend")]
pub async fn extend_session() -> Result<(), Refusal> {
    crate::console::desk::extend().await
}

/// Signs out everywhere.
#[server(endpoint = "session/sign-out-everywhere")]
pub async fn sign_out_everywhere() -> Result<(), Refusal> {
    crate::console::desk::sign_out_everywhere().await
}

/// Signs out.
#[server(endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), Refusal> {
    crate::console::desk::sign_out().await
}

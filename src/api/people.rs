//! Doors for people, customers and agencies.

use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::people::{AccessView, AgencyView, CustomerView, InvitationView, MemberView};
use leptos::prelude::*;

/// A page of the people of the caller's customer.
#[server(endpoint = "people/list")]
pub async fn people(cursor: String) -> Result<Page<MemberView>, Refusal> {
    crate::console::desk::open().await?.people(&cursor).await
}

/// Changes somebody's role.
#[server(endpoint = "people/change-role")]
pub async fn change_role(id: String, customer: String, role: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.change_role(&id, &customer, &role).await
}

/// What somebody may do at a customer.
#[server(endpoint = "people/show")]
pub async fn access(id: String, customer: String) -> Result<AccessView, Refusal> {
    crate::console::desk::open().await?.access(&id, &customer).await
}

/// Takes somebody's access away and goes back to the list.
#[server(endpoint = "people/remove")]
pub async fn remove_person(id: String, customer: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.remove_person(&id, &customer).await?;
    leptos_axum::redirect("/people");
    Ok(())
}

/// Invites somebody by mail.
#[server(endpoint = "invitations/add")]
pub async fn invite(email: String, customer: String, role: String) -> Result<(), Refusal> {
    let invited = crate::console::desk::open().await?.invite(&email, &customer, &role).await;
    invited.map(drop).map_err(|refusal| refusal.with_typed(&[("email", &email)]))
}

/// Invitations that are open.
#[server(endpoint = "invitations/list")]
pub async fn invitations() -> Result<Vec<InvitationView>, Refusal> {
    crate::console::desk::open().await?.invitations().await
}

/// Withdraws an invitation.
#[server(endpoint = "invitations/withdraw")]
pub async fn withdraw(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.withdraw(&id).await
}

/// Customers that the caller sees.
#[server(endpoint = "customers/list")]
pub async fn customers() -> Result<Page<CustomerView>, Refusal> {
    crate::console::desk::open().await?.customers().await
}

/// Adds a customer.
#[server(endpoint = "customers/add")]
pub async fn add_customer(name: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.add_customer(&name).await.map(drop)
}

/// Agencies that the caller sees.
#[server(endpoint = "agencies/list")]
pub async fn agencies() -> Result<Page<AgencyView>, Refusal> {
    crate::console::desk::open().await?.agencies().await
}

/// Adds an agency.
#[server(endpoint = "agencies/add")]
pub async fn add_agency(name: String, customer: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.add_agency(&name, Some(&customer)).await.map(drop)
}

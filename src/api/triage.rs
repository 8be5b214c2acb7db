//! Doors of the triage queue.

use crate::wire::error::Refusal;
use crate::wire::triage::{TriageSearch, TriageView};
use leptos::prelude::*;

/// What is not Ready, in heaps of one cause.
#[server(endpoint = "triage/list")]
pub async fn triage(customer: String, owner: String) -> Result<TriageView, Refusal> {
    crate::console::desk::open().await?.triage(&TriageSearch { customer, owner }).await
}

/// Looks again at the domains of a cause, those that wait longest first, and says how many those are.
#[server(endpoint = "triage/check")]
pub async fn check_again(cause: String, customer: String) -> Result<(), Refusal> {
    let asked = crate::console::desk::open().await?.check_again(&cause, &customer).await?;
    leptos_axum::redirect(&asked);
    Ok(())
}

//! Doors for web domains.

use crate::domain::candidate::Candidate;
use crate::wire::diagnosis::DiagnosisView;
use crate::wire::domain::{DomainView, EventView, LeftoverView, Page};
use crate::wire::error::Refusal;
use crate::wire::import::ImportView;
use crate::wire::list::{DomainList, Search};
use crate::wire::people::AddChoices;
use crate::wire::report::ReportView;
use leptos::prelude::*;

/// A page of the domain list.
#[server(endpoint = "domains/list")]
pub async fn list_domains(search: Search) -> Result<DomainList, Refusal> {
    crate::console::desk::open().await?.list_rows(&search).await
}

/// One domain with all that its page shows.
#[server(endpoint = "domains/show")]
pub async fn domain(id: String) -> Result<DomainView, Refusal> {
    crate::console::desk::open().await?.page(&id).await
}

/// What its last diagnosis rests on.
#[server(endpoint = "domains/diagnosis")]
pub async fn diagnosis(id: String) -> Result<DiagnosisView, Refusal> {
    crate::console::desk::open().await?.diagnosis(&id, false).await
}

/// What can be seen of it from outside, now.
#[server(endpoint = "domains/report")]
pub async fn report(id: String) -> Result<ReportView, Refusal> {
    crate::console::desk::open().await?.report(&id).await
}

/// A page of a domain's timeline, newest first.
#[server(endpoint = "domains/timeline")]
pub async fn timeline(id: String, cursor: String) -> Result<Page<EventView>, Refusal> {
    crate::console::desk::open().await?.timeline(&id, &cursor, None).await
}

/// What the Add Web Domain form offers.
#[server(endpoint = "domains/choices")]
pub async fn choices() -> Result<AddChoices, Refusal> {
    crate::console::desk::open().await?.add_choices().await
}

/// What is said of a name while somebody types it.
#[server(endpoint = "domains/name-check")]
pub async fn check_name(domain: String, customer: String) -> Result<Candidate, Refusal> {
    crate::console::desk::open().await?.check_name(&domain, &customer).await
}

/// Adds a web domain and goes on to its page.
#[server(endpoint = "domains/add")]
pub async fn add_domain(
    domain: String,
    name: String,
    customer: String,
    agency: String,
    alias: String,
    #[server(default)] verification_method: String,
    #[server(default)] ssl_validation: String,
) -> Result<(), Refusal> {
    let typed = crate::console::domains::NewWebDomain {
        domain,
        name: Some(name),
        customer: Some(customer),
        agency: Some(agency),
        alias: Some(alias),
        verification_method: Some(verification_method),
        ssl_validation: Some(ssl_validation),
        ..crate::console::domains::NewWebDomain::default()
    };
    let added = crate::console::desk::open().await?.add_from_form(typed).await?;
    leptos_axum::redirect(&format!("/domains/{}", added.id));
    Ok(())
}

/// What would come of a table of web domains.
#[server(endpoint = "domains/import-check")]
pub async fn check_import(csv: String, customer: String) -> Result<ImportView, Refusal> {
    crate::console::desk::open().await?.import_from_form(csv, customer, true).await
}

/// Adds the web domains of a table, and goes on to the list.
#[server(endpoint = "domains/import")]
pub async fn import_domains(csv: String, customer: String) -> Result<(), Refusal> {
    let came = crate::console::desk::open().await?.import_from_form(csv, customer, false).await?;
    leptos_axum::redirect(&format!("/domains?imported={}-{}-{}", came.added, came.already_there, came.wrong));
    Ok(())
}

/// Looks at the DNS of many domains again: of those with these ids, or of all that a list shows.
#[server(endpoint = "domains/refresh-many")]
pub async fn refresh_many(
    #[server(default)] ids: Vec<String>,
    #[server(default)] search: Search,
    which: String,
) -> Result<(), Refusal> {
    let came = crate::console::desk::open().await?.refresh_chosen(ids, &search, &which).await?;
    leptos_axum::redirect(&search.address("/domains", &[("refreshed", &came.word())]));
    Ok(())
}

/// Looks at a domain's DNS again, at once.
#[server(endpoint = "domains/refresh")]
pub async fn refresh_domain(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.refresh(&id).await
}

/// Renews a domain's certificate now.
#[server(endpoint = "domains/renew")]
pub async fn renew_domain(id: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.renew(&id).await
}

/// Changes a domain's settings and goes back to its page.
#[server(endpoint = "domains/change")]
pub async fn change_domain(
    id: String,
    name: String,
    alias: String,
    agency: String,
    state: String,
    #[server(default)] verification_method: Option<String>,
    #[server(default)] ssl_validation: Option<String>,
) -> Result<(), Refusal> {
    let typed = crate::console::domains::ChangedSettings {
        name: Some(name),
        alias: Some(alias),
        agency: Some(agency),
        verification_method,
        ssl_validation,
        enabled: Some(state == "on"),
        ..crate::console::domains::ChangedSettings::default()
    };
    crate::console::desk::open().await?.change_from_form(&id, typed).await?;
    leptos_axum::redirect(&format!("/domains/{id}"));
    Ok(())
}

/// Changes which agencies use a domain and who gets its Monitoring Reports, and goes back to its page.
#[server(endpoint = "domains/share")]
pub async fn share_domain(
    id: String,
    #[server(default)] enabled_agencies: Vec<String>,
    monitoring_reports: String,
    every: String,
) -> Result<(), Refusal> {
    let desk = crate::console::desk::open().await?;
    desk.share_from_form(&id, enabled_agencies, &monitoring_reports, every).await?;
    leptos_axum::redirect(&format!("/domains/{id}"));
    Ok(())
}

/// Removed domains whose records still point here.
#[server(endpoint = "domains/leftovers")]
pub async fn leftovers() -> Result<Vec<LeftoverView>, Refusal> {
    crate::console::desk::open().await?.leftovers().await
}

/// Has the CA validate a domain in another way from now on.
#[server(endpoint = "domains/validation")]
pub async fn change_validation(id: String, ssl_validation: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.change_validation(&id, &ssl_validation).await.map(drop)
}

/// Leaves the three steps of a domain's certificate to people, or to us again.
#[server(endpoint = "domains/hand-over")]
pub async fn hand_over(id: String, #[server(default)] by_hand: bool) -> Result<(), Refusal> {
    crate::console::desk::open().await?.hand_over(&id, by_hand).await
}

/// Takes the next of the three steps.
#[server(endpoint = "domains/take-step")]
pub async fn take_step(id: String, #[server(default)] step: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.take_step(&id, &step).await
}

/// Removes a domain, whose name the person types to say that they mean it.
#[server(endpoint = "domains/remove")]
pub async fn remove_domain(id: String, typed: String) -> Result<(), Refusal> {
    crate::console::desk::open().await?.remove_from_form(&id, &typed).await?;
    leptos_axum::redirect("/domains");
    Ok(())
}

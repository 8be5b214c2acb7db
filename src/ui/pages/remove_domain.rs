//! Removing a domain: what will happen, and the name typed to say that it is meant.

use crate::api::domains::{RemoveDomain, domain};
use crate::ui::pages::Loading;
use crate::ui::pages::removed::Records;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::TextField;
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::domain::{DomainView, LeftRecord, RecordView};
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn RemoveDomainPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<RemoveDomain>::new());
    let shown = Resource::new_blocking(move || id.get(), domain);
    view! {
        <FormTitle text="Remove a web domain" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <RemoveForm view refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RemoveForm(view: DomainView, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let DomainView { id, domain, dns_records, .. } = view;
    let left = |RecordView { host, rtype, value, .. }| LeftRecord { host, rtype, value };
    let records: Vec<LeftRecord> = dns_records.into_iter().map(left).collect();
    let page = format!("/domains/{id}");
    view! {
        <Crumbs through=(page.clone(), domain.clone()) here="Remove" />
        <Heading text=format!("Remove {domain}") />
        <ul class="consequences">
            <li>"Visitors who still come to us under this name see an error."</li>
            <li>"Its certificate is no longer renewed."</li>
            <li>"It is kept for 30 days. When you add it again, its validation record stays the same."</li>
            <li>"Delete its DNS records at your DNS provider afterwards: an alias that leads nowhere can be misused."</li>
        </ul>
        <h2>"Records to delete afterwards"</h2>
        <Records records />
        <p class="panel__note">
            "We look once a day for 30 days, list under \"Removed domains\" what is still there, and write about it after 3 days."
        </p>
        <form class="form" action=RemoveDomain::url() method="post" novalidate=true>
            <input type="hidden" name="id" value=id />
            <TextField name="typed" label=format!("Type {domain} to remove it") refusal />
            <div class="form__buttons">
                <button class="usa-button usa-button--secondary" type="submit">
                    "Remove web domain"
                </button>
                <a class="usa-link" href=page>
                    "Keep it"
                </a>
            </div>
        </form>
    }
}

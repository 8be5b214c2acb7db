//! A web domain's settings: what people call it, where it routes to, whose it is, and whether it is switched on.

use crate::api::domains::{ChangeDomain, choices, domain};
use crate::domain::status::DomainStatus;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::domain::DomainView;
use crate::wire::error::Refusal;
use crate::wire::people::AddChoices;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<ChangeDomain>::new());
    let shown = Resource::new_blocking(
        move || id.get(),
        |id| async move { Ok::<_, Refusal>((domain(id).await?, choices().await?)) },
    );
    view! {
        <FormTitle text="Settings of a web domain" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok((view, choices)) => view! { <SettingsForm view choices refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SettingsForm(view: DomainView, choices: AddChoices, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let DomainView { id, domain, name, customer, agency, alias, domain_status, .. } = view;
    let page = format!("/domains/{id}");
    let services: Vec<_> = choices.aliases.into_iter().map(|alias| (alias.clone(), alias)).collect();
    let own = choices.agencies.into_iter().filter(|one| one.customer == customer).map(|one| (one.id, one.name));
    let agencies: Vec<_> = std::iter::once((String::new(), "None".to_owned())).chain(own).collect();
    let states =
        vec![("on".to_owned(), "On".to_owned()), ("off".to_owned(), "Off: keep everything, serve nothing".to_owned())];
    let state = if domain_status == DomainStatus::Disabled { "off" } else { "on" };
    view! {
        <Crumbs through=(page.clone(), domain.clone()) here="Settings" />
        <Heading text=format!("Settings of {domain}") />
        <form class="form" action=ChangeDomain::url() method="post" novalidate=true>
            <input type="hidden" name="id" value=id />
            <TextField name="name" label="Name" hint="What people in your office call it." filled=name refusal />
            <SelectField name="alias" label="Alias" hint="Which service the domain routes to." choices=services chosen=alias />
            <SelectField
                name="agency"
                label="Default Agency"
                hint="The office that the domain belongs to."
                choices=agencies
                chosen=agency.unwrap_or_default()
            />
            <SelectField
                name="state"
                label="Switched"
                hint="A domain that is off answers nobody and is not checked; certificate and settings are kept."
                choices=states
                chosen=state
            />
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    "Save settings"
                </button>
                <a class="usa-link" href=page>
                    "Change nothing"
                </a>
            </div>
        </form>
    }
    .into_any()
}

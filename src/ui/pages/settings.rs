//! A web domain's settings: what people call it, where it routes to, whose it is, whether it is switched on, who else uses
//! it, and who gets its Monitoring Reports.

use crate::api::domains::{ChangeDomain, ShareDomain, choices, domain};
use crate::domain::report::Every;
use crate::domain::status::DomainStatus;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{CheckField, LinesField, SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::methods::Methods;
use crate::ui::parts::refused::Refused;
use crate::wire::domain::DomainView;
use crate::wire::error::Refusal;
use crate::wire::people::{AddChoices, AgencyView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusals = [refusal_of(ServerAction::<ChangeDomain>::new()), refusal_of(ServerAction::<ShareDomain>::new())];
    let refusal = Signal::derive(move || refusals.into_iter().find_map(|refusal| refusal.get()));
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
    let sharing = view.clone();
    let DomainView { id, domain, name, customer, agency, alias, domain_status, .. } = view;
    let (verification, validation) = (view.verification_method.word(), view.ssl_validation.word());
    let page = format!("/domains/{id}");
    let services: Vec<_> = choices.aliases.into_iter().map(|alias| (alias.clone(), alias)).collect();
    let offices: Vec<AgencyView> = choices.agencies.into_iter().filter(|one| one.customer == customer).collect();
    let own = offices.iter().map(|one| (one.id.clone(), one.name.clone()));
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
            <Methods verification validation wildcard=view.wildcard refusal />
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
        <Sharing view=sharing offices refusal />
    }
    .into_any()
}

/// A choice of more agencies than this helps nobody; the REST API sets any.
const OFFICES_MAX: usize = 200;

#[component]
fn Sharing(view: DomainView, offices: Vec<AgencyView>, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let DomainView { id, agency, enabled_agencies, monitoring_reports, .. } = view;
    let typed = |name: &str| refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned()));
    let chosen = typed("enabled_agencies")
        .map_or(enabled_agencies, |typed| typed.split(',').map(str::to_owned).collect::<Vec<_>>());
    let every = typed("every").unwrap_or_else(|| monitoring_reports.every.word().to_owned());
    let others = offices.into_iter().filter(|one| agency.as_ref() != Some(&one.id));
    let choices: Vec<_> = others.map(|one| (one.id, one.name)).take(OFFICES_MAX).collect();
    let frequencies = Every::ALL.iter().map(|every| (every.word().to_owned(), every.label().to_owned())).collect();
    let offices = (!choices.is_empty()).then(|| {
        view! {
            <CheckField
                name="enabled_agencies"
                label="Enabled Agencies"
                hint="Other offices that use this domain: they find it under their own name too."
                choices
                chosen
                refusal
            />
        }
    });
    view! {
        <h2>"Agencies and Monitoring Reports"</h2>
        <form class="form" action=ShareDomain::url() method="post" novalidate=true>
            <input type="hidden" name="id" value=id />
            {offices}
            <LinesField
                name="monitoring_reports"
                label="Monitoring Reports (optional)"
                hint="Addresses that get a report on this domain, one on each line."
                filled=monitoring_reports.addresses.join("\n")
                refusal
            />
            <SelectField
                name="every"
                label="How often"
                choices=frequencies
                chosen=every
            />
            <button class="usa-button" type="submit">
                "Save agencies and reports"
            </button>
        </form>
    }
    .into_any()
}

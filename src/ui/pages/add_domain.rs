//! Add Web Domain: one form.

use crate::api::domains::{AddDomain, CheckName, choices};
use crate::islands::name_check::NameCheck;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, field_id, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::methods::Methods;
use crate::ui::parts::refused::Refused;
use crate::wire::error::Refusal;
use crate::wire::people::AddChoices;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The page.
#[component]
pub fn AddDomainPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<AddDomain>::new());
    let offered = Resource::new_blocking(|| (), |()| choices());
    view! {
        <FormTitle text="Add Web Domain" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match offered.await {
                    Ok(offered) => view! { <AddForm refusal offered /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn AddForm(refusal: Signal<Option<Refusal>>, offered: AddChoices) -> impl IntoView {
    let typed = move |name: &str| {
        refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned())).unwrap_or_default()
    };
    let chose_otherwise =
        !matches!(typed("verification_method").as_str(), "" | "txt") || typed("ssl_validation") == "http";
    let refused = refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed("domain")?.to_owned()));
    view! {
        <Crumbs here="Add Web Domain" />
        <Heading text="Add Web Domain" />
        <form class="form" action=AddDomain::url() method="post" novalidate=true>
            <NameCheck field=field_id("domain") door=CheckName::url().to_owned() refused>
                <TextField
                    name="domain"
                    label="Domain"
                    hint="The full name that visitors will type, such as portal.agency.gov. For every name below it: *.agency.gov."
                    refusal
                />
            </NameCheck>
            <TextField
                name="name"
                label="Name"
                hint="What people call it, such as Public portal."
                required=false
                refusal
            />
            <Choices offered customer=typed("customer") agency=typed("agency") alias=typed("alias") />
            <details class="more" open=chose_otherwise>
                <summary>"Other ways to verify: HTTP or EMAIL"</summary>
                <Methods verification=typed("verification_method") validation=typed("ssl_validation") refusal />
            </details>
            <button class="usa-button" type="submit">
                "Add Web Domain"
            </button>
            <p class="form__next">"Next you see the DNS records to publish. Nothing changes for visitors until you add them."</p>
        </form>
    }
}

/// Customer, agency and alias, as far as there is a choice.
#[component]
fn Choices(offered: AddChoices, customer: String, agency: String, alias: String) -> impl IntoView {
    let AddChoices { customers, agencies, aliases } = offered;
    let several = customers.len() > 1;
    let customer_name = |id: &str| customers.iter().find(|c| c.id == id).map(|c| c.name.clone()).unwrap_or_default();
    let agencies: Vec<(String, String)> = std::iter::once((String::new(), "No Default Agency".to_owned()))
        .chain(agencies.into_iter().map(|agency| {
            let owner = customer_name(&agency.customer);
            (agency.id, if several { format!("{} ({owner})", agency.name) } else { agency.name })
        }))
        .collect();
    let only_customer = customers.first().map(|customer| customer.id.clone()).unwrap_or_default();
    let customers: Vec<(String, String)> = customers.into_iter().map(|customer| (customer.id, customer.name)).collect();
    let customer = choice("customer", "Customer", "Whose domain it is.", customers, customer, only_customer);
    let has_agencies = agencies.len() > 1;
    let agency = if has_agencies {
        view! {
            <SelectField
                name="agency"
                label="Agency"
                hint="The Default Agency: who the domain opens for."
                choices=agencies
                chosen=agency
            />
        }
        .into_any()
    } else {
        view! { <input type="hidden" name="agency" value="" /> }.into_any()
    };
    let only_alias = aliases.first().cloned().unwrap_or_default();
    let aliases: Vec<(String, String)> = aliases.into_iter().map(|alias| (alias.clone(), alias)).collect();
    let alias = choice("alias", "Alias", "Which of our services the domain leads to.", aliases, alias, only_alias);
    view! {
        {customer}
        {agency}
        {alias}
    }
}

/// A field where there is a choice, and the only value where there is none.
fn choice(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    choices: Vec<(String, String)>,
    chosen: String,
    only: String,
) -> AnyView {
    if choices.len() > 1 {
        view! { <SelectField name label hint choices chosen /> }.into_any()
    } else {
        view! { <input type="hidden" name=name value=only /> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_without_a_choice_are_not_shown() {
        let offered = AddChoices { customers: Vec::new(), agencies: Vec::new(), aliases: vec!["portal".into()] };
        let html = view! { <Choices offered customer="".into() agency="".into() alias="".into() /> }.to_html();
        assert!(!html.contains("<select"), "{html}");
        assert!(html.contains(r#"name="alias" value="portal""#), "{html}");
    }
}

//! Add Web Domain: one form, with the name checked while it is typed by the same rules as on the server.

use crate::api::domains::{AddDomain, choices};
use crate::domain::hostname::{Hostname, NameProblem};
use crate::ui::browser;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, field_id, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::error::Refusal;
use crate::wire::people::AddChoices;
use leptos::ev::FocusEvent;
use leptos::prelude::*;

/// The page.
#[component]
pub fn AddDomainPage() -> impl IntoView {
    let add = ServerAction::<AddDomain>::new();
    let refusal = refusal_of(add);
    let offered = Resource::new_blocking(|| (), |()| choices());
    view! {
        <FormTitle text="Add Web Domain" refusal />
        <ErrorSummary refusal />
        <Crumbs here="Add Web Domain" />
        <Heading text="Add Web Domain" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match offered.await {
                    Ok(offered) => view! { <AddForm add refusal offered /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn AddForm(add: ServerAction<AddDomain>, refusal: Signal<Option<Refusal>>, offered: AddChoices) -> impl IntoView {
    let pending = add.pending();
    let typed = move |name: &str| {
        refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned())).unwrap_or_default()
    };
    view! {
        <ActionForm action=add attr:class="form" attr:novalidate=true>
            <NameField refusal />
            <TextField
                name="name"
                label="Name"
                hint="What people call it, such as Public portal."
                required=false
                refusal
            />
            <Choices offered customer=typed("customer") agency=typed("agency") alias=typed("alias") />
            <button class="usa-button" type="submit" aria-disabled=move || pending.get().then_some("true")>
                "Add Web Domain"
            </button>
            <p class="form__next">"Next you see the DNS records to publish. Nothing changes for visitors until you add them."</p>
        </ActionForm>
    }
}

/// The domain's own field, and what is said about it while it is typed.
#[component]
fn NameField(refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let left = RwSignal::new(false);
    Effect::new(move |_| {
        // Somebody may have typed before the page was awake.
        if let Some(text) = browser::field_text(&field_id("domain")) {
            typed.set(text);
        }
    });
    let leave = move |event: FocusEvent| {
        // Words that appear now would move the button from under the pointer, and its press would miss.
        if !browser::goes_to_button(&event) {
            left.set(true);
        }
    };
    let refused = move || refusal.with(|refusal| refusal.as_ref()?.typed("domain").map(str::to_owned));
    let advice = Memo::new(move |_| Advice::beside(refused().as_deref(), &typed.read(), left.get()));
    view! {
        <div on:input=move |event| typed.set(event_target_value(&event)) on:focusout=leave>
            <TextField
                name="domain"
                label="Domain"
                hint="The full name that visitors will type, such as portal.agency.gov. For every name below it: *.agency.gov."
                refusal
            />
            <div class="advice" aria-live="polite">
                {move || {
                    advice.get().map(|advice| view! { <Said advice typed /> })
                }}
            </div>
        </div>
    }
}

/// What the page says about a name that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Advice {
    /// It will do; browsers may write it differently.
    Good(String),
    /// It won't do.
    Wrong(String),
    /// This was probably meant.
    Meant(String),
}

impl Advice {
    /// Says nothing that the error beside the field says already of the text that was `refused`.
    fn beside(refused: Option<&str>, typed: &str, left: bool) -> Option<Self> {
        Self::on(typed, left).filter(|advice| matches!(advice, Self::Meant(_)) || refused != Some(typed))
    }

    /// Speaks at once of what more letters can't mend, and of the rest when the field was left.
    fn on(typed: &str, left: bool) -> Option<Self> {
        match Hostname::parse_form(typed) {
            Ok(name) if name.unicode().is_some() => Some(Self::Good(format!("Browsers write this name as {name}."))),
            Ok(name) => left.then(|| Self::Good(format!("{name} can be added."))),
            Err(NameProblem::Empty) => None,
            Err(NameProblem::Dressed { cleaned: Some(name) }) if left || !typed.ends_with('.') => {
                Some(Self::Meant(name))
            }
            Err(NameProblem::Dressed { .. }) if !left => None,
            Err(problem @ NameProblem::Character(_)) => Some(Self::Wrong(problem.to_string())),
            Err(problem) => left.then(|| Self::Wrong(problem.to_string())),
        }
    }
}

#[component]
fn Said(advice: Advice, typed: RwSignal<String>) -> impl IntoView {
    match advice {
        Advice::Good(words) => view! { <p class="advice__good">{words}</p> }.into_any(),
        Advice::Wrong(words) => view! { <p class="advice__wrong">{words}</p> }.into_any(),
        Advice::Meant(name) => {
            let words = format!("Did you mean {name}?");
            let label = format!("Use {name}");
            let take = move |_| {
                browser::fill_field(&field_id("domain"), &name);
                typed.set(name.clone());
            };
            view! {
                <p class="advice__meant">
                    {words} " " <button type="button" class="usa-button usa-button--outline" on:click=take>
                        {label}
                    </button>
                </p>
            }
            .into_any()
        }
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
    fn advice_waits_until_it_helps() {
        assert_eq!(Advice::on("", true), None);
        assert_eq!(Advice::on("portal", false), None);
        assert_eq!(Advice::on("portal.court.", false), None);
        assert!(matches!(Advice::on("portal", true), Some(Advice::Wrong(_))));
        assert!(matches!(Advice::on("my portal", false), Some(Advice::Wrong(_))));
        assert_eq!(Advice::on("https://portal.court.gov/x", false), Some(Advice::Meant("portal.court.gov".into())));
        assert_eq!(Advice::on("https://po", false), None);
        assert!(matches!(Advice::on("bücher.example.com", false), Some(Advice::Good(_))));
        assert_eq!(Advice::beside(Some("a b"), "a b", true), None);
        assert!(Advice::beside(Some("a b"), "a bc", true).is_some());
    }

    #[test]
    fn fields_without_a_choice_are_not_shown() {
        let offered = AddChoices { customers: Vec::new(), agencies: Vec::new(), aliases: vec!["portal".into()] };
        let html = view! { <Choices offered customer="".into() agency="".into() alias="".into() /> }.to_html();
        assert!(!html.contains("<select"), "{html}");
        assert!(html.contains(r#"name="alias" value="portal""#), "{html}");
    }
}

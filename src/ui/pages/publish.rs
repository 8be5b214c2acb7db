//! Publish for me: a key that may change the zone, what would be changed, and one button that does it.

use crate::api::publish::{ForgetUpdateKey, KeepUpdateKey, PublishRecords, publishing};
use crate::domain::publishing::Step;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::error::Refusal;
use crate::wire::publish::{PlannedView, PublishView, UpdateKeyView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// What name servers sign with, the usual one first.
const ALGORITHMS: [&str; 3] = ["hmac-sha256", "hmac-sha384", "hmac-sha512"];

/// The page.
#[component]
pub fn PublishPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusals = [
        refusal_of(ServerAction::<KeepUpdateKey>::new()),
        refusal_of(ServerAction::<ForgetUpdateKey>::new()),
        refusal_of(ServerAction::<PublishRecords>::new()),
    ];
    let refusal = Signal::derive(move || refusals.into_iter().find_map(|refusal| refusal.get()));
    let shown = Resource::new_blocking(move || id.get(), publishing);
    view! {
        <FormTitle text="Publish the DNS records" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || {
                let id = id.get();
                Suspend::new(async move {
                    match shown.await {
                        Ok(view) => view! { <Body id view refusal /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Body(id: String, view: PublishView, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let PublishView { domain, zone, servers, key, plan } = view;
    let page = format!("/domains/{id}");
    let body = match (zone, key) {
        (None, _) => view! {
            <p class="lead">
                "We have not found the zone of this domain yet. Come back after the first look at its DNS."
            </p>
        }
        .into_any(),
        (Some(zone), None) => view! { <KeyForm id zone servers refusal /> }.into_any(),
        (Some(zone), Some(key)) => view! { <Plan id zone key plan /> }.into_any(),
    };
    view! {
        <Crumbs through=(page, domain.clone()) here="Publish for me" />
        <Heading text=format!("Publish the DNS records of {domain}") />
        {body}
    }
    .into_any()
}

#[component]
fn KeyForm(id: String, zone: String, servers: Vec<String>, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let only = if let [only] = servers.as_slice() { only.clone() } else { String::new() };
    let known = (!servers.is_empty()).then(|| {
        view! { <p>{format!("The name servers of {zone} are at {}.", servers.join(", "))}</p> }
    });
    let algorithms = ALGORITHMS.map(|word| (word.to_owned(), word.to_owned())).into();
    view! {
        <p class="lead">
            {format!(
                "If your name server takes dynamic updates (RFC 2136), give us a key that may change {zone}, and we add the records for you. Nothing happens before you have seen what we would change.",
            )}
        </p>
        {known}
        <form class="form" action=KeepUpdateKey::url() method="post" novalidate=true>
            <input type="hidden" name="id" value=id />
            <TextField
                name="server"
                label="Primary name server"
                hint="Its IP address; with a port if it is not 53, such as 192.0.2.53:5353."
                filled=only
                refusal
            />
            <TextField name="name" label="Key name" hint="As your name server has it." refusal />
            <SelectField name="algorithm" label="Algorithm" choices=algorithms />
            <TextField
                name="secret"
                label="Secret"
                hint="In Base64. It is kept encrypted, and never shown again."
                kind="password"
                refusal
            />
            <button class="usa-button" type="submit">
                "Store the key"
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn Plan(id: String, zone: String, key: UpdateKeyView, plan: Vec<PlannedView>) -> impl IntoView {
    let changes = plan.iter().filter(|planned| planned.step.writes()).count();
    let words = match changes {
        0 => "There is nothing that we may publish now.".to_owned(),
        1 => format!("One record of {zone} would be changed at {}. All others stay as they are.", key.server),
        more => format!("{more} records of {zone} would be changed at {}. All others stay as they are.", key.server),
    };
    let publish = (changes > 0).then(|| {
        view! {
            <form class="form" action=PublishRecords::url() method="post">
                <input type="hidden" name="id" value=id.clone() />
                <button class="usa-button" type="submit">
                    "Publish these records"
                </button>
            </form>
        }
    });
    let rows = plan.into_iter().map(|planned| view! { <Row planned /> });
    view! {
        <p class="lead">{words}</p>
        <table class="listing" aria-label="What would be changed">
            <thead>
                <tr>
                    <th scope="col">"Record"</th>
                    <th scope="col">"Host"</th>
                    <th scope="col">"Value"</th>
                    <th scope="col">"What happens"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {publish}
        <h2>"The key"</h2>
        <p>
            {format!("{} ({}) for {zone} at {}, stored by {} on ", key.name, key.algorithm, key.server, key.created_by)}
            <Time at=key.created_at /> "."
        </p>
        <form action=ForgetUpdateKey::url() method="post">
            <input type="hidden" name="id" value=id />
            <button class="usa-button usa-button--outline" type="submit">
                "Forget this key"
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn Row(planned: PlannedView) -> impl IntoView {
    let words = match planned.step {
        Step::InPlace => "Nothing: it is in place.".to_owned(),
        Step::Add => "It is added.".to_owned(),
        Step::Replace { old } => format!("It replaces what we put there before: {old}"),
        Step::Occupied { found } => {
            format!("Nothing: {} stands there, which we did not put. Change it yourself.", found.join(", "))
        }
    };
    view! {
        <tr>
            <th scope="row">{planned.label}</th>
            <td data-label="Host">{planned.host}</td>
            <td data-label="Value">{format!("{} {}", planned.rtype, planned.value)}</td>
            <td data-label="What happens">{words}</td>
        </tr>
    }
    .into_any()
}

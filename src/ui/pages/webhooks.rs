//! Webhooks: added, with the secret shown once, and listed.

use crate::api::people::customers;
use crate::api::webhooks::{AddWebhook, webhooks};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{CheckField, SelectField, TextField};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::made::Made;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::error::Refusal;
use crate::wire::people::CustomerView;
use crate::wire::webhooks::{WebhookView, WebhooksView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const KEEP: &str = "Copy it now: it is shown this once. With it your program checks that a message comes from us.";

/// The page.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<AddWebhook>::new());
    let listed =
        Resource::new_blocking(|| (), |()| async { Ok::<_, Refusal>((webhooks().await?, customers().await?.items)) });
    view! {
        <FormTitle text="Webhooks" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match listed.await {
                    Ok((view, customers)) => view! { <Listed view customers refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Listed(view: WebhooksView, customers: Vec<CustomerView>, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let list = if view.items.is_empty() {
        view! { <p>"There is no webhook yet."</p> }.into_any()
    } else {
        view! { <Table webhooks=view.items /> }.into_any()
    };
    view! {
        <Heading text="Webhooks" />
        {view.made.map(|text| view! { <Made title="Your new webhook's secret" what="secret" keep=KEEP text /> })}
        <p>
            "We send a signed message to your own program when something happens to a web domain, as "
            <a class="usa-link" href="https://www.standardwebhooks.com/">
                "Standard Webhooks"
            </a>
            " has it. A message that is not taken is sent again, up to nine times within four days."
        </p>
        <p>
            "Its body is JSON: " <code>"type"</code> ", " <code>"timestamp"</code> " and " <code>"data"</code>
            ", which holds the domain, its certificate, and what has to be done, where something has."
        </p>
        {list}
        <AddForm events=view.events customers refusal />
    }
    .into_any()
}

#[component]
fn Table(webhooks: Vec<WebhookView>) -> impl IntoView {
    let rows = webhooks.into_iter().map(|webhook| {
        let state = match webhook.disabled_at {
            Some(at) => view! { "Off since " <Time at /> }.into_any(),
            None => view! { "On" }.into_any(),
        };
        view! {
            <tr>
                <th scope="row">
                    <a class="usa-link" href=format!("/webhooks/{}", webhook.id)>
                        {webhook.url}
                    </a>
                </th>
                <td data-label="Customer">{webhook.customer}</td>
                <td data-label="Events">{webhook.events.len()}</td>
                <td data-label="State">{state}</td>
            </tr>
        }
    });
    view! {
        <table class="listing" aria-label="Webhooks">
            <thead>
                <tr>
                    <th scope="col">"Address"</th>
                    <th scope="col">"Customer"</th>
                    <th scope="col">"Events"</th>
                    <th scope="col">"State"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn AddForm(events: Vec<String>, customers: Vec<CustomerView>, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let owners: Vec<(String, String)> = customers.into_iter().map(|one| (one.id, one.name)).collect();
    let customer = match owners.as_slice() {
        [(only, _)] => view! { <input type="hidden" name="customer" value=only.clone() /> }.into_any(),
        _ => view! { <SelectField name="customer" label="Customer" choices=owners /> }.into_any(),
    };
    let choices = events.iter().map(|event| (event.clone(), event.clone())).collect();
    view! {
        <h2>"Add a webhook"</h2>
        <form class="form" action=AddWebhook::url() method="post" novalidate=true>
            <TextField name="url" label="Address" kind="url" hint="Such as https://example.org/padlock." refusal />
            {customer}
            <CheckField name="events" label="Events" hint="" choices chosen=events refusal />
            <button class="usa-button" type="submit">
                "Add webhook"
            </button>
        </form>
    }
    .into_any()
}

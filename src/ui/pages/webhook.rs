//! One webhook: its state, the test, its log, and the way to end it.

use crate::api::webhooks::{EnableWebhook, RemoveWebhook, TestWebhook, webhook, webhook_log};
use crate::domain::finding::printable;
use crate::ui::pages::{Loading, query};
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::webhooks::{DeliveryView, WebhookView};
use crate::wire::when::When;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let (params, address) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let cursor = Memo::new(move |_| address.with(|query| query.get("cursor")).unwrap_or_default());
    let refusals = [refusal_of(ServerAction::<TestWebhook>::new()), refusal_of(ServerAction::<RemoveWebhook>::new())];
    let refusal: Signal<Option<Refusal>> =
        Signal::derive(move || refusals.into_iter().find_map(|refusal| refusal.get()));
    let shown = Resource::new_blocking(
        move || (id.get(), cursor.get()),
        |(id, cursor)| async { Ok::<_, Refusal>((webhook(id.clone()).await?, webhook_log(id, cursor).await?)) },
    );
    view! {
        <FormTitle text="Webhook" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok((webhook, log)) => view! { <Shown webhook log at_start=cursor.get_untracked().is_empty() /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(webhook: WebhookView, log: Page<DeliveryView>, at_start: bool) -> impl IntoView {
    let id = webhook.id.clone();
    let tested = webhook.tested_at.zip(webhook.tested).map(|(at, words)| {
        view! { <p>"The last test, on " <Time at /> ", ended so: " <strong>{printable(&words)}</strong> "."</p> }
    });
    view! {
        <Heading text="Webhook" />
        <dl class="facts">
            <div>
                <dt>"Address"</dt>
                <dd>
                    <code>{webhook.url}</code>
                </dd>
            </div>
            <div>
                <dt>"Customer"</dt>
                <dd>{webhook.customer}</dd>
            </div>
            <div>
                <dt>"Added by"</dt>
                <dd>{webhook.created_by} ", " <Time at=webhook.created_at /></dd>
            </div>
            <div>
                <dt>"Events"</dt>
                <dd>{webhook.events.join(", ")}</dd>
            </div>
        </dl>
        <State id=id.clone() since=webhook.disabled_at why=webhook.disabled_why />
        <h2>"Test"</h2>
        <p>"Sends a message of the type " <code>"webhook.test"</code> " once, signed like every other."</p>
        {tested}
        <form action=TestWebhook::url() method="post" data-in-place="">
            <input type="hidden" name="id" value=id.clone() />
            <button class="usa-button usa-button--outline" type="submit">
                "Send a test"
            </button>
        </form>
        <h2>"Deliveries"</h2>
        <Log path=format!("/webhooks/{id}") log at_start />
        <details class="more">
            <summary>"Remove this webhook"</summary>
            <p>"Its secret and its log are gone then, with what was still to be sent."</p>
            <form action=RemoveWebhook::url() method="post">
                <input type="hidden" name="id" value=id />
                <button class="usa-button usa-button--secondary" type="submit">
                    "Remove webhook"
                </button>
            </form>
        </details>
        <p>
            <a class="usa-link" href="/webhooks">
                "All webhooks"
            </a>
        </p>
    }
    .into_any()
}

/// Whether messages are sent, and the way back where none are.
#[component]
fn State(id: String, since: Option<When>, why: Option<String>) -> impl IntoView {
    let Some(at) = since else { return view! { <p>"Messages are sent."</p> }.into_any() };
    let why = why.map(|why| format!(": the receiver {}", printable(&why)));
    view! {
        <p>"Nothing is sent since " <Time at /> {why} ". What happened meanwhile is not sent later."</p>
        <form action=EnableWebhook::url() method="post" data-in-place="">
            <input type="hidden" name="id" value=id />
            <button class="usa-button" type="submit">
                "Switch on again"
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn Log(path: String, log: Page<DeliveryView>, at_start: bool) -> impl IntoView {
    if log.items.is_empty() {
        return view! { <p>"Nothing was sent in the last 30 days."</p> }.into_any();
    }
    let rows = log.items.into_iter().map(|delivery| view! { <Row delivery /> }).collect_view();
    let newest = (!at_start).then(|| {
        view! {
            <a class="usa-link" href=path.clone()>
                "Newest"
            </a>
        }
    });
    let older = log.next_cursor.map(|cursor| {
        view! {
            <a class="usa-link" href=format!("{path}{}", query(&[("cursor", &cursor)])) rel="next">
                "Older"
            </a>
        }
    });
    view! {
        <table class="listing" aria-label="Deliveries">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Event"</th>
                    <th scope="col">"Web domain"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Tries"</th>
                    <th scope="col">"Last answer"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <nav class="paging" aria-label="Pages">
            {newest}
            {older}
        </nav>
    }
    .into_any()
}

#[component]
fn Row(delivery: DeliveryView) -> impl IntoView {
    let state = match (delivery.state.as_str(), delivery.next_at) {
        ("delivered", _) => view! { "Delivered" }.into_any(),
        (_, Some(at)) => view! { "Waiting: next try " <Time at /> }.into_any(),
        _ => view! { "Given up" }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <Time at=delivery.at />
            </th>
            <td data-label="Event">
                <code>{delivery.event}</code>
            </td>
            <td data-label="Web domain">{delivery.domain}</td>
            <td data-label="State">{state}</td>
            <td data-label="Tries">{delivery.attempts}</td>
            <td data-label="Last answer">{delivery.detail.map_or_else(|| "None".to_owned(), |words| printable(&words))}</td>
        </tr>
    }
}

//! Triage: everything that is not Ready, in heaps of one cause, for those who help customers. Plain links and forms.

use crate::api::triage::{CheckAgain, triage};
use crate::domain::finding::Owner;
use crate::islands::times::Shape;
use crate::ui::pages::Loading;
use crate::ui::parts::customers::CustomerField;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::SelectField;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::reply::ReplyToCopy;
use crate::ui::parts::time::Time;
use crate::ui::search::address;
use crate::wire::list::Search;
use crate::wire::people::CustomerView;
use crate::wire::triage::{HeapView, TriageSearch, TriageView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page.
#[component]
pub fn TriagePage() -> impl IntoView {
    let query = use_query_map();
    let search = Memo::new(move |_| {
        let said = |name| query.with(|query| query.get(name)).unwrap_or_default();
        TriageSearch { customer: said("customer"), owner: said("owner") }
    });
    let queue = Resource::new_blocking(move || search.get(), |search| triage(search.customer, search.owner));
    let refusal = refusal_of(ServerAction::<CheckAgain>::new());
    let checked = move || query.with(|query| query.get("checked")?.parse::<u32>().ok());
    view! {
        <Title text="Triage" />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || {
                let (search, checked) = (search.get(), checked());
                Suspend::new(async move {
                    match queue.await {
                        Ok(view) => view! { <Queue view search checked /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Queue(view: TriageView, search: TriageSearch, checked: Option<u32>) -> impl IntoView {
    let domains = if view.total.to_string() == "1" { "domain" } else { "domains" };
    let rows = view.heaps.into_iter().map(|heap| view! { <Heap heap customer=search.customer.clone() /> });
    let rows: Vec<_> = rows.collect();
    let body = if rows.is_empty() {
        view! { <p>"Every web domain here is Ready, or was switched off."</p> }.into_any()
    } else {
        view! {
            <table class="listing triage" aria-label="What is not Active, by cause">
                <thead>
                    <tr>
                        <th scope="col">"Cause"</th>
                        <th scope="col">"Who can act"</th>
                        <th scope="col">"Domains"</th>
                        <th scope="col">"Oldest"</th>
                        <th scope="col">"What you can do"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Heading text="Triage" />
        <p class="lead">{format!("Not Active: {} {domains}", view.total)}</p>
        {checked.map(|checked| view! { <p class="notice" role="status">{asked(checked)}</p> })}
        <Narrow search customers=view.customers />
        {body}
    }
    .into_any()
}

fn asked(checked: u32) -> String {
    match checked {
        0 => "These were all checked within the last few minutes.".to_owned(),
        1 => "1 domain is being checked again.".to_owned(),
        many => format!("{many} domains are being checked again, those first that wait longest."),
    }
}

#[component]
fn Narrow(search: TriageSearch, customers: Vec<CustomerView>) -> impl IntoView {
    let any = std::iter::once((String::new(), "Any".to_owned()));
    let owners = any.chain(Owner::ALL.iter().map(|owner| (owner.word().to_owned(), owner.role().to_owned())));
    view! {
        <search class="filters">
            <form class="filters__row" method="get" action="/triage">
                <CustomerField customers chosen=search.customer />
                <SelectField name="owner" label="Who can act" choices=owners.collect() chosen=search.owner />
                <button class="usa-button usa-button--outline" type="submit">
                    "Show"
                </button>
            </form>
        </search>
    }
    .into_any()
}

#[component]
fn Heap(heap: HeapView, customer: String) -> impl IntoView {
    let HeapView { cause, title, owner, domains, oldest, waits, reply } = heap;
    let href = address(&Search { cause: cause.clone(), customer: customer.clone(), ..Search::default() });
    let reply = reply.map(|text| view! { <ReplyToCopy text about=title.clone() id=format!("reply-{cause}") /> });
    let label = format!("Check all of these again: {title}");
    let row = format!("heap-{cause}");
    view! {
        <tr id=row>
            <th scope="row" data-label="Cause">
                <a class="usa-link" href=href>
                    {title}
                </a>
            </th>
            <td data-label="Who can act">{owner.role()}</td>
            <td data-label="Domains">{domains.to_string()}</td>
            <td data-label="Oldest">
                {waits} <span class="triage__since">"since " <Time at=oldest shape=Shape::Date /></span>
            </td>
            <td data-label="What you can do">
                <form action=CheckAgain::url() method="post">
                    <input type="hidden" name="cause" value=cause />
                    <input type="hidden" name="customer" value=customer />
                    <button class="usa-button usa-button--outline" type="submit" aria-label=label>
                        "Check all of these again"
                    </button>
                </form>
                {reply}
            </td>
        </tr>
    }
    .into_any()
}

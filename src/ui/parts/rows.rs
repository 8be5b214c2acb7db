//! The domain list's table, which phones show as cards.

use crate::ui::parts::tag::{DomainTag, SslTag};
use crate::ui::search::address;
use crate::wire::domain::DomainRow;
use crate::wire::list::Search;
use leptos::prelude::*;

/// The id of the form that ticks belong to.
pub const BULK: &str = "bulk";

/// The rows, under headings that put them in another order.
#[component]
pub fn DomainTable(
    /// The page's rows.
    rows: Vec<DomainRow>,
    /// What the list shows.
    search: Search,
    /// How many there are, in words.
    found: String,
    /// Whether rows can be ticked.
    may_tick: bool,
) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row may_tick /> }).collect_view();
    view! {
        <p class="domains__found" id="found">{found}</p>
        <table class="domains">
            <caption class="usa-sr-only">"Web domains, their statuses and what comes next"</caption>
            <thead>
                <tr>
                    <SortHeader words="Domain" sort="domain" search=search.clone() />
                    <th scope="col">"Agency"</th>
                    <SortHeader words="Domain Status" sort="status" search />
                    <th scope="col">"SSL Status"</th>
                    <th scope="col">"Next"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A column's heading: a link that sorts by it, and the other way round when it does already. A search has its own order.
#[component]
fn SortHeader(words: &'static str, sort: &'static str, search: Search) -> impl IntoView {
    if !search.q.is_empty() || search.view == "expiring" || !search.cause.is_empty() {
        return view! { <th scope="col">{words}</th> }.into_any();
    }
    let chosen = if search.sort.is_empty() { "domain" } else { &search.sort };
    let (ascending, descending) = (chosen == sort, chosen.strip_prefix('-') == Some(sort));
    let next = match (ascending, sort) {
        (true, _) => format!("-{sort}"),
        (false, "domain") => String::new(),
        (false, _) => sort.to_owned(),
    };
    let (order, mark) = match (ascending, descending) {
        (true, _) => (Some("ascending"), "▲"),
        (_, true) => (Some("descending"), "▼"),
        _ => (None, ""),
    };
    let href = address(&Search { sort: next, cursor: String::new(), ..search });
    view! {
        <th scope="col" aria-sort=order>
            <a class="usa-link" href=href>
                {words}
            </a>
            <span class="domains__order" aria-hidden="true">
                {mark}
            </span>
        </th>
    }
    .into_any()
}

#[component]
fn Row(row: DomainRow, may_tick: bool) -> impl IntoView {
    let tick = may_tick.then(|| {
        let label = format!("Tick {}", row.domain);
        let id = row.id.clone();
        view! { <input class="domains__tick" type="checkbox" name="ids[]" value=id form=BULK aria-label=label /> }
    });
    // Where nobody gave it a name it is called by its domain, which stands there already.
    let named = (row.name != row.domain).then(|| view! { <span class="domains__name">{row.name}</span> });
    view! {
        <tr id=format!("domain-{}", row.id)>
            <th scope="row" data-label="Domain">
                {tick}
                <a class="usa-link" href=format!("/domains/{}", row.id)>
                    {row.domain}
                </a>
                {named}
            </th>
            <td data-label="Agency">{row.agency}</td>
            <td data-label="Domain Status">
                <DomainTag status=row.domain_status />
            </td>
            <td data-label="SSL Status">
                <SslTag status=row.ssl_status />
            </td>
            <td data-label="Next">{row.next}</td>
        </tr>
    }
    .into_any()
}

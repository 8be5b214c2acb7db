//! What narrows the domain list: quick views with their counts, and a form that the list follows while it is filled in.

use crate::domain::status::{DomainStatus, SslStatus};
use crate::ui::parts::errors::field_id;
use crate::ui::parts::fields::SelectField;
use crate::ui::search::address;
use crate::wire::list::{Count, Search, View};
use crate::wire::people::AgencyView;
use leptos::prelude::*;

/// A choice of more agencies than this helps nobody: their domains are found by the search.
const AGENCIES_MAX: usize = 200;

/// The quick views, as links with their counts.
#[component]
pub fn Views(
    /// The view that is shown.
    view: String,
    /// One for each view.
    counts: Vec<Count>,
) -> impl IntoView {
    let link = |(one, count): (View, Count)| {
        let here = (one.word() == view).then_some("page");
        let href = address(&Search { view: one.word().to_owned(), ..Search::default() });
        view! {
            <li>
                <a class="usa-link" href=href aria-current=here>
                    {one.label()}
                    " "
                    <span class="views__count">{count.to_string()}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav aria-label="Quick views">
            <ul class="views">{View::ALL.into_iter().zip(counts).map(link).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// The form. The list follows it (`islands/live.rs`), or waits for its button.
#[component]
pub fn Filters(
    /// What the list shows.
    search: Search,
    /// Those that it can be narrowed to.
    agencies: Vec<AgencyView>,
) -> impl IntoView {
    let any =
        |all: Vec<(String, String)>| std::iter::once((String::new(), "Any".to_owned())).chain(all).collect::<Vec<_>>();
    let domain = DomainStatus::ALL.iter().map(|s| (s.word().to_owned(), s.label().to_owned())).collect();
    let ssl = SslStatus::ALL.iter().map(|s| (s.word().to_owned(), s.label().to_owned())).collect();
    let orders = orders(&search);
    let Search { q, view, domain_status, ssl_status, agency, code, cause, customer, sort, .. } = search;
    let choosable = (1..=AGENCIES_MAX).contains(&agencies.len());
    let kept_agency = if choosable { String::new() } else { agency.clone() };
    let agencies: Vec<_> = agencies.into_iter().map(|agency| (agency.id, agency.name)).collect();
    let agency =
        choosable.then(|| view! { <SelectField name="agency" label="Agency" choices=any(agencies) chosen=agency /> });
    // Kept by the form, though it offers no choice of them.
    let kept = [("view", view), ("code", code), ("cause", cause), ("customer", customer), ("agency", kept_agency)];
    let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
    let sort = if sort == "domain" { String::new() } else { sort };
    view! {
        <search class="filters">
            <form class="filters__row" method="get" action="/domains" data-follows="">
                <div class="usa-form-group filters__search">
                    <label class="usa-label" for=field_id("q")>
                        "Search a name"
                    </label>
                    <input class="usa-input" id=field_id("q") type="search" name="q" autocomplete="off" value=q />
                </div>
                <SelectField name="domain_status" label="Domain Status" choices=any(domain) chosen=domain_status />
                <SelectField name="ssl_status" label="SSL Status" choices=any(ssl) chosen=ssl_status />
                {agency}
                <SelectField name="sort" label="Order" choices=orders chosen=sort />
                {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
                <button class="usa-button usa-button--outline" type="submit">
                    "Search"
                </button>
            </form>
        </search>
    }
    .into_any()
}

/// The orders that there are: a search has its own, and what expires is in the order of expiry.
fn orders(search: &Search) -> Vec<(String, String)> {
    let orders: &[(&str, &str)] = match View::from_word(&search.view) {
        _ if !search.cause.is_empty() => return vec![(search.sort.clone(), "Longest waiting first".to_owned())],
        _ if !search.q.is_empty() => return vec![(search.sort.clone(), "Best match first".to_owned())],
        Some(View::Expiring) => &[("", "First to expire"), ("-expires", "Last to expire")],
        _ => &[
            ("", "A to Z"),
            ("-domain", "Z to A"),
            ("status", "Domain Status"),
            ("-status", "Domain Status, reversed"),
            ("expires", "First to expire"),
            ("-expires", "Last to expire"),
        ],
    };
    orders.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect()
}

//! The list of web domains: quick views, a search that answers while it is typed, and pages that lead both ways.
//!
//! The address holds all that the list shows. Without script the search is a plain form and each page a link.

use crate::api::domains::{RefreshMany, list_domains};
use crate::api::people::agencies;
use crate::domain::cause::Cause;
use crate::domain::role::Act;
use crate::islands::live::Live;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::filters::{Filters, Views};
use crate::ui::parts::heading::Heading;
use crate::ui::parts::layout::Session;
use crate::ui::parts::nothing::Nothing;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::rows::{BULK, DomainTable};
use crate::ui::search::{address, asked};
use crate::wire::list::{DomainList, Refreshed, Search};
use crate::wire::people::AgencyView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

/// The page.
#[component]
pub fn DomainsPage() -> impl IntoView {
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(asked));
    let list = Resource::new_blocking(move || search.get(), list_domains);
    let offices = Resource::new_blocking(|| (), |()| agencies());
    let session = expect_context::<Session>();
    let refusal = refusal_of(ServerAction::<RefreshMany>::new());
    view! {
        <Title text="Web Domains" />
        <Live stream="/events" />
        <ErrorSummary refusal />
        {move || {
            query
                .with(came_of)
                .map(|words| view! { <p class="came" role="status" tabindex="-1" id="came">{words}</p> })
        }}
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let may_add = session.may(Act::Manage).await;
                let may_refresh = session.may(Act::Refresh).await;
                let agencies = offices.await.map(|page| page.items).unwrap_or_default();
                match list.await {
                    Ok(list) => view! { <Listed list agencies may_add may_refresh /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Listed(list: DomainList, agencies: Vec<AgencyView>, may_add: bool, may_refresh: bool) -> impl IntoView {
    let (found, search) = (found(&list), list.search.clone());
    let bulk = (!list.items.is_empty()).then(|| view! { <Bulk search=search.clone() may_refresh /> });
    let DomainList { items, prev_cursor, next_cursor, counts, choices, .. } = list;
    let body = if items.is_empty() {
        view! { <Nothing search=search.clone() may_add /> }.into_any()
    } else {
        view! { <DomainTable rows=items search=search.clone() found may_tick=may_refresh /> }.into_any()
    };
    let page = |cursor: Option<String>, rel: Option<&'static str>, words: &'static str| {
        let href = address(&Search { cursor: cursor?, ..search.clone() });
        Some(view! { <a class="usa-link" href=href rel=rel>{words}</a> })
    };
    let first = (!search.cursor.is_empty()).then(String::new);
    view! {
        <div class="page-head">
            <Heading text="Web Domains" />
            {may_add
                .then(|| {
                    view! {
                        <div class="page-head__actions">
                            <a class="usa-button" href="/domains/new">
                                "Add Web Domain"
                            </a>
                            <a class="usa-link" href="/domains/import">
                                "Import"
                            </a>
                        </div>
                    }
                })}
        </div>
        <Views search=search.clone() counts />
        <Filters search=search.clone() agencies choices />
        {Cause::from_word(&search.cause).map(|cause| view! { <OfCause cause search=search.clone() /> })}
        {body}
        {bulk}
        <nav class="paging" aria-label="Pages">
            {page(first, None, "First page")}
            {page(prev_cursor, Some("prev"), "Previous page")}
            {page(next_cursor, Some("next"), "Next page")}
        </nav>
        <p>
            <a class="usa-link" href="/domains/removed">
                "Removed domains"
            </a>
        </p>
    }
    .into_any()
}

/// Says which cause the list is narrowed to, and leads out of it.
#[component]
fn OfCause(cause: Cause, search: Search) -> impl IntoView {
    let href = address(&Search { cause: String::new(), cursor: String::new(), ..search });
    let words = format!("{} Who can act: {}. ", cause.code.meaning(), cause.owner.role());
    view! {
        <p class="notice">
            {words}
            <a class="usa-link" href=href>
                "Show every cause"
            </a>
        </p>
    }
    .into_any()
}

/// What can be done with many at once: looked at again, ticked or all that the list shows, and taken along as a file.
#[component]
fn Bulk(search: Search, may_refresh: bool) -> impl IntoView {
    let file = Search { cursor: String::new(), ..search.clone() }.address("/api/v1/domains/export", &[]);
    let refresh = may_refresh.then(|| {
        let kept = search.pairs().into_iter().filter(|(_, value)| !value.is_empty());
        let kept = kept.map(|(name, value)| {
            view! { <input type="hidden" name=format!("search[{name}]") value=value.to_owned() /> }
        });
        view! {
            <form id=BULK class="bulk__form" action=RefreshMany::url() method="post">
                {kept.collect_view()}
                <button class="usa-button usa-button--outline" type="submit" name="which" value="ticked">
                    "Refresh those ticked"
                </button>
                <button class="usa-button usa-button--outline" type="submit" name="which" value="found">
                    "Refresh all in this list"
                </button>
            </form>
        }
    });
    view! {
        <div class="bulk">
            {refresh}
            <a class="usa-link" href=file download="web-domains.csv">
                "Download CSV"
            </a>
        </div>
    }
    .into_any()
}

/// What came of something that was done with many domains, by the numbers in the address.
fn came_of(query: &ParamsMap) -> Option<String> {
    if let Some(refreshed) = query.get_str("refreshed").and_then(Refreshed::from_word) {
        return Some(refreshed.words());
    }
    let numbers: Vec<u32> = query.get_str("imported")?.split('-').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let [added, already, wrong] = *numbers.as_slice() else { return None };
    Some(format!(
        "{added} added, {already} in the Console already, {wrong} with a problem. Those that were added are checked now."
    ))
}

/// How many rows the page has, and whether there are more; said aloud when an answer comes while somebody types.
fn found(list: &DomainList) -> String {
    let rows = list.items.len();
    let domains = if rows == 1 { "1 web domain".to_owned() } else { format!("{rows} web domains") };
    match (&list.prev_cursor, &list.next_cursor) {
        (None, None) => domains,
        (None, Some(_)) => format!("The first {domains}"),
        (Some(_), Some(_)) => format!("{rows} more web domains"),
        (Some(_), None) => format!("The last {domains}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_it_lies() {
        let page = |prev: Option<&str>, next: Option<&str>| {
            found(&DomainList {
                prev_cursor: prev.map(str::to_owned),
                next_cursor: next.map(str::to_owned),
                ..DomainList::default()
            })
        };
        assert_eq!(page(None, None), "0 web domains");
        assert_eq!(page(None, Some("x")), "The first 0 web domains");
        assert_eq!(page(Some("x"), Some("x")), "0 more web domains");
        assert_eq!(page(Some("x"), None), "The last 0 web domains");
    }
}

//! The list of web domains: quick views, a search that answers while it is typed, and pages that lead both ways.
//!
//! The address holds all that the list shows. Without script the search is a plain form and each page a link.

use crate::api::domains::list_domains;
use crate::api::people::agencies;
use crate::domain::cause::Cause;
use crate::domain::role::Act;
use crate::islands::live::Live;
use crate::ui::pages::Loading;
use crate::ui::parts::filters::{Filters, Views};
use crate::ui::parts::heading::Heading;
use crate::ui::parts::layout::Session;
use crate::ui::parts::nothing::Nothing;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::rows::DomainTable;
use crate::ui::search::{address, asked};
use crate::wire::list::{DomainList, Search};
use crate::wire::people::AgencyView;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page.
#[component]
pub fn DomainsPage() -> impl IntoView {
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(asked));
    let list = Resource::new_blocking(move || search.get(), list_domains);
    let offices = Resource::new_blocking(|| (), |()| agencies());
    let session = expect_context::<Session>();
    view! {
        <Title text="Web Domains" />
        <Live stream="/events" />
        <Suspense fallback=Loading>
            {move || {
                let search = search.get();
                Suspend::new(async move {
                    let may_add = session.may(Act::Manage).await;
                    let agencies = offices.await.map(|page| page.items).unwrap_or_default();
                    match list.await {
                        Ok(list) => view! { <Listed list search agencies may_add /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Listed(list: DomainList, search: Search, agencies: Vec<AgencyView>, may_add: bool) -> impl IntoView {
    let found = found(&list);
    let DomainList { items, prev_cursor, next_cursor, counts } = list;
    let body = if items.is_empty() {
        view! { <Nothing search=search.clone() may_add /> }.into_any()
    } else {
        view! { <DomainTable rows=items search=search.clone() found /> }.into_any()
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
                        <a class="usa-button" href="/domains/new">
                            "Add Web Domain"
                        </a>
                    }
                })}
        </div>
        <Views view=search.view.clone() counts />
        <Filters search=search.clone() agencies />
        {Cause::from_word(&search.cause).map(|cause| view! { <OfCause cause search=search.clone() /> })}
        {body}
        <nav class="paging" aria-label="Pages">
            {page(first, None, "First page")}
            {page(prev_cursor, Some("prev"), "Previous page")}
            {page(next_cursor, Some("next"), "Next page")}
        </nav>
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
                items: Vec::new(),
                prev_cursor: prev.map(str::to_owned),
                next_cursor: next.map(str::to_owned),
                counts: Vec::new(),
            })
        };
        assert_eq!(page(None, None), "0 web domains");
        assert_eq!(page(None, Some("x")), "The first 0 web domains");
        assert_eq!(page(Some("x"), Some("x")), "0 more web domains");
        assert_eq!(page(Some("x"), None), "The last 0 web domains");
    }
}

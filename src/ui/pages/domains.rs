//! The list of web domains.

use crate::api::domains::list_domains;
use crate::domain::role::Act;
use crate::domain::status::{DomainStatus, SslStatus};
use crate::islands::live::Live;
use crate::ui::pages::{Loading, query};
use crate::ui::parts::fields::SelectField;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::layout::Session;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::tag::{DomainTag, SslTag};
use crate::wire::domain::{DomainRow, Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wish {
    q: String,
    domain_status: String,
    ssl_status: String,
    cursor: String,
}

impl Wish {
    fn of(query: &ParamsMap) -> Self {
        let get = |name| query.get(name).unwrap_or_default();
        Self { q: get("q"), domain_status: get("domain_status"), ssl_status: get("ssl_status"), cursor: get("cursor") }
    }

    fn is_narrow(&self) -> bool {
        !(self.q.is_empty() && self.domain_status.is_empty() && self.ssl_status.is_empty())
    }

    fn address(&self, cursor: &str) -> String {
        let Self { q, domain_status, ssl_status, .. } = self;
        let pairs =
            [("q", q.as_str()), ("domain_status", domain_status), ("ssl_status", ssl_status), ("cursor", cursor)];
        format!("/domains{}", query(&pairs))
    }
}

/// The page.
#[component]
pub fn DomainsPage() -> impl IntoView {
    let query = use_query_map();
    let wish = Memo::new(move |_| query.with(Wish::of));
    let rows = Resource::new_blocking(
        move || wish.get(),
        |wish| list_domains(wish.q, wish.domain_status, wish.ssl_status, wish.cursor),
    );
    let session = expect_context::<Session>();
    view! {
        <Title text="Web Domains" />
        <Live stream="/events" />
        <Suspense fallback=Loading>
            {move || {
                let wish = wish.get();
                Suspend::new(async move {
                    let may_add = session.may(Act::Manage).await;
                    match rows.await {
                        Ok(rows) => view! { <Listed rows wish may_add /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Listed(rows: Page<DomainRow>, wish: Wish, may_add: bool) -> impl IntoView {
    let body = if !rows.items.is_empty() {
        view! { <Table rows=rows.items /> }.into_any()
    } else if wish.is_narrow() || !wish.cursor.is_empty() {
        view! { <NothingMatches /> }.into_any()
    } else {
        view! { <NothingYet may_add /> }.into_any()
    };
    let next = rows.next_cursor.map(|cursor| {
        view! {
            <a class="usa-link" href=wish.address(&cursor) rel="next">
                "Next page"
            </a>
        }
    });
    let first = (!wish.cursor.is_empty()).then(|| {
        view! {
            <a class="usa-link" href=wish.address("")>
                "First page"
            </a>
        }
    });
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
        <Filters wish />
        {body}
        <nav class="paging" aria-label="Pages">
            {first}
            {next}
        </nav>
    }
}

#[component]
fn Filters(wish: Wish) -> impl IntoView {
    let choices = |any: &str, all: Vec<(&str, &str)>| {
        let listed = all.into_iter().map(|(word, label)| (word.to_owned(), label.to_owned()));
        std::iter::once((String::new(), any.to_owned())).chain(listed).collect::<Vec<_>>()
    };
    let domain = choices("Any", DomainStatus::ALL.iter().map(|s| (s.word(), s.label())).collect());
    let ssl = choices("Any", SslStatus::ALL.iter().map(|s| (s.word(), s.label())).collect());
    view! {
        <search class="filters">
            <form method="get" action="/domains">
                <div class="filters__row">
                    <div class="usa-form-group filters__search">
                        <label class="usa-label" for="field-q">
                            "Search a name or agency"
                        </label>
                        <input class="usa-input" id="field-q" type="search" name="q" value=wish.q />
                    </div>
                    <SelectField name="domain_status" label="Domain Status" choices=domain chosen=wish.domain_status />
                    <SelectField name="ssl_status" label="SSL Status" choices=ssl chosen=wish.ssl_status />
                    <button class="usa-button usa-button--outline" type="submit">
                        "Search"
                    </button>
                </div>
            </form>
        </search>
    }
    .into_any()
}

#[component]
fn Table(rows: Vec<DomainRow>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <table class="domains">
            <caption class="usa-sr-only">"Web domains, their statuses and what comes next"</caption>
            <thead>
                <tr>
                    <th scope="col">"Domain"</th>
                    <th scope="col">"Agency"</th>
                    <th scope="col">"Domain Status"</th>
                    <th scope="col">"SSL Status"</th>
                    <th scope="col">"Next"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: DomainRow) -> impl IntoView {
    view! {
        <tr id=format!("domain-{}", row.id)>
            <th scope="row" data-label="Domain">
                <a class="usa-link" href=format!("/domains/{}", row.id)>
                    {row.domain}
                </a>
                <span class="domains__name">{row.name}</span>
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

#[component]
fn NothingMatches() -> impl IntoView {
    view! {
        <div class="empty">
            <h2>"No web domain matches"</h2>
            <p>"Try fewer letters, or another status."</p>
            <p>
                <a class="usa-link" href="/domains">"Show all web domains"</a>
            </p>
        </div>
    }
}

#[component]
fn NothingYet(may_add: bool) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>"No web domains yet"</h2>
            <p>
                "A web domain is an address of your own, such as portal.agency.gov. Add it here, and we show you the DNS records to publish. When they are in place, we get its certificate, install it and renew it."
            </p>
            {may_add
                .then(|| {
                    view! {
                        <p>
                            <a class="usa-link" href="/domains/new">"Add your first web domain"</a>
                        </p>
                    }
                })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let wish = Wish { q: "court".into(), ssl_status: "active".into(), ..Wish::default() };
        assert_eq!(wish.address("c=1"), "/domains?q=court&ssl_status=active&cursor=c%3D1");
        assert_eq!(Wish::default().address(""), "/domains");
        assert!(wish.is_narrow() && !Wish::default().is_narrow());
    }
}

//! All certificates in use, the first to expire first, and the renewals of the coming weeks: links and one plain form.

use crate::api::certificates::certificates;
use crate::api::people::agencies;
use crate::domain::finding::printable;
use crate::islands::times::Shape;
use crate::ui::pages::{Loading, query};
use crate::ui::parts::certificates::status;
use crate::ui::parts::fields::SelectField;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::renewals::Renewals;
use crate::ui::parts::tag::Tag;
use crate::ui::parts::time::Time;
use crate::wire::certificate::{CertificateList, CertificateRow, EXPIRING_DAYS};
use crate::wire::people::AgencyView;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wish {
    view: String,
    source: String,
    agency: String,
    cursor: String,
}

impl Wish {
    fn address(&self, cursor: &str) -> String {
        let Self { view, source, agency, cursor: _ } = self;
        let pairs = [("view", view.as_str()), ("source", source), ("agency", agency), ("cursor", cursor)];
        format!("/certificates{}", query(&pairs))
    }
}

/// The page.
#[component]
pub fn CertificatesPage() -> impl IntoView {
    let address = use_query_map();
    let wish = Memo::new(move |_| {
        let said = |name| address.with(|query| query.get(name)).unwrap_or_default();
        Wish { view: said("view"), source: said("source"), agency: said("agency"), cursor: said("cursor") }
    });
    let listed = Resource::new_blocking(
        move || wish.get(),
        |wish| certificates(wish.view, wish.source, wish.agency, wish.cursor),
    );
    let offices = Resource::new_blocking(|| (), |()| agencies());
    view! {
        <Title text="Certificates" />
        <Suspense fallback=Loading>
            {move || {
                let wish = wish.get();
                Suspend::new(async move {
                    let agencies = offices.await.map(|page| page.items).unwrap_or_default();
                    match listed.await {
                        Ok(list) => view! { <Listed list wish agencies /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Listed(list: CertificateList, wish: Wish, agencies: Vec<AgencyView>) -> impl IntoView {
    let CertificateList { items, prev_cursor, next_cursor, weeks } = list;
    let body = if items.is_empty() {
        view! { <p>"No certificate matches. A web domain gets its certificate as soon as its DNS records are in place."</p> }
            .into_any()
    } else {
        view! { <Table rows=items /> }.into_any()
    };
    let link = |cursor: &str, rel: Option<&'static str>, words: &'static str| {
        view! {
            <a class="usa-link" href=wish.address(cursor) rel=rel>
                {words}
            </a>
        }
    };
    let first = (!wish.cursor.is_empty()).then(|| link("", None, "First page"));
    let before = prev_cursor.map(|cursor| link(&cursor, Some("prev"), "Previous page"));
    let after = next_cursor.map(|cursor| link(&cursor, Some("next"), "Next page"));
    view! {
        <Heading text="Certificates" />
        <Filters wish=wish.clone() agencies />
        {body}
        <nav class="paging" aria-label="Pages">
            {first}
            {before}
            {after}
        </nav>
        <Renewals weeks />
    }
    .into_any()
}

#[component]
fn Filters(wish: Wish, agencies: Vec<AgencyView>) -> impl IntoView {
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    let views = vec![choice("", "Any time"), ("expiring".to_owned(), format!("Within {EXPIRING_DAYS} days"))];
    let sources = vec![choice("", "Any"), choice("acme", "Automatic"), choice("upload", "Uploaded")];
    let own = agencies.into_iter().map(|agency| (agency.id, agency.name));
    let agencies: Vec<_> = std::iter::once(choice("", "Any")).chain(own).collect();
    view! {
        <search class="filters">
            <form class="filters__row" method="get" action="/certificates">
                <SelectField name="view" label="Expires" choices=views chosen=wish.view />
                <SelectField name="source" label="Source" choices=sources chosen=wish.source />
                <SelectField name="agency" label="Agency" choices=agencies chosen=wish.agency />
                <button class="usa-button usa-button--outline" type="submit">
                    "Search"
                </button>
            </form>
        </search>
    }
    .into_any()
}

#[component]
fn Table(rows: Vec<CertificateRow>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <table class="listing" aria-label="Certificates in use">
            <thead>
                <tr>
                    <th scope="col">"Web domain"</th>
                    <th scope="col">"Agency"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Certificate Authority"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col">"Renews about"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: CertificateRow) -> impl IntoView {
    let (word, label, tone) = status(&row.status);
    let renews = match row.renew_at {
        Some(at) => view! { <Time at shape=Shape::Date /> }.into_any(),
        None => view! { "By hand: uploaded" }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="usa-link" href=format!("/certificates/{}", row.id)>
                    {row.domain}
                </a>
            </th>
            <td data-label="Agency">{row.agency}</td>
            <td data-label="Status">
                <Tag word label tone />
            </td>
            <td data-label="Certificate Authority">{printable(&row.certificate_authority)}</td>
            <td data-label="Expires">
                <Time at=row.expires_at shape=Shape::Date />
            </td>
            <td data-label="Renews about">{renews}</td>
        </tr>
    }
    .into_any()
}

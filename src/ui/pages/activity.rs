//! Activity: who did what, newest first, as a plain page of links and one form.

use crate::api::audit::audit;
use crate::domain::finding::printable;
use crate::ui::pages::{Loading, query};
use crate::ui::parts::heading::Heading;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::audit::AuditView;
use crate::wire::domain::Page;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wish {
    actor: String,
    act: String,
    domain: String,
    cursor: String,
}

impl Wish {
    fn narrowing(&self) -> [(&str, &str); 3] {
        [("actor", &self.actor), ("act", &self.act), ("domain", &self.domain)]
    }

    fn address(&self, path: &str, more: (&str, &str)) -> String {
        let [actor, act, domain] = self.narrowing();
        format!("{path}{}", query(&[actor, act, domain, more]))
    }
}

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let address = use_query_map();
    let wish = Memo::new(move |_| {
        let said = |name| address.with(|query| query.get(name)).unwrap_or_default();
        Wish { actor: said("actor"), act: said("act"), domain: said("domain"), cursor: said("cursor") }
    });
    let listed =
        Resource::new_blocking(move || wish.get(), |wish| audit(wish.actor, wish.act, wish.domain, wish.cursor));
    view! {
        <Title text="Activity" />
        <Suspense fallback=Loading>
            {move || {
                let wish = wish.get();
                Suspend::new(async move {
                    match listed.await {
                        Ok(page) => view! { <Listed page wish /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Listed(page: Page<AuditView>, wish: Wish) -> impl IntoView {
    let body = if page.items.is_empty() {
        view! { <p>"Nothing was done that matches."</p> }.into_any()
    } else {
        view! { <Table entries=page.items /> }.into_any()
    };
    let link = |cursor: &str, words: &'static str| {
        let href = wish.address("/activity", ("cursor", cursor));
        view! {
            <a class="usa-link" href=href>
                {words}
            </a>
        }
    };
    let newest = (!wish.cursor.is_empty()).then(|| link("", "Newest"));
    let older = page.next_cursor.map(|cursor| link(&cursor, "Older"));
    let file = |format| wish.address("/api/v1/audit/export", ("format", format));
    view! {
        <Heading text="Activity" />
        <p>"What people and API tokens did. Nothing is ever changed or taken out of this log."</p>
        <Filters wish=wish.clone() />
        {body}
        <nav class="paging" aria-label="Pages">
            {newest}
            {older}
        </nav>
        <p>
            "Download as "
            <a class="usa-link" href=file("csv") download="audit.csv">
                "CSV"
            </a> " or "
            <a class="usa-link" href=file("json") download="audit.json">
                "JSON"
            </a> ", the newest 10,000 entries."
        </p>
    }
    .into_any()
}

#[component]
fn Filters(wish: Wish) -> impl IntoView {
    let field = |name: &'static str, label: &'static str, value: String| {
        let id = format!("field-{name}");
        view! {
            <div class="usa-form-group">
                <label class="usa-label" for=id.clone()>
                    {label}
                </label>
                <input
                    class="usa-input"
                    id=id
                    name=name
                    value=value
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                />
            </div>
        }
    };
    view! {
        <search class="filters">
            <form method="get" action="/activity">
                <div class="filters__row">
                    {field("actor", "Who", wish.actor)} {field("act", "Act, such as domain.added", wish.act)}
                    {field("domain", "Web domain", wish.domain)}
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
fn Table(entries: Vec<AuditView>) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <Row entry /> });
    view! {
        <table class="listing" aria-label="Activity">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Web domain"</th>
                    <th scope="col">"Address"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(entry: AuditView) -> impl IntoView {
    let or_none = |text: Option<String>| text.map_or_else(|| "None".to_owned(), |text| printable(&text));
    view! {
        <tr>
            <th scope="row">
                <Time at=entry.at />
            </th>
            <td data-label="Who">{printable(&entry.actor)}</td>
            <td data-label="What">{printable(&entry.summary)}</td>
            <td data-label="Web domain">{or_none(entry.domain)}</td>
            <td data-label="Address">{or_none(entry.address)}</td>
        </tr>
    }
}

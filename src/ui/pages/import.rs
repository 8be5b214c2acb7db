//! Adding many web domains from a table: a file or text is looked at first, and added once somebody has checked the answers.
//!
//! The table travels in the page: nothing is kept of it until it is imported. A form without script sends it twice.

use crate::api::domains::{ImportDomains, check_import, choices};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{LinesField, SelectField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::error::{FieldError, Kind, Refusal};
use crate::wire::import::{ImportRow, ImportView, RowOutcome, Sent};
use crate::wire::people::{AddChoices, CustomerView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Characters of a table: a thousand rows of all columns fit well.
const CSV_CHARS: u32 = 200_000;

/// The page: the form, or what would come of the table that was sent.
#[component]
pub fn ImportPage() -> impl IntoView {
    let sent = use_context::<Sent>();
    let refusal = refusal_of(ServerAction::<ImportDomains>::new());
    let looked = {
        let sent = sent.clone();
        Resource::new_blocking(
            || (),
            move |()| {
                let sent = sent.clone();
                async move {
                    let Some(Sent { csv, customer }) = sent else { return Ok(None) };
                    check_import(csv, customer).await.map(Some)
                }
            },
        )
    };
    let choices = Resource::new_blocking(|| (), |()| choices());
    view! {
        <Suspense fallback=Loading>
            {move || {
                let sent = sent.clone().unwrap_or_default();
                Suspend::new(async move {
                    match (choices.await, looked.await) {
                        (Err(refusal), _) => view! { <Refused refusal /> }.into_any(),
                        (Ok(_), Ok(Some(view))) => view! { <Answers view sent /> }.into_any(),
                        (Ok(choices), Ok(None)) => view! { <Form choices sent refusal /> }.into_any(),
                        (Ok(choices), Err(wrong)) if wrong.kind == Kind::Invalid => {
                            let wrong = wrong.with_typed(&[("csv", &sent.csv)]);
                            view! { <Form choices sent refusal=Signal::stored(Some(wrong)) /> }.into_any()
                        }
                        (Ok(_), Err(refusal)) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Form(choices: AddChoices, sent: Sent, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let customers = choices.customers;
    let customer = (customers.len() > 1).then(|| {
        let customers = customers.into_iter().map(|CustomerView { id, name, .. }| (id, name)).collect();
        view! { <SelectField name="customer" label="Customer" choices=customers chosen=sent.customer /> }
    });
    view! {
        <FormTitle text="Import web domains" refusal />
        <ErrorSummary refusal />
        <Crumbs here="Import" />
        <Heading text="Import web domains" />
        <p class="lead">
            "Send a table with up to 1,000 web domains. The next page shows what would come of each row; nothing is added before you say so."
        </p>
        <p>
            "The first line names the columns: " <code>"domain"</code> " and, if you like, " <code>"name"</code> ", "
            <code>"alias"</code> ", " <code>"agency"</code> ", " <code>"customer"</code> " and " <code>"wildcard"</code>
            " (yes or no). Names alone, one on each line, will do as well."
        </p>
        <form class="form" action="/domains/import" method="post" enctype="multipart/form-data" novalidate=true>
            {customer}
            <div class="usa-form-group">
                <label class="usa-label" for="field-file">
                    "A CSV file"
                </label>
                <p class="usa-hint" id="field-file-hint">
                    "Saved from a spreadsheet, at most 200 KB."
                </p>
                <input
                    class="file"
                    id="field-file"
                    type="file"
                    name="file"
                    accept=".csv,text/csv,text/plain"
                    aria-describedby="field-file-hint"
                />
            </div>
            <LinesField
                name="csv"
                label="Or paste the table"
                hint="Is read when no file is chosen."
                filled=sent.csv
                rows=10
                most=CSV_CHARS
                refusal
            />
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    "Check the table"
                </button>
                <a class="usa-link" href="/domains">
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Answers(view: ImportView, sent: Sent) -> impl IntoView {
    let summary = view.summary();
    let none = view.added == 0;
    let words = if view.added == 1 { "Add 1 web domain".to_owned() } else { format!("Add {} web domains", view.added) };
    let (wrong, fine): (Vec<_>, Vec<_>) = view.rows.into_iter().partition(|row| row.outcome == RowOutcome::Wrong);
    let wrong = (!wrong.is_empty()).then(|| {
        view! {
            <h2>"Rows with a problem"</h2>
            <p>"They are passed over. Mend them in your table and import it again: what is there already is left alone."</p>
            <Table rows=wrong label="Rows with a problem" />
        }
    });
    let fine =
        (!fine.is_empty()).then(|| view! { <h2>"The other rows"</h2> <Table rows=fine label="The other rows" /> });
    let add = (!none).then(|| {
        view! {
            <form class="form" action=ImportDomains::url() method="post">
                <input type="hidden" name="csv" value=sent.csv />
                <input type="hidden" name="customer" value=sent.customer />
                <button class="usa-button" type="submit">
                    {words}
                </button>
            </form>
        }
    });
    view! {
        <leptos_meta::Title text="Check your answers" />
        <Crumbs through=("/domains/import".to_owned(), "Import".to_owned()) here="Check your answers" />
        <Heading text="Check your answers" />
        <p class="lead">{summary}</p>
        {add}
        <p>
            <a class="usa-link" href="/domains/import">
                "Send another table"
            </a>
        </p>
        {wrong}
        {fine}
    }
    .into_any()
}

#[component]
fn Table(rows: Vec<ImportRow>, label: &'static str) -> impl IntoView {
    let row = |row: ImportRow| {
        let name = match row.id {
            Some(id) => view! { <a class="usa-link" href=format!("/domains/{id}")>{row.domain}</a> }.into_any(),
            None => view! { {row.domain} }.into_any(),
        };
        let error = |FieldError { field, message }: FieldError| {
            let whole = field == "csv";
            view! { <p class="usa-error-message">{(!whole).then(|| format!("{field}: "))} {message}</p> }
        };
        view! {
            <tr>
                <th scope="row" data-label="Line">{row.line.to_string()}</th>
                <td data-label="Web domain">{name}</td>
                <td data-label="What happens">
                    {row.outcome.label(true)} {row.errors.into_iter().map(error).collect_view()}
                </td>
            </tr>
        }
    };
    view! {
        <table class="listing" aria-label=label>
            <thead>
                <tr>
                    <th scope="col">"Line"</th>
                    <th scope="col">"Web domain"</th>
                    <th scope="col">"What happens"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

//! Removed domains whose records still point here: what to delete at the DNS provider, and why.

use crate::api::domains::leftovers;
use crate::ui::pages::Loading;
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::domain::{LeftRecord, LeftoverView};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page.
#[component]
pub fn RemovedPage() -> impl IntoView {
    let left = Resource::new_blocking(|| (), |()| leftovers());
    view! {
        <Title text="Removed domains" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match left.await {
                    Ok(left) => view! { <Listed left /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Listed(left: Vec<LeftoverView>) -> impl IntoView {
    let none = left.is_empty().then(|| {
        view! { <p>"There is none: the records of all domains that were removed within 30 days are gone from DNS."</p> }
    });
    let rows = left.into_iter().map(|one| view! { <Left one /> });
    view! {
        <Crumbs here="Removed domains" />
        <Heading text="Removed domains whose records still point here" />
        <p class="lead">
            "Delete these records at your DNS provider: an alias that leads to a service nobody has any more can be misused. We look once a day for 30 days."
        </p>
        {none}
        {rows.collect_view()}
    }
    .into_any()
}

#[component]
fn Left(one: LeftoverView) -> impl IntoView {
    let LeftoverView { domain, removed_at, checked_at, records, .. } = one;
    view! {
        <h2>{domain}</h2>
        <p>
            "Removed on " <Time at=removed_at />
            {checked_at.map(|at| view! { ", last looked at on " <Time at /> })} "."
        </p>
        <Records records />
    }
    .into_any()
}

/// Records that somebody has to delete.
#[component]
pub fn Records(
    /// In the panel's order.
    records: Vec<LeftRecord>,
) -> impl IntoView {
    let row = |LeftRecord { host, rtype, value }: LeftRecord| {
        view! {
            <tr>
                <th scope="row">{host}</th>
                <td data-label="Type">{rtype.mnemonic()}</td>
                <td data-label="Value">{value}</td>
            </tr>
        }
    };
    view! {
        <table class="listing" aria-label="Records to delete">
            <thead>
                <tr>
                    <th scope="col">"Host"</th>
                    <th scope="col">"Type"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{records.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

//! What each status and each finding means: the words of the catalogue itself, so that they are never out of date.

use crate::domain::catalogue::Code;
use crate::domain::status::{DomainStatus, SslStatus};
use leptos::prelude::*;

/// Both statuses' words.
#[component]
pub fn Statuses() -> impl IntoView {
    let row = |word: &str, label: &'static str, meaning: &'static str| {
        view! {
            <div class="facts__row" id=format!("status-{word}")>
                <dt>{label}</dt>
                <dd>{meaning}</dd>
            </div>
        }
    };
    let domain = DomainStatus::ALL.iter().map(|one| row(one.word(), one.label(), one.meaning())).collect_view();
    let ssl = SslStatus::ALL.iter().map(|one| row(&format!("ssl-{}", one.word()), one.label(), one.meaning()));
    view! {
        <h3>"Domain Status"</h3>
        <dl class="facts">{domain}</dl>
        <h3>"SSL Status"</h3>
        <dl class="facts">{ssl.collect_view()}</dl>
    }
}

/// Every code of the catalogue, in its order.
#[component]
pub fn Findings() -> impl IntoView {
    let row = |code: &Code| {
        view! {
            <div class="facts__row" id=code.word()>
                <dt>{code.meaning()}</dt>
                <dd>
                    "Who can mend it: " {code.owner().label()} ". Code: " <code>{code.word()}</code>
                </dd>
            </div>
        }
    };
    view! {
        <p>
            "Findings are looked for in this order, and the first one that blocks is the cause. The domain's page says each of them with the names and values that we saw, and the record to add."
        </p>
        <dl class="facts">{Code::ALL.iter().map(row).collect_view()}</dl>
    }
}

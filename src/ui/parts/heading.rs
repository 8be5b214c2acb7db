//! A page's heading: where it stands, one h1 that takes the focus when somebody is led there, and the title.

use crate::islands::arrival::HEADING_ID;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos_meta::Title;

/// The h1 of a page. A long name in it breaks after a dot rather than within a label.
#[component]
pub fn Heading(
    /// What it says.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let parts: Vec<_> = text.split_inclusive('.').map(|part| view! { {part.to_owned()} <wbr /> }).collect();
    view! {
        <h1 id=HEADING_ID tabindex="-1">
            {parts}
        </h1>
    }
    .into_any()
}

/// The way back to the list, over the pages between.
#[component]
pub fn Crumbs(
    /// The list that it belongs to, as address and words.
    #[prop(default = ("/domains", "Domains"))]
    list: (&'static str, &'static str),
    /// A page between, as address and words.
    #[prop(optional)]
    through: Option<(String, String)>,
    /// This page.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    let through = through.map(|(address, words)| {
        view! {
            <a class="usa-link" href=address>
                {words}
            </a>
        }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a class="usa-link" href=list.0>
                {list.1}
            </a>
            {through}
            <span aria-current="page">{here}</span>
        </nav>
    }
    .into_any()
}

/// The title of a page with a form: it says first that the form came back.
#[component]
pub fn FormTitle(
    /// The page's title.
    text: &'static str,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    view! { <Title text=move || if refusal.with(Option::is_some) { format!("Error: {text}") } else { text.to_owned() } /> }
}

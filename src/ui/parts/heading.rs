//! A page's heading: where it stands, one h1 that takes the focus when somebody arrives by a link, and the title.

use crate::ui::browser;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// Where the focus goes on arrival.
const HEADING_ID: &str = "page-heading";

/// The path whose heading had the focus last.
#[derive(Clone, Copy)]
pub struct Arrived(StoredValue<Option<String>>);

impl Arrived {
    /// Gives every heading below a common memory.
    pub fn provide() {
        provide_context(Self(StoredValue::new(None)));
    }
}

/// The h1 of a page; announces the page after a navigation without reload, and never otherwise.
#[component]
pub fn Heading(
    /// What it says.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let (arrived, path) = (use_context::<Arrived>(), use_location().pathname);
    Effect::new(move |_| {
        let Some(Arrived(last)) = arrived else { return };
        let here = path.get_untracked();
        let first_load = last.with_value(Option::is_none);
        if last.with_value(|last| last.as_ref() != Some(&here)) {
            last.set_value(Some(here));
            if !first_load {
                browser::focus(HEADING_ID);
            }
        }
    });
    view! {
        <h1 id=HEADING_ID tabindex="-1">
            {text}
        </h1>
    }
    .into_any()
}

/// The way back to the list, over the pages between.
#[component]
pub fn Crumbs(
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
            <a class="usa-link" href="/domains">
                "Domains"
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

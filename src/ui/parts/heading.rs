//! A page's heading: one h1, which takes the focus when somebody arrives by a link, and the page's title.

use crate::wire::error::Refusal;
use leptos::html::H1;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

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
    let h1 = NodeRef::<H1>::new();
    let (arrived, path) = (use_context::<Arrived>(), use_location().pathname);
    Effect::new(move |_| {
        let (Some(element), Some(Arrived(last))) = (h1.get(), arrived) else { return };
        let path = path.get_untracked();
        let first_load = last.with_value(Option::is_none);
        if last.with_value(|last| last.as_ref() != Some(&path)) {
            last.set_value(Some(path));
            if !first_load {
                // A heading that can't take the focus leaves it where it is.
                _ = element.focus();
            }
        }
    });
    view! {
        <h1 tabindex="-1" node_ref=h1>
            {text}
        </h1>
    }
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

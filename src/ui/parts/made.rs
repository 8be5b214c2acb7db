//! A secret that was made a moment ago, shown this once.

use crate::ui::parts::copy::CopyButton;
use leptos::prelude::*;

const SHOWN_IN: &str = "made-text";

/// The secret, to be copied; what its owner does with it follows as children.
#[component]
pub fn Made(
    /// Its heading, such as "Your new token".
    title: &'static str,
    /// What the copy button calls it.
    what: &'static str,
    /// How it is kept.
    keep: &'static str,
    /// The secret.
    text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="made" aria-labelledby="made-title">
            <h2 id="made-title">{title}</h2>
            <p>{keep}</p>
            <p class="made__text">
                <code id=SHOWN_IN>{text}</code>
                <CopyButton what=what.into() shown_in=SHOWN_IN.into() />
            </p>
            {children.map(|children| children())}
        </section>
    }
    .into_any()
}

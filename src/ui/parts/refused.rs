//! A page that could not be shown: sign in first, nothing here, not allowed, or our own fault.

use super::heading::Heading;
use crate::ui::status::PageStatus;
use crate::wire::error::{Kind, Refusal};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;

/// Says why, or leads to the sign-in page and back.
#[component]
pub fn Refused(
    /// What the door answered.
    refusal: Refusal,
) -> impl IntoView {
    if refusal.kind == Kind::SignedOut {
        return view! { <Redirect path=sign_in_and_back() /> }.into_any();
    }
    PageStatus::say(refusal.kind.status());
    let title = match refusal.kind {
        Kind::NotFound => "Page not found",
        Kind::Forbidden => "You cannot open this page",
        Kind::TooSoon => "Too many requests",
        _ => "There is a problem",
    };
    view! {
        <Title text=title />
        <Heading text=title />
        <p class="lead">{refusal.detail}</p>
        <p>
            <a class="usa-link" href="/domains">"Go to your web domains"</a>
        </p>
    }
    .into_any()
}

/// The sign-in page that leads back to the page at hand.
#[must_use]
pub fn sign_in_and_back() -> String {
    let location = use_location();
    let query = location.query.read_untracked().to_query_string();
    let next = format!("{}{query}", location.pathname.get_untracked());
    format!("/sign-in?next={}", Url::escape(&next))
}

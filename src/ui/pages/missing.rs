//! The page for an address that leads nowhere.

use crate::ui::parts::heading::Heading;
use crate::ui::status::PageStatus;
use crate::wire::error::Kind;
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, and leads back.
#[component]
pub fn MissingPage() -> impl IntoView {
    PageStatus::say(Kind::NotFound.status());
    view! {
        <Title text="Page not found" />
        <Heading text="Page not found" />
        <p class="lead">"If you typed the address, check that it is correct. A web domain may also have been removed."</p>
        <p>
            <a class="usa-link" href="/domains">"Go to your web domains"</a>
        </p>
    }
}

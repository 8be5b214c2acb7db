//! What every page gets: it stands last in the document, so that all other islands are awake when it says so.

use super::{arrival, browser, copying, times};
use leptos::prelude::*;

/// Starts the clock and the copy buttons, leads the focus, and marks the page as awake.
#[island]
pub fn Awake() -> impl IntoView {
    Effect::new(|_| {
        times::start();
        copying::start();
        arrival::lead();
        browser::mark_hydrated();
    });
}

//! Copy buttons: `data-copies` is the id of the element whose text they copy, `data-what` says in words what it is.

use super::browser;
use leptos::prelude::document;
use web_sys::Element;

/// The mark of the button that copied last.
const COPIED: &str = "data-copied";

/// Answers every copy button of the page, now and later.
pub fn start() {
    browser::on("click", |event| {
        if let Some(button) = browser::about(&event, "[data-copies]") {
            copy(button);
        }
    });
}

fn copy(button: Element) {
    let Some(shown) = button.get_attribute("data-copies").and_then(|id| document().get_element_by_id(&id)) else {
        return;
    };
    let what = button.get_attribute("data-what").unwrap_or_default();
    browser::copy(shown, move |done| {
        browser::say(&outcome(done, &what));
        if done {
            mark(&button);
        }
    });
}

fn mark(button: &Element) {
    if let Some(last) = browser::first("[data-copied]") {
        _ = last.remove_attribute(COPIED);
        last.set_text_content(Some("Copy"));
    }
    // The name is a good one, as below.
    _ = button.set_attribute(COPIED, "");
    button.set_text_content(Some("Copied"));
}

/// Marks in a page that was fetched what is marked in the open one.
pub fn carry_over(fetched: &Element) {
    let Some(last) = browser::first("[data-copied]") else { return };
    let copies = last.get_attribute("data-copies");
    for button in browser::all(fetched, "[data-copies]") {
        if button.get_attribute("data-copies") == copies {
            _ = button.set_attribute(COPIED, "");
            button.set_text_content(Some("Copied"));
        }
    }
}

fn outcome(done: bool, what: &str) -> String {
    if done { format!("Copied {what}.") } else { format!("The {what} is selected. Press Control and C to copy it.") }
}

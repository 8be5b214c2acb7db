//! Copy buttons: they copy the text that an element beside them shows, and say so.

use leptos::prelude::*;

/// Copies what the element `shown_in` shows; hidden until the page is awake.
#[component]
pub fn CopyButton(
    /// What it is, as in "Copy value of Domain Routing".
    what: String,
    /// Id of the element that shows it.
    shown_in: String,
) -> impl IntoView {
    let label = format!("Copy {what}");
    view! {
        <button type="button" class="copy" aria-label=label data-copies=shown_in data-what=what>
            "Copy"
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_button_is_a_named_button() {
        let html = view! { <CopyButton what="value of Domain Routing".into() shown_in="v".into() /> }.to_html();
        assert!(html.contains(r#"type="button""#), "{html}");
        assert!(html.contains(r#"aria-label="Copy value of Domain Routing""#), "{html}");
        assert!(html.contains(r#"data-copies="v""#) && html.contains(">Copy<"), "{html}");
    }
}

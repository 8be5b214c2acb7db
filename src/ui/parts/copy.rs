//! Copy buttons: they copy a text that stands beside them, and say so.

use crate::ui::browser;
use crate::ui::live::Voice;
use leptos::prelude::*;

/// Which button copied last: kept by the page, so that a refetch does not forget it.
#[derive(Clone, Copy)]
pub struct Copied(RwSignal<Option<String>>);

impl Copied {
    /// Gives every button below a common memory.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }
}

/// Copies `text`, which the element `shown_in` shows; hidden until the page is awake.
#[component]
pub fn CopyButton(
    /// What is copied.
    text: String,
    /// What it is, as in "Copy value of Domain Routing".
    what: String,
    /// Id of the element that shows it.
    shown_in: String,
) -> impl IntoView {
    let (copied, voice) = (use_context::<Copied>(), use_context::<Voice>());
    let is_last = {
        let id = shown_in.clone();
        move || copied.is_some_and(|Copied(last)| last.with(|last| last.as_deref() == Some(id.as_str())))
    };
    let label = format!("Copy {what}");
    let on_click = move |_| {
        let (id, what) = (shown_in.clone(), what.clone());
        browser::copy(text.clone(), shown_in.clone(), move |done| {
            if let Some(voice) = voice {
                voice.say(&outcome(done, &what));
            }
            if let Some(Copied(last)) = copied.filter(|_| done) {
                last.set(Some(id));
            }
        });
    };
    view! {
        <button type="button" class="copy" aria-label=label on:click=on_click>
            {move || if is_last() { "Copied" } else { "Copy" }}
        </button>
    }
}

fn outcome(done: bool, what: &str) -> String {
    if done { format!("Copied {what}.") } else { format!("The {what} is selected. Press Control and C to copy it.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_button_is_a_named_button() {
        let html = view! { <CopyButton text="x".into() what="value of Domain Routing".into() shown_in="v".into() /> }
            .to_html();
        assert!(html.contains(r#"type="button""#), "{html}");
        assert!(html.contains(r#"aria-label="Copy value of Domain Routing""#), "{html}");
        assert!(html.contains("Copy"), "{html}");
    }
}

//! A domain's name, checked while it is typed by the same rules as on the server.
#![expect(missing_docs, reason = "the macro makes an undocumented struct of an island's properties")]

use super::browser;
use crate::domain::hostname::{Hostname, NameProblem};
use leptos::ev::FocusEvent;
use leptos::prelude::*;

/// Says beside a name's field what the server would say of it.
#[island]
pub fn NameCheck(
    /// The id of the field.
    field: String,
    /// The text that the form came back with, if it did: the error beside the field speaks of it already.
    refused: Option<String>,
    /// The field.
    children: Children,
) -> impl IntoView {
    let (typed, left) = (RwSignal::new(String::new()), RwSignal::new(false));
    let id = StoredValue::new(field);
    Effect::new(move |_| {
        // Somebody may have typed before the page was awake.
        if let Some(text) = id.with_value(|id| browser::field_text(id)) {
            typed.set(text);
        }
    });
    let leave = move |event: FocusEvent| {
        // Words that appear now would move the button from under the pointer, and its press would miss.
        if !browser::goes_to_button(&event) {
            left.set(true);
        }
    };
    let take = move |name: String| {
        id.with_value(|id| browser::fill_field(id, &name));
        typed.set(name);
    };
    let advice = Memo::new(move |_| Advice::beside(refused.as_deref(), &typed.read(), left.get()));
    view! {
        <div on:input=move |event| typed.set(event_target_value(&event)) on:focusout=leave>
            {children()}
            <div class="advice" aria-live="polite">
                {move || advice.get().map(|advice| said(advice, take))}
            </div>
        </div>
    }
}

/// What is said about a name that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Advice {
    /// It will do; browsers may write it differently.
    Good(String),
    /// It won't do.
    Wrong(String),
    /// This was probably meant.
    Meant(String),
}

impl Advice {
    /// Says nothing that the error beside the field says already of the text that was `refused`.
    fn beside(refused: Option<&str>, typed: &str, left: bool) -> Option<Self> {
        Self::on(typed, left).filter(|advice| matches!(advice, Self::Meant(_)) || refused != Some(typed))
    }

    /// Speaks at once of what more letters can't mend, and of the rest when the field was left.
    fn on(typed: &str, left: bool) -> Option<Self> {
        match Hostname::parse_form(typed) {
            Ok(name) if name.unicode().is_some() => Some(Self::Good(format!("Browsers write this name as {name}."))),
            Ok(name) => left.then(|| Self::Good(format!("{name} can be added."))),
            Err(NameProblem::Empty) => None,
            Err(NameProblem::Dressed { cleaned: Some(name) }) if left || !typed.ends_with('.') => {
                Some(Self::Meant(name))
            }
            Err(NameProblem::Dressed { .. }) if !left => None,
            Err(problem @ NameProblem::Character(_)) => Some(Self::Wrong(problem.to_string())),
            Err(problem) => left.then(|| Self::Wrong(problem.to_string())),
        }
    }
}

fn said(advice: Advice, take: impl Fn(String) + Clone + 'static) -> impl IntoView {
    match advice {
        Advice::Good(words) => view! { <p class="advice__good">{words}</p> }.into_any(),
        Advice::Wrong(words) => view! { <p class="advice__wrong">{words}</p> }.into_any(),
        Advice::Meant(name) => {
            let (words, label) = (format!("Did you mean {name}?"), format!("Use {name}"));
            let on_click = move |_| take(name.clone());
            view! {
                <p class="advice__meant">
                    {words} " " <button type="button" class="usa-button usa-button--outline" on:click=on_click>
                        {label}
                    </button>
                </p>
            }
            .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_waits_until_it_helps() {
        assert_eq!(Advice::on("", true), None);
        assert_eq!(Advice::on("portal", false), None);
        assert_eq!(Advice::on("portal.court.", false), None);
        assert!(matches!(Advice::on("portal", true), Some(Advice::Wrong(_))));
        assert!(matches!(Advice::on("my portal", false), Some(Advice::Wrong(_))));
        assert_eq!(Advice::on("https://portal.court.gov/x", false), Some(Advice::Meant("portal.court.gov".into())));
        assert_eq!(Advice::on("https://po", false), None);
        assert!(matches!(Advice::on("bücher.example.com", false), Some(Advice::Good(_))));
        assert_eq!(Advice::beside(Some("a b"), "a b", true), None);
        assert!(Advice::beside(Some("a b"), "a bc", true).is_some());
    }
}

//! A domain's name, checked while it is typed by the same rules as on the server.
//!
//! Its form is judged here, at each letter. What only the server knows (the list of public suffixes, what this customer has)
//! is asked there once nobody types for a moment, and only for a name that is sound in form.
#![expect(missing_docs, reason = "the macro makes an undocumented struct of an island's properties")]

use super::asking::Asker;
use super::browser;
use super::fetched::Form;
use crate::domain::candidate::{Candidate, THERE, wildcard_words};
use crate::domain::hostname::{Hostname, NameProblem};
use leptos::ev::FocusEvent;
use leptos::prelude::*;

/// The fields that the server is told: a name may be there at one customer and not at another.
const TOLD: [&str; 2] = ["domain", "customer"];

/// Says beside a name's field what the server would say of it.
#[island]
pub fn NameCheck(
    /// The id of the field.
    field: String,
    /// The address of the door that is asked about a name.
    door: String,
    /// The text that the form came back with, if it did: the error beside the field speaks of it already.
    refused: Option<String>,
    /// The field.
    children: Children,
) -> impl IntoView {
    let (typed, left) = (RwSignal::new(String::new()), RwSignal::new(false));
    let (pressing, changed) = (RwSignal::new(false), Trigger::new());
    let answer = RwSignal::new(None::<Answer>);
    let id = StoredValue::new(field);
    Effect::new(move |_| {
        // Somebody may have typed before the page was awake.
        if let Some(text) = id.with_value(|id| browser::field_text(id)) {
            typed.set(text);
        }
        browser::on("change", move |_| changed.notify());
    });
    let (asker, known) = (Asker::at(door), refused.clone());
    Effect::new(move |_| {
        changed.track();
        let text = typed.get();
        let asks = !pressing.get() && known.as_ref() != Some(&text) && Hostname::parse_form(&text).is_ok();
        let question = asks.then(|| id.with_value(|id| Form::holding(id)?.values(&TOLD))).flatten();
        asker.ask(question.unwrap_or_default(), move |said| answer.set(said.map(|said| Answer { of: text, said })));
    });
    let type_in = move |text: String| {
        pressing.set(false);
        typed.set(text);
    };
    let leave = move |event: FocusEvent| {
        // Words that appear now would move the button from under the pointer, and its press would miss.
        let presses = browser::goes_to_button(&event);
        pressing.set(presses);
        if !presses {
            left.set(true);
        }
    };
    let take = move |name: String| {
        id.with_value(|id| browser::fill_field(id, &name));
        type_in(name);
    };
    let advice = Memo::new(move |_| {
        let (text, answer) = (typed.read(), answer.read());
        let heard = answer.as_ref().and_then(|answer| answer.about(&text));
        Advice::beside(refused.as_deref(), &text, left.get(), heard)
    });
    view! {
        <div on:input=move |event| type_in(event_target_value(&event)) on:focusout=leave>
            {children()}
            <div class="advice" aria-live="polite">
                {move || advice.get().map(|advice| said(advice, take))}
            </div>
        </div>
    }
}

/// What the server said, and of which text.
#[derive(Clone, Debug)]
struct Answer {
    of: String,
    said: Candidate,
}

impl Answer {
    /// What it says of a text, if that is the one that was asked about.
    fn about(&self, text: &str) -> Option<&Candidate> {
        (self.of == text).then_some(&self.said)
    }
}

/// What is said about a name that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Advice {
    /// It will do; browsers may write it differently.
    Good(String),
    /// It will do; something follows from it.
    Heed(String),
    /// It won't do.
    Wrong(String),
    /// It is there already, on this page.
    There(String),
    /// This was probably meant.
    Meant(String),
}

impl Advice {
    /// Says nothing that the error beside the field says already of the text that was `refused`.
    fn beside(refused: Option<&str>, typed: &str, left: bool, heard: Option<&Candidate>) -> Option<Self> {
        let advice = Self::on(typed, left, heard);
        advice.filter(|advice| matches!(advice, Self::Meant(_)) || refused != Some(typed))
    }

    /// Speaks at once of what more letters can't mend, and of the rest when the field was left or the server was asked.
    fn on(typed: &str, left: bool, heard: Option<&Candidate>) -> Option<Self> {
        match Hostname::parse_form(typed) {
            Ok(name) => Self::on_name(&name, left, heard),
            Err(NameProblem::Empty) => None,
            Err(NameProblem::Dressed { cleaned: Some(name) }) if left || !typed.ends_with('.') => {
                Some(Self::Meant(name))
            }
            Err(NameProblem::Dressed { .. }) if !left => None,
            Err(problem @ NameProblem::Character(_)) => Some(Self::Wrong(problem.to_string())),
            Err(problem) => left.then(|| Self::Wrong(problem.to_string())),
        }
    }

    /// Only the server knows whether a name can be added; what the name itself says needs no answer.
    fn on_name(name: &Hostname, left: bool, heard: Option<&Candidate>) -> Option<Self> {
        let is_free = match heard {
            Some(Candidate::Refused(words)) => return Some(Self::Wrong(words.clone())),
            Some(Candidate::There { page }) => return Some(Self::There(page.clone())),
            Some(Candidate::Heed(words)) => return Some(Self::Heed(words.clone())),
            Some(Candidate::Free) => true,
            None => false,
        };
        match wildcard_words(name) {
            Some(words) => Some(Self::Heed(words.to_owned())),
            None if name.unicode().is_some() => Some(Self::Good(format!("Browsers write this name as {name}."))),
            None => (left && is_free).then(|| Self::Good(format!("{name} can be added."))),
        }
    }
}

fn said(advice: Advice, take: impl Fn(String) + Clone + 'static) -> impl IntoView {
    match advice {
        Advice::Good(words) => view! { <p class="advice__good">{words}</p> }.into_any(),
        Advice::Heed(words) => view! { <p class="advice__heed">{words}</p> }.into_any(),
        Advice::Wrong(words) => view! { <p class="advice__wrong">{words}</p> }.into_any(),
        Advice::There(page) => there(page).into_any(),
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

fn there(page: String) -> impl IntoView {
    view! {
        <p class="advice__wrong">
            {THERE} " " <a class="usa-link" href=page>
                "Open its page"
            </a>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_waits_until_it_helps() {
        let on = |typed, left| Advice::on(typed, left, None);
        assert_eq!(on("", true), None);
        assert_eq!(on("portal", false), None);
        assert_eq!(on("portal.court.", false), None);
        assert!(matches!(on("portal", true), Some(Advice::Wrong(_))));
        assert!(matches!(on("my portal", false), Some(Advice::Wrong(_))));
        assert_eq!(on("https://portal.court.gov/x", false), Some(Advice::Meant("portal.court.gov".into())));
        assert_eq!(on("https://po", false), None);
        assert!(matches!(on("bücher.example.com", false), Some(Advice::Good(_))));
        assert!(matches!(on("*.court.gov", false), Some(Advice::Heed(_))));
        assert_eq!(Advice::beside(Some("a b"), "a b", true, None), None);
        assert!(Advice::beside(Some("a b"), "a bc", true, None).is_some());
    }

    #[test]
    fn only_the_server_says_that_a_name_can_be_added() {
        let on = |typed, left, heard: Candidate| Advice::on(typed, left, Some(&heard));
        assert_eq!(Advice::on("portal.court.gov", true, None), None);
        assert_eq!(on("portal.court.gov", false, Candidate::Free), None);
        let good = Some(Advice::Good("portal.court.gov can be added.".into()));
        assert_eq!(on("portal.court.gov", true, Candidate::Free), good);
        let refused = Candidate::Refused("co.uk is a shared suffix".into());
        assert_eq!(on("co.uk", false, refused), Some(Advice::Wrong("co.uk is a shared suffix".into())));
        let heed = Candidate::Heed("court.gov is the zone's own name".into());
        assert!(matches!(on("court.gov", false, heed), Some(Advice::Heed(_))));
        let there = Candidate::There { page: "/domains/x".into() };
        assert_eq!(on("*.court.gov", false, there), Some(Advice::There("/domains/x".into())));
        assert!(matches!(on("*.court.gov", true, Candidate::Free), Some(Advice::Heed(_))));
        assert!(matches!(on("bücher.example.com", true, Candidate::Free), Some(Advice::Good(_))));
    }

    #[test]
    fn an_answer_speaks_of_the_text_that_was_asked_about() {
        let answer = Answer { of: "co.uk".into(), said: Candidate::Free };
        assert_eq!(answer.about("co.uk"), Some(&Candidate::Free));
        assert_eq!(answer.about("co.uk."), None);
    }
}

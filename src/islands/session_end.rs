//! A word before the session ends, and a button that makes it last longer (WCAG 2.2.1).
//!
//! Each page says in `data-session-left` how long it lasts. Before anything is shown the server is asked again: somebody may
//! have been at work in another window. Without script the next link leads to the sign-in page and back.
#![expect(missing_docs, reason = "the macro makes an undocumented struct of an island's properties")]

use super::arrival::HEADING_ID;
use super::browser;
use super::fetched::{Fetched, Form};
use super::times::Shape;
use crate::domain::time::{MINUTE_MS, Millis, SECOND_MS};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// The word comes this long before the end.
const BEFORE_MS: i64 = 2 * MINUTE_MS;

/// Where a page says how long the session lasts.
const MARKED: &str = "[data-session-left]";

/// What is known of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    ends: Millis,
    /// Whether doing something makes it last longer.
    extends: bool,
    asked: Asked,
}

/// Whether the server was asked since the end came near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    No,
    Asking,
    Yes,
}

/// What is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Nothing,
    /// It ends then, unless something is done.
    Ends(Millis),
    /// It ends then in any case.
    EndsAnyway(Millis),
    Ended,
}

impl Known {
    /// What a page says, if it is one for somebody who is signed in.
    fn read(marked: Option<Element>) -> Option<Self> {
        let marked = marked?;
        let left: i64 = marked.get_attribute("data-session-left")?.parse().ok()?;
        let extends = marked.has_attribute("data-session-extends");
        Some(Self { ends: browser::now().plus(left), extends, asked: Asked::No })
    }

    fn is_near(self, now: Millis) -> bool {
        self.ends.since(now) <= BEFORE_MS
    }

    fn shown(self, now: Millis) -> Shown {
        match self.ends.since(now) {
            _ if self.asked != Asked::Yes || !self.is_near(now) => Shown::Nothing,
            ..=0 => Shown::Ended,
            _ if self.extends => Shown::Ends(self.ends),
            _ => Shown::EndsAnyway(self.ends),
        }
    }
}

/// Says when the session is about to end.
#[island]
pub fn SessionEnd(
    /// The door that makes it last longer.
    extend: String,
) -> impl IntoView {
    let known = RwSignal::new(None::<Known>);
    let now = RwSignal::new(Millis(0));
    Effect::new(move |_| {
        known.set(Known::read(browser::first(MARKED)));
        browser::every(SECOND_MS.unsigned_abs(), move || {
            now.set(browser::now());
            ask_when_near(known);
        });
    });
    let shown = Memo::new(move |_| known.get().map_or(Shown::Nothing, |known| known.shown(now.get())));
    let stay = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(form) = Form::of(&event) {
            spawn_local(send(form, known));
        }
    };
    let words = move |shown| match shown {
        Shown::Nothing => None,
        Shown::Ends(at) => Some(soon(at, extend.clone(), stay).into_any()),
        Shown::EndsAnyway(at) => Some(anyway(at).into_any()),
        Shown::Ended => Some(ended().into_any()),
    };
    move || {
        words(shown.get()).map(|words| {
            view! {
                <div class="ending" role="alert">
                    {words}
                </div>
            }
        })
    }
}

async fn send(form: Form, known: RwSignal<Option<Known>>) {
    let answer = Fetched::from(&form.action(), Some(&form)).await;
    let longer = answer.and_then(|page| Known::read(page.first(MARKED)));
    if longer.is_some() {
        known.set(longer);
        browser::focus(HEADING_ID);
        browser::say("You stay signed in.");
    } else {
        browser::say("That did not work. Try again.");
    }
}

/// Asks the server once when the end comes near: it may have moved. What is known holds while there is no answer.
fn ask_when_near(known: RwSignal<Option<Known>>) {
    let Some(before) = known.get_untracked().filter(|known| known.asked == Asked::No) else { return };
    if !before.is_near(browser::now()) {
        return;
    }
    known.set(Some(Known { asked: Asked::Asking, ..before }));
    spawn_local(async move {
        let page = Fetched::from(&browser::address(), None).await;
        let now = browser::now();
        // A page that says nothing of a session is for somebody who has none any more.
        let over = Known { ends: now, extends: false, asked: Asked::Yes };
        let heard = page.map_or(before, |page| Known::read(page.first(MARKED)).unwrap_or(over));
        let asked = if heard.is_near(now) { Asked::Yes } else { Asked::No };
        known.set(Some(Known { asked, ..heard }));
    });
}

fn soon(at: Millis, extend: String, stay: impl Fn(SubmitEvent) + Clone + 'static) -> impl IntoView {
    view! {
        <p>"You did nothing for a while, and are signed out at " {Shape::Clock.words(at)} "."</p>
        <form action=extend method="post" on:submit=stay>
            <button class="usa-button" type="submit">
                "Stay signed in"
            </button>
        </form>
    }
}

fn anyway(at: Millis) -> impl IntoView {
    view! {
        <p>
            "You have been signed in for 12 hours, and are signed out at " {Shape::Clock.words(at)}
            ". Finish what you are typing, and sign in again."
        </p>
    }
}

fn ended() -> impl IntoView {
    view! {
        <p>"You are signed out. What you typed is still here: copy it before you sign in again."</p>
        <a class="usa-link" href=browser::address()>
            "Sign in again"
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_comes_two_minutes_before_and_only_when_the_server_says_so() {
        let ends = Millis(10 * MINUTE_MS);
        let known = Known { ends, extends: true, asked: Asked::Yes };
        let (early, late, over) = (Millis(7 * MINUTE_MS), Millis(9 * MINUTE_MS), Millis(11 * MINUTE_MS));
        assert!(!known.is_near(early) && known.is_near(late));
        assert_eq!(Known { asked: Asked::Asking, ..known }.shown(late), Shown::Nothing);
        assert_eq!(known.shown(early), Shown::Nothing);
        assert_eq!(known.shown(late), Shown::Ends(ends));
        assert_eq!(Known { extends: false, ..known }.shown(late), Shown::EndsAnyway(ends));
        assert_eq!(known.shown(over), Shown::Ended);
    }
}

//! Live pages: when to look again, the reader's clock, and what is said aloud when a status changes.
//!
//! A tick from the server carries no state; it only makes the page read through its door again, as a form post or the
//! fallback timer does. Nothing here keeps a copy of what was read.

use super::browser::{self, Listener};
use crate::domain::status::{DomainStatus, SslStatus};
use crate::domain::time::Millis;
use crate::wire::domain::DomainView;
use leptos::prelude::*;
use std::time::Duration;

/// Read again this often even if no tick comes: the stream may be blocked on the way.
const FALLBACK_EVERY_MS: u64 = 15_000;
/// A page without a stream reads again this often: as often as the domain is looked at meanwhile.
const ALONE_EVERY_MS: u64 = 5_000;
/// Ticks that arrive together are answered with one look.
const GATHER_MS: u64 = 150;

/// Counts the looks that a page should take: up by one with every tick, or every [`FALLBACK_EVERY_MS`].
#[must_use]
pub fn looks(url: Signal<String>) -> Signal<u32> {
    let looks = RwSignal::new(0_u32);
    let gathering = StoredValue::new(false);
    let look = move || {
        // The page may be gone by the time that a timer fires.
        _ = looks.try_update(|n| *n = n.wrapping_add(1));
    };
    Effect::new(move |_| {
        let listener = Listener::open(&url.get(), move || {
            if gathering.try_get_value() != Some(false) {
                return;
            }
            gathering.set_value(true);
            let answer = move || {
                _ = gathering.try_set_value(false);
                look();
            };
            set_timeout(answer, Duration::from_millis(GATHER_MS));
        });
        // Owned by this effect: closed when the page goes or the address changes.
        StoredValue::new_local(listener);
    });
    every(Duration::from_millis(FALLBACK_EVERY_MS), move || {
        if !browser::hidden() {
            look();
        }
    });
    looks.into()
}

/// Counts the looks of a page that nobody is signed in to: by the timer alone.
#[must_use]
pub fn looks_alone() -> Signal<u32> {
    let looks = RwSignal::new(0_u32);
    every(Duration::from_millis(ALONE_EVERY_MS), move || {
        if !browser::hidden() {
            _ = looks.try_update(|n| *n = n.wrapping_add(1));
        }
    });
    looks.into()
}

/// The reader's clock: nothing until the page is awake, then the time, each second.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Millis>>,
    awake: Memo<bool>,
}

impl Clock {
    /// Starts the clock and gives it to everything below.
    pub fn provide() {
        let now = RwSignal::new(None);
        let awake = Memo::new(move |_| now.get().is_some());
        Effect::new(move |_| now.set(Some(browser::now())));
        every(Duration::from_secs(1), move || now.set(Some(browser::now())));
        provide_context(Self { now, awake });
    }

    /// The time by the reader's clock, read reactively; none on the server and before the page is awake.
    pub fn now() -> impl Fn() -> Option<Millis> + Copy + Send + Sync + 'static {
        let clock = use_context::<Self>();
        move || clock.and_then(|clock| clock.now.get())
    }

    /// Whether the page is awake, read reactively.
    pub fn is_awake() -> impl Fn() -> bool + Copy + Send + Sync + 'static {
        let clock = use_context::<Self>();
        move || clock.is_some_and(|clock| clock.awake.get())
    }
}

fn every(time: Duration, act: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(act, time) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// What the page says aloud, politely, through its one status region.
#[derive(Clone, Copy)]
pub struct Voice(RwSignal<String>);

impl Voice {
    /// Gives a voice to everything below.
    #[must_use]
    pub fn provide() -> Self {
        let voice = Self(RwSignal::new(String::new()));
        provide_context(voice);
        voice
    }

    /// What is being said.
    #[must_use]
    pub fn words(self) -> Signal<String> {
        self.0.into()
    }

    /// Says a sentence, also when it is the same as the last one.
    pub fn say(self, sentence: &str) {
        self.0.update(|words| {
            let again = words == sentence;
            sentence.clone_into(words);
            if again {
                words.push('\u{a0}');
            }
        });
    }
}

/// What of a domain is worth saying when it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    id: String,
    domain: DomainStatus,
    ssl: SslStatus,
}

impl Heard {
    /// Takes it from a view.
    #[must_use]
    pub fn of(view: &DomainView) -> Self {
        Self { id: view.id.clone(), domain: view.domain_status, ssl: view.ssl_status }
    }

    /// What to say now that `before` was the last thing known; nothing when no status of the same domain changed.
    #[must_use]
    pub fn since(&self, before: &Self) -> Option<String> {
        if self.id != before.id {
            return None;
        }
        let domain = (self.domain != before.domain).then(|| format!("Domain Status is now {}.", self.domain.label()));
        let ssl = (self.ssl != before.ssl).then(|| format!("SSL Status is now {}.", self.ssl.label()));
        let sentences: Vec<String> = domain.into_iter().chain(ssl).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_of_the_same_domain_are_said() {
        let before =
            Heard { id: "a".into(), domain: DomainStatus::VerificationPending, ssl: SslStatus::PendingValidation };
        assert_eq!(before.since(&before), None);
        let after = Heard { domain: DomainStatus::Active, ..before.clone() };
        assert_eq!(after.since(&before).as_deref(), Some("Domain Status is now Active."));
        let both = Heard { ssl: SslStatus::Active, ..after.clone() };
        assert_eq!(both.since(&before).as_deref(), Some("Domain Status is now Active. SSL Status is now Active."));
        assert_eq!(Heard { id: "b".into(), ..both }.since(&before), None);
    }
}

//! How long a CA took lately, so that it is asked about the next order when that is likely to be done: each look at an order
//! costs both sides a signature, and sooner looks bring nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The first pause before a look where nothing is known: a test CA is done within milliseconds.
const FIRST_MS: u64 = 2;
/// The longest pause of our own choosing. Public CAs name theirs by `Retry-After`, which is obeyed.
const LONGEST_MS: u64 = 1_000;
/// Each new time counts for one part in so many.
const WEIGHT: u64 = 4;

/// The same stretch of orders' ways: from telling the CA until it has validated, or from the signing request until it has
/// issued. In microseconds, smoothed; zero until one was seen.
#[derive(Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    /// An order is left with the CA now.
    pub(super) fn begin(&self) -> Stretch<'_> {
        Stretch { pace: self, began: Instant::now() }
    }

    /// The looks at an order that is left with the CA now: the first one somewhat sooner than it took lately, so that a CA
    /// that has become faster is noticed.
    pub(super) fn looks(&self) -> Looks {
        let first = (self.0.load(Ordering::Relaxed) * 3 / 4 / 1_000).clamp(FIRST_MS, LONGEST_MS);
        Looks { pause_ms: first, next_ms: first.div_ceil(4).max(FIRST_MS) }
    }

    fn note(&self, took: Duration) {
        // So short that it can be multiplied.
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).clamp(1, u64::MAX / 8);
        // Two at the same moment: one of them counts.
        let before = self.0.load(Ordering::Relaxed);
        let after = if before == 0 { took } else { before - before / WEIGHT + took / WEIGHT };
        self.0.store(after.max(1), Ordering::Relaxed);
    }
}

/// One order's stretch.
pub(super) struct Stretch<'a> {
    pace: &'a Pace,
    began: Instant,
}

impl Stretch<'_> {
    /// The CA is seen to be done.
    pub(super) fn end(self) {
        self.pace.note(self.began.elapsed());
    }
}

/// The pauses before looks at one order: after the first, short ones that grow.
pub(super) struct Looks {
    pause_ms: u64,
    next_ms: u64,
}

impl Looks {
    /// The next pause in milliseconds.
    pub(super) fn pause_ms(&mut self) -> u64 {
        let pause_ms = std::mem::replace(&mut self.pause_ms, self.next_ms);
        self.next_ms = LONGEST_MS.min(self.next_ms + self.next_ms.div_ceil(2));
        pause_ms
    }
}

/// What is known of one CA.
#[derive(Default)]
pub(super) struct Paces {
    pub(super) validating: Pace,
    pub(super) issuing: Pace,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(pace: &Pace, count: usize) -> Vec<u64> {
        let mut looks = pace.looks();
        (0..count).map(|_| looks.pause_ms()).collect()
    }

    #[test]
    fn a_ca_that_nobody_knows_is_asked_soon_and_then_less_often() {
        let pace = Pace::default();
        assert_eq!(pauses(&pace, 6), [2, 2, 3, 5, 8, 12]);
        assert_eq!(pauses(&pace, 40).last(), Some(&LONGEST_MS));
    }

    #[test]
    fn the_first_look_comes_near_to_when_it_is_done() {
        let pace = Pace::default();
        pace.note(Duration::from_millis(100));
        assert_eq!(pauses(&pace, 4), [75, 19, 29, 44]);
        for _ in 0..30 {
            pace.note(Duration::from_millis(800));
        }
        let first = pace.looks().pause_ms();
        assert!((580..=600).contains(&first), "{first}");
    }

    #[test]
    fn a_ca_that_has_become_faster_is_noticed() {
        let (pace, takes) = (Pace::default(), Duration::from_millis(4));
        pace.note(Duration::from_secs(5));
        for _ in 0..150 {
            // Nobody sees it before the first look.
            let looked = Duration::from_millis(pace.looks().pause_ms());
            pace.note(takes.max(looked));
        }
        let first = pace.looks().pause_ms();
        assert!(first <= 4, "{first}");
    }

    #[test]
    fn no_time_is_too_long() {
        let pace = Pace::default();
        pace.note(Duration::MAX);
        pace.note(Duration::MAX);
        assert_eq!(pace.looks().pause_ms(), LONGEST_MS);
        pace.note(Duration::ZERO);
    }
}

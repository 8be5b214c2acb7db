//! The clock that everybody below is handed `now` from; tests turn it by hand.
//!
//! Leases, due times and requests of several nodes meet in one database, so the nodes keep that database's time: each
//! measures how far its machine is off, and reads its clock corrected by this.

use crate::domain::time::{Millis, SECOND_MS};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Clocks that differ by less agree: time servers keep machines closer, and no lease is that short.
const AGREE_MS: i64 = SECOND_MS;

/// A source of `now`.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    /// The machine's, and by how much it is behind.
    System(Arc<AtomicI64>),
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System(Arc::default()))
    }

    /// A clock that stands at `at` until it is turned.
    #[must_use]
    pub fn by_hand(at: Millis) -> Self {
        Self(Source::Hand(Arc::new(AtomicI64::new(at.0))))
    }

    /// Turns a clock made [`by_hand`](Self::by_hand) forward; the machine's own is left alone.
    pub fn turn(&self, ms: i64) {
        if let Source::Hand(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Follows another clock, which read `theirs` at some moment between `before` and `after` by this one. Gives how far
    /// the machine's clock is ahead of it, when that is news.
    pub fn agree(&self, theirs: Millis, before: Millis, after: Millis) -> Option<i64> {
        let Source::System(behind) = &self.0 else { return None };
        let unsure = after.since(before).abs() / 2;
        let off = theirs.since(before) - unsure;
        if off.abs() <= AGREE_MS + unsure {
            return None;
        }
        Some(-(behind.fetch_add(off, Ordering::SeqCst) + off))
    }

    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System(behind) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let plain = Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
                plain.plus(behind.load(Ordering::SeqCst))
            }
            Source::Hand(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_follows_the_one_it_shares() {
        let clock = Clock::system();
        let now = clock.now();
        assert_eq!(clock.agree(now.plus(900), now, now), None, "near enough");
        assert_eq!(clock.agree(now.plus(5_000), now, now.plus(12_000)), None, "the answer took too long to tell");
        assert_eq!(clock.agree(now.plus(120_000), now, now), Some(-120_000));
        let corrected = clock.now();
        assert!((120_000..150_000).contains(&corrected.since(now)), "{corrected:?}");
        assert_eq!(clock.agree(corrected.plus(100), corrected, corrected.plus(200)), None, "agreed");
        assert_eq!(clock.agree(corrected.plus(-180_000), corrected, corrected), Some(60_000));
        assert_eq!(Clock::by_hand(now).agree(now.plus(120_000), now, now), None);
    }
}

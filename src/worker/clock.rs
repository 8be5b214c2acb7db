//! The clock that everybody below is handed `now` from; tests turn it by hand.

use crate::domain::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of `now`.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
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

    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Source::Hand(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }
}

//! Keeps an older read from overwriting a newer one in memory, without making reads wait for one another.
//!
//! A read is numbered before it begins. What it brought is swapped in only if nothing that was read later is there
//! already; else it is read again. Keys share a fixed number of places: one that is overtaken by another key's read only
//! reads once more than needed.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Enough that of some hundred reads at the same time few share one.
const PLACES: usize = 1_024;

/// The order of reads.
pub(super) struct Latest {
    hasher: RandomState,
    begun: AtomicU64,
    /// For each place, the number of the last read that was swapped in; held while it is.
    swapped: Vec<Mutex<u64>>,
}

impl Default for Latest {
    fn default() -> Self {
        let swapped = std::iter::repeat_with(Mutex::default).take(PLACES).collect();
        Self { hasher: RandomState::new(), begun: AtomicU64::new(0), swapped }
    }
}

impl Latest {
    /// Numbers a read that is about to begin.
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Swaps in what a read brought for a key; false, and nothing is done, when it was overtaken.
    pub(super) fn swap(&self, key: &str, read: u64, swap: impl FnOnce()) -> bool {
        let place = usize::try_from(self.hasher.hash_one(key)).unwrap_or_default() % PLACES;
        let mut last = self.swapped[place].lock().unwrap_or_else(PoisonError::into_inner);
        if *last > read {
            return false;
        }
        *last = read;
        swap();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_was_overtaken_changes_nothing() {
        let (latest, mut shown) = (Latest::default(), "nothing");
        let (early, late) = (latest.begin(), latest.begin());
        assert!(latest.swap("a", late, || shown = "late"));
        assert!(!latest.swap("a", early, || shown = "early"));
        assert!(latest.swap("a", latest.begin(), || shown = "again"));
        assert_eq!(shown, "again");
    }
}

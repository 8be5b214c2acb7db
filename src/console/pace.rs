//! How often one key may be asked about: a fixed number in a minute, in bounded memory.

use crate::domain::time::{MINUTE_MS, Millis};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Asked in one minute at most: a dozen people with the page open, each looking every few seconds.
const IN_A_MINUTE: u32 = 240;
/// Keys remembered at once; a full table is cleared, which errs on the side of answering.
const KEYS_MAX: usize = 10_000;

/// The minute that each key is in, and how often it was asked about since.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<[u8; 32], (Millis, u32)>>);

impl Pace {
    /// Takes a turn.
    ///
    /// # Errors
    /// When the next minute begins.
    pub fn take(&self, key: [u8; 32], now: Millis) -> Result<(), Millis> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= KEYS_MAX && !table.contains_key(&key) {
            table.retain(|_, (began, _)| now.since(*began) < MINUTE_MS);
            if table.len() >= KEYS_MAX {
                table.clear();
            }
        }
        let (began, asked) = table.entry(key).or_insert((now, 0));
        // A minute that began in the future was dated by a clock that has since been set back.
        if !(0..MINUTE_MS).contains(&now.since(*began)) {
            (*began, *asked) = (now, 0);
        }
        if *asked >= IN_A_MINUTE {
            return Err(began.plus(MINUTE_MS));
        }
        *asked += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_number_in_a_minute() {
        let pace = Pace::default();
        let at = Millis;
        for n in 0..IN_A_MINUTE {
            assert_eq!(pace.take([1; 32], at(i64::from(n))), Ok(()));
        }
        assert_eq!(pace.take([1; 32], at(59_999)), Err(at(60_000)));
        assert_eq!(pace.take([2; 32], at(59_999)), Ok(()), "another key has its own");
        assert_eq!(pace.take([1; 32], at(60_000)), Ok(()));
        assert_eq!(pace.take([1; 32], at(10)), Ok(()), "a clock that was set back");
    }

    #[test]
    fn a_flood_of_keys_stays_in_bounds() {
        let pace = Pace::default();
        for n in 0..=KEYS_MAX {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&n.to_be_bytes());
            assert_eq!(pace.take(key, Millis(5)), Ok(()));
        }
        assert!(pace.0.lock().is_ok_and(|table| table.len() <= KEYS_MAX));
    }
}

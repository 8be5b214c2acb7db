//! Slowing down guesses: each wrong password for an account makes the next answer wait longer; nobody is locked out.

use crate::domain::time::{Millis, SECOND_MS};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong passwords that cost nothing: people mistype.
const FREE_TRIES: u32 = 3;
/// The longest wait.
const WAIT_MAX_MS: i64 = 30 * SECOND_MS;
/// Accounts remembered at once; the oldest are forgotten first.
const ACCOUNTS_MAX: usize = 10_000;

/// Wrong passwords by account.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<HashMap<String, (u32, Millis)>>);

impl Guesses {
    /// Takes a try for this account, which counts as wrong until [`Self::right`] is told: many at once are no way around.
    ///
    /// # Errors
    /// Until when the next try has to wait.
    pub fn take(&self, account: &str, now: Millis) -> Result<(), Millis> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = table.get(account).copied();
        if let Some(until) = known.and_then(wait_until).filter(|until| *until > now) {
            return Err(until);
        }
        if known.is_none() && table.len() >= ACCOUNTS_MAX {
            let oldest = table.iter().min_by_key(|(_, (_, last))| *last).map(|(account, _)| account.clone());
            oldest.and_then(|account| table.remove(&account));
        }
        table.insert(account.to_owned(), (known.map_or(0, |(wrong, _)| wrong).saturating_add(1), now));
        Ok(())
    }

    /// Forgets the account's wrong passwords.
    pub fn right(&self, account: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

fn wait_until((wrong, last): (u32, Millis)) -> Option<Millis> {
    let doublings = wrong.checked_sub(FREE_TRIES)?.min(10);
    Some(last.plus((SECOND_MS << doublings).min(WAIT_MAX_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let guesses = Guesses::default();
        let at = |s: i64| Millis(s * SECOND_MS);
        for _ in 0..FREE_TRIES {
            assert_eq!(guesses.take("a", at(0)), Ok(()));
        }
        assert_eq!(guesses.take("a", at(0)), Err(at(1)));
        assert_eq!(guesses.take("a", at(1)), Ok(()));
        assert_eq!(guesses.take("a", at(2)), Err(at(3)), "a refused try costs nothing");
        assert_eq!(guesses.take("b", at(2)), Ok(()));
        for n in 1..50 {
            assert_eq!(guesses.take("a", at(100 * n)), Ok(()));
        }
        assert_eq!(guesses.take("a", at(4_901)), Err(at(4_930)));
        guesses.right("a");
        assert_eq!(guesses.take("a", at(4_901)), Ok(()));
    }

    #[test]
    fn a_full_table_forgets_the_oldest_and_still_counts() {
        let guesses = Guesses::default();
        for n in 0..ACCOUNTS_MAX {
            assert_eq!(guesses.take(&n.to_string(), Millis(n as i64)), Ok(()));
        }
        let now = Millis(20_000);
        for _ in 0..FREE_TRIES {
            assert_eq!(guesses.take("victim", now), Ok(()));
        }
        assert!(guesses.take("victim", now).is_err());
        assert_eq!(guesses.0.lock().map(|table| table.len()).ok(), Some(ACCOUNTS_MAX));
    }
}

//! Slowing down guesses: each wrong password for an account makes the next answer wait longer; nobody is locked out.

use crate::domain::time::{HOUR_MS, Millis, SECOND_MS};
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
    /// Until when the next try for this account has to wait, if it has to.
    pub fn wait_until(&self, account: &str, now: Millis) -> Option<Millis> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (wrong, last) = table.get(account)?;
        let doublings = wrong.checked_sub(FREE_TRIES)?.min(10);
        let until = last.plus((SECOND_MS << doublings).min(WAIT_MAX_MS));
        (until > now).then_some(until)
    }

    /// Notes a wrong password.
    pub fn wrong(&self, account: &str, now: Millis) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= ACCOUNTS_MAX {
            table.retain(|_, (_, last)| now.since(*last) < HOUR_MS);
        }
        if table.len() < ACCOUNTS_MAX {
            let entry = table.entry(account.to_owned()).or_insert((0, now));
            *entry = (entry.0.saturating_add(1), now);
        }
    }

    /// Forgets the account's wrong passwords.
    pub fn right(&self, account: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let guesses = Guesses::default();
        let at = |s: i64| Millis(s * SECOND_MS);
        for _ in 0..FREE_TRIES {
            assert_eq!(guesses.wait_until("a", at(0)), None);
            guesses.wrong("a", at(0));
        }
        assert_eq!(guesses.wait_until("a", at(0)), Some(at(1)));
        guesses.wrong("a", at(1));
        assert_eq!(guesses.wait_until("a", at(1)), Some(at(3)));
        assert_eq!(guesses.wait_until("a", at(3)), None);
        assert_eq!(guesses.wait_until("b", at(1)), None);
        for _ in 0..50 {
            guesses.wrong("a", at(10));
        }
        assert_eq!(guesses.wait_until("a", at(10)), Some(at(40)));
        guesses.right("a");
        assert_eq!(guesses.wait_until("a", at(10)), None);
    }
}

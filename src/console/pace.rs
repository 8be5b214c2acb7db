//! How often one key may be asked about: a fixed number in a window of time, in bounded memory of this node.

use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use crate::wire::error::{Kind, Refusal};
use aws_lc_rs::digest;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Asked by one link in a minute at most: a dozen people with the page open, each looking every few seconds.
const OF_A_LINK: u32 = 240;
/// Reports of one domain in a minute at most.
const REPORTS_OF_A_DOMAIN: u32 = 20;
/// Renewals of one domain in an hour at most: who wants more has a trouble that another certificate does not end.
const RENEWALS_OF_A_DOMAIN: u32 = 5;
/// Keys remembered at once; a full table is cleared, which errs on the side of answering.
const KEYS_MAX: usize = 10_000;
/// Bits of an IPv6 address that are one customer's network.
const NETWORK_BITS: u32 = 64;

/// What is paced, and by what.
#[derive(Debug)]
pub struct Paces {
    /// Looks by a link without sign-in, by its hash.
    pub links: Pace,
    /// Calls of somebody who is known: a token or a person.
    pub callers: Pace,
    /// Calls of strangers, by address.
    pub strangers: Pace,
    /// Monitoring Reports that are read, by domain: each asks the world.
    pub reports: Pace,
    /// Renewals that are asked for, by domain.
    pub renewals: Pace,
    /// The same, by customer.
    pub renewals_of_customer: Pace,
}

/// How often, as an operator may set it; zero is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Calls of one token or person in a minute.
    pub caller: u32,
    /// Calls of one address in a minute without either.
    pub stranger: u32,
    /// Renewals that may be asked for of one customer's domains in an hour.
    pub renewal: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { caller: 3_000, stranger: 600, renewal: 30 }
    }
}

impl From<Rates> for Paces {
    fn from(rates: Rates) -> Self {
        let of_a_domain = if rates.renewal == 0 { 0 } else { RENEWALS_OF_A_DOMAIN };
        Self {
            links: Pace::new(OF_A_LINK, MINUTE_MS),
            callers: Pace::new(rates.caller, MINUTE_MS),
            strangers: Pace::new(rates.stranger, MINUTE_MS),
            reports: Pace::new(REPORTS_OF_A_DOMAIN, MINUTE_MS),
            renewals: Pace::new(of_a_domain, HOUR_MS),
            renewals_of_customer: Pace::new(rates.renewal, HOUR_MS),
        }
    }
}

impl Default for Paces {
    fn default() -> Self {
        Rates::default().into()
    }
}

/// The window that each key is in, and how often it was asked about since.
#[derive(Debug)]
pub struct Pace {
    allowed: u32,
    window_ms: i64,
    table: Mutex<HashMap<[u8; 32], (Millis, u32)>>,
}

/// A turn that was taken, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether there was one left.
    pub granted: bool,
    /// How many there are in a window; zero is no limit.
    pub allowed: u32,
    /// How many are left in this one.
    pub left: u32,
    /// How long a window is.
    pub window_s: u64,
    /// Seconds until the next begins.
    pub resets_s: u64,
}

impl Pace {
    /// So many turns in each window; zero is no limit.
    #[must_use]
    pub fn new(allowed: u32, window_ms: i64) -> Self {
        Self { allowed, window_ms, table: Mutex::default() }
    }

    /// Takes a turn, if there is one left.
    pub fn take(&self, key: [u8; 32], now: Millis) -> Turn {
        let window_s = seconds(self.window_ms);
        if self.allowed == 0 {
            return Turn { granted: true, allowed: 0, left: 0, window_s, resets_s: window_s };
        }
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= KEYS_MAX && !table.contains_key(&key) {
            table.retain(|_, (began, _)| now.since(*began) < self.window_ms);
            if table.len() >= KEYS_MAX {
                table.clear();
            }
        }
        let (began, asked) = table.entry(key).or_insert((now, 0));
        // A window that began in the future was dated by a clock that has since been set back.
        if !(0..self.window_ms).contains(&now.since(*began)) {
            (*began, *asked) = (now, 0);
        }
        let granted = *asked < self.allowed;
        *asked += u32::from(granted);
        let resets_s = seconds(began.plus(self.window_ms).since(now)).max(1);
        Turn { granted, allowed: self.allowed, left: self.allowed - *asked, window_s, resets_s }
    }
}

impl Turn {
    /// Refuses where there was none left, in words of the one who knows for what.
    ///
    /// # Errors
    /// `too_soon`.
    pub fn or_refuse(self, what: &str) -> Result<(), Refusal> {
        if self.granted {
            return Ok(());
        }
        let seconds = self.resets_s;
        let words = format!("{what} Try again in {seconds} seconds.");
        Err(Refusal { retry_after_s: Some(seconds), ..Refusal::new(Kind::TooSoon, "too_soon", words) })
    }
}

/// A key of text.
#[must_use]
pub fn key_of(parts: &[&str]) -> [u8; 32] {
    let mut sum = digest::Context::new(&digest::SHA256);
    for part in parts {
        sum.update(&(part.len() as u64).to_be_bytes());
        sum.update(part.as_bytes());
    }
    let mut key = [0; 32];
    key.copy_from_slice(sum.finish().as_ref());
    key
}

/// A key for an address: an IPv6 network has more addresses than any table.
#[must_use]
pub fn key_of_address(address: Option<IpAddr>) -> [u8; 32] {
    let network = address.map(|address| match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> NETWORK_BITS << NETWORK_BITS).to_string(),
    });
    key_of(&["address", &network.unwrap_or_default()])
}

/// Whole seconds, rounded up.
fn seconds(ms: i64) -> u64 {
    (ms.max(0) as u64).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_number_in_a_window() {
        let pace = Pace::new(3, MINUTE_MS);
        let take = |key: u8, at: i64| pace.take([key; 32], Millis(at));
        for left in [2, 1, 0] {
            let expected = Turn { granted: true, allowed: 3, left, window_s: 60, resets_s: 60 };
            assert_eq!(take(1, 0), expected);
        }
        assert_eq!(take(1, 58_999), Turn { granted: false, allowed: 3, left: 0, window_s: 60, resets_s: 2 });
        assert!(take(2, 59_999).granted, "another key has its own");
        assert_eq!(take(1, 60_000).left, 2);
        assert!(take(1, 10).granted, "a clock that was set back");
        assert!((0..100).all(|_| Pace::new(0, MINUTE_MS).take([1; 32], Millis(0)).granted), "zero is no limit");
    }

    #[test]
    fn a_flood_of_keys_stays_in_bounds() {
        let pace = Pace::new(1, MINUTE_MS);
        for n in 0..=KEYS_MAX {
            assert!(pace.take(key_of(&[&n.to_string()]), Millis(5)).granted);
        }
        assert!(pace.table.lock().is_ok_and(|table| table.len() <= KEYS_MAX));
    }

    #[test]
    fn an_ipv6_network_is_one_key_and_parts_are_told_apart() {
        let key = |text: &str| key_of_address(text.parse().ok());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_ne!(key_of(&["ab", "c"]), key_of(&["a", "bc"]));
    }
}

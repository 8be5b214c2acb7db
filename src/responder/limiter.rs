//! Response rate limiting: how many answers a network gets in a second over UDP, where senders can be forged.
//!
//! A count-min sketch: a network has one counter in each of a few rows, at places that nobody outside can foresee, and the
//! smallest of them is its count. So memory is fixed whoever sends from wherever, a flood from very many networks displaces
//! nobody's count, and one network pays for another's flood only where all its counters are shared with such.
//!
//! Counts start anew each second, told from outside, so there is no clock here. Only the prefix counts, not the question:
//! whoever can forge a sender can vary the question as well. TCP is not limited by rate, since a handshake proves the
//! sender; that is where a slipped answer sends an honest resolver.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Rows of counters, and counters in each: 16 bits of one hash choose a place in each row. One megabyte in all; with a
/// thousand networks flooding at once, another shares all its counters with them once in twenty million.
const ROWS: usize = 4;
const ROW_COUNTERS: usize = 1 << 16;
/// Above the rate, so many times the rate are told to use TCP: a CA that checks many orders at once loses nothing.
const SLIPPED_RATES: u32 = 10;
/// Above that, one in so many is told and the others are dropped (BIND's habit): an honest resolver in a network whose
/// name is abused gets through at its second try.
pub const SLIP_EVERY: u32 = 2;

/// Answers that a network may have in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// As many as it asks for: for tests, and measuring.
    Unlimited,
    /// Per /24 (IPv4) or /56 (IPv6).
    PerSecond(u32),
}

impl From<u32> for Rate {
    /// Zero is no limit.
    fn from(per_second: u32) -> Self {
        if per_second == 0 { Self::Unlimited } else { Self::PerSecond(per_second) }
    }
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Answer,
    /// Say only that TCP would get an answer.
    Slip,
    /// Say nothing.
    Drop,
}

/// The networks of this second.
#[derive(Debug)]
pub struct Limiter {
    rate: Rate,
    places: RandomState,
    counters: Vec<u32>,
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate) -> Self {
        Self { rate, places: RandomState::new(), counters: vec![0; ROWS * ROW_COUNTERS] }
    }

    /// Counts a request and judges it.
    pub fn judge(&mut self, source: IpAddr) -> Verdict {
        let Rate::PerSecond(rate) = self.rate else { return Verdict::Answer };
        match self.count(Prefix::of(source)).saturating_sub(rate) {
            0 => Verdict::Answer,
            over if over <= SLIPPED_RATES.saturating_mul(rate) || over.is_multiple_of(SLIP_EVERY) => Verdict::Slip,
            _ => Verdict::Drop,
        }
    }

    /// Requests of this network in this second, this one too; more, if others share all its counters.
    fn count(&mut self, prefix: Prefix) -> u32 {
        let hash = self.places.hash_one(prefix);
        let rows = self.counters.chunks_exact_mut(ROW_COUNTERS).enumerate();
        let counts = rows.map(|(number, row)| {
            let counter = &mut row[(hash >> (16 * number)) as usize % ROW_COUNTERS];
            *counter = counter.saturating_add(1);
            *counter
        });
        counts.min().unwrap_or_default()
    }

    /// A second has passed: all begin anew.
    pub fn next_second(&mut self) {
        self.counters.fill(0);
    }
}

/// The network that an address counts for: its /24 or /56, as one customer of a provider usually has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Prefix(IpAddr);

impl Prefix {
    /// An IPv4 address in IPv6 clothes (a dual-stack socket) counts as IPv4.
    pub(super) fn of(source: IpAddr) -> Self {
        Self(match source.to_canonical() {
            IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8)).into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 72)).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(limiter: &mut Limiter, source: &str, requests: usize) -> [usize; 3] {
        let source = source.parse().unwrap();
        let verdicts: Vec<_> = (0..requests).map(|_| limiter.judge(source)).collect();
        [Verdict::Answer, Verdict::Slip, Verdict::Drop].map(|kind| verdicts.iter().filter(|v| **v == kind).count())
    }

    #[test]
    fn a_flood_gets_its_rate_and_others_are_not_hurt() {
        let mut limiter = Limiter::new(Rate::PerSecond(100));
        let mut answered = 0;
        for _second in 0..10 {
            let [answers, slips, drops] = tally(&mut limiter, "192.0.2.1", 20_000);
            assert_eq!((answers, slips, drops), (100, 1_000 + 9_450, 9_450));
            assert_eq!(tally(&mut limiter, "192.0.2.254", 2), [0, 1, 1], "the same /24");
            assert_eq!(tally(&mut limiter, "192.0.3.1", 100), [100, 0, 0], "its neighbour");
            answered += answers;
            limiter.next_second();
        }
        assert!(answered * 100 <= 200_000);
    }

    #[test]
    fn a_burst_is_sent_to_tcp_and_loses_nothing() {
        assert_eq!(tally(&mut Limiter::new(Rate::PerSecond(100)), "192.0.2.1", 1_100), [100, 1_000, 0]);
        assert_eq!(tally(&mut Limiter::new(Rate::Unlimited), "192.0.2.1", 500), [500, 0, 0]);
    }

    #[test]
    fn prefixes_are_what_one_party_controls() {
        let prefix = |text: &str| Prefix::of(text.parse().unwrap());
        assert_eq!(prefix("2001:db8:1:200::1"), prefix("2001:db8:1:2ff:ffff::"));
        assert_ne!(prefix("2001:db8:1:200::1"), prefix("2001:db8:1:300::1"));
        assert_eq!(prefix("::ffff:192.0.2.9"), prefix("192.0.2.200"));
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.1.1"));
    }

    #[test]
    fn a_flood_from_everywhere_takes_no_memory_hides_nobody_and_hurts_nobody() {
        let mut limiter = Limiter::new(Rate::PerSecond(100));
        let held = limiter.counters.capacity();
        for n in 0..1_000_000_u32 {
            assert_eq!(limiter.judge(Ipv4Addr::from_bits(n << 8).into()), Verdict::Answer, "the {n}th network");
        }
        for flooding in 0..200_u8 {
            let [answers, ..] = tally(&mut limiter, &format!("192.0.{flooding}.1"), 1_000);
            assert!((70..=100).contains(&answers), "{answers} answers to a flood among floods");
        }
        let quiet = (0..1_000_u32).filter(|n| {
            let source = Ipv4Addr::from_bits(0xc633_0000 + (n << 8));
            (0..10).all(|_| limiter.judge(source.into()) == Verdict::Answer)
        });
        assert_eq!(quiet.count(), 1_000, "quiet networks answered fully");
        assert_eq!(limiter.counters.capacity(), held);
    }
}

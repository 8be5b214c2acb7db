//! Response rate limiting: how many answers a network gets in a second over UDP, where senders can be forged.
//!
//! Counts start anew each second, told from outside, so there is no clock here and no memory of a network longer than that.
//! Only the prefix counts, not the question: whoever can forge a sender can vary the question as well. TCP is not limited
//! by rate, since a handshake proves the sender; that is where a slipped answer sends an honest resolver.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks counted at once. A flood from more of them than this has left rates behind, and is let through.
pub const PREFIXES_MAX: usize = 65_536;
/// Above the rate, one in so many requests is told to use TCP and the others are dropped (BIND's and Knot's habit).
pub const SLIP_EVERY: u32 = 2;

/// Answers that a network may have in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// As many as it asks for: for tests, and measuring.
    Unlimited,
    /// Per /24 (IPv4) or /56 (IPv6).
    PerSecond(u32),
}

impl Default for Rate {
    /// 100 a second: a CA's resolvers ask a few times for each order, and 20,000 forged requests a second get 0.5 %.
    fn default() -> Self {
        Self::PerSecond(100)
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
    asked: HashMap<Prefix, u32>,
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate) -> Self {
        Self { rate, asked: HashMap::new() }
    }

    /// Counts a request and judges it.
    pub fn judge(&mut self, source: IpAddr) -> Verdict {
        let Rate::PerSecond(rate) = self.rate else { return Verdict::Answer };
        let prefix = Prefix::of(source);
        if self.asked.len() >= PREFIXES_MAX && !self.asked.contains_key(&prefix) {
            return Verdict::Answer;
        }
        let asked = self.asked.entry(prefix).or_default();
        *asked = asked.saturating_add(1);
        match asked.checked_sub(rate) {
            None | Some(0) => Verdict::Answer,
            Some(over) if over.is_multiple_of(SLIP_EVERY) => Verdict::Slip,
            Some(_) => Verdict::Drop,
        }
    }

    /// A second has passed: all begin anew.
    pub fn next_second(&mut self) {
        self.asked.clear();
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
        let mut limiter = Limiter::new(Rate::default());
        let mut answered = 0;
        for _second in 0..10 {
            let [answers, slips, drops] = tally(&mut limiter, "192.0.2.1", 20_000);
            assert_eq!((answers, slips, drops), (100, 9_950, 9_950));
            assert_eq!(tally(&mut limiter, "192.0.2.254", 2), [0, 1, 1], "the same /24");
            assert_eq!(tally(&mut limiter, "192.0.3.1", 100), [100, 0, 0], "its neighbour");
            answered += answers;
            limiter.next_second();
        }
        assert!(answered * 100 <= 200_000);
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
    fn memory_is_bounded_and_a_full_table_lets_newcomers_through() {
        let mut limiter = Limiter::new(Rate::PerSecond(1));
        for n in 0..u32::try_from(PREFIXES_MAX).unwrap() + 10 {
            assert_eq!(limiter.judge(Ipv4Addr::from_bits(n << 8).into()), Verdict::Answer);
        }
        assert_eq!(limiter.asked.len(), PREFIXES_MAX);
        assert_eq!(tally(&mut limiter, "0.0.0.1", 2), [0, 1, 1], "those that are counted stay limited");
        assert_eq!(tally(&mut Limiter::new(Rate::Unlimited), "0.0.0.1", 500), [500, 0, 0]);
    }
}

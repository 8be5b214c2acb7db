//! What a Monitoring Report asks beside a full pass: the site over HTTPS, and what DNS blocklists say.

use crate::domain::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What was seen beside a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The site's first page over HTTPS, from each address.
    pub pages: Vec<SecurePage>,
    /// What each blocklist says.
    pub reputation: Vec<Reputation>,
}

/// A page over HTTPS from one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurePage {
    /// Where.
    pub address: IpAddr,
    /// When.
    pub at: Millis,
    /// The answer, or why there was none.
    pub answered: Result<Answered, String>,
}

/// An answer's head: a stranger's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// `Location`.
    pub location: String,
    /// Names in small letters, with values.
    pub headers: Vec<(String, String)>,
}

/// What one blocklist says of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reputation {
    /// The list's zone.
    pub list: String,
    /// The address or name that it was asked about.
    pub about: String,
    /// What it says.
    pub said: Listed,
}

/// A blocklist's answer (RFC 5782 §2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// It lists it: by these codes.
    Yes(Vec<String>),
    /// It does not.
    No,
    /// It gave no usable answer, such as a refusal to speak with this resolver.
    Unknown,
}

/// The name by which a blocklist is asked about an address: its parts in reverse before the list's zone (RFC 5782 §2.1, §2.4).
#[must_use]
pub fn blocklist_name(address: IpAddr, list: &str) -> String {
    let reversed: Vec<String> = match address {
        IpAddr::V4(four) => four.octets().iter().rev().map(u8::to_string).collect(),
        IpAddr::V6(six) => {
            let nibbles = six.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}")).collect()
        }
    };
    format!("{}.{list}", reversed.join("."))
}

/// Reads the addresses of a blocklist's answer: only 127.0.0.0/8 lists, and its 127.255.255.0/24 are errors by convention.
#[must_use]
pub fn listed(values: &[&str]) -> Listed {
    let codes: Vec<std::net::Ipv4Addr> = values.iter().filter_map(|value| value.parse().ok()).collect();
    let is_error = |code: &std::net::Ipv4Addr| !code.is_loopback() || code.octets()[..3] == [127, 255, 255];
    match codes.as_slice() {
        [] if values.is_empty() => Listed::No,
        [] => Listed::Unknown,
        some if some.iter().any(is_error) => Listed::Unknown,
        some => Listed::Yes(some.iter().map(ToString::to_string).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_asked_about_in_reverse() {
        let name = |address: &str| blocklist_name(address.parse().expect("an address"), "bl.test");
        assert_eq!(name("192.0.2.99"), "99.2.0.192.bl.test");
        let six = "3.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test";
        assert_eq!(name("2001:db8::123"), six);
    }

    #[test]
    fn only_codes_of_a_listing_list() {
        assert_eq!(listed(&[]), Listed::No);
        assert_eq!(listed(&["127.0.0.2", "127.0.0.4"]), Listed::Yes(vec!["127.0.0.2".into(), "127.0.0.4".into()]));
        for refused in [&["127.255.255.254"][..], &["203.0.113.7"], &["not an address"], &["127.0.0.2", "192.0.2.1"]] {
            assert_eq!(listed(refused), Listed::Unknown, "{refused:?}");
        }
    }
}

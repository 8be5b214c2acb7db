//! The guard against server-side request forgery: which addresses a probe may connect to.
//!
//! A customer chooses the names that we look at, and their DNS chooses the addresses. Without this table anybody could
//! make us knock on our own doors, or on a cloud's metadata service. Ask it about the address that is then connected to,
//! never about the name: the name may answer differently the second time.

use std::net::IpAddr;

use ipnet::IpNet;

/// Ranges that are no public hosts (IANA's special-purpose registries, and what clouds put beside them), with the words for each.
const NOT_PUBLIC: &[(&str, &str)] = &[
    ("0.0.0.0/8", "this host"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared behind carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "a cloud's own service"),
    ("169.254.0.0/16", "link-local, where clouds put their metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved for protocols"),
    ("192.0.2.0/24", "for documentation"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "an IPv4 address in disguise"),
    ("::/96", "an IPv4 address in disguise"),
    ("64:ff9b::/96", "an IPv4 address in disguise (NAT64)"),
    ("64:ff9b:1::/48", "an IPv4 address in disguise (NAT64)"),
    ("2001::/32", "an IPv4 address in disguise (Teredo)"),
    ("2001::/23", "reserved for protocols"),
    ("2001:db8::/32", "for documentation"),
    ("2002::/16", "an IPv4 address in disguise (6to4)"),
    ("3fff::/20", "for documentation"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
];

/// All public IPv6 hosts are in here so far (RFC 4291 §2.4); the rest is reserved, whatever the table forgets.
const GLOBAL_UNICAST: &str = "2000::/3";

/// A probe may not connect there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a public address: it is {kind}")]
pub struct NotPublic {
    /// The address that was refused.
    pub address: IpAddr,
    /// What it is instead, for people.
    pub kind: &'static str,
}

/// Whether a probe may connect to the address: it is public, or in one of the ranges that the operator allowed.
pub fn reachable(address: IpAddr, allowed: &[IpNet]) -> Result<(), NotPublic> {
    if allowed.iter().any(|range| range.contains(&address)) {
        return Ok(());
    }
    let within = |range: &str| range.parse::<IpNet>().is_ok_and(|range| range.contains(&address));
    if let Some((_, kind)) = NOT_PUBLIC.iter().find(|(range, _)| within(range)) {
        return Err(NotPublic { address, kind });
    }
    if address.is_ipv6() && !within(GLOBAL_UNICAST) {
        return Err(NotPublic { address, kind: "reserved" });
    }
    Ok(())
}

/// Reads ranges like `127.0.0.0/8, ::1`; an address alone is a range of one. Gives the first word that is none.
pub fn ranges(text: &str) -> Result<Vec<IpNet>, String> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let range = |word: &str| word.parse::<IpNet>().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from));
    words.map(|word| range(word).ok_or_else(|| word.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, kind: Option<&str>) {
        let refused = reachable(address.parse().unwrap(), &[]).err().map(|problem| problem.kind);
        assert_eq!(refused, kind, "{address}");
    }

    #[test]
    fn every_range_in_the_table_is_one() {
        for (range, kind) in NOT_PUBLIC {
            let range = range.parse::<IpNet>().unwrap();
            assert_eq!(range, range.trunc(), "{kind}");
            for address in [range.network(), range.broadcast()] {
                assert!(reachable(address, &[]).is_err(), "{address}");
            }
        }
        assert!(GLOBAL_UNICAST.parse::<IpNet>().is_ok());
    }

    #[test]
    fn public_hosts_are_reachable_and_others_are_named() {
        for public in ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2620:fe::fe"]
        {
            check(public, None);
        }
        check("10.1.2.3", Some("private"));
        check("100.64.0.1", Some("shared behind carrier-grade NAT"));
        check("169.254.169.254", Some("link-local, where clouds put their metadata"));
        check("255.255.255.255", Some("reserved"));
        check("::1", Some("loopback"));
        check("::ffff:8.8.8.8", Some("an IPv4 address in disguise"));
        check("::ffff:127.0.0.1", Some("an IPv4 address in disguise"));
        check("64:ff9b::7f00:1", Some("an IPv4 address in disguise (NAT64)"));
        check("2002:7f00:1::", Some("an IPv4 address in disguise (6to4)"));
        check("2001:0:1::1", Some("an IPv4 address in disguise (Teredo)"));
        check("fd00:ec2::254", Some("private"));
        check("fe80::1", Some("link-local"));
        check("fec0::1", Some("reserved"));
        check("100::1", Some("reserved"));
        check("5f00::1", Some("reserved"));
    }

    #[test]
    fn the_operator_may_allow_ranges() {
        let allowed = ranges("127.0.0.0/8, ::1").unwrap();
        assert_eq!(reachable("127.9.9.9".parse().unwrap(), &allowed), Ok(()));
        assert_eq!(reachable("::1".parse().unwrap(), &allowed), Ok(()));
        assert!(reachable("::ffff:127.0.0.1".parse().unwrap(), &allowed).is_err());
        assert!(reachable("10.0.0.1".parse().unwrap(), &allowed).is_err());
        assert_eq!(ranges(""), Ok(vec![]));
        assert_eq!(ranges("127.0.0.0/8,lab"), Err("lab".to_owned()));
        assert_eq!(ranges("127.0.0.0/33"), Err("127.0.0.0/33".to_owned()));
    }
}

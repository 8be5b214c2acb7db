//! Where a request comes from: the connection's other end, or what a proxy of the operator's says.
//!
//! A header that says so could be anybody's. It is read from its end, where the operator's own proxies write: each hop that
//! is trusted vouches for the one before it, and the first that is not is the client. What stands further left was written
//! by the client itself and is never read.

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The client's address, as established at the listener; carried in a request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Hops that are read at most; no chain of an operator's own proxies is longer.
const HOPS_MAX: usize = 32;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl ClientAddress {
    /// Reads it for a connection from `peer`.
    #[must_use]
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(&address));
        let mut client = peer.to_canonical();
        if !is_trusted(client) {
            return Self(client);
        }
        for hop in hops(headers) {
            // A hop that is no address was written by nobody who is trusted to know: the one before it is the last known.
            let Some(address) = hop else { break };
            client = address;
            if !is_trusted(client) {
                break;
            }
        }
        Self(client)
    }
}

/// The hops that headers name, the nearest first; none in place of one that is no address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    // One kind only: a proxy that writes one of them passes the other on as the client sent it.
    let forwarded = headers.contains_key(header::FORWARDED);
    let name = if forwarded { header::FORWARDED } else { X_FORWARDED_FOR };
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let values = lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    let read = |value: &str| if forwarded { address(forwarded_for(value)?) } else { address(value) };
    values.take(HOPS_MAX).map(read).collect()
}

/// The `for` of one element of `Forwarded` (RFC 7239 §4).
fn forwarded_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, value)| value)
}

/// An address as proxies write it: alone, with a port, in brackets, in quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"').trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn read(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a range"), "fd00::/8".parse().expect("a range")];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).expect("a value"));
        }
        ClientAddress::of(ip(peer), &map, &trusted).0.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_own_peer() {
        const XFF: &str = "x-forwarded-for";
        for (peer, headers, client) in [
            ("192.0.2.9", &[(XFF, "198.51.100.1")][..], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[(XFF, "198.51.100.1")], "198.51.100.1"),
            ("::ffff:10.0.0.1", &[(XFF, "198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", &[(XFF, "203.0.113.66, 198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", &[(XFF, "203.0.113.66"), (XFF, "198.51.100.1,10.0.0.2")], "198.51.100.1"),
            ("10.0.0.1", &[(XFF, "198.51.100.1:4711")], "198.51.100.1"),
            ("10.0.0.1", &[(XFF, "2001:db8::1")], "2001:db8::1"),
            ("10.0.0.1", &[(XFF, "[2001:db8::1]:443")], "2001:db8::1"),
            ("10.0.0.1", &[(XFF, "198.51.100.1, unknown")], "10.0.0.1"),
            ("10.0.0.1", &[(XFF, "")], "10.0.0.1"),
            ("10.0.0.1", &[("forwarded", "for=203.0.113.66, for=198.51.100.1;proto=https")], "198.51.100.1"),
            ("10.0.0.1", &[("forwarded", "proto=https;For=\"[2001:db8::1]:4711\"")], "2001:db8::1"),
            ("10.0.0.1", &[("forwarded", "for=_hidden")], "10.0.0.1"),
            ("10.0.0.1", &[("forwarded", "for=198.51.100.1"), (XFF, "203.0.113.66")], "198.51.100.1"),
            ("fd00::1", &[(XFF, "10.0.0.9")], "10.0.0.9"),
        ] {
            assert_eq!(read(peer, headers), client, "{peer} {headers:?}");
        }
    }

    proptest! {
        /// Whatever a client writes, a proxy appends whom it heard it from: that is what is read.
        #[test]
        fn nothing_that_a_client_writes_changes_its_address(
            lie in prop::collection::vec("[ -~]{0,60}", 0..4),
            kind in prop::bool::ANY,
            client in any::<[u8; 4]>().prop_filter("not a proxy", |address| address[0] != 10),
            inner in 0_usize..3,
        ) {
            let client = IpAddr::from(client).to_string();
            let name = if kind { "x-forwarded-for" } else { "forwarded" };
            let hop = |address: &str| if kind { address.to_owned() } else { format!("for={address}") };
            let honest = std::iter::once(client.clone()).chain((0..inner).map(|n| format!("10.0.0.{n}")));
            let honest: Vec<String> = honest.map(|address| hop(&address)).collect();
            let mut headers: Vec<(&'static str, &str)> = lie.iter().map(|line| (name, line.as_str())).collect();
            headers.extend(honest.iter().map(|line| (name, line.as_str())));
            prop_assert_eq!(read("10.9.9.9", &headers), client.clone());
            // The same, where proxies add to the line that they were sent.
            let line = lie.iter().chain(&honest).map(String::as_str).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(read("10.9.9.9", &[(name, &line)]), client);
            // And who speaks to us directly is whom we see.
            prop_assert_eq!(read("192.0.2.7", &[(name, &line)]), "192.0.2.7");
        }
    }
}

//! Header hygiene: what stays on one connection, what a visitor may not claim, and what the upstream is told instead.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Version};

/// Our name in `Via` (RFC 9110 §7.6.3).
const PSEUDONYM: &str = "padlock";

/// Meaningful for one connection only (RFC 9110 §7.6.1 and §11.7), beside what `Connection` lists.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

const FORWARDED: HeaderName = header::FORWARDED;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a connection comes from, as headers say it; put together once for each connection.
pub(super) struct Origin {
    x_forwarded_for: HeaderValue,
    forwarded_for: String,
}

impl Origin {
    pub(super) fn new(peer: IpAddr) -> Self {
        // A dual-stack listener shows IPv4 visitors as mapped addresses, which no upstream expects.
        let peer = peer.to_canonical();
        let forwarded_for = match peer {
            IpAddr::V4(ip) => format!("for={ip}"),
            IpAddr::V6(ip) => format!("for=\"[{ip}]\""),
        };
        // An address is visible ASCII; "unknown" is what RFC 7239 §6.2 would call it otherwise.
        let unknown = HeaderValue::from_static("unknown");
        Self { x_forwarded_for: HeaderValue::try_from(peer.to_string()).unwrap_or(unknown), forwarded_for }
    }
}

/// Turns a visitor's headers into those for the upstream. `authority` is the checked host, with its port if it has one.
pub(super) fn towards_upstream(headers: &mut HeaderMap, origin: &Origin, authority: &str, version: Version) {
    let takes_trailers = lists(headers, &header::TE, "trailers");
    strip_hop_by_hop(headers);
    strip_claims(headers);
    join_cookies(headers);
    // hyper has answered `100-continue` itself.
    headers.remove(header::EXPECT);
    if takes_trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
    }
    headers.insert(X_FORWARDED_FOR, origin.x_forwarded_for.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
    // A site was found under this host, so it is letters, digits, dots and hyphens; the values are always valid.
    if let Ok(host) = HeaderValue::try_from(authority) {
        headers.insert(X_FORWARDED_HOST, host.clone());
        headers.insert(header::HOST, host);
    }
    if let Ok(forwarded) = HeaderValue::try_from(format!("{};host=\"{authority}\";proto=https", origin.forwarded_for)) {
        headers.insert(FORWARDED, forwarded);
    }
    append_via(headers, version);
}

/// Turns an upstream's headers into those for the visitor.
pub(super) fn towards_visitor(headers: &mut HeaderMap, version: Version) {
    strip_hop_by_hop(headers);
    append_via(headers, version);
}

/// Says that this connection, too, becomes a WebSocket (RFC 6455 §4).
pub(super) fn upgrade_to_websocket(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

/// Whether the headers ask for a WebSocket, or grant one; no other upgrade is passed on (h2c would tunnel past every check).
pub(super) fn are_websocket(headers: &HeaderMap) -> bool {
    lists(headers, &header::CONNECTION, "upgrade")
        && headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Whether a request can become a WebSocket at all (RFC 6455 §4.1).
pub(super) fn may_upgrade(method: &Method, version: Version) -> bool {
    method == Method::GET && version == Version::HTTP_11
}

/// Whether the request has been through us before, and would go round for ever.
pub(super) fn has_been_here(headers: &HeaderMap) -> bool {
    let passed = |line: &HeaderValue| {
        line.to_str().is_ok_and(|line| line.split(',').any(|hop| hop.split_whitespace().nth(1) == Some(PSEUDONYM)))
    };
    headers.get_all(header::VIA).iter().any(passed)
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let mut listed = Vec::new();
    for line in headers.get_all(header::CONNECTION) {
        for name in line.as_bytes().split(|byte| *byte == b',') {
            // What is no header name cannot be a header here.
            listed.extend(HeaderName::from_bytes(name.trim_ascii()));
        }
    }
    for name in listed.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Removes what a visitor says about where it comes from; we are the first who knows.
fn strip_claims(headers: &mut HeaderMap) {
    let claims = headers.keys().filter(|name| is_claim(name.as_str())).cloned().collect::<Vec<_>>();
    for name in claims {
        headers.remove(name);
    }
}

/// CGI and WSGI read `x_forwarded_for` and `x-forwarded-for` as one variable, so both spellings count.
fn is_claim(name: &str) -> bool {
    let dashed = |other: &str| {
        let same = |(ours, theirs): (u8, u8)| theirs == if ours == b'_' { b'-' } else { ours };
        name.len() >= other.len() && name.bytes().zip(other.bytes()).all(same)
    };
    dashed("x-forwarded-") || (name.len() == 9 && (dashed("forwarded") || dashed("x-real-ip")))
}

/// HTTP/2 may split a cookie into several lines, HTTP/1.1 may not (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::COOKIE);
    if lines.iter().nth(1).is_none() {
        return;
    }
    let joined = lines.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..]);
    // The parts were valid values, and so is "; ".
    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, joined);
    }
}

fn append_via(headers: &mut HeaderMap, version: Version) {
    let hop = match version {
        Version::HTTP_2 => "2.0 padlock",
        Version::HTTP_10 => "1.0 padlock",
        _ => "1.1 padlock",
    };
    headers.append(header::VIA, HeaderValue::from_static(hop));
}

fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lists = |line: &HeaderValue| {
        line.as_bytes().split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    headers.get_all(name).iter().any(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn forwarded(lines: &[(&'static str, &'static str)], peer: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let origin = Origin::new(peer.parse().unwrap());
        towards_upstream(&mut headers, &origin, "portal.court.test:8443", Version::HTTP_2);
        headers
    }

    #[test]
    fn a_visitors_claims_are_replaced_in_every_spelling() {
        let sent = [
            ("forwarded", "for=10.0.0.1"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x_forwarded_for", "10.0.0.1"),
            ("x-forwarded-port", "22"),
            ("x_real-ip", "10.0.0.1"),
            ("x-real-ip", "10.0.0.1"),
            ("x-real-ipod", "kept"),
            ("forwarded-by-me", "kept"),
        ];
        let got = forwarded(&sent, "::ffff:192.0.2.7");
        assert_eq!(got["forwarded"], "for=192.0.2.7;host=\"portal.court.test:8443\";proto=https");
        assert_eq!(got["x-forwarded-for"], "192.0.2.7");
        assert_eq!(got["x-forwarded-host"], "portal.court.test:8443");
        assert_eq!(got["x-forwarded-proto"], "https");
        assert_eq!(got["host"], "portal.court.test:8443");
        assert_eq!(got["via"], "2.0 padlock");
        assert_eq!(got.len(), 8, "{got:?}");
        assert_eq!(forwarded(&[], "2001:db8::7")["forwarded"].as_bytes()[..19], b"for=\"[2001:db8::7]\""[..]);
    }

    #[test]
    fn what_belongs_to_one_connection_is_dropped() {
        let sent = [
            ("connection", "close, X-Secret-Hop, x-forwarded-for"),
            ("connection", "x-other"),
            ("x-secret-hop", "1"),
            ("x-other", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "gzip, trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ];
        let got = forwarded(&sent, "192.0.2.7");
        for gone in ["x-secret-hop", "x-other", "keep-alive", "transfer-encoding", "upgrade"] {
            assert!(!got.contains_key(gone), "{gone}");
        }
        assert_eq!(got["te"], "trailers");
        assert_eq!(got["connection"], "te");
        assert_eq!(got["x-forwarded-for"], "192.0.2.7");
        assert_eq!(got.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2"]);
    }

    #[test]
    fn only_websocket_is_an_upgrade_and_loops_are_seen() {
        assert!(are_websocket(&headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")])));
        assert!(!are_websocket(&headers(&[("connection", "upgrade"), ("upgrade", "h2c")])));
        assert!(!are_websocket(&headers(&[("upgrade", "websocket")])));
        assert!(has_been_here(&headers(&[("via", "1.1 cache, 2.0 padlock (edge)")])));
        assert!(!has_been_here(&headers(&[("via", "1.1 padlock-like")])));
    }
}

//! The host that a request is for, read once and strictly.
//!
//! Two hosts in one request are how caches and proxies are made to disagree, so a request whose `Host` and target differ,
//! or that has two `Host` lines or none, is refused (RFC 9112 §3.2).

use hyper::Request;
use hyper::header::HOST;
use hyper::http::uri::Authority;

/// A request's host: lower case, without the root's dot.
pub(super) struct Named {
    authority: String,
    host_bytes: usize,
}

/// The request does not say, in one voice, whom it is for.
#[derive(Debug)]
pub(super) struct BadHost;

impl Named {
    pub(super) fn of<B>(request: &Request<B>) -> Result<Self, BadHost> {
        let mut lines = request.headers().get_all(HOST).iter();
        let line = match lines.next() {
            Some(line) => Some(Authority::try_from(line.as_bytes()).map_err(|_| BadHost)?),
            None => None,
        };
        if lines.next().is_some() {
            return Err(BadHost);
        }
        match (request.uri().authority(), &line) {
            (Some(target), Some(line)) if target != line => Err(BadHost),
            (Some(authority), _) | (None, Some(authority)) => Self::parse(authority),
            (None, None) => Err(BadHost),
        }
    }

    /// Without a port.
    pub(super) fn host(&self) -> &str {
        &self.authority[..self.host_bytes]
    }

    /// With the port, if the visitor named one.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    fn parse(authority: &Authority) -> Result<Self, BadHost> {
        if authority.as_str().contains('@') {
            return Err(BadHost);
        }
        let host = authority.host();
        let mut clean = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let host_bytes = clean.len();
        if let Some(port) = authority.port_u16() {
            clean.push(':');
            clean.push_str(&port.to_string());
        }
        if host_bytes == 0 { Err(BadHost) } else { Ok(Self { authority: clean, host_bytes }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, hosts: &[&str], expected: Option<(&str, &str)>) {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let named = Named::of(&request.body(()).unwrap()).ok();
        assert_eq!(named.as_ref().map(|named| (named.host(), named.authority())), expected, "{uri} {hosts:?}");
    }

    #[test]
    fn one_host_in_one_voice() {
        check("/", &["Portal.Court.test"], Some(("portal.court.test", "portal.court.test")));
        check("/", &["portal.court.test.:8443"], Some(("portal.court.test", "portal.court.test:8443")));
        check("https://portal.court.test/", &[], Some(("portal.court.test", "portal.court.test")));
        check("https://a.test/", &["A.test"], Some(("a.test", "a.test")));
        check("https://a.test/", &["b.test"], None);
        check("/", &["a.test", "b.test"], None);
        check("/", &["a.test", "a.test"], None);
        check("/", &["visitor@a.test"], None);
        check("/", &["a.test/path"], None);
        check("/", &[""], None);
        check("/", &["."], None);
        check("/", &[], None);
    }
}

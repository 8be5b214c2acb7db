//! Which upstream stands behind an Alias.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use hyper::Uri;
use hyper::http::uri::{Authority, Scheme};

/// How the configuration names the built-in page.
const IT_WORKS: &str = "it-works";

/// Alias → upstream; fixed for the life of the process, clones share it.
#[derive(Clone, Debug)]
pub struct Services(Arc<Known>);

#[derive(Debug)]
enum Known {
    ItWorksForAll,
    ByAlias(HashMap<String, Upstream>),
}

/// Where requests for a service go; parsed from `http://host:port`, `https://host:port` or `it-works`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// The built-in page that says which domain reached which service.
    ItWorks,
    /// A server that speaks HTTP/1.1.
    Remote(Remote),
}

/// Scheme and authority of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

/// Why a text is no upstream.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ServiceProblem {
    /// It is not a URL with `http` or `https` and a host.
    #[error("expected http://host:port, https://host:port or {IT_WORKS}")]
    NotAnUpstream,
    /// The request's path is passed on as it is, so there is nothing that a path here could mean.
    #[error("an upstream has no path or query")]
    HasPath,
    /// It has a user name or a password, which would end up in logs.
    #[error("an upstream has no user name or password")]
    HasCredentials,
}

impl Services {
    /// The built-in page for every alias: what an edge without configured services shows.
    pub fn it_works() -> Self {
        Self(Arc::new(Known::ItWorksForAll))
    }

    /// These and no others; a domain with another alias gets a 503.
    pub fn new(services: impl IntoIterator<Item = (String, Upstream)>) -> Self {
        Self(Arc::new(Known::ByAlias(services.into_iter().collect())))
    }

    /// Where this alias goes.
    pub fn upstream(&self, alias: &str) -> Option<&Upstream> {
        match &*self.0 {
            Known::ItWorksForAll => Some(&Upstream::ItWorks),
            Known::ByAlias(services) => services.get(alias),
        }
    }

    pub(super) fn has_https(&self) -> bool {
        let Known::ByAlias(services) = &*self.0 else { return false };
        services.values().any(|to| matches!(to, Upstream::Remote(remote) if remote.scheme == Scheme::HTTPS))
    }
}

impl FromStr for Upstream {
    type Err = ServiceProblem;

    fn from_str(text: &str) -> Result<Self, ServiceProblem> {
        if text == IT_WORKS {
            return Ok(Self::ItWorks);
        }
        let parts = text.parse::<Uri>().map_err(|_| ServiceProblem::NotAnUpstream)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(ServiceProblem::NotAnUpstream);
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS || authority.host().is_empty() {
            return Err(ServiceProblem::NotAnUpstream);
        }
        if authority.as_str().contains('@') {
            return Err(ServiceProblem::HasCredentials);
        }
        if parts.path_and_query.is_some_and(|path| path != "/") {
            return Err(ServiceProblem::HasPath);
        }
        Ok(Self::Remote(Remote { scheme, authority }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_parsed_strictly() {
        let problem = |text: &str| text.parse::<Upstream>().unwrap_err();
        assert_eq!("it-works".parse(), Ok(Upstream::ItWorks));
        assert!(
            matches!("http://127.0.0.1:8080".parse(), Ok(Upstream::Remote(to)) if to.authority == "127.0.0.1:8080")
        );
        assert!(matches!("https://[::1]:8443/".parse(), Ok(Upstream::Remote(to)) if to.scheme == Scheme::HTTPS));
        assert_eq!(problem("127.0.0.1:8080"), ServiceProblem::NotAnUpstream);
        assert_eq!(problem("ftp://host"), ServiceProblem::NotAnUpstream);
        assert_eq!(problem(""), ServiceProblem::NotAnUpstream);
        assert_eq!(problem("http://host/app"), ServiceProblem::HasPath);
        assert_eq!(problem("http://host/?a=b"), ServiceProblem::HasPath);
        assert_eq!(problem("http://user:word@host"), ServiceProblem::HasCredentials);
    }

    #[test]
    fn an_unknown_alias_has_no_upstream_unless_nothing_is_configured() {
        assert_eq!(Services::it_works().upstream("any"), Some(&Upstream::ItWorks));
        let services = Services::new([("portal".to_owned(), Upstream::ItWorks)]);
        assert_eq!(services.upstream("portal"), Some(&Upstream::ItWorks));
        assert_eq!(services.upstream("any"), None);
    }
}

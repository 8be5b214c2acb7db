//! What a CA offers: its directory (RFC 8555 §7.1.1), read by ourselves, since instant-acme keeps little of it.

use super::http::Http;
use hyper::Method;
use instant_acme::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A CA names a few identities at most; more is no list to check CAA records against.
const CAA_IDENTITIES: usize = 50;
/// Profiles that an error names at most.
const PROFILES: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Directory {
    pub(super) new_nonce: String,
    pub(super) new_account: String,
    /// Where the CA says when to renew (RFC 9773 §4); none when it does not.
    pub(super) renewal_info: Option<String>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(default)]
    caa_identities: Vec<String>,
    #[serde(default)]
    profiles: BTreeMap<String, String>,
}

impl Directory {
    pub(super) async fn read(http: &Http, url: &str) -> Result<Self, Error> {
        Ok(serde_json::from_slice(&http.ask(Method::GET, url, Vec::new()).await?.body)?)
    }

    /// The names by which CAA records allow this CA.
    pub(super) fn caa_identities(&self) -> Vec<String> {
        self.meta.caa_identities.iter().take(CAA_IDENTITIES).cloned().collect()
    }

    pub(super) fn offers_profile(&self, name: &str) -> bool {
        self.meta.profiles.contains_key(name)
    }

    /// The profiles' names, for people.
    pub(super) fn profiles(&self) -> String {
        let names: Vec<&str> = self.meta.profiles.keys().take(PROFILES).map(String::as_str).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(more: &str) -> Directory {
        serde_json::from_str(&format!(r#"{{"newNonce":"n","newAccount":"a","newOrder":"o"{more}}}"#)).expect("JSON")
    }

    #[test]
    fn what_a_ca_offers_is_read() {
        let full = directory(
            r#","renewalInfo":"r","meta":{"caaIdentities":["letsencrypt.org","example.net"],
               "profiles":{"classic":"90 days","shortlived":"6 days"}}"#,
        );
        assert_eq!(full.caa_identities(), ["letsencrypt.org", "example.net"]);
        assert_eq!(full.renewal_info.as_deref(), Some("r"));
        assert!(full.offers_profile("shortlived") && !full.offers_profile("tlsserver"));
        assert_eq!(full.profiles(), "classic, shortlived");
    }

    #[test]
    fn what_it_does_not_say_it_does_not_offer() {
        for bare in [directory(""), directory(r#","meta":{"termsOfService":"https://ca.test"}"#)] {
            assert!(bare.caa_identities().is_empty() && bare.renewal_info.is_none());
            assert_eq!((bare.offers_profile("classic"), bare.profiles().as_str()), (false, "none"));
        }
    }
}

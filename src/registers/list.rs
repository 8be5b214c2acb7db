//! IANA's list of the registries that answer for domains (RFC 9224 §4).

use serde::Deserialize;
use std::collections::HashMap;

/// Where each registry answers, by the names below which it registers.
pub(super) struct List(HashMap<String, String>);

#[derive(Deserialize)]
struct Document {
    /// Names, and the addresses of the service for all of them.
    services: Vec<(Vec<String>, Vec<String>)>,
}

impl List {
    /// Reads it; addresses over HTTPS are preferred.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(text).ok()?;
        let each = document.services.into_iter().flat_map(|(names, addresses)| {
            let secure = addresses.iter().find(|address| address.starts_with("https://"));
            let address =
                secure.or_else(|| addresses.first()).map(|address| format!("{}/", address.trim_end_matches('/')));
            names.into_iter().filter_map(move |name| Some((name.to_ascii_lowercase(), address.clone()?)))
        });
        Some(Self(each.collect()))
    }

    /// Where to ask of a domain: at the registry of the longest name above it.
    pub(super) fn registry(&self, domain: &str) -> Option<&str> {
        let mut above = domain;
        loop {
            above = above.split_once('.')?.1;
            if let Some(address) = self.0.get(above) {
                return Some(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_above_a_domain_counts() {
        let text = br#"{"version":"1.0","services":[[["uk","Test"],["http://plain.test","https://a.test/rdap"]],[["co.uk"],["https://b.test/"]]]}"#;
        let list = List::read(text).unwrap();
        assert_eq!(list.registry("court.test"), Some("https://a.test/rdap/"));
        assert_eq!(list.registry("court.co.uk"), Some("https://b.test/"));
        assert_eq!(list.registry("court.org.uk"), Some("https://a.test/rdap/"));
        assert_eq!(list.registry("court.gov"), None);
        assert!(List::read(b"<html>").is_none());
    }
}

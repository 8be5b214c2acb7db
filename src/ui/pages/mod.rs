//! Pages, one file each: they read through the doors and lay out parts.

pub mod account;
pub mod activity;
pub mod add_domain;
pub mod approve;
pub mod approvers;
pub mod certificate;
pub mod certificates;
pub mod diagnosis;
pub mod domain;
pub mod domains;
pub mod export;
pub mod help;
pub mod import;
pub mod invitation;
pub mod mails;
pub mod missing;
pub mod notify;
pub mod people;
pub mod publish;
pub mod remove_domain;
pub mod remove_person;
pub mod removed;
pub mod report;
pub mod revoke;
pub mod revoke_token;
pub mod settings;
pub mod shared;
pub mod sign_in;
pub mod tenants;
pub mod tokens;
pub mod triage;
pub mod upload;
pub mod upload_check;
pub mod webhook;
pub mod webhooks;

use leptos::prelude::*;
use url::form_urlencoded::byte_serialize;

/// A query of the pairs that say something; empty without any.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    let said: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", byte_serialize(value.as_bytes()).collect::<String>()))
        .collect();
    if said.is_empty() { String::new() } else { format!("?{}", said.join("&")) }
}

/// Stands in while a page is read; only ever seen after a navigation without reload.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <p class="loading">"Loading…"</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_is_said_and_escapes_it() {
        assert_eq!(query(&[("q", ""), ("cursor", "")]), "");
        assert_eq!(query(&[("q", "a&b"), ("cursor", ""), ("x", "1")]), "?q=a%26b&x=1");
    }
}

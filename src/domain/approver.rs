//! Who may approve a web domain by e-mail: addresses that only whoever controls the domain, or a name above it, can read.
//!
//! These are the constructed addresses of the CA/Browser Forum's method 3.2.2.4.4, at the name and at each above it up to the
//! registered one, and those that the owner wrote into DNS for this (methods 3.2.2.4.13 and .14). Any other is refused.

use super::hostname::{Hostname, is_below};

/// Mailboxes that every domain keeps for its administrators.
const MAILBOXES: [&str; 5] = ["admin", "administrator", "hostmaster", "postmaster", "webmaster"];
/// Names that addresses are taken from: a name has few labels above its registered one.
const NAMES: usize = 8;
/// Addresses that are taken from one name's DNS.
const CONTACTS: usize = 8;
/// No address is longer (RFC 5321 §4.5.3.1).
const ADDRESS_CHARS: usize = 254;

/// The first label of the TXT record that names a contact (Baseline Requirements, appendix A.2.1).
pub const CONTACT_LABEL: &str = "_validation-contactemail";
/// The CAA property that does (appendix A.1.1).
pub const CONTACT_TAG: &str = "contactemail";

/// The name and those above it, up to the registered one, the closest first.
#[must_use]
pub fn names<'a>(hostname: &'a Hostname, registrable: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut name = hostname.base();
    while names.len() < NAMES {
        names.push(name);
        if !is_below(name, registrable) {
            break;
        }
        let Some((_, above)) = name.split_once('.') else { break };
        name = above;
    }
    names
}

/// The constructed addresses at a name.
#[must_use]
pub fn constructed(name: &str) -> Vec<String> {
    MAILBOXES.iter().map(|mailbox| format!("{mailbox}@{name}")).collect()
}

/// The addresses that a TXT record or a CAA property names, as far as they are any.
#[must_use]
pub fn contacts<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found = Vec::new();
    for address in values.into_iter().filter_map(address) {
        if found.len() < CONTACTS && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// The address that a CAA line of the property [`CONTACT_TAG`] names, as in `0 contactemail "who@court.gov"`.
#[must_use]
pub fn caa_contact(line: &str) -> Option<&str> {
    let (_, rest) = line.trim().split_once(' ')?;
    let (tag, value) = rest.trim_start().split_once(' ')?;
    tag.eq_ignore_ascii_case(CONTACT_TAG).then(|| value.trim().trim_matches('"'))
}

/// One plain address in lower case; none when it could be anything more than that.
#[must_use]
pub fn address(typed: &str) -> Option<String> {
    let typed = typed.trim().to_ascii_lowercase();
    let (mailbox, host) = typed.split_once('@')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    let sound = !mailbox.is_empty()
        && mailbox.chars().all(is_plain)
        && typed.len() <= ADDRESS_CHARS
        && Hostname::parse_form(host).is_ok_and(|host| !host.is_wildcard());
    sound.then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_built_at_the_name_and_above_it_up_to_the_registered_one() {
        let at = |name: &str, registrable: &str| {
            let name = Hostname::parse_form(name).expect("a name");
            names(&name, registrable).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(at("pay.portal.court.gov", "court.gov"), ["pay.portal.court.gov", "portal.court.gov", "court.gov"]);
        assert_eq!(at("*.court.gov", "court.gov"), ["court.gov"]);
        assert_eq!(constructed("court.gov")[2], "hostmaster@court.gov");
    }

    #[test]
    fn what_dns_names_is_one_plain_address_or_none() {
        let found =
            contacts(["Who@Court.gov", "who@court.gov", "a b@court.gov", "who@", "x@court.gov\r\nBcc: y@z.test"]);
        assert_eq!(found, ["who@court.gov"]);
        assert_eq!(caa_contact("0 contactemail \"dns@court.gov\""), Some("dns@court.gov"));
        assert_eq!(caa_contact("0 issue \"letsencrypt.org\""), None);
    }

    proptest! {
        #[test]
        fn an_address_has_one_line_and_one_at(typed in "\\PC{0,40}@?\\PC{0,40}") {
            if let Some(address) = address(&typed) {
                prop_assert!(address.is_ascii() && address.matches('@').count() == 1);
                prop_assert!(!address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c)));
            }
        }
    }
}

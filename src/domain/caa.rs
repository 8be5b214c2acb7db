//! CAA records (RFC 8659), as a CA reads them: which line allows whom, and by which account and method (RFC 8657).

/// One line of a CAA record set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// `issue` or `issuewild`.
    Allows {
        /// `issuewild`: counts for wildcards only, and then alone.
        wild: bool,
        /// The CA's name; none for `;`, which allows nobody.
        issuer: Option<String>,
        /// `accounturi`, where it is given.
        account: Option<String>,
        /// `validationmethods`, where they are given.
        methods: Option<Vec<String>>,
    },
    /// A line that bars nobody: `iodef`, `contactemail` and what else is known.
    Harmless,
    /// A tag that nobody knows, marked critical: no CA may issue.
    Critical {
        /// The tag.
        tag: String,
    },
    /// An `issue` or `issuewild` that allows nobody by mistake.
    Malformed {
        /// Its value.
        value: String,
    },
}

/// Tags that a CA knows and that do not say who may issue (RFC 8659 §4.4, CA/B Forum, RFC 9495).
const KNOWN: &[&str] = &["iodef", "contactemail", "contactphone", "issuemail", "issuevmc"];

/// Reads a line in a zone file's form: `0 issue "ca.example; accounturi=…"`.
#[must_use]
pub fn property(line: &str) -> Property {
    let mut words = line.splitn(3, ' ');
    let flags: u8 = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
    let tag = words.next().unwrap_or_default().to_ascii_lowercase();
    let value = words.next().unwrap_or_default().trim().trim_matches('"');
    match tag.as_str() {
        "issue" | "issuewild" => allows(tag == "issuewild", value),
        known if KNOWN.contains(&known) => Property::Harmless,
        // Bit 0 is the most significant one; 1 is what people write who counted from the other end, and CAs heed it.
        _ if flags & 0x81 != 0 => Property::Critical { tag },
        _ => Property::Harmless,
    }
}

fn allows(wild: bool, value: &str) -> Property {
    let mut parts = value.split(';').map(str::trim);
    let issuer = parts.next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !issuer.chars().all(sound) {
        return Property::Malformed { value: value.to_owned() };
    }
    let (mut account, mut methods) = (None, None);
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Property::Malformed { value: value.to_owned() };
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "accounturi" => account = Some(value.trim().to_owned()),
            "validationmethods" => {
                methods = Some(value.split(',').map(|method| method.trim().to_ascii_lowercase()).collect())
            }
            _ => {}
        }
    }
    Property::Allows { wild, issuer: Some(issuer).filter(|name| !name.is_empty()), account, methods }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_a_ca_reads_them() {
        let plain =
            |issuer: &str| Property::Allows { wild: false, issuer: Some(issuer.into()), account: None, methods: None };
        assert_eq!(property("0 issue \"letsencrypt.org\""), plain("letsencrypt.org"));
        assert_eq!(property("128 Issue \" CA.Example. ; \""), plain("ca.example"));
        assert_eq!(
            property("0 issuewild \";\""),
            Property::Allows { wild: true, issuer: None, account: None, methods: None }
        );
        assert_eq!(property("0 iodef \"mailto:a@b.test\""), Property::Harmless);
        assert_eq!(property("0 future \"x\""), Property::Harmless);
        assert_eq!(property("128 future \"x\""), Property::Critical { tag: "future".into() });
        assert_eq!(property("1 future \"x\""), Property::Critical { tag: "future".into() });
        assert!(matches!(property("0 issue \"https://letsencrypt.org\""), Property::Malformed { .. }));
        assert!(matches!(property("0 issue \"ca.test; oops\""), Property::Malformed { .. }));
        let Property::Allows { account, methods, .. } =
            property("0 issue \"ca.test; accounturi=https://ca.test/1; validationmethods=DNS-01, http-01\"")
        else {
            panic!("it allows");
        };
        assert_eq!(account.as_deref(), Some("https://ca.test/1"));
        assert_eq!(methods, Some(vec!["dns-01".to_owned(), "http-01".to_owned()]));
    }
}

//! A web domain's name, parsed once: whoever holds a [`Hostname`] holds a name that a CA could issue for.

use serde::{Deserialize, Serialize};

/// DNS names are at most 253 characters long in text form (RFC 1035 §3.1).
const NAME_CHARS: usize = 253;
/// A label is at most 63 octets long (RFC 1035 §2.3.4).
const LABEL_CHARS: usize = 63;
/// Public CAs refuse names with more labels than this (Boulder's policy).
const LABELS: usize = 10;
/// `_acme-challenge.` stands before the name in DNS and must fit beside it.
const CHALLENGE_PREFIX_CHARS: usize = "_acme-challenge.".len();

/// A host name in its ASCII form, lower case, without a trailing dot; with or without a leading wildcard label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hostname {
    base: String,
    wildcard: bool,
}

/// Where public suffixes come from: the list lives on the server, the browser asks without it.
#[derive(Clone, Copy)]
pub struct Suffixes<'a> {
    /// The public suffix of a lower-case ASCII name, when the public list knows one.
    pub public: fn(&str) -> Option<&str>,
    /// Suffixes accepted though they are not public, as the operator configured them.
    pub private: &'a [String],
}

/// Why a typed name can't be a web domain. Codes are the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NameProblem {
    /// Nothing was typed.
    #[error("Enter the domain, such as portal.agency.gov.")]
    Empty,
    /// A scheme, port, path or trailing dot came along.
    #[error("Enter only the name, without https:// or a path.{}", offer(.cleaned))]
    Dressed {
        /// The name without its dress, when that alone would do.
        cleaned: Option<String>,
    },
    /// A character that host names don't have.
    #[error("{} is not allowed in a web address. Use letters, digits, hyphens and dots.", spoken(*.0))]
    Character(char),
    /// An empty, overlong or hyphen-edged label.
    #[error("The part {0:?} is not allowed: each part between the dots has 1 to 63 letters, digits or inner hyphens.")]
    Label(String),
    /// Too long for DNS once the challenge label stands before it.
    #[error("The name is too long: at most {} characters.", NAME_CHARS - CHALLENGE_PREFIX_CHARS)]
    Long,
    /// More labels than public CAs accept.
    #[error("The name has too many parts: at most {LABELS}.")]
    Deep,
    /// Not a valid internationalized name (UTS 46).
    #[error("{0:?} is not a valid international name.")]
    Idna(String),
    /// An address in place of a name.
    #[error("{0} is an address, not a name. Enter a name such as portal.agency.gov.")]
    Address(String),
    /// A public suffix itself, or a name below no public suffix.
    #[error("{0} is a shared suffix or a private name: no CA will issue for it. Use a name under your own domain.")]
    Suffix(String),
    /// A star anywhere but as the whole first label.
    #[error("A wildcard is one star and a dot before the name: *.agency.gov.")]
    Wildcard,
}

fn spoken(character: char) -> String {
    match character {
        ' ' => "A space".into(),
        '_' => "An underscore (_)".into(),
        other => format!("The character {other:?}"),
    }
}

fn offer(cleaned: &Option<String>) -> String {
    cleaned.as_ref().map_or_else(String::new, |name| format!(" Did you mean {name}?"))
}

impl NameProblem {
    /// The catalogue's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Dressed { .. } => "name_has_scheme",
            Self::Suffix(_) | Self::Address(_) => "name_public_suffix",
            Self::Idna(_) => "name_idn",
            Self::Empty | Self::Character(_) | Self::Label(_) | Self::Long | Self::Deep | Self::Wildcard => {
                "name_invalid"
            }
        }
    }
}

impl Hostname {
    /// Parses what a person typed: checks its form, then that it lies below a suffix under which CAs issue.
    ///
    /// # Errors
    /// The first thing wrong with it, in words for the person who typed it.
    pub fn parse(typed: &str, suffixes: Suffixes<'_>) -> Result<Self, NameProblem> {
        let name = Self::parse_form(typed)?;
        if name.below_a_suffix(suffixes) { Ok(name) } else { Err(NameProblem::Suffix(name.base)) }
    }

    /// Checks the form alone (RFC 1034 §3.5, IDNA by UTS 46), which the browser can do while somebody types.
    ///
    /// # Errors
    /// The first thing wrong with its form.
    pub fn parse_form(typed: &str) -> Result<Self, NameProblem> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(NameProblem::Empty);
        }
        let bare = undress(typed);
        if bare != typed {
            let cleaned = Self::parse_plain(bare).ok().map(|name| name.to_string());
            return Err(NameProblem::Dressed { cleaned });
        }
        Self::parse_plain(typed)
    }

    fn parse_plain(text: &str) -> Result<Self, NameProblem> {
        if text.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok() {
            return Err(NameProblem::Address(text.to_owned()));
        }
        let (wildcard, base) = text.strip_prefix("*.").map_or((false, text), |base| (true, base));
        if base.contains('*') {
            return Err(NameProblem::Wildcard);
        }
        if let Some(bad) = base.chars().find(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.'))
        {
            return Err(NameProblem::Character(bad));
        }
        let ascii = idna::domain_to_ascii(base).map_err(|_| NameProblem::Idna(base.to_owned()))?;
        check_ascii(&ascii)?;
        Ok(Self { base: ascii, wildcard })
    }

    fn below_a_suffix(&self, suffixes: Suffixes<'_>) -> bool {
        self.registrable(suffixes).is_some()
    }

    /// The name that somebody registered: one label below the suffix.
    #[must_use]
    pub fn registrable(&self, suffixes: Suffixes<'_>) -> Option<&str> {
        let private = suffixes.private.iter().filter(|suffix| is_below(&self.base, suffix)).max_by_key(|s| s.len());
        let suffix = match private {
            Some(suffix) => suffix.as_str(),
            None => (suffixes.public)(&self.base)?,
        };
        if !is_below(&self.base, suffix) {
            return None;
        }
        let above = &self.base[..self.base.len() - suffix.len() - 1];
        let label = above.rfind('.').map_or(0, |dot| dot + 1);
        Some(&self.base[label..])
    }

    /// The same name as a wildcard.
    #[must_use]
    pub fn into_wildcard(self) -> Self {
        Self { wildcard: true, ..self }
    }

    /// Its wildcard, or the name whose wildcard it is: both have their records at the same place.
    #[must_use]
    pub fn twin(&self) -> Self {
        Self { wildcard: !self.wildcard, base: self.base.clone() }
    }

    /// The name without its wildcard label: where its records stand.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether it stands for every name one label below [`Self::base`].
    #[must_use]
    pub const fn is_wildcard(&self) -> bool {
        self.wildcard
    }

    /// The name as people of its language write it, when that differs.
    #[must_use]
    pub fn unicode(&self) -> Option<String> {
        let (text, outcome) = idna::domain_to_unicode(&self.base);
        (outcome.is_ok() && text != self.base).then_some(text)
    }
}

impl std::fmt::Display for Hostname {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.wildcard { write!(f, "*.{}", self.base) } else { f.write_str(&self.base) }
    }
}

impl From<Hostname> for String {
    fn from(name: Hostname) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for Hostname {
    type Error = NameProblem;

    fn try_from(text: String) -> Result<Self, NameProblem> {
        Self::parse_form(&text)
    }
}

fn check_ascii(name: &str) -> Result<(), NameProblem> {
    if name.len() > NAME_CHARS - CHALLENGE_PREFIX_CHARS {
        return Err(NameProblem::Long);
    }
    let labels: Vec<&str> = name.split('.').collect();
    if labels.len() > LABELS {
        return Err(NameProblem::Deep);
    }
    let sound = |label: &str| {
        (1..=LABEL_CHARS).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    match labels.iter().find(|label| !sound(label)) {
        Some(bad) => Err(NameProblem::Label((*bad).to_owned())),
        None if labels.len() < 2 => Err(NameProblem::Suffix(name.to_owned())),
        None => Ok(()),
    }
}

/// The name inside what people paste: without scheme, user, port, path, query or trailing dot.
fn undress(typed: &str) -> &str {
    if typed.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok() {
        return typed;
    }
    let after_scheme = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let before_path = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or(after_scheme);
    let after_user = before_path.rsplit('@').next().unwrap_or(before_path);
    let before_port = after_user.split(':').next().unwrap_or(after_user);
    before_port.trim().trim_end_matches('.')
}

/// Whether `name` lies below `suffix`, both lower-case ASCII.
#[must_use]
pub fn is_below(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|above| above.len() > 1 && above.ends_with('.'))
}

/// Whether a name in a certificate stands for `name`: the same, or a wildcard for its first label (RFC 9525 §6.3).
#[must_use]
pub fn covers(certified: &str, name: &str) -> bool {
    let above = || name.split_once('.').map(|(_, above)| above);
    certified.eq_ignore_ascii_case(name)
        || certified
            .strip_prefix("*.")
            .is_some_and(|base| above().is_some_and(|above| above.eq_ignore_ascii_case(base)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A list of two suffixes: enough to tell suffix from name.
    pub(crate) fn suffixes() -> Suffixes<'static> {
        fn public(name: &str) -> Option<&str> {
            ["gov", "ca.gov", "com"]
                .into_iter()
                .filter(|s| name == *s || is_below(name, s))
                .max_by_key(|s| s.len())
                .map(|s| &name[name.len() - s.len()..])
        }
        Suffixes { public, private: &[] }
    }

    #[track_caller]
    fn check(typed: &str, want: Result<&str, &str>) {
        let got = Hostname::parse(typed, suffixes());
        match want {
            Ok(name) => assert_eq!(got.expect(typed).to_string(), name),
            Err(code) => assert_eq!(got.expect_err(typed).code(), code, "{typed}"),
        }
    }

    #[test]
    fn names_are_taken_as_people_write_them() {
        check("portal.court.gov", Ok("portal.court.gov"));
        check("  Portal.COURT.gov ", Ok("portal.court.gov"));
        check("*.agency.gov", Ok("*.agency.gov"));
        check("bücher.example.com", Ok("xn--bcher-kva.example.com"));
        check("county.ca.gov", Ok("county.ca.gov"));
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_code() {
        check("", Err("name_invalid"));
        check("https://portal.court.gov/pay", Err("name_has_scheme"));
        check("portal.court.gov:443", Err("name_has_scheme"));
        check("portal.court.gov.", Err("name_has_scheme"));
        check("my portal.court.gov", Err("name_invalid"));
        check("my_portal.court.gov", Err("name_invalid"));
        check("-x.court.gov", Err("name_invalid"));
        check("a..court.gov", Err("name_invalid"));
        check("gov", Err("name_public_suffix"));
        check("ca.gov", Err("name_public_suffix"));
        check("printer.local", Err("name_public_suffix"));
        check("192.0.2.7", Err("name_public_suffix"));
        check("2001:db8::1", Err("name_public_suffix"));
        check("a.*.court.gov", Err("name_invalid"));
        check(&format!("{}.court.gov", "a".repeat(64)), Err("name_invalid"));
        check(&"a.".repeat(10).trim_end_matches('.').replace("a.a.a", "a.a.court.gov.a"), Err("name_invalid"));
    }

    #[test]
    fn a_cleaned_name_is_offered() {
        let problem = Hostname::parse("HTTPS://Portal.court.gov/pay?x=1", suffixes()).expect_err("has a scheme");
        assert_eq!(problem, NameProblem::Dressed { cleaned: Some("portal.court.gov".into()) });
        assert!(problem.to_string().ends_with("Did you mean portal.court.gov?"));
    }

    #[test]
    fn the_registrable_name_is_one_label_below_the_suffix() {
        let name = Hostname::parse("a.b.county.ca.gov", suffixes()).expect("a name");
        assert_eq!(name.registrable(suffixes()), Some("county.ca.gov"));
        let private = ["test".to_owned()];
        let lab = Suffixes { private: &private, ..suffixes() };
        assert_eq!(Hostname::parse("portal.court.test", lab).expect("a name").registrable(lab), Some("court.test"));
        assert!(Hostname::parse("test", lab).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused_and_a_name_parses_to_itself(typed in ".{0,80}") {
            if let Ok(name) = Hostname::parse(&typed, suffixes()) {
                let again = Hostname::parse(&name.to_string(), suffixes()).expect("a parsed name parses again");
                prop_assert_eq!(again, name);
            }
        }

        #[test]
        fn what_is_offered_is_a_name(host in "[a-z]{1,9}\\.court\\.gov", path in "/[a-z]{0,5}") {
            let problem = Hostname::parse(&format!("https://{host}{path}"), suffixes()).expect_err("has a scheme");
            prop_assert_eq!(problem, NameProblem::Dressed { cleaned: Some(host) });
        }
    }
}

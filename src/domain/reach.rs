//! Inside or outside: what a visitor's browser reaches of a domain, compared with what the server sees of it.
//!
//! Our edge answers a question that only it understands, so that another server's page, a captive portal's or a proxy's, is
//! not taken for ours. A browser shows no certificate to a page: a proxy whose certificates it trusts, and that passes our
//! answer on, is not told from a direct way.

use super::diagnose::arrives;
use super::observation::{Observation, Shown};
use serde::{Deserialize, Serialize};

/// The folder whose files our edge answers with their own name, on every site that it serves over HTTPS.
pub const REACHED: &str = "/.well-known/padlock-reached/";
/// Characters of a question: what is longer, or anything but letters and digits, is the site's own affair.
const ASKED_CHARS: usize = 64;

/// The question that a path holds, if it is one.
#[must_use]
pub fn asked(path: &str) -> Option<&str> {
    let question = path.strip_prefix(REACHED)?;
    let fits = !question.is_empty() && question.len() <= ASKED_CHARS;
    (fits && question.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(question)
}

/// Where a domain's site is for a browser; below a wildcard any name will do.
#[must_use]
pub fn site(domain: &str) -> String {
    match domain.strip_prefix("*.") {
        Some(base) => format!("https://reached.{base}"),
        None => format!("https://{domain}"),
    }
}

/// What the server sees of a domain, from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// It leads here, and every address and edge shows its certificate.
    Works,
    /// It does not, or not everywhere.
    Broken,
}

/// What a browser reaches of it, from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Our edge.
    Ours,
    /// Somebody with a certificate that the browser trusts, and not our edge.
    Other,
    /// Nobody whom it trusts.
    Nothing,
}

/// What the comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Reachable from here and from outside.
    Fine,
    /// Blocked or intercepted on the visitor's network.
    Blocked,
    /// Another server answers on the visitor's network.
    Replaced,
    /// Broken for everybody.
    Broken,
    /// Reachable from the visitor's network only.
    InsideOnly,
}

/// Reads what the server sees off a full pass.
#[must_use]
pub fn outside(seen: &Observation) -> Outside {
    let right = |shown: &Shown| {
        let held = seen.subject.held.as_ref();
        matches!(shown, Shown::Certificate(leaf) if held.is_some_and(|held| held.fingerprint_sha256 == leaf.fingerprint_sha256))
    };
    let works = arrives(seen) && !seen.handshakes.is_empty() && seen.handshakes.iter().all(|one| right(&one.shown));
    if works { Outside::Works } else { Outside::Broken }
}

impl Verdict {
    /// Compares both.
    #[must_use]
    pub const fn of(inside: Inside, outside: Outside) -> Self {
        match (inside, outside) {
            (Inside::Ours, Outside::Works) => Self::Fine,
            (Inside::Other, Outside::Works) => Self::Replaced,
            (Inside::Nothing, Outside::Works) => Self::Blocked,
            (Inside::Ours, Outside::Broken) => Self::InsideOnly,
            (Inside::Other | Inside::Nothing, Outside::Broken) => Self::Broken,
        }
    }

    /// The word in `data-reach`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Blocked => "blocked",
            Self::Replaced => "replaced",
            Self::Broken => "broken",
            Self::InsideOnly => "inside_only",
        }
    }

    /// The verdict in one sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fine => "Reachable from here and from outside",
            Self::Blocked => "Blocked or intercepted on your network",
            Self::Replaced => "Another server answers on your network",
            Self::Broken => "Broken for everybody",
            Self::InsideOnly => "Reachable from your network, and not from outside",
        }
    }

    /// What it means, and who can act.
    #[must_use]
    pub fn words(self, domain: &str) -> String {
        match self {
            Self::Fine => format!("Your browser reached {domain} at our servers. There is nothing to do."),
            Self::Blocked => format!(
                "{domain} works from outside, and your browser got no secure connection to it. Whoever runs your network can \
                 act: let https://{domain} through the firewall and the proxy, and exempt it from TLS inspection. If only \
                 this computer is affected, look at its clock and update its browser."
            ),
            Self::Replaced => format!(
                "{domain} works from outside, and something else answers for it where you are: DNS inside your network that \
                 leads elsewhere, or a proxy. Whoever runs your network can act: let its DNS answer for {domain} as the \
                 public DNS does, and let the proxy pass it on unchanged."
            ),
            Self::Broken => format!(
                "Neither your browser nor our servers reach {domain} as it should be, so it is not your network. What was \
                 found, and who can act, stands on this page."
            ),
            Self::InsideOnly => format!(
                "Your browser reached {domain} at our servers, and the check from outside did not. Whoever runs the public \
                 DNS of {domain} can act: it may differ from the DNS inside your network."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnose::healthy;
    use crate::domain::observation::{Handshake, Held, Leaf};
    use crate::domain::time::{DAY_MS, Millis};

    #[test]
    fn only_short_plain_questions_are_answered() {
        assert_eq!(asked("/.well-known/padlock-reached/abc123"), Some("abc123"));
        for path in ["/", "/.well-known/padlock-reached/", "/.well-known/padlock-reached/<b>", "/x/padlock-reached/a"] {
            assert_eq!(asked(path), None, "{path}");
        }
        assert_eq!(asked(&format!("{REACHED}{}", "a".repeat(65))), None);
    }

    #[test]
    fn a_domain_works_outside_when_every_address_shows_its_certificate() {
        let mut seen = healthy();
        assert_eq!(outside(&seen), Outside::Broken, "no certificate was seen");
        seen.subject.held = Some(Held { fingerprint_sha256: "aa".into(), not_after: Millis(0).plus(DAY_MS) });
        let leaf = |fingerprint: &str| Leaf {
            fingerprint_sha256: fingerprint.into(),
            names: Vec::new(),
            issuer: String::new(),
            self_signed: false,
            not_before: Millis(0),
            not_after: Millis(0),
            chain_len: 2,
        };
        let address = seen.delegation.edge_addresses[0];
        let shake =
            |fingerprint: &str| Handshake { address, at: Millis(0), shown: Shown::Certificate(leaf(fingerprint)) };
        seen.handshakes = vec![shake("aa")];
        assert_eq!(outside(&seen), Outside::Works);
        seen.handshakes.push(shake("bb"));
        assert_eq!(outside(&seen), Outside::Broken);
    }

    #[test]
    fn only_what_differs_from_outside_is_the_networks_doing() {
        for (inside, outside, want) in [
            (Inside::Ours, Outside::Works, Verdict::Fine),
            (Inside::Nothing, Outside::Works, Verdict::Blocked),
            (Inside::Other, Outside::Works, Verdict::Replaced),
            (Inside::Nothing, Outside::Broken, Verdict::Broken),
            (Inside::Other, Outside::Broken, Verdict::Broken),
            (Inside::Ours, Outside::Broken, Verdict::InsideOnly),
        ] {
            let verdict = Verdict::of(inside, outside);
            assert_eq!(verdict, want);
            assert!(verdict.words("x.test").contains("x.test") && !verdict.title().is_empty());
        }
    }
}

//! A name that somebody is about to add: what the server says of it while it is typed.
//!
//! Of other customers' domains nothing is said here: a name that one of them holds reads like one that nobody has.

use super::diagnose::apex_name;
use super::hostname::{Hostname, Suffixes};
use serde::{Deserialize, Serialize};

/// Said of a name that this customer has already.
pub const THERE: &str = "This domain is already in the Console.";

/// What becomes of a name that is sound in form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candidate {
    /// It can be added.
    Free,
    /// It can be added, and these words are worth reading before.
    Heed(String),
    /// It can't be added, for the reason in these words.
    Refused(String),
    /// This customer has it already.
    There {
        /// The address of its page.
        page: String,
    },
}

impl Candidate {
    /// Judges a name that can be added by the name alone.
    #[must_use]
    pub fn of(name: &Hostname, suffixes: Suffixes<'_>) -> Self {
        let words = wildcard_words(name).map(str::to_owned).or_else(|| apex_words(name, suffixes));
        words.map_or(Self::Free, Self::Heed)
    }
}

/// What a star means: the same words for every name, so that they are not said again at each letter.
#[must_use]
pub fn wildcard_words(name: &Hostname) -> Option<&'static str> {
    let words = "A wildcard: it stands for every name one label below, and is validated over DNS only.";
    name.is_wildcard().then_some(words)
}

/// Where a name is the one that somebody registered, it is a zone's own; a wildcard stands below it.
fn apex_words(name: &Hostname, suffixes: Suffixes<'_>) -> Option<String> {
    let is_apex = !name.is_wildcard() && name.registrable(suffixes) == Some(name.base());
    is_apex.then(|| {
        let finding = apex_name(name.base());
        format!("{}. {}", finding.title, finding.fix)
    })
}

#[cfg(test)]
mod tests {
    use super::super::hostname::tests::suffixes;
    use super::*;

    #[track_caller]
    fn check(typed: &str, says: Option<&str>) {
        let name = Hostname::parse(typed, suffixes()).expect(typed);
        match (Candidate::of(&name, suffixes()), says) {
            (Candidate::Free, None) => {}
            (Candidate::Heed(words), Some(part)) => assert!(words.contains(part), "{typed}: {words}"),
            (other, _) => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn apex_and_wildcard_are_told_and_all_else_is_free() {
        check("portal.court.gov", None);
        check("court.gov", Some("court.gov is the zone's own name, where no CNAME can stand. Use a name below it"));
        check("county.ca.gov", Some("such as portal.county.ca.gov"));
        check("portal.county.ca.gov", None);
        check("*.court.gov", Some("every name one label below, and is validated over DNS only"));
        check("*.portal.court.gov", Some("A wildcard"));
    }

    #[test]
    fn what_is_sent_is_read_again() {
        let there = Candidate::There { page: "/domains/x".into() };
        for said in [Candidate::Free, Candidate::Heed("a".into()), Candidate::Refused("b".into()), there] {
            let sent = serde_json::to_string(&said).expect("text");
            assert_eq!(serde_json::from_str::<Candidate>(&sent).expect("the same"), said, "{sent}");
        }
    }
}

//! The domain list: what is asked for, and a page of it with the counts of its quick views.

use super::domain::DomainRow;
use super::people::CustomerView;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

/// What a list is narrowed to, as somebody typed it or an address says it; empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Part of a hostname, a name or the name of an agency.
    pub q: String,
    /// A quick view: one of [`View::ALL`].
    pub view: String,
    /// Domain Status.
    pub domain_status: String,
    /// SSL Status.
    pub ssl_status: String,
    /// Default Agency, by id or name.
    pub agency: String,
    /// The cause's code.
    pub code: String,
    /// What they wait for and who can act, as [`crate::domain::cause::Cause::word`] has it.
    pub cause: String,
    /// Customer, by id or name.
    pub customer: String,
    /// `domain`, `expires` or `status`, with a minus sign for the last one first.
    pub sort: String,
    /// Rows.
    pub limit: Option<u32>,
    /// Where to start.
    pub cursor: String,
}

impl Search {
    /// Everything but the page, by name, in the order of addresses.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 9] {
        [
            ("q", &self.q),
            ("view", &self.view),
            ("domain_status", &self.domain_status),
            ("ssl_status", &self.ssl_status),
            ("agency", &self.agency),
            ("code", &self.code),
            ("cause", &self.cause),
            ("customer", &self.customer),
            ("sort", &self.sort),
        ]
    }

    /// An address that asks for this, and for what is added; what says nothing is left out.
    #[must_use]
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let pairs = self.pairs();
        let page = [("cursor", self.cursor.as_str())];
        let said = pairs.iter().chain(&page).chain(more).filter(|(_, value)| !value.is_empty());
        let query = Serializer::new(String::new()).extend_pairs(said).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A quick view of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All domains.
    Everything,
    /// Those that wait for the customer, its agency or whoever runs its DNS.
    NeedsYou,
    /// Those that wait for Padlock, the CA or nobody.
    Waiting,
    /// Those that are as they should be.
    Active,
    /// Those whose certificate ends within [`View::EXPIRING_DAYS`] days.
    Expiring,
}

impl View {
    /// Every view, in the order shown.
    pub const ALL: [Self; 5] = [Self::Everything, Self::NeedsYou, Self::Waiting, Self::Active, Self::Expiring];
    /// What "expiring" means.
    pub const EXPIRING_DAYS: i64 = 30;

    /// The word in addresses and the REST API; none for everything.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::NeedsYou => "needs_you",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Expiring => "expiring",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Everything => "Everything",
            Self::NeedsYou => "Needs you",
            Self::Waiting => "Waiting",
            Self::Active => "Active",
            Self::Expiring => "Expiring",
        }
    }

    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }
}

/// A page of the Console's list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainList {
    /// The rows.
    pub items: Vec<DomainRow>,
    /// Leads to the page before; none on the first.
    pub prev_cursor: Option<String>,
    /// Leads to the page after; none on the last.
    pub next_cursor: Option<String>,
    /// How many domains each of [`View::ALL`] has, in that order.
    pub counts: Vec<Count>,
    /// What its filters offer.
    pub choices: Choices,
    /// What it shows: what was asked for, without what does not go together.
    pub search: Search,
}

/// What the filters of the list offer: of the caller's domains, or of those of the customer that the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// How many domains have each Domain Status, in the order of [`crate::domain::status::DomainStatus::ALL`].
    pub domain_statuses: Vec<Count>,
    /// How many domains have each SSL Status, in the order of [`crate::domain::status::SslStatus::ALL`].
    pub ssl_statuses: Vec<Count>,
    /// What domains wait for.
    pub causes: Vec<CauseChoice>,
    /// Whose domains the list can be narrowed to; none for those who see one customer's only.
    pub customers: Vec<CustomerView>,
}

/// A cause that the list can be narrowed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseChoice {
    /// What domains wait for, as addresses have it.
    pub cause: String,
    /// What that means, and who can act.
    pub words: String,
    /// How many domains wait for it.
    pub domains: Count,
}

/// What came of asking for many looks at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refreshed {
    /// Domains that are looked at now.
    pub asked: u32,
    /// Domains that were looked at a moment ago, and are left alone.
    pub too_soon: u32,
    /// Domains that are not there any more.
    pub not_found: u32,
    /// Whether there are more than are looked at in one go.
    pub more: bool,
}

impl Refreshed {
    /// As a part of an address: numbers, and nothing that anybody could put words into.
    #[must_use]
    pub fn word(self) -> String {
        format!("{}-{}-{}-{}", self.asked, self.too_soon, self.not_found, u32::from(self.more))
    }

    /// Reads that.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let numbers: Vec<u32> = word.split('-').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let [asked, too_soon, not_found, more] = *numbers.as_slice() else { return None };
        Some(Self { asked, too_soon, not_found, more: more == 1 })
    }

    /// In words: how many, and how many not and why.
    #[must_use]
    pub fn words(self) -> String {
        let checked = |n: u32| if n == 1 { "1 web domain is".to_owned() } else { format!("{n} web domains are") };
        let mut words = format!("{} checked now.", checked(self.asked));
        for (number, why) in [
            (self.too_soon, "not: checked within the last 5 seconds."),
            (self.not_found, "not: no longer in the Console."),
        ] {
            if number > 0 {
                words.push_str(&format!(" {} {why}", checked(number)));
            }
        }
        if self.more {
            words.push_str(" There are more than are checked in one go: narrow the list, or do it again.");
        }
        words
    }
}

/// A count that ends at a thousand, since nobody reads further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many were counted.
    pub counted: u32,
    /// Whether there are more.
    pub more: bool,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.counted {
            thousands @ 1_000.. => write!(f, "{},{:03}", thousands / 1_000, thousands % 1_000)?,
            few => write!(f, "{few}")?,
        }
        f.write_str(if self.more { "+" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_many_looks_goes_through_an_address_as_numbers() {
        let told = Refreshed { asked: 12, too_soon: 1, not_found: 0, more: true };
        assert_eq!(Refreshed::from_word(&told.word()), Some(told));
        let words = told.words();
        assert!(words.starts_with("12 web domains are checked now. 1 web domain is not: checked within"), "{words}");
        assert!(words.contains("more than"), "{words}");
        for hostile in ["", "1", "1-2-3", "1-2-3-4-5", "a-b-c-d", "<b>-1-1-1", "99999999999-0-0-0"] {
            assert_eq!(Refreshed::from_word(hostile), None, "{hostile}");
        }
    }
}

//! The domain list: what is asked for, and a page of it with the counts of its quick views.

use super::domain::DomainRow;
use serde::{Deserialize, Serialize};

/// What a list is narrowed to, as somebody typed it or an address says it; empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Part of a name or label.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainList {
    /// The rows.
    pub items: Vec<DomainRow>,
    /// Leads to the page before; none on the first.
    pub prev_cursor: Option<String>,
    /// Leads to the page after; none on the last.
    pub next_cursor: Option<String>,
    /// How many domains each of [`View::ALL`] has, in that order.
    pub counts: Vec<Count>,
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

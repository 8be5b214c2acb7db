//! Monitoring Reports: to whom they go, and how often.

use serde::{Deserialize, Serialize};

/// How often a report is mailed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Not at all; it can still be read in the Console.
    #[default]
    Never,
}

impl Every {
    /// All of them, in the order shown.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Never];

    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Never => "never",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Daily => "Every day",
            Self::Weekly => "Every week",
            Self::Never => "Never",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.word() == word)
    }
}

/// The Monitoring Reports of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    /// Mail addresses.
    pub addresses: Vec<String>,
    /// How often.
    pub every: Every,
}

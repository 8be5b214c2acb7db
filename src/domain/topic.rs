//! What people are written about.

use serde::{Deserialize, Serialize};

/// What a person is written about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A first certificate is issued and installed.
    Installed,
    /// A certificate was renewed.
    Renewed,
    /// A renewal is late, or a certificate was revoked.
    Failing,
    /// A private key was exported, or strangers may have it: managers always hear of that.
    PrivateKey,
    /// An uploaded certificate ends soon.
    Expiring,
    /// Something has to be done, with the fix.
    ActionNeeded,
    /// A trouble is over.
    Resolved,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 7] = [
        Self::Installed,
        Self::Renewed,
        Self::Failing,
        Self::PrivateKey,
        Self::Expiring,
        Self::ActionNeeded,
        Self::Resolved,
    ];

    /// What people choose among.
    pub const CHOICES: [Self; 6] =
        [Self::Installed, Self::Renewed, Self::Failing, Self::Expiring, Self::ActionNeeded, Self::Resolved];

    /// Whether people can choose to hear less of it.
    #[must_use]
    pub fn is_choice(self) -> bool {
        Self::CHOICES.contains(&self)
    }

    /// The word in the database and in forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Renewed => "renewed",
            Self::Failing => "failing",
            Self::PrivateKey => "private_key",
            Self::Expiring => "expiring",
            Self::ActionNeeded => "action_needed",
            Self::Resolved => "resolved",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.word() == word)
    }

    /// What people choose by.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Installed => "A certificate is issued and installed",
            Self::Renewed => "A certificate is renewed",
            Self::Failing => "A renewal is late, or a certificate is revoked",
            Self::PrivateKey => "A private key is exported, or strangers may have it",
            Self::Expiring => "An uploaded certificate ends soon",
            Self::ActionNeeded => "Something has to be done, with the fix",
            Self::Resolved => "A trouble is over",
        }
    }
}

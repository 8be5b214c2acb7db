//! Who may do what: the one table that every door asks.

use serde::{Deserialize, Serialize};

/// A person's or a token's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, for every customer.
    Operator,
    /// Sees every customer and may refresh; never touches keys or settings.
    Support,
    /// Everything for the own customer.
    Manager,
    /// Sees the own customer.
    Viewer,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read domains, records, certificates' details and the timeline.
    See,
    /// Look at DNS again.
    Refresh,
    /// Add, change or remove domains; ask for a renewal.
    Manage,
    /// Take a certificate away together with its private key.
    ExportKeys,
    /// Add agencies.
    ManageAgencies,
    /// Add customers.
    ManageCustomers,
    /// Say who has access: people and API tokens.
    ManageAccess,
    /// Read who did what: the audit log.
    Audit,
    /// Help with what is not Ready, over all customers.
    Triage,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Support, Self::Manager, Self::Viewer];

    /// The word in configuration, command line and database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Support => "support",
            Self::Manager => "manager",
            Self::Viewer => "viewer",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether it is not bound to one customer.
    #[must_use]
    pub const fn sees_all_customers(self) -> bool {
        matches!(self, Self::Operator | Self::Support)
    }

    /// Whether the table says so.
    #[must_use]
    pub fn may(self, act: Act) -> bool {
        act.roles().contains(&self)
    }
}

impl Act {
    /// Whether it changes nothing: what a token that only reads may do.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::See | Self::Audit | Self::Triage)
    }

    /// The table: who may.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Manager, Operator, Support, Viewer};
        match self {
            Self::See => &[Operator, Support, Manager, Viewer],
            Self::Refresh => &[Operator, Support, Manager],
            Self::Manage | Self::ExportKeys | Self::ManageAgencies | Self::ManageAccess | Self::Audit => {
                &[Operator, Manager]
            }
            Self::Triage => &[Operator, Support],
            Self::ManageCustomers => &[Operator],
        }
    }
}

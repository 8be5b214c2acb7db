//! Web domains from a table: what would come of each row, or what came of it.

use super::error::FieldError;
use serde::{Deserialize, Serialize};

/// A table as it was sent to be looked at, before anything is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The table, with a row of column names.
    pub csv: String,
    /// Customer, by id or name; empty for the sender's own.
    pub customer: String,
}

/// What came of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Whether nothing was added.
    pub dry_run: bool,
    /// Rows that were added, or would be.
    pub added: u32,
    /// Rows that are in the Console already, and were left alone.
    pub already_there: u32,
    /// Rows that were passed over, since something is wrong with them.
    pub wrong: u32,
    /// Every row, in order.
    pub rows: Vec<ImportRow>,
}

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its line in the table, counted from one.
    pub line: u64,
    /// Its domain, as it was read; as it was typed when it could not be.
    pub domain: String,
    /// What came of it.
    pub outcome: RowOutcome,
    /// Id of the web domain, once it is there.
    pub id: Option<String>,
    /// What is wrong, by column.
    pub errors: Vec<FieldError>,
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It was added, or would be.
    Added,
    /// It is there already.
    AlreadyThere,
    /// Something is wrong with it.
    Wrong,
}

impl RowOutcome {
    /// The words that people read, before and after.
    #[must_use]
    pub const fn label(self, dry_run: bool) -> &'static str {
        match self {
            Self::Added if dry_run => "Will be added",
            Self::Added => "Added",
            Self::AlreadyThere => "There already",
            Self::Wrong => "Has a problem",
        }
    }

    /// The word in the REST API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::AlreadyThere => "already_there",
            Self::Wrong => "wrong",
        }
    }
}

impl ImportView {
    /// Counts rows.
    #[must_use]
    pub fn of(rows: Vec<ImportRow>, dry_run: bool) -> Self {
        let count =
            |outcome| u32::try_from(rows.iter().filter(|row| row.outcome == outcome).count()).unwrap_or(u32::MAX);
        Self {
            dry_run,
            added: count(RowOutcome::Added),
            already_there: count(RowOutcome::AlreadyThere),
            wrong: count(RowOutcome::Wrong),
            rows,
        }
    }

    /// In one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let domains = |n: u32| if n == 1 { "1 web domain".to_owned() } else { format!("{n} web domains") };
        let verb = |n: u32| match (self.dry_run, n) {
            (true, _) => "will be added",
            (false, 1) => "was added",
            (false, _) => "were added",
        };
        format!(
            "{} {}, {} in the Console already, {} with a problem.",
            domains(self.added),
            verb(self.added),
            self.already_there,
            self.wrong
        )
    }
}

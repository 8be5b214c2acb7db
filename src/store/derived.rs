//! The columns of a domain's row that are derived from its facts: what lists, counts and searches ask for.
//!
//! They are in some twenty indexes, and SQLite writes each index anew whose column an `update` names, whether its value
//! changes or not: a worker who knows what the row holds names what changes. PostgreSQL compares by itself.

use super::change::Index;
use crate::domain::cause::Cause;
use crate::domain::certificate::Source;
use crate::domain::facts::Facts;
use sqlx::Any;
use sqlx::Row as _;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

/// How many they are.
const COUNT: usize = 12;
/// Each with its number among the arguments of the statement that writes it. A removed domain holds no name.
const SET: [&str; COUNT] = [
    "domain_status = $6",
    "ssl_status = $7",
    "code = $8",
    "ready = $9",
    "held_hostname = case when $10 = 1 and removed_at is null then hostname else null end",
    "certificate = $11",
    "expires_at = $12",
    "attention = $13",
    "cause = $14",
    "since = $15",
    "renews_at = $16",
    "certificate_source = $17",
];

/// The columns, for `concat!` into statements that read [`Derived`].
macro_rules! derived_columns {
    () => {
        "domains.domain_status, domains.ssl_status, domains.code, domains.ready, domains.held_hostname, domains.certificate, \
         domains.expires_at, domains.attention, domains.cause, domains.since, domains.renews_at, domains.certificate_source"
    };
}
pub(super) use derived_columns;

/// What the derived columns of a row hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The row's revision while they do.
    revision: u64,
    cells: [Cell; COUNT],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
}

impl Derived {
    /// What they hold from the revision on with which these facts are written.
    #[must_use]
    pub fn of(index: &Index, facts: &Facts, revision: u64) -> Self {
        let word = |word: &str| Cell::Text(Some(word.to_owned()));
        let cells = [
            word(index.domain_status.word()),
            word(index.ssl_status.word()),
            word(&index.code),
            Cell::Number(Some(i64::from(index.ready))),
            Cell::Number(Some(i64::from(index.held))),
            Cell::Text(facts.in_use().map(|held| held.id.as_str().to_owned())),
            Cell::Number(index.expires_at.map(|at| at.0)),
            word(index.attention.word()),
            Cell::Text(index.cause.map(Cause::word)),
            Cell::Number(Some(index.since.0)),
            Cell::Number(index.renews_at.map(|at| at.0)),
            Cell::Text(index.source.map(|source| Source::word(source).to_owned())),
        ];
        Self { revision, cells }
    }

    /// Reads [`derived_columns`] of a row of this revision.
    pub(super) fn read(row: &AnyRow, revision: u64) -> Result<Self, sqlx::Error> {
        let text = |name: &str| Ok::<_, sqlx::Error>(Cell::Text(row.try_get(name)?));
        let number = |name: &str| Ok::<_, sqlx::Error>(Cell::Number(row.try_get(name)?));
        let held: Option<String> = row.try_get("held_hostname")?;
        let cells = [
            text("domain_status")?,
            text("ssl_status")?,
            text("code")?,
            number("ready")?,
            Cell::Number(Some(i64::from(held.is_some()))),
            text("certificate")?,
            number("expires_at")?,
            text("attention")?,
            text("cause")?,
            number("since")?,
            number("renews_at")?,
            text("certificate_source")?,
        ];
        Ok(Self { revision, cells })
    }

    /// What an `update` sets so that a row that holds `before` holds this: all of them where it is not known what the row
    /// holds at the revision before.
    pub(super) fn set(&self, before: Option<&Self>) -> String {
        let before = before.filter(|before| before.revision + 1 == self.revision);
        let changes = |at: &usize| before.is_none_or(|before| before.cells[*at] != self.cells[*at]);
        (0..COUNT).filter(changes).map(|at| format!(", {}", SET[at])).collect()
    }

    /// Binds all of them, named or not: as the arguments after the fifth.
    pub(super) fn bind<'q>(self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        self.cells.into_iter().fold(query, |query, cell| match cell {
            Cell::Text(text) => query.bind(text),
            Cell::Number(number) => query.bind(number),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_set() {
        let of = |revision| Derived { revision, cells: [const { Cell::Number(None) }; COUNT] };
        let (before, mut after) = (of(7), of(8));
        assert_eq!(after.set(Some(&before)), "");
        after.cells[2] = Cell::Text(Some("wait".into()));
        after.cells[9] = Cell::Number(Some(7));
        assert_eq!(after.set(Some(&before)), ", code = $8, since = $15");
        assert_eq!(after.set(Some(&of(6))), after.set(None), "the row may hold anything else by now");
        assert_eq!(after.set(None).matches(", ").count(), COUNT);
    }
}

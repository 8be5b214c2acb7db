//! Searching for part of a name, in a million of them. The name of a domain's agency stands behind its own (`domains`), so that
//! searching for it costs the same.
//!
//! A part that few names hold is found by its trigrams: any three characters in a row lead to the names that hold them
//! (FTS5 on SQLite, `pg_trgm` on PostgreSQL). One that many hold is found soonest by reading the names in their order,
//! until a page is full. Which of the two it is, the index itself is asked. What it gives is only ever a narrowing: `like`
//! has the last word. One or two characters are looked for at a hostname's beginning only: inside, they are everywhere or
//! nowhere, and no index says which.

use super::Store;
use super::engine::Engine;
use super::error::StoreError;

/// Names that trigrams may lead to. With more, a page of 50 fills up within a tenth of all names read in order; with fewer,
/// so many rows are sorted, which takes a millisecond.
const FEW: i64 = 500;
/// Characters of a search that are looked at: the longest host name.
const SEARCH_CHARS: usize = 253;
/// Trigrams that are asked of SQLite's index: more narrow nothing down.
const TRIGRAMS: usize = 32;
const TRIGRAM_CHARS: usize = 3;

pub(super) const PROBE: [&str; 2] = [
    "select cast(count(*) as bigint) from (select rowid from domain_trigrams where domain_trigrams match $1 limit $2) as few",
    r"select count(*) from (select domain from domain_names where search like $1 escape '\' limit $2) as few",
];
/// The ids of the few, up to the number of what is bound, and after it.
pub(super) const CANDIDATES: [(&str, &str); 2] = [
    (
        "(select domain from domain_names where number in \
         (select rowid from domain_trigrams where domain_trigrams match $",
        ")",
    ),
    ("(select domain from domain_names where search like $", r" escape '\'"),
];

/// The few domains that a search may find.
pub(super) struct Narrowed {
    pub(super) few: &'static str,
    pub(super) end: &'static str,
    pub(super) value: String,
}

impl Store {
    /// How to narrow this search down; none when too many names hold it.
    pub(super) async fn narrow(&self, q: &str) -> Result<Option<Narrowed>, StoreError> {
        let value = match self.database.engine() {
            Engine::Sqlite => trigrams(q),
            Engine::Postgres => pattern(q),
        };
        let probe = sqlx::query_scalar(self.database.pick(PROBE[0], PROBE[1])).persistent(false);
        let found: i64 = probe.bind(&*value).bind(FEW + 1).fetch_one(self.database.reader()).await?;
        if found > FEW {
            return Ok(None);
        }
        let few = self.database.pick(CANDIDATES[0].0, CANDIDATES[1].0);
        Ok(Some(Narrowed { few, end: self.database.pick(CANDIDATES[0].1, CANDIDATES[1].1), value }))
    }
}

/// What somebody typed, as it is looked for.
pub(super) fn typed(q: &str) -> String {
    q.trim().chars().take(SEARCH_CHARS).flat_map(char::to_lowercase).collect()
}

/// Whether it is long enough for the trigrams.
pub(super) fn is_searched_inside(q: &str) -> bool {
    q.chars().count() >= TRIGRAM_CHARS
}

/// Looks for `q` anywhere, with its own wildcards taken literally.
pub(super) fn pattern(q: &str) -> String {
    let mut pattern = String::from("%");
    for c in q.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Every three characters in a row of `q`, for FTS5: all of them must be there. A zero would end its text early.
fn trigrams(q: &str) -> String {
    let chars: Vec<char> = q.chars().map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect();
    let quoted = |three: &[char]| format!("\"{}\"", three.iter().collect::<String>().replace('"', "\"\""));
    chars.windows(TRIGRAM_CHARS).take(TRIGRAMS).map(quoted).collect::<Vec<_>>().join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::{pattern, trigrams, typed};

    #[test]
    fn a_search_finds_what_was_typed_and_nothing_else() {
        assert_eq!(pattern(&typed(" Court_1%")), r"%court\_1\%%");
        assert_eq!(trigrams(&typed("Co\"rt")), r#""co""" AND "o""r" AND """rt""#);
    }
}

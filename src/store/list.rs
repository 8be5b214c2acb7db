//! The domain list: filtered, by name, page after page.
//!
//! The statement is put together from fixed pieces, so that each filter can use its own index; what people typed is only
//! ever bound.

use super::error::StoreError;
use super::page::{self, Page};
use super::row::{Stored, readable, stored_columns};
use super::{Scope, Store};
use crate::domain::id::CustomerId;
use crate::domain::status::{DomainStatus, SslStatus};
use sqlx::{AssertSqlSafe, Row as _};

/// Characters of a search that are looked at: the longest host name.
const SEARCH_CHARS: usize = 253;

const START: &str = concat!("select ", stored_columns!(), " from domains where removed_at is null");

/// Which domains to list; what is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the hostname or name, in any case.
    pub q: Option<String>,
    /// Domain Status.
    pub domain_status: Option<DomainStatus>,
    /// SSL Status.
    pub ssl_status: Option<SslStatus>,
    /// The cause's code.
    pub code: Option<String>,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// Items on a page, 1 to 200.
    pub limit: u32,
    /// The page before's [`Page::next_cursor`].
    pub cursor: Option<String>,
}

impl Store {
    /// One page of domains, by hostname.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn list(&self, scope: &Scope, filter: &Filter) -> Result<Page<Stored>, StoreError> {
        let mut clauses = Clauses { text: START.to_owned(), values: Vec::new() };
        clauses.equal(" and customer = $", scope.customer());
        clauses.equal(" and customer = $", filter.customer.as_ref().map(CustomerId::as_str));
        clauses.equal(" and domain_status = $", filter.domain_status.map(DomainStatus::word));
        clauses.equal(" and ssl_status = $", filter.ssl_status.map(SslStatus::word));
        clauses.equal(" and code = $", filter.code.as_deref());
        if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
            clauses.equal(r" and search like $", Some(&pattern(q)));
            clauses.text.push_str(r" escape '\'");
        }
        if let Some(cursor) = &filter.cursor {
            let (hostname, id): (String, String) = page::decode(cursor)?;
            clauses.equal(" and (hostname, id) > ($", Some(&hostname));
            clauses.equal(", $", Some(&id));
            clauses.text.push(')');
        }
        let limit = page::rows(filter.limit);
        let text = format!("{} order by hostname, id limit ${}", clauses.text, clauses.values.len() + 1);
        let query = clauses.values.into_iter().fold(sqlx::query(AssertSqlSafe(text)), sqlx::query::Query::bind);
        let mut rows = query.bind(limit).fetch_all(self.database.reader()).await?;
        let next_cursor = page::cut(&mut rows, filter.limit, |row| {
            Ok((row.try_get::<String, _>("hostname")?, row.try_get::<String, _>("id")?))
        })?;
        Ok(Page { items: readable(&rows, Stored::read), next_cursor })
    }
}

/// Conditions and what is bound to them.
struct Clauses {
    text: String,
    values: Vec<String>,
}

impl Clauses {
    fn equal(&mut self, clause: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.values.push(value.to_owned());
            self.text.push_str(clause);
            self.text.push_str(&self.values.len().to_string());
        }
    }
}

/// Looks for `q` anywhere, with its own wildcards taken literally.
fn pattern(q: &str) -> String {
    let mut pattern = String::from("%");
    for c in q.chars().take(SEARCH_CHARS).flat_map(char::to_lowercase) {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_search_finds_what_was_typed_and_nothing_else() {
        assert_eq!(pattern("Court_1%"), r"%court\_1\%%");
    }
}

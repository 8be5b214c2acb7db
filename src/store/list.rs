//! The domain list: filtered, by name, page after page.
//!
//! The statement is put together from fixed pieces, so that each filter can use its own index; what people typed is only
//! ever bound.

use super::error::StoreError;
use super::page::{self, Page};
use super::row::{Stored, readable, stored_columns};
use super::search::{Narrowed, is_searched_inside, pattern, typed};
use super::{Scope, Store};
use crate::domain::id::CustomerId;
use crate::domain::status::{DomainStatus, SslStatus};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

// Chosen first, and read whole afterwards: facts are long, and sorting or skipping must not carry them along.
const START: &str = concat!("select ", stored_columns!(), " from domains where id in (select domains.id from ");
const ALL: &str = "domains where removed_at is null";
// In this order: SQLite, which keeps no statistics, would go through every domain of a customer, looking for the few.
const FEW: &str = ") as few cross join domains where domains.id = few.domain and removed_at is null";
const ORDER: &str = " order by hostname, id";

/// Which domains to list; what is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the hostname or name, in any case; of one or two characters, what the hostname begins with.
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

/// Which of the domains that a filter lets through.
pub(super) enum Part<'a> {
    /// All of them.
    Whole,
    /// Those whose hostname begins with what was typed.
    Beginning(&'a str),
    /// Those that hold it elsewhere.
    Holding(&'a str, Option<Narrowed>),
}

/// The last row before a page: its hostname and id.
type From = (String, String);

impl Store {
    /// One page of domains, by hostname; of a search, those that begin with what was typed come first.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn list(&self, scope: &Scope, filter: &Filter) -> Result<Page<Stored>, StoreError> {
        let from: Option<From> = filter.cursor.as_deref().map(page::decode).transpose()?;
        let q = filter.q.as_deref().map(typed).filter(|q| !q.is_empty());
        let wanted = page::rows(filter.limit);
        let mut rows = match &q {
            None => self.part(scope, filter, Part::Whole, from.as_ref(), wanted).await?,
            Some(q) => self.search(scope, filter, q, from.as_ref(), wanted).await?,
        };
        let next_cursor = page::cut(&mut rows, filter.limit, |row| {
            Ok((row.try_get::<String, _>("hostname")?, row.try_get::<String, _>("id")?))
        })?;
        Ok(Page { items: readable(&rows, Stored::read), next_cursor })
    }

    /// Those that begin with `q`, in their order, and then the others. So the most likely ones come first, and a word that
    /// half of all names begin with is found at once, wherever in the order they lie.
    async fn search(
        &self,
        scope: &Scope,
        filter: &Filter,
        q: &str,
        from: Option<&From>,
        wanted: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let beginning = from.is_none_or(|(hostname, _)| hostname.starts_with(q));
        let mut rows =
            if beginning { self.part(scope, filter, Part::Beginning(q), from, wanted).await? } else { Vec::new() };
        let missing = wanted - rows.len() as i64;
        if missing > 0 && is_searched_inside(q) {
            let others = Part::Holding(q, self.narrow(q).await?);
            rows.extend(self.part(scope, filter, others, from.filter(|_| !beginning), missing).await?);
        }
        Ok(rows)
    }

    async fn part(
        &self,
        scope: &Scope,
        filter: &Filter,
        part: Part<'_>,
        from: Option<&From>,
        limit: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (text, values) = statement(scope, filter, part, from);
        // Planned for its own values: how many rows a search or a status finds differs by orders of magnitude.
        let query = sqlx::query(AssertSqlSafe(text)).persistent(false);
        let query = values.into_iter().fold(query, sqlx::query::Query::bind);
        Ok(query.bind(limit).fetch_all(self.database.reader()).await?)
    }
}

/// The statement, and what is bound to it before the number of rows.
pub(super) fn statement(scope: &Scope, filter: &Filter, part: Part<'_>, from: Option<&From>) -> (String, Vec<String>) {
    let mut clauses = Clauses { text: START.to_owned(), values: Vec::new() };
    match &part {
        Part::Holding(_, Some(Narrowed { few, end, value })) => {
            clauses.equal(few, Some(value));
            clauses.text.push_str(end);
            clauses.text.push_str(FEW);
        }
        _ => clauses.text.push_str(ALL),
    }
    clauses.equal(" and customer = $", scope.customer());
    clauses.equal(" and customer = $", filter.customer.as_ref().map(CustomerId::as_str));
    clauses.equal(" and domain_status = $", filter.domain_status.map(DomainStatus::word));
    clauses.equal(" and ssl_status = $", filter.ssl_status.map(SslStatus::word));
    clauses.equal(" and code = $", filter.code.as_deref());
    match part {
        Part::Whole => {}
        Part::Beginning(q) => clauses.beginning(" and hostname >= $", q, ""),
        Part::Holding(q, _) => {
            clauses.equal(" and search like $", Some(&pattern(q)));
            clauses.text.push_str(r" escape '\'");
            clauses.beginning(" and not (hostname >= $", q, ")");
        }
    }
    if let Some((hostname, id)) = from {
        clauses.equal(" and (hostname, id) > ($", Some(hostname));
        clauses.equal(", $", Some(id));
        clauses.text.push(')');
    }
    let Clauses { text, values } = clauses;
    (format!("{text}{ORDER} limit ${}){ORDER}", values.len() + 1), values)
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

    /// The range of hostnames that begin with `q`: nothing in one sorts after Unicode's last character.
    fn beginning(&mut self, clause: &'static str, q: &str, end: &'static str) {
        self.equal(clause, Some(q));
        self.equal(" and hostname < $", Some(&format!("{q}{}", char::MAX)));
        self.text.push_str(end);
    }
}

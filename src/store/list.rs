//! The list of domains, in pages that lead both ways.

use super::error::StoreError;
use super::filter::{Filter, Part, Place, Sort, statement};
use super::page;
use super::row::{Stored, readable};
use super::search::{is_searched_inside, typed};
use super::{Scope, Store};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// A page of domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// In order.
    pub items: Vec<Stored>,
    /// Leads to the page before; none on the first.
    pub prev_cursor: Option<String>,
    /// Leads to the page after; none on the last.
    pub next_cursor: Option<String>,
}

/// A cursor's content: whether it leads back, and from which row.
type Way = (bool, Vec<String>);

/// What is asked of the database for one page.
struct Ask<'a> {
    scope: &'a Scope,
    filter: &'a Filter,
    from: Option<Place>,
    /// Against the sort's own direction.
    backward: bool,
    wanted: i64,
}

impl Store {
    /// One page of domains; of a search, those that begin with what was typed come first.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn list(&self, scope: &Scope, filter: &Filter) -> Result<Listed, StoreError> {
        let q = filter.q.as_deref().map(typed).filter(|q| !q.is_empty());
        let (sort, descending) = if q.is_some() { (Sort::Domain, false) } else { (filter.sort, filter.descending) };
        let way: Option<Way> = filter.cursor.as_deref().map(page::decode).transpose()?;
        let back = way.as_ref().is_some_and(|(back, _)| *back);
        let from = way.map(|(_, key)| sort.place(key)).transpose()?;
        let entered = from.is_some();
        let ask = Ask { scope, filter, from, backward: back != descending, wanted: page::rows(filter.limit) };
        let mut rows = match &q {
            None => self.part(&ask, &Part::Whole, ask.from.as_ref(), ask.wanted).await?,
            Some(q) => self.search(&ask, q).await?,
        };
        let more = page::cut_rows(&mut rows, filter.limit);
        if back {
            rows.reverse();
        }
        // Where a page was entered from, there are rows on that side.
        let (before, after) = if back { (more, entered) } else { (entered, more) };
        let cursor =
            |back: bool, row: Option<&AnyRow>| row.map(|row| page::encode(&(back, key(sort, row)?))).transpose();
        Ok(Listed {
            prev_cursor: if before { cursor(true, rows.first())? } else { None },
            next_cursor: if after { cursor(false, rows.last())? } else { None },
            items: readable(&rows, Stored::read),
        })
    }

    /// Those that begin with `q`, in their order, and then the others. So the most likely ones come first, and a word that
    /// half of all names begin with is found at once, wherever in the order they lie.
    async fn search(&self, ask: &Ask<'_>, q: &str) -> Result<Vec<AnyRow>, StoreError> {
        let begins = |place: &Place| place[0].starts_with(q);
        // Which part the page begins in; going back, the others are behind.
        let in_beginning = ask.from.as_ref().map_or(!ask.backward, begins);
        let mut rows = Vec::new();
        for beginning in if ask.backward { [false, true] } else { [true, false] } {
            let missing = ask.wanted - rows.len() as i64;
            let passed = beginning != in_beginning && beginning != ask.backward;
            if missing <= 0 || passed || !(beginning || is_searched_inside(q)) {
                continue;
            }
            let part = if beginning { Part::Beginning(q) } else { Part::Holding(q, self.narrow(q).await?) };
            let from = ask.from.as_ref().filter(|_| beginning == in_beginning);
            rows.extend(self.part(ask, &part, from, missing).await?);
        }
        Ok(rows)
    }

    async fn part(
        &self,
        ask: &Ask<'_>,
        part: &Part<'_>,
        from: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let (text, values) = statement(ask.scope, ask.filter, part, from, ask.backward);
        // Planned for its own values: how many rows a search or a status finds differs by orders of magnitude.
        let query = sqlx::query(AssertSqlSafe(text)).persistent(false);
        let query = values.into_iter().fold(query, sqlx::query::Query::bind);
        Ok(query.bind(limit).fetch_all(self.database.reader()).await?)
    }
}

/// A row's place in an order.
fn key(sort: Sort, row: &AnyRow) -> Result<Vec<String>, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(match sort {
        Sort::Domain => vec![text("hostname")?, text("id")?],
        Sort::Expiry => vec![row.try_get::<i64, _>("expiry")?.to_string(), text("id")?],
        Sort::Status => vec![text("domain_status")?, text("hostname")?, text("id")?],
        Sort::Since => vec![row.try_get::<i64, _>("since")?.to_string(), text("id")?],
    })
}

//! Which domains a list shows and in which order, as conditions of a statement.

use super::Scope;
use super::error::StoreError;
use super::row::{stored_columns, stored_tables};
use super::search::{Narrowed, pattern};
use crate::domain::cause::Cause;
use crate::domain::certificate::Source;
use crate::domain::id::{AgencyId, CustomerId};
use crate::domain::status::{Attention, DomainStatus, SslStatus};
use crate::domain::time::Millis;

/// The end of validity as the indexes have it: domains without a certificate come last.
macro_rules! expiry {
    () => {
        "coalesce(expires_at, 9007199254740991)"
    };
}

pub(super) use expiry;

// Chosen first, and read whole afterwards: facts are long, and sorting or skipping must not carry them along.
const START: &str = concat!(
    "select ",
    stored_columns!(),
    ", domains.domain_status, domains.since, ",
    expiry!(),
    " as expiry from ",
    stored_tables!(),
    " where id in (select domains.id from "
);
pub(super) const ALL: &str = "domains where removed_at is null";
// In this order: SQLite, which keeps no statistics, would go through every domain of a customer, looking for the few.
const FEW: &str = ") as few cross join domains where domains.id = few.domain and removed_at is null";

/// Which domains to list; what is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the hostname, the name or the Default Agency's name, in any case; of one or two characters, what the hostname
    /// begins with.
    pub q: Option<String>,
    /// Domain Status.
    pub domain_status: Option<DomainStatus>,
    /// SSL Status.
    pub ssl_status: Option<SslStatus>,
    /// Who goes on from here.
    pub attention: Option<Attention>,
    /// The cause's code.
    pub code: Option<String>,
    /// What they wait for; found by an index in the order of [`Sort::Since`].
    pub cause: Option<Cause>,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// Default Agency; found by an index only together with its customer.
    pub agency: Option<AgencyId>,
    /// Also domains that this agency is enabled for; costs a sort, so it is asked only where there are such.
    pub also_enabled: bool,
    /// The certificate's validity ends before this.
    pub expires_before: Option<Millis>,
    /// Where the certificate came from.
    pub source: Option<Source>,
    /// In which order; a search has its own: what begins with it, then the others, each by hostname.
    pub sort: Sort,
    /// The last one first.
    pub descending: bool,
    /// Items on a page, 1 to 200.
    pub limit: u32,
    /// One of a page's cursors, of the same filter and order.
    pub cursor: Option<String>,
}

/// By what a list is in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Hostname.
    #[default]
    Domain,
    /// End of the certificate's validity.
    Expiry,
    /// Domain Status, and hostname within it.
    Status,
    /// Since when the statuses read so: the order of a cause, and of no other list.
    Since,
}

/// The place beside which a page begins: the sort key of a row there.
pub(super) type Place = Vec<String>;

impl Sort {
    /// Every order that can be asked for.
    pub const ALL: [Self; 3] = [Self::Domain, Self::Expiry, Self::Status];

    /// The word in addresses and the REST API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Expiry => "expires",
            Self::Status => "status",
            Self::Since => "since",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.word() == word)
    }

    /// What orders; the last part is the id or follows from it, so that no two rows are alike.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Domain => &["hostname", "id"],
            Self::Expiry => &[expiry!(), "id"],
            Self::Status => &["domain_status", "hostname", "id"],
            Self::Since => &["since", "id"],
        }
    }

    /// A cursor's key, if it can be one of this order's.
    pub(super) fn place(self, key: Vec<String>) -> Result<Place, StoreError> {
        let fits = key.len() == self.columns().len()
            && !key.iter().any(|part| part.contains('\0'))
            && (!is_number(self.columns()[0]) || key[0].parse::<i64>().is_ok());
        if fits { Ok(key) } else { Err(StoreError::BadCursor) }
    }

    fn order(self, backward: bool) -> String {
        let way = if backward { " desc" } else { "" };
        let columns: Vec<String> = self.columns().iter().map(|column| format!("{column}{way}")).collect();
        format!(" order by {}", columns.join(", "))
    }
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

/// The statement, and what is bound to it before the number of rows: those behind a place, or before it, nearest first.
pub(super) fn statement(
    scope: &Scope,
    filter: &Filter,
    part: &Part<'_>,
    from: Option<&Place>,
    backward: bool,
) -> (String, Vec<String>) {
    let mut clauses = Clauses { text: START.to_owned(), values: Vec::new() };
    match part {
        Part::Holding(_, Some(Narrowed { few, end, value })) => {
            clauses.equal(few, Some(value));
            clauses.text.push_str(end);
            clauses.text.push_str(FEW);
        }
        _ => clauses.text.push_str(ALL),
    }
    clauses.narrowed(scope, filter);
    match part {
        Part::Whole => {}
        Part::Beginning(q) => clauses.beginning(" and hostname >= $", q, ""),
        Part::Holding(q, _) => {
            clauses.equal(" and search like $", Some(&pattern(q)));
            clauses.text.push_str(r" escape '\'");
            clauses.beginning(" and not (hostname >= $", q, ")");
        }
    }
    let sort = if matches!(part, Part::Whole) { filter.sort } else { Sort::Domain };
    if let Some(place) = from {
        clauses.beyond(sort, place, backward);
    }
    let (Clauses { text, values }, order) = (clauses, sort.order(backward));
    (format!("{text}{order} limit ${}){order}", values.len() + 1), values)
}

/// Whether a column holds numbers, which cursors carry as text.
fn is_number(column: &str) -> bool {
    column == expiry!() || column == "since"
}

/// Conditions and what is bound to them.
struct Clauses {
    text: String,
    values: Vec<String>,
}

impl Clauses {
    fn narrowed(&mut self, scope: &Scope, filter: &Filter) {
        self.equal(" and customer = $", scope.customer());
        self.equal(" and customer = $", filter.customer.as_ref().map(CustomerId::as_str));
        let agency = filter.agency.as_ref().map(AgencyId::as_str);
        if filter.also_enabled {
            self.equal(" and (agency = $", agency);
            self.equal(" or id in (select domain from domain_agencies where agency = $", agency);
            self.text.push_str("))");
        } else {
            self.equal(" and agency = $", agency);
        }
        self.equal(" and attention = $", filter.attention.map(Attention::word));
        self.equal(" and domain_status = $", filter.domain_status.map(DomainStatus::word));
        self.equal(" and ssl_status = $", filter.ssl_status.map(SslStatus::word));
        self.equal(" and code = $", filter.code.as_deref());
        self.equal(" and cause = $", filter.cause.map(Cause::word).as_deref());
        // Literally, so that the index of uploaded ones is found.
        match filter.source {
            None => {}
            Some(Source::Acme) => self.text.push_str(" and certificate_source = 'acme'"),
            Some(Source::Upload) => self.text.push_str(" and certificate_source = 'upload'"),
        }
        if let Some(Millis(before)) = filter.expires_before {
            self.number(concat!(" and ", expiry!(), " < "), &before.to_string());
        }
    }

    fn equal(&mut self, clause: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.values.push(value.to_owned());
            self.text.push_str(clause);
            self.text.push_str(&self.values.len().to_string());
        }
    }

    /// A number that is bound as text. Its sign takes the cast's type from it (its affinity), with which SQLite would not look
    /// into an index of an expression.
    fn number(&mut self, clause: &str, value: &str) {
        self.equal(&format!("{clause}+cast($"), Some(value));
        self.text.push_str(" as bigint)");
    }

    /// The range of hostnames that begin with `q`: nothing in one sorts after Unicode's last character.
    fn beginning(&mut self, clause: &'static str, q: &str, end: &'static str) {
        self.equal(clause, Some(q));
        self.equal(" and hostname < $", Some(&format!("{q}{}", char::MAX)));
        self.text.push_str(end);
    }

    /// Rows after a place, or before it.
    fn beyond(&mut self, sort: Sort, place: &Place, backward: bool) {
        let columns = sort.columns();
        let sign = if backward { '<' } else { '>' };
        if columns[0] == expiry!() {
            // SQLite looks into an index of an expression for this, and not for several values together: within one moment
            // it goes through the rows.
            self.number(&format!(" and {} {sign}= ", columns[0]), &place[0]);
        }
        self.text.push_str(&format!(" and ({}) {sign} (", columns.join(", ")));
        for (at, (column, value)) in columns.iter().zip(place).enumerate() {
            self.text.push_str(if at == 0 { "" } else { ", " });
            if is_number(column) { self.number("", value) } else { self.equal("$", Some(value)) }
        }
        self.text.push(')');
    }
}

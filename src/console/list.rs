//! Use cases around the domain list: a page of it, for scripts and for the Console.

use super::broken;
use super::browse::sound_limit;
use super::desk::Desk;
use super::views;
use crate::domain::cause::Cause;
use crate::domain::id::{AgencyId, CustomerId};
use crate::domain::role::Act;
use crate::domain::setup::Setup;
use crate::domain::status::{Attention, DomainStatus, SslStatus};
use crate::domain::time::{DAY_MS, Millis};
use crate::store::{Agency, Filter, Listed, Scope, Sort, Stored, TALLIED, Tally};
use crate::wire::domain::{DomainRow, DomainView, Page};
use crate::wire::error::Refusal;
use crate::wire::list::{Count, DomainList, Search, View};
use std::collections::HashMap;

/// Longer searches are cut: no name is that long.
const SEARCH_CHARS: usize = 300;

impl Desk {
    /// A page of domains.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list(&self, search: &Search) -> Result<Page<DomainView>, Refusal> {
        let (page, now) = self.find(search).await?;
        Ok(Page { items: self.views(&page.items, now).await?, next_cursor: page.next_cursor })
    }

    /// A page of domains as rows of the Console's list, with the counts of its quick views and what its filters offer.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list_rows(&self, search: &Search) -> Result<DomainList, Refusal> {
        self.caller.must(Act::See)?;
        let search = self.meant(search).await?;
        let (page, now) = self.find(&search).await?;
        let scope = self.narrowed(&search.customer).await?;
        let tally = self.console.store.tally(&scope, expiring_before(now)).await.map_err(|e| broken(&e))?;
        Ok(DomainList {
            items: self.rows(&page.items, now).await?,
            prev_cursor: page.prev_cursor,
            next_cursor: page.next_cursor,
            counts: counts(tally),
            choices: self.choices(&scope, Cause::from_word(&search.cause)).await?,
            search,
        })
    }

    /// A search without what can't go together: whoever chooses another customer in the form can't choose another agency in
    /// the same breath, and has not meant the old one.
    async fn meant(&self, search: &Search) -> Result<Search, Refusal> {
        let mut meant = search.clone();
        if !search.customer.is_empty() && !search.agency.is_empty() {
            let scope = self.narrowed(&search.customer).await?;
            let found = self.console.store.agency(&scope, &search.agency).await.map_err(|e| broken(&e))?;
            if found.is_none() {
                meant.agency.clear();
            }
        }
        Ok(meant)
    }

    async fn rows(&self, stored: &[Stored], now: Millis) -> Result<Vec<DomainRow>, Refusal> {
        let offices = self.offices().await?;
        Ok(stored.iter().map(|stored| views::row(stored, offices.of(&stored.setup), now)).collect())
    }

    /// The names of those that domains belong to.
    pub(super) async fn offices(&self) -> Result<Offices, Refusal> {
        let agencies = self.console.store.agencies(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        let customers = self.console.store.customers().await.map_err(|e| broken(&e))?;
        Ok(Offices {
            agencies: agencies.into_iter().map(|agency| (agency.id, agency.name)).collect(),
            customers: customers.into_iter().map(|customer| (customer.id, customer.name)).collect(),
        })
    }

    pub(super) async fn find(&self, search: &Search) -> Result<(Listed, Millis), Refusal> {
        self.caller.must(Act::See)?;
        let now = self.console.clock.now();
        let filter = self.filter(search, now).await?;
        let page = self.console.store.list(&self.caller.scope(), &filter).await.map_err(|e| broken(&e))?;
        Ok((page, now))
    }

    /// What the store is asked for.
    async fn filter(&self, search: &Search, now: Millis) -> Result<Filter, Refusal> {
        let mut customer = match search.customer.as_str() {
            "" => None,
            named => Some(self.customer_meant(Some(named)).await?),
        };
        let agency = self.listed_agency(&search.agency, customer.as_ref()).await?;
        if let Some(agency) = &agency {
            customer = Some(agency.customer.clone());
        }
        let view = word("view", &search.view, View::from_word)?.unwrap_or(View::Everything);
        let cause = word("cause", &search.cause, Cause::from_word)?;
        let (sort, descending) = match cause {
            // What waits longest comes first, whatever else was asked: a cause has an index for no other order.
            Some(_) => (Sort::Since, false),
            None => sort(view, &search.sort)?,
        };
        Ok(Filter {
            q: Some(search.q.trim().chars().take(SEARCH_CHARS).collect::<String>()).filter(|q| !q.is_empty()),
            domain_status: word("domain_status", &search.domain_status, DomainStatus::from_word)?,
            ssl_status: word("ssl_status", &search.ssl_status, SslStatus::from_word)?,
            attention: attention(view),
            code: Some(search.code.clone()).filter(|code| !code.is_empty()),
            cause,
            customer,
            also_enabled: self.is_shared(agency.as_ref()).await?,
            agency: agency.map(|agency| agency.id),
            source: None,
            expires_before: (view == View::Expiring).then(|| expiring_before(now)),
            sort,
            descending,
            limit: sound_limit(search.limit)?,
            cursor: Some(search.cursor.clone()).filter(|cursor| !cursor.is_empty()),
        })
    }

    /// Whether an agency uses domains beside its own.
    pub(super) async fn is_shared(&self, agency: Option<&Agency>) -> Result<bool, Refusal> {
        let Some(agency) = agency else { return Ok(false) };
        self.console.store.is_enabled_somewhere(&agency.id).await.map_err(|e| broken(&e))
    }

    /// An agency that the list is narrowed to; another customer's is answered like one that does not exist.
    pub(super) async fn listed_agency(
        &self,
        named: &str,
        customer: Option<&CustomerId>,
    ) -> Result<Option<Agency>, Refusal> {
        if named.is_empty() {
            return Ok(None);
        }
        let scope = customer.map_or_else(|| self.caller.scope(), |customer| Scope::Customer(customer.clone()));
        let found = self.console.store.agency(&scope, named).await.map_err(|e| broken(&e))?;
        let unknown = || Refusal::field("unknown_agency", "agency", format!("There is no agency {named:?}."));
        found.map(Some).ok_or_else(unknown)
    }
}

/// The names of agencies and customers.
pub(super) struct Offices {
    agencies: HashMap<AgencyId, String>,
    customers: HashMap<CustomerId, String>,
}

impl Offices {
    /// The Default Agency's name, or the customer's.
    pub(super) fn of(&self, setup: &Setup) -> &str {
        self.agency(setup).unwrap_or_else(|| self.customer(setup))
    }

    /// The Default Agency's name.
    pub(super) fn agency(&self, setup: &Setup) -> Option<&str> {
        setup.agency.as_ref().and_then(|id| self.agencies.get(id)).map(String::as_str)
    }

    /// The customer's name.
    pub(super) fn customer(&self, setup: &Setup) -> &str {
        self.customers.get(&setup.customer).map_or("", String::as_str)
    }
}

const fn attention(view: View) -> Option<Attention> {
    match view {
        View::Everything | View::Expiring => None,
        View::NeedsYou => Some(Attention::NeedsYou),
        View::Waiting => Some(Attention::Waiting),
        View::Active => Some(Attention::Active),
    }
}

/// An order's word, with a minus sign for the last one first; what expires is always in the order of expiry.
fn sort(view: View, typed: &str) -> Result<(Sort, bool), Refusal> {
    let (descending, plain) = typed.strip_prefix('-').map_or((false, typed), |plain| (true, plain));
    let sort = word("sort", plain, Sort::from_word)?;
    Ok(match (view, sort) {
        (View::Expiring, Some(Sort::Expiry)) => (Sort::Expiry, descending),
        (View::Expiring, _) => (Sort::Expiry, false),
        (_, sort) => (sort.unwrap_or_default(), descending),
    })
}

pub(super) const fn expiring_before(now: Millis) -> Millis {
    Millis(now.0 + View::EXPIRING_DAYS * DAY_MS)
}

/// A count as the store made it: one above [`TALLIED`] says that there are more.
pub(super) fn count(counted: i64) -> Count {
    Count { counted: u32::try_from(counted.min(TALLIED)).unwrap_or_default(), more: counted > TALLIED }
}

fn counts(tally: Tally) -> Vec<Count> {
    let of = |view| match view {
        View::Everything => tally.everything,
        View::NeedsYou => tally.needs_you,
        View::Waiting => tally.waiting,
        View::Active => tally.active,
        View::Expiring => tally.expiring,
    };
    View::ALL.into_iter().map(|view| count(of(view))).collect()
}

pub(super) fn word<T>(field: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    match text {
        "" => Ok(None),
        text => {
            let unknown = || Refusal::field("bad_value", field, format!("{text:?} is not a value of {field}."));
            read(text).map(Some).ok_or_else(unknown)
        }
    }
}

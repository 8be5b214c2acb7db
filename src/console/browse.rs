//! Use cases that only look: lists, one domain, its timeline and its certificates.

use super::broken;
use super::desk::Desk;
use super::views;
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, DomainId};
use crate::domain::role::Act;
use crate::domain::status::{DomainStatus, SslStatus};
use crate::domain::time::{Millis, SECOND_MS};
use crate::store::{Filter, Stored, TimelineEntry};
use crate::wire::domain::{CertificateView, DomainRow, DomainView, EventView, Page};
use crate::wire::error::{Kind, Refusal};
use std::collections::HashMap;

/// Rows of a list when nobody says how many, and at most.
pub const ROWS: u32 = 50;
/// See [`ROWS`].
pub const ROWS_MAX: u32 = 200;
/// A page without script asks again every ten seconds; its interest lasts a little longer.
const PAGE_MS: i64 = 20 * SECOND_MS;
/// Longer searches are cut: no name is that long.
const SEARCH_CHARS: usize = 300;

/// What a list is narrowed to, as somebody typed it; empty text means "any".
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Search {
    /// Part of a name or label.
    pub q: String,
    /// Domain Status.
    pub domain_status: String,
    /// SSL Status.
    pub ssl_status: String,
    /// The cause's code.
    pub code: String,
    /// Customer, by id or name.
    pub customer: String,
    /// Rows.
    pub limit: Option<u32>,
    /// Where to start.
    pub cursor: String,
}

impl Desk {
    /// A page of domains.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list(&self, search: &Search) -> Result<Page<DomainView>, Refusal> {
        let (page, now) = self.find(search).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for stored in &page.items {
            items.push(self.view(stored, now).await?);
        }
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// A page of domains as rows of the Console's list.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list_rows(
        &self,
        q: &str,
        domain_status: &str,
        ssl_status: &str,
        cursor: &str,
    ) -> Result<Page<DomainRow>, Refusal> {
        let search = Search {
            q: q.into(),
            domain_status: domain_status.into(),
            ssl_status: ssl_status.into(),
            cursor: cursor.into(),
            ..Search::default()
        };
        let (page, now) = self.find(&search).await?;
        let agencies = self.console.store.agencies(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        let customers = self.console.store.customers().await.map_err(|e| broken(&e))?;
        let agencies: HashMap<_, _> = agencies.iter().map(|agency| (&agency.id, agency.name.as_str())).collect();
        let customers: HashMap<_, _> =
            customers.iter().map(|customer| (&customer.id, customer.name.as_str())).collect();
        let row = |stored: &Stored| {
            let office = stored.setup.agency.as_ref().and_then(|id| agencies.get(id));
            let office = office.or_else(|| customers.get(&stored.setup.customer)).copied().unwrap_or_default();
            views::row(stored, office, now)
        };
        Ok(Page { items: page.items.iter().map(row).collect(), next_cursor: page.next_cursor })
    }

    async fn find(&self, search: &Search) -> Result<(crate::store::Page<Stored>, Millis), Refusal> {
        self.caller.must(Act::See)?;
        let customer = match search.customer.as_str() {
            "" => None,
            named => Some(self.customer_meant(Some(named)).await?),
        };
        let limit = sound_limit(search.limit)?;
        let filter = Filter {
            q: Some(search.q.trim().chars().take(SEARCH_CHARS).collect::<String>()).filter(|q| !q.is_empty()),
            domain_status: word("domain_status", &search.domain_status, DomainStatus::from_word)?,
            ssl_status: word("ssl_status", &search.ssl_status, SslStatus::from_word)?,
            code: Some(search.code.clone()).filter(|code| !code.is_empty()),
            customer,
            limit,
            cursor: Some(search.cursor.clone()).filter(|cursor| !cursor.is_empty()),
        };
        let page = self.console.store.list(&self.caller.scope(), &filter).await.map_err(|e| broken(&e))?;
        Ok((page, self.console.clock.now()))
    }

    /// One domain.
    ///
    /// # Errors
    /// `not_found`, also for another customer's.
    pub async fn domain(&self, id: &str) -> Result<DomainView, Refusal> {
        let stored = self.stored(id).await?;
        self.view(&stored, self.console.clock.now()).await
    }

    /// One domain for its page, which looks often at what it waits for as long as it is open: without script it asks
    /// again and again, and is not heard of otherwise.
    ///
    /// # Errors
    /// `not_found`, also for another customer's.
    pub async fn page(&self, id: &str) -> Result<DomainView, Refusal> {
        let view = self.domain(id).await?;
        if !view.ready {
            self.watch(id, PAGE_MS).await?;
        }
        Ok(view)
    }

    pub(super) async fn stored(&self, id: &str) -> Result<Stored, Refusal> {
        self.caller.must(Act::See)?;
        let found = self.console.store.domain(&self.caller.scope(), &DomainId::new(id)).await;
        found.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)
    }

    pub(super) async fn view(&self, stored: &Stored, now: Millis) -> Result<DomainView, Refusal> {
        let certificates = self.console.store.certificates(&self.caller.scope(), &stored.setup.id).await;
        Ok(views::domain(stored, &certificates.map_err(|e| broken(&e))?, &self.console.house.place, now))
    }

    /// A domain by its name, if this person may see one of that name.
    ///
    /// # Errors
    /// `ambiguous` when several customers have added it.
    pub async fn by_name(&self, name: &str) -> Result<Option<DomainView>, Refusal> {
        self.caller.must(Act::See)?;
        let Ok(hostname) = Hostname::parse_form(name) else { return Ok(None) };
        let found = self.console.store.domain_by_hostname(&self.caller.scope(), &hostname).await;
        match found.map_err(|e| broken(&e))?.as_slice() {
            [] => Ok(None),
            [stored] => Ok(Some(self.view(stored, self.console.clock.now()).await?)),
            several => {
                let ids: Vec<&str> = several.iter().map(|stored| stored.setup.id.as_str()).collect();
                let words = format!("Several customers have added {hostname}. Name one by its id: {}.", ids.join(", "));
                Err(Refusal::new(Kind::Conflict, "ambiguous", words))
            }
        }
    }

    /// A page of the timeline, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn timeline(&self, id: &str, cursor: &str, limit: Option<u32>) -> Result<Page<EventView>, Refusal> {
        self.stored(id).await?;
        let limit = sound_limit(limit)?;
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
        let page = self.console.store.timeline(&self.caller.scope(), &DomainId::new(id), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        let view = |entry: TimelineEntry| EventView {
            id: entry.id,
            at: entry.at.into(),
            kind: entry.kind,
            actor: entry.actor,
            summary: entry.summary,
        };
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// One certificate.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn certificate(&self, id: &str) -> Result<CertificateView, Refusal> {
        self.caller.must(Act::See)?;
        let scope = self.caller.scope();
        let found = self.console.store.certificate(&scope, &CertificateId::new(id)).await.map_err(|e| broken(&e))?;
        let found = found.ok_or_else(Refusal::not_found)?;
        let stored = self.stored(found.domain.as_str()).await?;
        Ok(views::certificate(&found, &stored, self.console.clock.now()))
    }

    /// One certificate's chain as PEM.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn chain(&self, id: &str) -> Result<String, Refusal> {
        let certificate = self.certificate(id).await?;
        let chain = self.console.store.chain(&CertificateId::new(certificate.id)).await.map_err(|e| broken(&e))?;
        chain.ok_or_else(Refusal::not_found)
    }

    /// Notes that a page shows this domain, so that it is looked at more often for `ms`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn watch(&self, id: &str, ms: i64) -> Result<(), Refusal> {
        self.caller.must(Act::See)?;
        let now = self.console.clock.now();
        let watched = self.console.store.watch(&self.caller.scope(), &DomainId::new(id), now, now.plus(ms)).await;
        if watched.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }
}

/// Rows of a page, as many as were asked for.
pub(super) fn sound_limit(limit: Option<u32>) -> Result<u32, Refusal> {
    let limit = limit.unwrap_or(ROWS);
    if (1..=ROWS_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::field("bad_limit", "limit", format!("A page has 1 to {ROWS_MAX} rows.")))
}

fn word<T>(field: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    match text {
        "" => Ok(None),
        text => {
            let unknown = || Refusal::field("bad_value", field, format!("{text:?} is not a value of {field}."));
            read(text).map(Some).ok_or_else(unknown)
        }
    }
}

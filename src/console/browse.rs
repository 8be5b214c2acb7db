//! Use cases that only look at one domain and its timeline.

use super::broken;
use super::desk::Desk;
use super::views;
use crate::domain::hostname::Hostname;
use crate::domain::id::DomainId;
use crate::domain::role::Act;
use crate::domain::time::{Millis, SECOND_MS};
use crate::store::{Scope, Stored, TimelineEntry};
use crate::wire::domain::{DomainView, EventView, Page};
use crate::wire::error::{Kind, Refusal};

/// Rows of a list when nobody says how many, and at most.
pub const ROWS: u32 = 50;
/// See [`ROWS`].
pub const ROWS_MAX: u32 = 200;
/// A page without script asks again every ten seconds; its interest lasts a little longer.
const PAGE_MS: i64 = 20 * SECOND_MS;

impl Desk {
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
        let (store, scope) = (&self.console.store, self.caller.scope());
        let mut certificates = store.certificates(&scope, &stored.setup.id).await.map_err(|e| broken(&e))?;
        // One that was uploaded for several domains is listed where it was uploaded; here it is served.
        if let Some(uploaded) = &stored.facts.uploaded
            && certificates.iter().all(|one| one.certificate.id != uploaded.id)
        {
            let found = store.certificate(&Scope::All, &uploaded.id).await.map_err(|e| broken(&e))?;
            certificates.splice(0..0, found);
        }
        let sharing = store.sharing(&stored.setup.id).await.map_err(|e| broken(&e))?;
        Ok(views::domain(stored, &certificates, sharing, &self.console.house.place, now))
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

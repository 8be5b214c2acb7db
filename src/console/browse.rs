//! Use cases that only look at one domain and its timeline.

use super::broken;
use super::desk::Desk;
use super::views;
use crate::domain::changes::DnsChange;
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, DomainId};
use crate::domain::role::Act;
use crate::domain::time::{Millis, SECOND_MS};
use crate::store::{Stored, TimelineEntry};
use crate::wire::domain::{DomainView, EventView, Page};
use crate::wire::error::{Kind, Refusal};
use serde::Deserialize as _;

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
        self.views(std::slice::from_ref(stored), now).await?.pop().ok_or_else(Refusal::broken)
    }

    /// Domains that the caller may see, with everything that their pages show: what stands beside their rows is read for all
    /// of them at once.
    pub(super) async fn views(&self, all: &[Stored], now: Millis) -> Result<Vec<DomainView>, Refusal> {
        let store = &self.console.store;
        let ids: Vec<&DomainId> = all.iter().map(|stored| &stored.setup.id).collect();
        let mut certificates = store.certificates_of(&ids).await.map_err(|e| broken(&e))?;
        let mut sharings = store.sharings(&ids).await.map_err(|e| broken(&e))?;
        // One that was uploaded for several domains is listed where it was uploaded; here it is served.
        let has = |domain: &DomainId, id: &CertificateId| {
            certificates.get(domain).is_some_and(|own| own.iter().any(|one| one.certificate.id == *id))
        };
        let uploaded = all.iter().filter_map(|stored| Some((&stored.setup.id, &stored.facts.uploaded.as_ref()?.id)));
        let elsewhere: Vec<&CertificateId> =
            uploaded.filter(|&(domain, id)| !has(domain, id)).map(|(_, id)| id).collect();
        let shared = store.certificates_named(&elsewhere).await.map_err(|e| broken(&e))?;
        let view = |stored: &Stored| {
            let id = &stored.setup.id;
            let mut own = certificates.remove(id).unwrap_or_default();
            if let Some(uploaded) = &stored.facts.uploaded
                && own.iter().all(|one| one.certificate.id != uploaded.id)
            {
                own.splice(0..0, shared.get(&uploaded.id).cloned());
            }
            let sharing = sharings.remove(id).unwrap_or_default();
            views::domain(stored, &own, sharing, &self.console.house.place, now)
        };
        Ok(all.iter().map(view).collect())
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
            changes: changes(&entry.detail),
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

/// What changed in DNS, by an entry's particulars; an earlier release wrote them in another shape, or none.
fn changes(detail: &serde_json::Value) -> Vec<DnsChange> {
    detail.get("changes").and_then(|told| Vec::deserialize(told).ok()).unwrap_or_default()
}

/// Rows of a page, as many as were asked for.
pub(super) fn sound_limit(limit: Option<u32>) -> Result<u32, Refusal> {
    let limit = limit.unwrap_or(ROWS);
    if (1..=ROWS_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::field("bad_limit", "limit", format!("A page has 1 to {ROWS_MAX} rows.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_earlier_release_wrote_holds_no_difference() {
        let change = json!({ "host": "x.test", "type": "CNAME", "before": null, "now": ["y.test"] });
        let [read] = changes(&json!({ "changes": [change] })).try_into().expect("one change");
        assert_eq!((read.host.as_str(), read.before, read.now), ("x.test", None, vec!["y.test".to_owned()]));
        let earlier = json!([{ "record": "routing", "state": "detected", "found": ["y.test"] }]);
        for detail in [earlier, json!(null), json!({ "changes": "x" }), json!({ "mails": 2 })] {
            assert_eq!(changes(&detail), [], "{detail}");
        }
    }
}

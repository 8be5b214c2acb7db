//! An uploaded certificate for more than one domain, brought to each that it covers: by whose a domain is, or by an agency that
//! uses it.
//!
//! Whoever says yes to it does this at once, and writes down when all have it. A process that ends before that leaves the
//! rest to the next round, on any node.

use crate::domain::certificate::{Certificate, Reach};
use crate::domain::id::{AgencyId, DomainId};
use crate::domain::time::Millis;
use crate::store::{Entry, Filter, Scope, Sharing, Store, StoreError, Stored, StoredUpload};
use std::collections::HashMap;

/// Pages of domains that one upload is served for.
const PAGES: usize = 50;
const PAGE_ROWS: u32 = 200;

/// Shares the uploads that were served a while ago and that not every domain has.
pub(super) async fn pass(store: &Store, now: Millis) -> Result<(), StoreError> {
    for upload in store.unshared_uploads(now).await? {
        let Some(id) = &upload.certificate else { continue };
        if let Some(found) = store.certificate(&Scope::All, id).await? {
            share(store, &upload, &found.certificate, now).await?;
        }
    }
    Ok(())
}

/// Serves an upload for every other domain that it covers.
///
/// # Errors
/// When the database fails: the next round goes on.
pub async fn share(
    store: &Store,
    upload: &StoredUpload,
    certificate: &Certificate,
    now: Millis,
) -> Result<(), StoreError> {
    if upload.reach != Reach::Domain {
        for other in covered(store, upload, certificate).await? {
            if other.facts.uploaded.as_ref().is_none_or(|served| served.id != certificate.id) {
                store.share_upload(&other.setup.id, certificate, &told(upload), now).await?;
            }
        }
    }
    store.note_shared(&upload.id, now).await
}

/// Every other domain that serves an upload, also one whose agency has changed since.
///
/// # Errors
/// When the database fails.
pub async fn serving(
    store: &Store,
    upload: &StoredUpload,
    certificate: &Certificate,
) -> Result<Vec<Stored>, StoreError> {
    let mut found = named(store, upload, certificate).await?;
    found.retain(|one| one.facts.uploaded.as_ref().is_some_and(|served| served.id == certificate.id));
    Ok(found)
}

/// Whether an upload is for a domain: by whose it is or who uses it, and by its name.
///
/// # Errors
/// When the database fails.
pub async fn covers(
    store: &Store,
    upload: &StoredUpload,
    certificate: &Certificate,
    stored: &Stored,
) -> Result<bool, StoreError> {
    let is_named = certificate.covers(&stored.setup.hostname);
    Ok(is_named && !meant(store, upload, std::slice::from_ref(stored)).await?.is_empty())
}

/// Every other domain that an upload is for.
async fn covered(store: &Store, upload: &StoredUpload, certificate: &Certificate) -> Result<Vec<Stored>, StoreError> {
    let mut found = Vec::new();
    for some in named(store, upload, certificate).await?.chunks(PAGE_ROWS as usize) {
        found.extend(meant(store, upload, some).await?);
    }
    Ok(found)
}

/// Those of these domains that an upload is for by whose they are, or by an agency that uses them.
async fn meant(store: &Store, upload: &StoredUpload, domains: &[Stored]) -> Result<Vec<Stored>, StoreError> {
    let ids: Vec<&DomainId> = domains.iter().map(|one| &one.setup.id).collect();
    let shared = if upload.reach == Reach::Agency { store.sharings(&ids).await? } else { HashMap::new() };
    let is_meant = |one: &&Stored| match upload.reach {
        Reach::Domain => one.setup.id == upload.domain,
        Reach::Agency => upload.agency.as_ref().is_some_and(|agency| uses(agency, one, &shared)),
        Reach::Customer => one.setup.customer == upload.customer,
        Reach::Everyone => true,
    };
    Ok(domains.iter().filter(is_meant).cloned().collect())
}

/// Whether an agency uses a domain: as its Default Agency, or as one of its Enabled Agencies.
fn uses(agency: &AgencyId, stored: &Stored, shared: &HashMap<DomainId, Sharing>) -> bool {
    let is_enabled = || shared.get(&stored.setup.id).is_some_and(|sharing| sharing.agencies.contains(agency));
    stored.setup.agency.as_ref() == Some(agency) || is_enabled()
}

/// Every other domain whose name a certificate covers, whosever it is.
async fn named(store: &Store, upload: &StoredUpload, certificate: &Certificate) -> Result<Vec<Stored>, StoreError> {
    let mut found: Vec<Stored> = Vec::new();
    for name in &certificate.names {
        let mut filter =
            Filter { q: Some(name.trim_start_matches("*.").to_owned()), limit: PAGE_ROWS, ..Filter::default() };
        for _ in 0..PAGES {
            let page = store.list(&Scope::All, &filter).await?;
            let others = page.items.into_iter().filter(|one| one.setup.id != upload.domain);
            found.extend(others.filter(|one| certificate.covers(&one.setup.hostname)));
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                break;
            }
        }
    }
    found.sort_by(|a, b| a.setup.id.cmp(&b.setup.id));
    found.dedup_by(|a, b| a.setup.id == b.setup.id);
    Ok(found)
}

/// What the timeline of a domain says to which somebody else's act came. It names no other domain.
#[must_use]
pub fn told(upload: &StoredUpload) -> Entry {
    let summary = format!("Served with the uploaded certificate {}", upload.name);
    Entry { kind: "certificate.shared".into(), actor: "padlock".into(), summary, detail: serde_json::Value::Null }
}

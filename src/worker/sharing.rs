//! An uploaded certificate for more than one domain, brought to each that it covers.
//!
//! Whoever says yes to it does this at once, and writes down when all have it. A process that ends before that leaves the
//! rest to the next round, on any node.

use crate::domain::certificate::{Certificate, Reach};
use crate::domain::time::Millis;
use crate::store::{Entry, Filter, Scope, Store, StoreError, Stored, StoredUpload};

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

/// Every other domain that an upload is for.
///
/// # Errors
/// When the database fails.
pub async fn covered(
    store: &Store,
    upload: &StoredUpload,
    certificate: &Certificate,
) -> Result<Vec<Stored>, StoreError> {
    let mut found: Vec<Stored> = Vec::new();
    for name in &certificate.names {
        let mut filter =
            Filter { q: Some(name.trim_start_matches("*.").to_owned()), limit: PAGE_ROWS, ..Filter::default() };
        for _ in 0..PAGES {
            let page = store.list(&Scope::All, &filter).await?;
            let others = page.items.into_iter().filter(|one| one.setup.id != upload.domain);
            found.extend(others.filter(|one| covers(upload, certificate, one)));
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

/// Whether an upload is for a domain: by whose it is, and by its name.
#[must_use]
pub fn covers(upload: &StoredUpload, certificate: &Certificate, stored: &Stored) -> bool {
    let is_meant = match upload.reach {
        Reach::Domain => stored.setup.id == upload.domain,
        Reach::Agency => upload.agency.is_some() && stored.setup.agency == upload.agency,
        Reach::Customer => stored.setup.customer == upload.customer,
        Reach::Everyone => true,
    };
    is_meant && certificate.covers(&stored.setup.hostname)
}

/// What the timeline of a domain says to which somebody else's act came. It names no other domain.
#[must_use]
pub fn told(upload: &StoredUpload) -> Entry {
    let summary = format!("Served with the uploaded certificate {}", upload.name);
    Entry { kind: "certificate.shared".into(), actor: "padlock".into(), summary, detail: serde_json::Value::Null }
}

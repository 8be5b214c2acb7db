//! Links for people without an account: the hash of a secret that is part of an address and kept nowhere.

use super::domains::changed;
use super::fresh::new_id;
use super::outbox::What;
use super::page::{self, Page};
use super::row::readable;
use super::timeline::Entry;
use super::{Scope, Store, StoreError, Stored};
use crate::domain::id::{DomainId, LinkId};
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Links of one domain that work at the same time, at most: one for each office that has to do with its DNS.
pub const LINKS_MAX: usize = 20;

const ADD: &str = "insert into links (id, domain, secret_sha256, created_by, created_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6)";
pub(super) const LIVE: &str = "select links.id, links.domain, created_by, links.created_at, links.expires_at from links \
    join domains on domains.id = links.domain where links.domain = $1 and ($2 is null or domains.customer = $2) \
    and removed_at is null and revoked_at is null and links.expires_at > $3 and (links.created_at, links.id) < ($4, $5) \
    order by links.created_at desc, links.id desc limit $6";
pub(super) const BY_SECRET: &str = "select links.id, links.domain, created_by, links.created_at, links.expires_at \
    from links join domains on domains.id = links.domain where secret_sha256 = $1 and removed_at is null \
    and revoked_at is null and links.expires_at > $2";
const ONE: &str = "select links.id, links.domain, created_by, links.created_at, links.expires_at from links \
    join domains on domains.id = links.domain where links.id = $1 and ($2 is null or domains.customer = $2) \
    and removed_at is null and revoked_at is null";
const REVOKE: &str = "update links set revoked_at = $2 where id = $1 and revoked_at is null";

/// A link as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// Its row.
    pub id: LinkId,
    /// What it shows.
    pub domain: DomainId,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it works.
    pub expires_at: Millis,
}

impl Store {
    /// Adds a link to a domain, and says so in its timeline. None when it has [`LINKS_MAX`] that work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_link(
        &self,
        stored: &Stored,
        secret_sha256: [u8; 32],
        expires_at: Millis,
        entry: &Entry,
        now: Millis,
    ) -> Result<Option<StoredLink>, StoreError> {
        let domain = &stored.setup.id;
        let mut tx = self.database.begin().await?;
        let live = sqlx::query(LIVE)
            .bind(domain.as_str())
            .bind(None::<String>)
            .bind(now.0)
            .bind(i64::MAX)
            .bind("")
            .bind(LINKS_MAX as i64)
            .fetch_all(&mut *tx)
            .await?;
        if live.len() >= LINKS_MAX {
            return Ok(None);
        }
        let id = LinkId::new(new_id(now));
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(domain.as_str())
            .bind(secret_sha256.to_vec())
            .bind(entry.actor.as_str())
            .bind(now.0)
            .bind(expires_at.0)
            .execute(&mut *tx)
            .await?;
        self.tell(&mut tx, &changed(&stored.setup, stored.revision, What::Setup), entry, now).await?;
        tx.commit().await?;
        let created_by = entry.actor.clone();
        Ok(Some(StoredLink { id, domain: domain.clone(), created_by, created_at: now, expires_at }))
    }

    /// The links of a domain that work, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links(&self, scope: &Scope, domain: &DomainId, now: Millis) -> Result<Vec<StoredLink>, StoreError> {
        let newest = (i64::MAX, String::new());
        Ok(readable(&self.link_rows(scope, domain, now, newest, LINKS_MAX as i64).await?, read))
    }

    /// A page of them.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn paged_links(
        &self,
        scope: &Scope,
        domain: &DomainId,
        now: Millis,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<StoredLink>, StoreError> {
        let before = cursor.map_or_else(|| Ok((i64::MAX, String::new())), page::decode)?;
        let mut rows = self.link_rows(scope, domain, now, before, page::rows(limit)).await?;
        let next_cursor = page::cut(&mut rows, limit, |row| {
            Ok((row.try_get::<i64, _>("created_at")?, row.try_get::<String, _>("id")?))
        })?;
        Ok(Page { items: readable(&rows, read), next_cursor })
    }

    async fn link_rows(
        &self,
        scope: &Scope,
        domain: &DomainId,
        now: Millis,
        (at, id): (i64, String),
        limit: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query(LIVE)
            .bind(domain.as_str())
            .bind(scope.customer().map(str::to_owned))
            .bind(now.0)
            .bind(at)
            .bind(id)
            .bind(limit);
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    /// The link with this secret, if it works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_by_secret(&self, secret_sha256: [u8; 32], now: Millis) -> Result<Option<StoredLink>, StoreError> {
        let row = sqlx::query(BY_SECRET)
            .bind(secret_sha256.to_vec())
            .bind(now.0)
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// A link that was not revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(&self, scope: &Scope, id: &LinkId) -> Result<Option<StoredLink>, StoreError> {
        let row = sqlx::query(ONE)
            .bind(id.as_str())
            .bind(scope.customer().map(str::to_owned))
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Ends a link for good, and says so in the domain's timeline. False when it had ended already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_link(
        &self,
        stored: &Stored,
        id: &LinkId,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let done = sqlx::query(REVOKE).bind(id.as_str()).bind(now.0).execute(&mut *tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.tell(&mut tx, &changed(&stored.setup, stored.revision, What::Setup), entry, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn read(row: &AnyRow) -> Result<StoredLink, StoreError> {
    Ok(StoredLink {
        id: LinkId::new(row.try_get::<String, _>("id")?),
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        created_by: row.try_get("created_by")?,
        created_at: Millis(row.try_get("created_at")?),
        expires_at: Millis(row.try_get("expires_at")?),
    })
}

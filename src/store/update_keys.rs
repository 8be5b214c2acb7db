//! Keys with which a customer lets us change a zone of theirs, sealed, and the records that we put there.

use super::domains::changed;
use super::error::StoreError;
use super::fresh::new_id;
use super::outbox::What;
use super::row::readable;
use super::timeline::Entry;
use super::{Store, Stored};
use crate::domain::id::{CustomerId, DomainId};
use crate::domain::publishing::Put;
use crate::domain::record::RecordType;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

const ADD: &str = "insert into update_keys (id, customer, zone, server, name, algorithm, sealed, created_by, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(super) const OF_ZONE: &str = "select id, customer, zone, server, name, algorithm, sealed, created_by, created_at from update_keys \
    where customer = $1 and zone = $2";
const FORGET: &str = "delete from update_keys where customer = $1 and zone = $2";
const PUT: &str = "insert into published (domain, host, type, value, at) values ($1, $2, $3, $4, $5) \
    on conflict (domain, host, type) do update set value = excluded.value, at = excluded.at";
pub(super) const OURS: &str = "select host, type, value, at from published where domain = $1";

/// A key that may change one zone, as it is stored.
pub struct StoredUpdateKey {
    /// Where the zone is changed, as ip:port.
    pub server: String,
    /// The key's name.
    pub name: String,
    /// How it signs.
    pub algorithm: String,
    /// The secret itself; wiped when dropped.
    pub secret: Zeroizing<Vec<u8>>,
    /// Who stored it, as the timeline names them.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
}

impl std::fmt::Debug for StoredUpdateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUpdateKey").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Store {
    /// Keeps a key for the zone that a domain lies in, in place of the one before it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_update_key(
        &self,
        stored: &Stored,
        zone: &str,
        key: &StoredUpdateKey,
        entry: &Entry,
        now: Millis,
    ) -> Result<(), StoreError> {
        let (id, customer) = (new_id(now), stored.setup.customer.as_str());
        let sealed = self.keys.seal(&["update key", customer, zone, &id], &key.secret)?;
        let mut tx = self.database.begin().await?;
        sqlx::query(FORGET).bind(customer).bind(zone).execute(&mut *tx).await?;
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(customer)
            .bind(zone)
            .bind(key.server.as_str())
            .bind(key.name.as_str())
            .bind(key.algorithm.as_str())
            .bind(sealed)
            .bind(key.created_by.as_str())
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        self.tell(&mut tx, &changed(&stored.setup, stored.revision, What::Setup), entry, now).await?;
        Ok(tx.commit().await?)
    }

    /// The key for a customer's zone.
    ///
    /// # Errors
    /// When the database fails, or the key does not open.
    pub async fn update_key(&self, customer: &CustomerId, zone: &str) -> Result<Option<StoredUpdateKey>, StoreError> {
        let row =
            sqlx::query(OF_ZONE).bind(customer.as_str()).bind(zone).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(|row| self.read_update_key(row)).transpose()
    }

    /// Forgets the key for the zone that a domain lies in. False when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_update_key(
        &self,
        stored: &Stored,
        zone: &str,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let gone = sqlx::query(FORGET).bind(stored.setup.customer.as_str()).bind(zone).execute(&mut *tx).await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        self.tell(&mut tx, &changed(&stored.setup, stored.revision, What::Setup), entry, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn read_update_key(&self, row: &AnyRow) -> Result<StoredUpdateKey, StoreError> {
        let text = |column| row.try_get::<String, _>(column);
        let (id, customer, zone) = (text("id")?, text("customer")?, text("zone")?);
        let sealed: Vec<u8> = row.try_get("sealed")?;
        Ok(StoredUpdateKey {
            server: text("server")?,
            name: text("name")?,
            algorithm: text("algorithm")?,
            secret: self.keys.open(&["update key", &customer, &zone, &id], &sealed)?,
            created_by: text("created_by")?,
            created_at: Millis(row.try_get("created_at")?),
        })
    }

    /// Writes down which records we put, and says so in the timeline.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_published(
        &self,
        stored: &Stored,
        put: &[Put],
        entry: &Entry,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        for Put { host, rtype, value } in put {
            sqlx::query(PUT)
                .bind(stored.setup.id.as_str())
                .bind(host.as_str())
                .bind(rtype.mnemonic())
                .bind(value.as_str())
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        self.tell(&mut tx, &changed(&stored.setup, stored.revision, What::Setup), entry, now).await?;
        Ok(tx.commit().await?)
    }

    /// The records that we put for a domain, and when each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published(&self, domain: &DomainId) -> Result<Vec<(Put, Millis)>, StoreError> {
        let rows = sqlx::query(OURS).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, |row| read_put(domain, row)))
    }
}

fn read_put(domain: &DomainId, row: &AnyRow) -> Result<(Put, Millis), StoreError> {
    let word: String = row.try_get("type")?;
    let rtype = [RecordType::Txt, RecordType::Cname].into_iter().find(|rtype| rtype.mnemonic() == word);
    let bad = || StoreError::BadRow { table: "published", id: domain.to_string(), why: format!("type {word:?}") };
    let put = Put { host: row.try_get("host")?, rtype: rtype.ok_or_else(bad)?, value: row.try_get("value")? };
    Ok((put, Millis(row.try_get("at")?)))
}

//! Uploads of certificates: waiting for a yes with the key sealed, then served, then ended.

use super::change::Extra;
use super::error::StoreError;
use super::fresh::new_id;
use super::row::readable;
use super::timeline::Entry;
use super::transaction::Tx;
use super::{Scope, Store, Stored};
use crate::domain::certificate::{Certificate, Reach};
use crate::domain::event::Event;
use crate::domain::id::{AgencyId, CertificateId, CustomerId, DomainId, UploadId};
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

/// An upload waits this long for a yes.
pub(super) const WAITS_MS: i64 = HOUR_MS;
/// How long one process may take to share an upload before others help.
const SHARING_MS: i64 = 2 * MINUTE_MS;
/// Wide uploads that are looked at when a domain is added: an installation has a handful.
const WIDE: i64 = 200;

macro_rules! uploads {
    ($condition:literal) => {
        concat!(
            "select uploads.id, uploads.domain, domains.customer, uploads.name, scope, uploads.agency, chain_pem, warnings, \
             made_by, uploads.created_at, uploads.certificate from uploads join domains on domains.id = uploads.domain where ",
            $condition
        )
    };
}

const ADD: &str = "insert into uploads (id, domain, name, scope, agency, chain_pem, sealed, warnings, made_by, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// One waits for each domain: the newest.
const REPLACE: &str = "delete from uploads where domain = $1 and certificate is null";
const DISCARD: &str = "delete from uploads where id = $1 and certificate is null";
pub(super) const WAITS: &str = uploads!(
    "uploads.domain = $1 and ($2 is null or domains.customer = $2) and domains.removed_at is null \
     and uploads.certificate is null and uploads.created_at > $3"
);
pub(super) const SERVED: &str = uploads!("uploads.certificate = $1 and ended_at is null");
pub(super) const WIDE_ONES: &str = uploads!(
    "uploads.certificate is not null and ended_at is null and scope <> 'domain' order by uploads.created_at desc limit $1"
);
/// What was served a moment ago is being shared by who served it.
pub(super) const UNSHARED: &str = uploads!(
    "uploads.certificate is not null and ended_at is null and shared_at is null and uploads.created_at < $1 \
     and scope <> 'domain' order by uploads.created_at limit $2"
);
const SHARED: &str = "update uploads set shared_at = $2 where id = $1 and shared_at is null";
const KEY: &str = "select sealed from uploads where id = $1";
const SERVE: &str = "update uploads set certificate = $2, sealed = null where id = $1 and certificate is null";
const END: &str = "update uploads set ended_at = $2 where certificate = $1 and ended_at is null";
pub(super) const WAITING: &str =
    "delete from uploads where id in (select id from uploads where certificate is null and created_at < $1 limit $2)";

/// A checked upload that will wait for a yes.
pub struct NewUpload {
    /// Certificate Name.
    pub name: String,
    /// Which domains will serve it.
    pub reach: Reach,
    /// PEM, leaf first.
    pub chain_pem: String,
    /// PKCS #8, DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// What people should know.
    pub warnings: Vec<String>,
    /// Who uploads it.
    pub made_by: String,
}

/// An upload as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUpload {
    /// Its row.
    pub id: UploadId,
    /// Where it was uploaded.
    pub domain: DomainId,
    /// That domain's customer.
    pub customer: CustomerId,
    /// Certificate Name.
    pub name: String,
    /// Which domains serve it.
    pub reach: Reach,
    /// The agency, when its domains do.
    pub agency: Option<AgencyId>,
    /// PEM, leaf first.
    pub chain_pem: String,
    /// What people should know.
    pub warnings: Vec<String>,
    /// Who uploaded it.
    pub made_by: String,
    /// When.
    pub created_at: Millis,
    /// The certificate, once it is served.
    pub certificate: Option<CertificateId>,
}

impl StoredUpload {
    /// Until when it waits.
    #[must_use]
    pub const fn waits_until(&self) -> Millis {
        self.created_at.plus(WAITS_MS)
    }
}

impl Store {
    /// Keeps an upload until somebody says yes to it, in place of the one that waited for this domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_upload(&self, stored: &Stored, new: NewUpload, now: Millis) -> Result<UploadId, StoreError> {
        let (setup, id) = (&stored.setup, UploadId::new(new_id(now)));
        let sealed =
            self.keys.seal(&["upload", setup.customer.as_str(), setup.id.as_str(), id.as_str()], &new.pkcs8)?;
        let warnings = serde_json::to_string(&new.warnings).map_err(|_| StoreError::Contradiction("warnings"))?;
        let agency = setup.agency.as_ref().filter(|_| new.reach == Reach::Agency);
        let mut tx = self.database.begin().await?;
        sqlx::query(REPLACE).bind(setup.id.as_str()).execute(&mut *tx).await?;
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(setup.id.as_str())
            .bind(new.name)
            .bind(new.reach.word())
            .bind(agency.map(|agency| agency.as_str().to_owned()))
            .bind(new.chain_pem)
            .bind(sealed)
            .bind(warnings)
            .bind(new.made_by)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The upload that waits for a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_upload(
        &self,
        scope: &Scope,
        domain: &DomainId,
        now: Millis,
    ) -> Result<Option<StoredUpload>, StoreError> {
        let row = sqlx::query(WAITS)
            .bind(domain.as_str())
            .bind(scope.customer().map(str::to_owned))
            .bind(now.plus(-WAITS_MS).0)
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Forgets an upload that waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard_upload(&self, id: &UploadId) -> Result<(), StoreError> {
        sqlx::query(DISCARD).bind(id.as_str()).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Serves an upload for its own domain: key, certificate and facts in one transaction. False when there is no such
    /// domain any more.
    ///
    /// # Errors
    /// When the database fails, or the sealed key does not open.
    pub async fn serve_upload(
        &self,
        upload: &StoredUpload,
        certificate: &Certificate,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let place = ["upload", upload.customer.as_str(), upload.domain.as_str(), upload.id.as_str()];
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar(KEY).bind(upload.id.as_str()).fetch_optional(self.database.writer()).await?.flatten();
        let pkcs8 = self.keys.open(&place, &sealed.ok_or(StoreError::Contradiction("an upload without a key"))?)?;
        let extras = [
            Extra::NewKey { id: certificate.key.clone(), pkcs8, csr_der: Vec::new() },
            Extra::NewCertificate { certificate: certificate.clone(), chain_pem: upload.chain_pem.clone() },
            Extra::UploadServed { id: upload.id.clone(), certificate: certificate.id.clone() },
        ];
        let event = Event::Uploaded { certificate: certificate.clone() };
        self.happen(&Scope::All, &upload.domain, &event, &extras, Some(entry), now).await
    }

    /// Serves an uploaded certificate for another domain that its reach covers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn share_upload(
        &self,
        domain: &DomainId,
        certificate: &Certificate,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let event = Event::Uploaded { certificate: certificate.clone() };
        self.happen(&Scope::All, domain, &event, &[], Some(entry), now).await
    }

    /// Wide uploads that were never noted as shared with every domain, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unshared_uploads(&self, now: Millis) -> Result<Vec<StoredUpload>, StoreError> {
        let before = now.plus(-SHARING_MS).0;
        let rows = sqlx::query(UNSHARED).bind(before).bind(WIDE).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, read))
    }

    /// Notes that every domain has an upload.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_shared(&self, id: &UploadId, now: Millis) -> Result<(), StoreError> {
        sqlx::query(SHARED).bind(id.as_str()).bind(now.0).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Ends an uploaded certificate for a domain; `for_all` when it is the one that it was uploaded for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_upload(
        &self,
        domain: &DomainId,
        certificate: &CertificateId,
        for_all: bool,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let event = Event::UploadEnded { certificate: certificate.clone() };
        let ended = [Extra::UploadEnded { certificate: certificate.clone() }];
        let extras: &[Extra] = if for_all { &ended } else { &[] };
        self.happen(&Scope::All, domain, &event, extras, Some(entry), now).await
    }

    /// The upload that a certificate came of, while it is served.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn served_upload(&self, certificate: &CertificateId) -> Result<Option<StoredUpload>, StoreError> {
        let row = sqlx::query(SERVED).bind(certificate.as_str()).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Uploads that are served for more than one domain, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wide_uploads(&self) -> Result<Vec<StoredUpload>, StoreError> {
        let rows = sqlx::query(WIDE_ONES).bind(WIDE).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, read))
    }
}

pub(super) async fn serve(tx: &mut Tx, id: &UploadId, certificate: &CertificateId) -> Result<(), StoreError> {
    let done = sqlx::query(SERVE).bind(id.as_str()).bind(certificate.as_str()).execute(&mut **tx).await?;
    // Two people said yes at once: the second has nothing to serve.
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Contradiction("an upload that is served already")) }
}

pub(super) async fn end(tx: &mut Tx, certificate: &CertificateId, now: Millis) -> Result<(), StoreError> {
    tx.later(sqlx::query(END).bind(certificate.as_str()).bind(now.0)).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<StoredUpload, StoreError> {
    let id: String = row.try_get("id")?;
    let bad = |why: String| StoreError::BadRow { table: "uploads", id: id.clone(), why };
    let (scope, warnings): (String, String) = (row.try_get("scope")?, row.try_get("warnings")?);
    Ok(StoredUpload {
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        customer: CustomerId::new(row.try_get::<String, _>("customer")?),
        name: row.try_get("name")?,
        reach: Reach::from_word(&scope).ok_or_else(|| bad(format!("scope {scope:?}")))?,
        agency: row.try_get::<Option<String>, _>("agency")?.map(AgencyId::new),
        chain_pem: row.try_get("chain_pem")?,
        warnings: serde_json::from_str(&warnings).map_err(|error| bad(error.to_string()))?,
        made_by: row.try_get("made_by")?,
        created_at: Millis(row.try_get("created_at")?),
        certificate: row.try_get::<Option<String>, _>("certificate")?.map(CertificateId::new),
        id: UploadId::new(id),
    })
}

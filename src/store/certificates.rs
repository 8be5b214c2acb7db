//! Private keys, sealed, and the certificates made for them.

use super::Store;
use super::error::StoreError;
use super::row::readable;
use super::scope::Scope;
use super::transaction::Tx;
use crate::domain::certificate::{Certificate, Source};
use crate::domain::id::{CertificateId, DomainId, KeyId};
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

/// Certificates of one domain that are listed at most, newest first: years of renewals.
pub(super) const LISTED: i64 = 200;

/// Chains of one issuer that are looked at: it may have several certificates of its own.
const CHAINS: i64 = 5;

/// The columns that a certificate is read from, of the table or of what stands in for it.
macro_rules! certificate_columns {
    () => {
        certificate_columns!("certificates")
    };
    ($of:literal) => {
        concat!(
            $of,
            ".id, ",
            $of,
            ".domain, key_id, source, names, authority, issuer, serial, fingerprint_sha256, not_before, not_after, \
             ari_id, issued_at, status"
        )
    };
}
pub(super) use certificate_columns;

const ADD_KEY: &str = "insert into keys (id, domain, sealed, csr_der, created_at) values ($1, $2, $3, $4, $5)";
const KEY: &str = "select keys.domain, keys.sealed, keys.csr_der, domains.customer from keys join domains on domains.id = keys.domain \
    where keys.id = $1";
const ADD: &str = "insert into certificates (id, domain, key_id, source, names, authority, issuer, serial, \
    fingerprint_sha256, not_before, not_after, ari_id, chain_pem, issued_at, status) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'superseded')";
const MARK: &str = "update certificates set status = case when id = $2 then 'current' else 'superseded' end \
    where domain = $1 and status <> 'revoked'";
const OF_ISSUER: &str = "select chain_pem from certificates where issuer = $1 order by issued_at desc limit $2";
const REVOKE: &str = "update certificates set status = 'revoked' where id = $1";
const CHAIN: &str = "select chain_pem from certificates where id = $1";
const OF_DOMAIN: &str = concat!(
    "select ",
    certificate_columns!(),
    " from certificates join domains on domains.id = certificates.domain where certificates.domain = $1 \
     and ($2 is null or domains.customer = $2) order by issued_at desc, certificates.id desc limit $3"
);
const ONE: &str = concat!(
    "select ",
    certificate_columns!(),
    " from certificates join domains on domains.id = certificates.domain where certificates.id = $1 \
     and ($2 is null or domains.customer = $2)"
);

/// A private key, unsealed, and the signing request made from it.
pub struct KeyMaterial {
    /// PKCS #8, DER; wiped when dropped.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// RFC 2986, DER.
    pub csr_der: Vec<u8>,
}

impl std::fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyMaterial(…)")
    }
}

/// A certificate as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCertificate {
    /// What it says of itself.
    pub certificate: Certificate,
    /// Whose it is.
    pub domain: DomainId,
    /// When it was stored.
    pub issued_at: Millis,
    /// Whether it is the one to serve.
    pub status: CertificateStatus,
}

/// What became of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// The one to serve.
    Current,
    /// Replaced, or never served.
    Superseded,
    /// Revoked.
    Revoked,
}

impl CertificateStatus {
    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Current, Self::Superseded, Self::Revoked].into_iter().find(|status| status.word() == word)
    }
}

impl Store {
    /// A private key and its signing request.
    ///
    /// # Errors
    /// When the database fails, or the sealed key does not open where it lies.
    pub async fn signing_key(&self, id: &KeyId) -> Result<Option<KeyMaterial>, StoreError> {
        // From the writer, as every read that a worker makes of what it has just written.
        let Some(row) = sqlx::query(KEY).bind(id.as_str()).fetch_optional(self.database.writer()).await? else {
            return Ok(None);
        };
        let (sealed, customer): (Vec<u8>, String) = (row.try_get("sealed")?, row.try_get("customer")?);
        let domain: String = row.try_get("domain")?;
        let pkcs8 = self.open_key(&customer, &domain, id.as_str(), &sealed)?;
        Ok(Some(KeyMaterial { pkcs8, csr_der: row.try_get("csr_der")? }))
    }

    pub(super) fn open_key(
        &self,
        customer: &str,
        domain: &str,
        id: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        Ok(self.keys.open(&["key", customer, domain, id], sealed)?)
    }

    pub(super) fn seal_key(&self, setup: &Setup, id: &KeyId, pkcs8: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys.seal(&["key", setup.customer.as_str(), setup.id.as_str(), id.as_str()], pkcs8)?)
    }

    pub(super) async fn add_key(
        &self,
        tx: &mut Tx,
        setup: &Setup,
        id: &KeyId,
        pkcs8: &[u8],
        csr_der: &[u8],
        now: Millis,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_key(setup, id, pkcs8)?;
        let add = sqlx::query(ADD_KEY).bind(id.as_str()).bind(setup.id.as_str()).bind(sealed);
        tx.later(add.bind(csr_der.to_vec()).bind(now.0)).await?;
        Ok(())
    }

    /// A certificate's chain as PEM, leaf first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chain(&self, id: &CertificateId) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(CHAIN).bind(id.as_str()).fetch_optional(self.database.reader()).await?)
    }

    /// The newest chains whose leaves this issuer signed: where its own certificate is found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chains_of_issuer(&self, issuer: &str) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query_scalar(OF_ISSUER).bind(issuer).bind(CHAINS).fetch_all(self.database.reader()).await?;
        Ok(rows)
    }

    /// A domain's certificates, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificates(&self, scope: &Scope, domain: &DomainId) -> Result<Vec<StoredCertificate>, StoreError> {
        let rows = sqlx::query(OF_DOMAIN)
            .bind(domain.as_str())
            .bind(scope.customer().map(str::to_owned))
            .bind(LISTED)
            .fetch_all(self.database.reader())
            .await?;
        Ok(readable(&rows, read))
    }

    /// One certificate.
    ///
    /// # Errors
    /// When the database fails or the row can't be read.
    pub async fn certificate(
        &self,
        scope: &Scope,
        id: &CertificateId,
    ) -> Result<Option<StoredCertificate>, StoreError> {
        let row = sqlx::query(ONE)
            .bind(id.as_str())
            .bind(scope.customer().map(str::to_owned))
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }
}

/// Stores a certificate. It is served only once the facts name it.
pub(super) async fn add(
    tx: &mut Tx,
    domain: &DomainId,
    certificate: &Certificate,
    chain_pem: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let names = serde_json::to_string(&certificate.names).map_err(|_| StoreError::Contradiction("names"))?;
    let add = sqlx::query(ADD)
        .bind(certificate.id.as_str())
        .bind(domain.as_str())
        .bind(certificate.key.as_str())
        .bind(certificate.source.word())
        .bind(names)
        .bind(certificate.authority.as_str())
        .bind(certificate.issuer.as_str())
        .bind(certificate.serial.as_str())
        .bind(certificate.fingerprint_sha256.as_str())
        .bind(certificate.not_before.0)
        .bind(certificate.not_after.0)
        .bind(certificate.ari_id.as_deref())
        .bind(chain_pem)
        .bind(now.0);
    tx.later(add).await?;
    Ok(())
}

pub(super) async fn mark_current(tx: &mut Tx, domain: &DomainId, current: &str) -> Result<(), StoreError> {
    tx.later(sqlx::query(MARK).bind(domain.as_str()).bind(current)).await?;
    Ok(())
}

pub(super) async fn mark_revoked(tx: &mut Tx, id: &CertificateId) -> Result<(), StoreError> {
    tx.later(sqlx::query(REVOKE).bind(id.as_str())).await?;
    Ok(())
}

pub(super) fn read(row: &AnyRow) -> Result<StoredCertificate, StoreError> {
    let id: String = row.try_get("id")?;
    let bad = |why: String| StoreError::BadRow { table: "certificates", id: id.clone(), why };
    let names: String = row.try_get("names")?;
    let (source, status): (String, String) = (row.try_get("source")?, row.try_get("status")?);
    let certificate = Certificate {
        id: CertificateId::new(id.clone()),
        key: KeyId::new(row.try_get::<String, _>("key_id")?),
        source: Source::from_word(&source).ok_or_else(|| bad(format!("source {source:?}")))?,
        names: serde_json::from_str(&names).map_err(|error| bad(format!("names: {error}")))?,
        authority: row.try_get("authority")?,
        issuer: row.try_get("issuer")?,
        serial: row.try_get("serial")?,
        fingerprint_sha256: row.try_get("fingerprint_sha256")?,
        not_before: Millis(row.try_get("not_before")?),
        not_after: Millis(row.try_get("not_after")?),
        ari_id: row.try_get("ari_id")?,
    };
    Ok(StoredCertificate {
        certificate,
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        issued_at: Millis(row.try_get("issued_at")?),
        status: CertificateStatus::from_word(&status).ok_or_else(|| bad(format!("status {status:?}")))?,
    })
}

//! What the edge and the responder of every node must hold in memory.

use super::Store;
use super::error::StoreError;
use super::row::readable;
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, CustomerId, DomainId, OrderId};
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

/// Rows of one batch at most: some 5 MB of chains.
const BATCH_ROWS: u32 = 1_000;

/// The columns that [`Installable`] is read from.
macro_rules! installable_columns {
    () => {
        "certificates.id as certificate_id, certificates.fingerprint_sha256, certificates.chain_pem, keys.id as key_id, \
         keys.domain as key_domain, keys.sealed, owners.customer as key_customer"
    };
}

// Only the verified, live holder of a name is ever served: no two rows have the same name.
macro_rules! installable {
    ($which:literal) => {
        concat!(
            "select domains.id, domains.customer, domains.hostname, domains.alias, ",
            installable_columns!(),
            " from domains join certificates on certificates.id = domains.certificate \
             join keys on keys.id = certificates.key_id join domains owners on owners.id = keys.domain \
             where domains.held_hostname is not null and ",
            $which
        )
    };
}

pub(super) const INSTALLABLE: &str = installable!("domains.id > $1 order by domains.id limit $2");
pub(super) const OF_NAME: &str = installable!("domains.held_hostname = $1");
pub(super) const ROUTES: &str = "select id, hostname, alias from domains where held_hostname is not null and id > $1 \
    order by id limit $2";
pub(super) const SITE: &str = concat!(
    "select holders.id, holders.customer, domains.hostname, holders.alias, ",
    installable_columns!(),
    " from domains left join domains holders on holders.held_hostname = domains.hostname \
     left join certificates on certificates.id = holders.certificate \
     left join keys on keys.id = certificates.key_id left join domains owners on owners.id = keys.domain \
     where domains.id = $1"
);
const SHOWN: &str = "select challenges.label, challenges.value, challenges.domain, challenges.order_id, challenges.shown_at, \
    domains.hostname from challenges join domains on domains.id = challenges.domain order by challenges.label";

const SHOWN_BESIDE: &str = "select domains.dcv_label, challenges.value from domains \
    left join challenges on challenges.label = domains.dcv_label where domains.id = $1";

/// Part of a list that machines read to its end.
#[derive(Clone, Debug)]
pub struct Batch<T> {
    /// What could be read; a bad row is logged and left out.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<DomainId>,
}

/// A certificate with its key, ready to be served.
#[derive(Clone)]
pub struct Installable {
    /// The domain.
    pub domain: DomainId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The name that it is served for.
    pub hostname: Hostname,
    /// Which service the domain routes to.
    pub alias: String,
    /// The certificate.
    pub certificate: CertificateId,
    /// The leaf's SHA-256 fingerprint, lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// PEM, leaf first.
    pub chain_pem: String,
    /// PKCS #8, DER; wiped when dropped.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Installable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Installable")
            .field("hostname", &self.hostname)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// Where a name's visitors go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The domain.
    pub domain: DomainId,
    /// The name.
    pub hostname: Hostname,
    /// Which service it routes to.
    pub alias: String,
}

/// A name and what is served for it now.
#[derive(Clone, Debug)]
pub struct Site {
    /// The name.
    pub hostname: Hostname,
    /// The domain that holds it and its service; none when nobody does, and the name is not served.
    pub holder: Option<(DomainId, String)>,
    /// The holder's certificate.
    pub installable: Option<Installable>,
}

/// A challenge's value on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// First label of the name in the DCV zone.
    pub label: String,
    /// The TXT value (RFC 8555 §8.4).
    pub value: String,
    /// The domain.
    pub domain: DomainId,
    /// Its name.
    pub hostname: Hostname,
    /// The order.
    pub order: OrderId,
    /// Since when.
    pub shown_at: Millis,
}

impl Store {
    /// Who holds a domain's name now, and its certificate: not always that domain, once it is removed or blocked.
    ///
    /// # Errors
    /// When the database fails, or the row can't be read.
    pub async fn site(&self, domain: &DomainId) -> Result<Option<Site>, StoreError> {
        let row = sqlx::query(SITE).bind(domain.as_str()).fetch_optional(self.database.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let holder: Option<String> = row.try_get("id")?;
        let alias: Option<String> = row.try_get("alias")?;
        let certificate: Option<String> = row.try_get("certificate_id")?;
        Ok(Some(Site {
            hostname: hostname(&row, domain)?,
            holder: holder.map(DomainId::new).zip(alias),
            installable: certificate.is_some().then(|| self.read_installable(&row)).transpose()?,
        }))
    }

    /// Certificates to serve, by domain, from the one after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn installable(&self, after: Option<&DomainId>, limit: u32) -> Result<Batch<Installable>, StoreError> {
        self.batch(INSTALLABLE, after, limit, |row| self.read_installable(row)).await
    }

    /// The certificate to serve for exactly this name or wildcard.
    ///
    /// # Errors
    /// When the database fails, or the row can't be read.
    pub async fn installable_of(&self, host: &str) -> Result<Option<Installable>, StoreError> {
        let row = sqlx::query(OF_NAME).bind(host).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(|row| self.read_installable(row)).transpose()
    }

    /// Names that are held, with or without a certificate, from the domain after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn routes(&self, after: Option<&DomainId>, limit: u32) -> Result<Batch<Route>, StoreError> {
        self.batch(ROUTES, after, limit, |row| {
            let domain = DomainId::new(row.try_get::<String, _>("id")?);
            Ok(Route { hostname: hostname(row, &domain)?, domain, alias: row.try_get("alias")? })
        })
        .await
    }

    /// Every challenge value on show.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_challenges(&self) -> Result<Vec<Shown>, StoreError> {
        let rows = sqlx::query(SHOWN).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, |row| {
            let domain = DomainId::new(row.try_get::<String, _>("domain")?);
            Ok(Shown {
                label: row.try_get("label")?,
                value: row.try_get("value")?,
                hostname: hostname(row, &domain)?,
                domain,
                order: OrderId::new(row.try_get::<String, _>("order_id")?),
                shown_at: Millis(row.try_get("shown_at")?),
            })
        }))
    }

    /// A domain's challenge label, and every value on show at it: those of its wildcard too, with which it shares the label.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_beside(&self, domain: &DomainId) -> Result<Option<(String, Vec<String>)>, StoreError> {
        let rows = sqlx::query(SHOWN_BESIDE).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let values = rows.iter().map(|row| row.try_get::<Option<String>, _>("value")).collect::<Result<Vec<_>, _>>()?;
        Ok(Some((first.try_get("dcv_label")?, values.into_iter().flatten().collect())))
    }

    async fn batch<T>(
        &self,
        statement: &'static str,
        after: Option<&DomainId>,
        limit: u32,
        read: impl Fn(&AnyRow) -> Result<T, StoreError>,
    ) -> Result<Batch<T>, StoreError> {
        let limit = limit.clamp(1, BATCH_ROWS);
        let rows = sqlx::query(statement)
            .bind(after.map_or("", DomainId::as_str))
            .bind(i64::from(limit))
            .fetch_all(self.database.reader())
            .await?;
        let full = rows.len() == limit as usize;
        let last = rows.last().filter(|_| full).map(|row| row.try_get::<String, _>("id")).transpose()?;
        Ok(Batch { items: readable(&rows, read), next: last.map(DomainId::new) })
    }

    fn read_installable(&self, row: &AnyRow) -> Result<Installable, StoreError> {
        let domain = DomainId::new(row.try_get::<String, _>("id")?);
        let (customer, key): (String, String) = (row.try_get("customer")?, row.try_get("key_id")?);
        // Another domain's, perhaps another customer's, when an uploaded certificate is shared.
        let key_customer: String = row.try_get("key_customer")?;
        let (key_domain, sealed): (String, Vec<u8>) = (row.try_get("key_domain")?, row.try_get("sealed")?);
        Ok(Installable {
            hostname: hostname(row, &domain)?,
            pkcs8: self.open_key(&key_customer, &key_domain, &key, &sealed)?,
            domain,
            customer: CustomerId::new(customer),
            alias: row.try_get("alias")?,
            certificate: CertificateId::new(row.try_get::<String, _>("certificate_id")?),
            fingerprint_sha256: row.try_get("fingerprint_sha256")?,
            chain_pem: row.try_get("chain_pem")?,
        })
    }
}

fn hostname(row: &AnyRow, domain: &DomainId) -> Result<Hostname, StoreError> {
    let text: String = row.try_get("hostname")?;
    Hostname::parse_form(&text).map_err(|error| StoreError::BadRow {
        table: "domains",
        id: domain.to_string(),
        why: format!("hostname: {error}"),
    })
}

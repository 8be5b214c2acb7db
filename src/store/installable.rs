//! What the edge of every node must hold in memory: names with their certificates.

use super::Store;
use super::engine::Engine;
use super::error::StoreError;
use super::outage::Outage;
use super::row::readable;
use crate::domain::errors::chain;
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, CustomerId, DomainId};
use data_encoding::HEXLOWER_PERMISSIVE;
use futures::stream::{self, Stream};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use zeroize::Zeroizing;

/// Rows of one page at most: some 5 MB of chains.
const PAGE_ROWS: u32 = 1_000;

/// The columns that a certificate is read from, and its tables beside a domain's.
macro_rules! certificate_columns {
    () => {
        "certificates.id as certificate, certificates.fingerprint_sha256, certificates.chain_pem, keys.id as key, \
         keys.domain as key_domain, owners.customer as key_customer, keys.sealed"
    };
}

macro_rules! certificate_tables {
    ($holder:literal) => {
        concat!(
            " left join certificates on certificates.id = ",
            $holder,
            ".certificate left join keys on keys.id = certificates.key_id \
             left join domains owners on owners.id = keys.domain "
        )
    };
}

// Only the verified, live holder of a name is ever served: no two rows have the same name.
macro_rules! held {
    ($which:expr) => {
        concat!(
            "select domains.hostname, domains.id, domains.customer, domains.alias, ",
            certificate_columns!(),
            " from domains",
            certificate_tables!("domains"),
            "where ",
            $which
        )
    };
}

// Row after row, sqlx takes longer to hand a page over than either engine to read it, and both are slow at writing JSON. So
// all columns of all rows come as one text, in the order of [`Row`]'s fields. What came from outside is freed of what stands
// between them.
macro_rules! sites {
    ($sealed:literal, $until:literal) => {
        concat!(
            "select string_agg(concat_ws('\u{1f}', coalesce(hostname, ''), coalesce(id, ''), coalesce(customer, ''), \
             replace(coalesce(alias, ''), '\u{1f}', ''), coalesce(certificate, ''), coalesce(fingerprint_sha256, ''), \
             replace(coalesce(chain_pem, ''), '\u{1f}', ''), coalesce(key, ''), coalesce(key_domain, ''), \
             coalesce(key_customer, ''), coalesce(",
            $sealed,
            ", '')), '\u{1f}') as found, max(id) as last, count(*) as names from (",
            held!(concat!("domains.held_hostname is not null and domains.id > $1", $until, " order by domains.id limit $2")),
            ") as page"
        )
    };
}

/// What stands between the columns of [`SITES`], and between its rows.
const BETWEEN: char = '\u{1f}';
/// A row's.
const COLUMNS: usize = 11;

pub(super) const SITES: [&str; 2] = [sites!("hex(sealed)", ""), sites!("encode(sealed, 'hex')", "")];
pub(super) const SITES_UNTIL: &str = sites!("encode(sealed, 'hex')", " and domains.id <= $3");
/// About the middle of all, as PostgreSQL's statistics have it: counting to it would take as long as the table is.
const MIDDLE: &str = "select bounds[array_length(bounds, 1) / 2 + 1] as middle from \
    (select cast(cast(histogram_bounds as text) as text[]) as bounds from pg_stats \
     where schemaname = current_schema() and tablename = 'domains' and attname = 'id') as known";
pub(super) const OF_NAME: &str = held!("domains.held_hostname = $1");
pub(super) const SITE: &str = concat!(
    "select domains.hostname, holders.id, holders.customer, holders.alias, ",
    certificate_columns!(),
    " from domains left join domains holders on holders.held_hostname = domains.hostname",
    certificate_tables!("holders"),
    "where domains.id = $1"
);
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

/// A name and what is served for it now.
#[derive(Clone, Debug)]
pub struct Site {
    /// The name.
    pub hostname: Hostname,
    /// The domain that holds it and its service; none when nobody does, and the name is not served.
    pub holder: Option<(DomainId, String)>,
    /// The holder's certificate.
    pub installable: Option<Installable>,
    /// There is a certificate that can't be read, which is logged: what is served for the name stays.
    pub unread: bool,
}

/// Names that are held, by the ids of their domains: those behind one, up to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteRange {
    after: Option<DomainId>,
    until: Option<DomainId>,
}

/// Names that are held, as the database gave them.
pub struct SitePage {
    found: String,
    names: usize,
    /// Where to go on; none at the end.
    pub rest: Option<SiteRange>,
}

/// A site's columns; those after the certificate are empty without one, or when they are missing.
struct Row {
    hostname: String,
    id: Option<String>,
    customer: String,
    alias: String,
    certificate: Option<String>,
    fingerprint_sha256: String,
    chain_pem: String,
    key: String,
    key_domain: String,
    /// Another domain's, perhaps another customer's, when an uploaded certificate is shared.
    key_customer: String,
    sealed: Vec<u8>,
}

impl Row {
    /// A page's columns. Both engines write bytes in hexadecimal; what is not so written does not open.
    fn of(columns: &[&str; COLUMNS]) -> Self {
        let [
            hostname,
            id,
            customer,
            alias,
            certificate,
            fingerprint_sha256,
            chain_pem,
            key,
            key_domain,
            key_customer,
            sealed,
        ] = columns.map(str::to_owned);
        Self {
            hostname,
            id: Some(id),
            customer,
            alias,
            certificate: Some(certificate).filter(|id| !id.is_empty()),
            fingerprint_sha256,
            chain_pem,
            key,
            key_domain,
            key_customer,
            sealed: HEXLOWER_PERMISSIVE.decode(sealed.as_bytes()).unwrap_or_default(),
        }
    }

    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let optional = |column: &str| row.try_get::<Option<String>, _>(column);
        let text = |column: &str| Ok::<_, sqlx::Error>(optional(column)?.unwrap_or_default());
        Ok(Self {
            hostname: row.try_get("hostname")?,
            id: optional("id")?,
            customer: text("customer")?,
            alias: text("alias")?.replace(BETWEEN, ""),
            certificate: optional("certificate")?,
            fingerprint_sha256: text("fingerprint_sha256")?,
            chain_pem: text("chain_pem")?.replace(BETWEEN, ""),
            key: text("key")?,
            key_domain: text("key_domain")?,
            key_customer: text("key_customer")?,
            sealed: row.try_get::<Option<Vec<u8>>, _>("sealed")?.unwrap_or_default(),
        })
    }

    /// The name with its holder, and the certificate if there is one.
    fn into_parts(self) -> Result<(Site, Option<Sealed>), StoreError> {
        let hostname = hostname(&self.hostname, self.id.as_deref().unwrap_or(&self.hostname))?;
        let holder = self.id.map(|id| (DomainId::new(id), self.alias));
        let sealed = holder.clone().zip(self.certificate).map(|((domain, alias), certificate)| Sealed {
            domain,
            customer: CustomerId::new(self.customer),
            alias,
            certificate: CertificateId::new(certificate),
            fingerprint_sha256: self.fingerprint_sha256,
            chain_pem: self.chain_pem,
            key: self.key,
            key_domain: self.key_domain,
            key_customer: self.key_customer,
            pkcs8: self.sealed,
        });
        Ok((Site { hostname, holder, installable: None, unread: false }, sealed))
    }
}

/// What an [`Installable`] is once its key is opened.
struct Sealed {
    domain: DomainId,
    customer: CustomerId,
    alias: String,
    certificate: CertificateId,
    fingerprint_sha256: String,
    chain_pem: String,
    key: String,
    key_domain: String,
    key_customer: String,
    pkcs8: Vec<u8>,
}

impl Store {
    /// Who holds a domain's name now, and its certificate: not always that domain, once it is removed or blocked.
    ///
    /// # Errors
    /// When the database fails, or the row can't be read.
    pub async fn site(&self, domain: &DomainId) -> Result<Option<Site>, StoreError> {
        let row = sqlx::query(SITE).bind(domain.as_str()).fetch_optional(self.database.reader()).await?;
        let parts = row.map(|row| Row::read(&row)?.into_parts()).transpose()?;
        Ok(parts.map(|(site, sealed)| self.open_site(site, sealed)))
    }

    /// All names that are held, in ranges that are best read side by side: while a server sends one page it reads another. A
    /// file is read as fast by one reader.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn site_ranges(&self) -> Result<Vec<SiteRange>, StoreError> {
        let middle: Option<Option<String>> = match self.database.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => match sqlx::query_scalar(MIDDLE).fetch_optional(self.database.reader()).await {
                // Its operator may have hidden them.
                Err(error) if Outage::of(&error).is_none() => None,
                middle => middle?,
            },
        };
        let Some(middle) = middle.flatten().map(DomainId::new) else { return Ok(vec![SiteRange::default()]) };
        let second = SiteRange { after: Some(middle.clone()), until: None };
        Ok(vec![SiteRange { after: None, until: Some(middle) }, second])
    }

    /// The first names of a range. They are read by [`Self::open_sites`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sites(&self, range: &SiteRange, limit: u32) -> Result<SitePage, StoreError> {
        let SiteRange { after, until } = range;
        let limit = i64::from(limit.clamp(1, PAGE_ROWS));
        let statement = self.database.pick(SITES[0], if until.is_some() { SITES_UNTIL } else { SITES[1] });
        let query = sqlx::query(statement).bind(after.as_ref().map_or("", DomainId::as_str)).bind(limit);
        let query = match until {
            Some(until) => query.bind(until.as_str()),
            None => query,
        };
        let row = query.fetch_one(self.database.reader()).await?;
        let (found, last): (Option<String>, Option<String>) = (row.try_get("found")?, row.try_get("last")?);
        let names: i64 = row.try_get("names")?;
        let last = last.filter(|_| names == limit).map(DomainId::new);
        Ok(SitePage {
            found: found.unwrap_or_default(),
            names: usize::try_from(names).unwrap_or_default(),
            rest: last.map(|last| SiteRange { after: Some(last), until: until.clone() }),
        })
    }

    /// A range's pages, each read when it is asked for.
    pub fn site_pages(&self, range: SiteRange, limit: u32) -> impl Stream<Item = Result<SitePage, StoreError>> {
        stream::try_unfold(Some(range), move |rest| async move {
            let Some(range) = rest else { return Ok(None) };
            let page = self.sites(&range, limit).await?;
            let rest = page.rest.clone();
            Ok(Some((page, rest)))
        })
    }

    /// Reads a page and opens its keys, which takes milliseconds of the processor. A row that is no name is logged and left
    /// out.
    ///
    /// # Errors
    /// When the page is not what the statement asks for.
    pub fn open_sites(&self, page: &SitePage) -> Result<Vec<Site>, StoreError> {
        if page.names == 0 {
            return Ok(Vec::new());
        }
        let columns: Vec<&str> = page.found.split(BETWEEN).collect();
        let (rows, _) = columns.as_chunks();
        if columns.len() != page.names * COLUMNS {
            return Err(sqlx::Error::Decode("a page whose columns are not those of its rows".into()).into());
        }
        let parts = readable(rows, |row| Row::of(row).into_parts());
        Ok(parts.into_iter().map(|(site, sealed)| self.open_site(site, sealed)).collect())
    }

    /// The certificate to serve for exactly this name or wildcard.
    ///
    /// # Errors
    /// When the database fails, or the row can't be read.
    pub async fn installable_of(&self, host: &str) -> Result<Option<Installable>, StoreError> {
        let row = sqlx::query(OF_NAME).bind(host).fetch_optional(self.database.reader()).await?;
        let Some((site, sealed)) = row.map(|row| Row::read(&row)?.into_parts()).transpose()? else { return Ok(None) };
        sealed.map(|sealed| self.open_sealed(&site, sealed)).transpose()
    }

    /// A site with its certificate.
    fn open_site(&self, site: Site, sealed: Option<Sealed>) -> Site {
        match sealed.map(|sealed| self.open_sealed(&site, sealed)).transpose() {
            Ok(installable) => Site { installable, ..site },
            Err(error) => {
                tracing::error!(domain.name = %site.hostname, error = %chain(&error), "a certificate can't be read");
                Site { unread: true, ..site }
            }
        }
    }

    fn open_sealed(&self, site: &Site, sealed: Sealed) -> Result<Installable, StoreError> {
        Ok(Installable {
            hostname: site.hostname.clone(),
            pkcs8: self.open_key(&sealed.key_customer, &sealed.key_domain, &sealed.key, &sealed.pkcs8)?,
            domain: sealed.domain,
            customer: sealed.customer,
            alias: sealed.alias,
            certificate: sealed.certificate,
            fingerprint_sha256: sealed.fingerprint_sha256,
            chain_pem: sealed.chain_pem,
        })
    }
}

/// The name of a row of `domains`.
pub(super) fn hostname(text: &str, domain: &str) -> Result<Hostname, StoreError> {
    Hostname::parse_form(text).map_err(|error| StoreError::BadRow {
        table: "domains",
        id: domain.to_owned(),
        why: format!("hostname: {error}"),
    })
}

//! A witness who reads the database behind the product's back, and stands beside the CA to see that nothing is asked of
//! it which was not written down first.

use aws_lc_rs::digest;
use futures::future::BoxFuture;
use padlock::acme::{Ca, CaError, NewOrder, Opened, Progress, Proof, Renewal};
use padlock::domain::limits::Limits;
use padlock::domain::revocation::Reason;
use padlock::domain::setup::SslValidation;
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{AnyPool, Row as _};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const ORDERS: &str = "select o.id, o.ca, o.hostname, o.url, o.ended_at, d.live_order, d.facts from orders o \
    join domains d on d.id = o.domain";
const DOMAINS: &str = "select d.hostname, d.live_order, o.id, o.ca from domains d \
    left join orders o on o.domain = d.id and o.ended_at is null";
const VALUES: &str = "select c.label, c.value, o.id, o.ended_at from challenges c join orders o on o.id = c.order_id \
    union all select c.hostname, c.key_authorization, o.id, o.ended_at from http_challenges c \
    join orders o on o.id = c.order_id";
const CERTIFICATE: &str = "select d.id, d.hostname, c.not_after, c.chain_pem, k.csr_der from certificates c \
    join domains d on d.id = c.domain join keys k on k.id = c.key_id where c.fingerprint_sha256 = $1";
const FACTS: &str = "select facts from domains where hostname = $1";
const LEASED: &str = "select count(*) from work where leased_until is not null";
const REQUEST: &str = "select csr_der from keys where id = $1";

/// Reads what is committed.
#[derive(Clone)]
pub(crate) struct Witness {
    pool: AnyPool,
    /// A process slept through the end of its lease: its last call may come when its order is over.
    slept: Arc<AtomicBool>,
    /// Orders that were opened: their challenges may be read before their URL is written down, since reading changes nothing.
    opened: Arc<Mutex<HashSet<String>>>,
}

/// A domain, and its order in flight.
pub(crate) struct DomainRow {
    pub(crate) hostname: String,
    /// The order that its facts follow.
    pub(crate) followed: Option<String>,
    /// An order that counts as live, and its CA.
    pub(crate) live: Option<(String, String)>,
}

/// A challenge's value on show.
pub(crate) struct ValueRow {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) order: String,
    pub(crate) order_ended_at: Option<i64>,
}

/// A certificate with the request that it answers.
pub(crate) struct CertificateRow {
    pub(crate) domain: String,
    pub(crate) hostname: String,
    pub(crate) not_after: i64,
    pub(crate) chain_pem: String,
    pub(crate) csr_der: Vec<u8>,
}

struct OrderRow {
    id: String,
    url: Option<String>,
    ended: bool,
    followed: bool,
    key: Option<String>,
}

impl Witness {
    pub(crate) fn of(database_url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(2).connect_lazy(database_url).unwrap();
        Self { pool, slept: Arc::default(), opened: Arc::default() }
    }

    /// From now on a call may come late.
    pub(crate) fn somebody_slept(&self) {
        self.slept.store(true, Ordering::SeqCst);
    }

    /// Every domain, removed ones as well.
    pub(crate) async fn domains(&self) -> Vec<DomainRow> {
        let rows = sqlx::query(DOMAINS).fetch_all(&self.pool).await.unwrap();
        let read = |row: &AnyRow| DomainRow {
            hostname: row.get("hostname"),
            followed: row.get("live_order"),
            live: row.get::<Option<String>, _>("id").zip(row.get("ca")),
        };
        rows.iter().map(read).collect()
    }

    /// Whether it is written down when the CA is to be asked again about the renewal of a name's certificate.
    pub(crate) async fn is_advised(&self, name: &str) -> bool {
        let facts: String = sqlx::query_scalar(FACTS).bind(name).fetch_one(&self.pool).await.unwrap();
        let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
        facts["advice"]["ask_at"].is_number()
    }

    /// Domains that are in some worker's hands.
    pub(crate) async fn leased(&self) -> i64 {
        sqlx::query_scalar(LEASED).fetch_one(&self.pool).await.unwrap()
    }

    /// Values that should be on show.
    pub(crate) async fn values(&self) -> Vec<ValueRow> {
        let rows = sqlx::query(VALUES).fetch_all(&self.pool).await.unwrap();
        let read = |row: &AnyRow| ValueRow {
            label: row.get("label"),
            value: row.get("value"),
            order: row.get("id"),
            order_ended_at: row.get("ended_at"),
        };
        rows.iter().map(read).collect()
    }

    /// The certificate with this fingerprint.
    pub(crate) async fn certificate(&self, fingerprint_sha256: &str) -> Option<CertificateRow> {
        let row = sqlx::query(CERTIFICATE).bind(fingerprint_sha256).fetch_optional(&self.pool).await.unwrap()?;
        Some(CertificateRow {
            domain: row.get("id"),
            hostname: row.get("hostname"),
            not_after: row.get("not_after"),
            chain_pem: row.get("chain_pem"),
            csr_der: row.get("csr_der"),
        })
    }

    /// An order for this name is about to be opened: it was planned, and its key and signing request are stored.
    async fn intended(&self, name: &str, ca: &str) {
        let orders = self.orders(" where o.hostname = $1 and o.ca = $2", &[name, ca]).await;
        let slept = self.slept.load(Ordering::SeqCst);
        let planned = orders.iter().find(|order| slept || (!order.ended && order.followed && order.url.is_none()));
        let planned = planned.unwrap_or_else(|| panic!("an order for {name} is opened that nobody planned"));
        assert!(slept || self.request(planned).await.is_some(), "order {} has no key", planned.id);
    }

    /// The CA is called about an order whose URL is stored; with its own stored request, when there is one.
    async fn known(&self, url: &str, csr_der: Option<&[u8]>) {
        let orders = self.orders(" where o.url = $1", &[url]).await;
        let slept = self.slept.load(Ordering::SeqCst);
        let known = orders.iter().find(|order| slept || (!order.ended && order.followed));
        let known = known.unwrap_or_else(|| panic!("{url} is called, and no live order has it"));
        if let Some(csr_der) = csr_der.filter(|_| !slept) {
            assert_eq!(self.request(known).await.as_deref(), Some(csr_der), "not the stored request of {url}");
        }
    }

    /// A certificate is about to be revoked: somebody asked for that. Who slept may come when all of it is done.
    async fn revocation_asked(&self, leaf_der: &[u8]) {
        let fingerprint = digest::digest(&digest::SHA256, leaf_der);
        let hex: String = fingerprint.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let row = self.certificate(&hex).await.expect("a certificate is revoked that was never stored");
        let facts: String = sqlx::query_scalar(FACTS).bind(row.hostname).fetch_one(&self.pool).await.unwrap();
        let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
        let slept = self.slept.load(Ordering::SeqCst);
        assert!(slept || facts["revocation"]["asked_at"].is_number(), "nobody asked for a revocation: {facts}");
    }

    async fn orders(&self, which: &str, bound: &[&str]) -> Vec<OrderRow> {
        let text = format!("{ORDERS}{which}");
        let query = sqlx::query(sqlx::AssertSqlSafe(text));
        let query = bound.iter().fold(query, |query, value| query.bind((*value).to_owned()));
        let rows = query.fetch_all(&self.pool).await.unwrap();
        let read = |row: &AnyRow| {
            let id: String = row.get("id");
            let facts: serde_json::Value = serde_json::from_str(&row.get::<String, _>("facts")).unwrap();
            OrderRow {
                url: row.get("url"),
                ended: row.get::<Option<i64>, _>("ended_at").is_some(),
                followed: row.get::<Option<String>, _>("live_order").as_ref() == Some(&id),
                key: facts["order"]["key"].as_str().map(str::to_owned),
                id,
            }
        };
        rows.iter().map(read).collect()
    }

    async fn request(&self, order: &OrderRow) -> Option<Vec<u8>> {
        let row = sqlx::query(REQUEST).bind(order.key.clone()?).fetch_optional(&self.pool).await.unwrap()?;
        Some(row.get("csr_der"))
    }
}

/// A CA with a witness beside it.
pub(crate) struct Witnessed<C> {
    pub(crate) ca: C,
    pub(crate) witness: Witness,
}

impl<C: Ca> Ca for Witnessed<C> {
    fn name(&self) -> &str {
        self.ca.name()
    }

    fn limits(&self) -> Limits {
        self.ca.limits()
    }

    fn open<'a>(&'a self, wanted: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>> {
        Box::pin(async move {
            self.witness.intended(&wanted.names[0], self.name()).await;
            let opened = self.ca.open(wanted).await?;
            self.witness.opened.lock().unwrap().insert(opened.url.clone());
            Ok(opened)
        })
    }

    fn proof<'a>(&'a self, order_url: &'a str, validation: SslValidation) -> BoxFuture<'a, Result<Proof, CaError>> {
        Box::pin(async move {
            if !self.witness.opened.lock().unwrap().remove(order_url) {
                self.witness.known(order_url, None).await;
            }
            self.ca.proof(order_url, validation).await
        })
    }

    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        validation: SslValidation,
        csr_der: Option<&'a [u8]>,
        patience_ms: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>> {
        Box::pin(async move {
            self.witness.known(order_url, csr_der).await;
            self.ca.advance(order_url, validation, csr_der, patience_ms).await
        })
    }

    fn revoke<'a>(&'a self, leaf_der: &'a [u8], reason: Reason) -> BoxFuture<'a, Result<(), CaError>> {
        Box::pin(async move {
            self.witness.revocation_asked(leaf_der).await;
            self.ca.revoke(leaf_der, reason).await
        })
    }

    fn renewal<'a>(&'a self, ari_id: &'a str) -> BoxFuture<'a, Result<Option<Renewal>, CaError>> {
        self.ca.renewal(ari_id)
    }
}

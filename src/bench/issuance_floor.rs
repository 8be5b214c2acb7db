//! The floor below issuance: what instant-acme itself needs for a certificate, in the smallest loop that gets one.
//!
//! Connections are kept, `TCP_NODELAY` is set, polling is tight, the challenge's answer is on show at once and nothing is
//! stored. The CA finds the answer the same way as Padlock's: by a CNAME in the customers' DNS to a zone of ours.

use crate::kit::sandbox::{Sandbox, Slot};
use futures::future::join_all;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use padlock::acme::key::new_key;
use padlock::responder::{self, Rate, Shown, Zone};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The loop polls like this: sooner costs the CA more than it brings, as tried with 1, 2 and 4 ms.
const POLLING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(2)).backoff(1.5).timeout(Duration::from_secs(60));

/// An account, and a responder that shows its challenges' answers.
pub(crate) struct Floor {
    account: Account,
    opening: Mutex<()>,
    shown: Shown,
    sandbox: Sandbox,
    dcv_zone: String,
    _slot: Slot,
    _responder: DropGuard,
}

impl Floor {
    pub(crate) async fn new(sandbox: &Sandbox) -> Self {
        let slot = sandbox.slot().await;
        let setting = |name| slot.settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap();
        let (dcv_zone, ns) = (setting("PADLOCK_DCV_ZONE"), setting("PADLOCK_DCV_NS"));
        let shown = Shown::new(Zone::new(&dcv_zone, [ns.as_str()], 1).unwrap());
        let bound = responder::bind(setting("PADLOCK_DCV_ADDR").parse().unwrap()).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(responder::serve(bound, shown.clone(), Rate::Unlimited, stop.clone()));
        let account = account(sandbox).await;
        Self {
            account,
            opening: Mutex::default(),
            shown,
            sandbox: sandbox.clone(),
            dcv_zone,
            _slot: slot,
            _responder: stop.drop_guard(),
        }
    }

    /// Certificates one after the other; the time that each took.
    pub(crate) async fn one_by_one(&self, count: usize) -> Vec<Duration> {
        let mut took = Vec::new();
        for (name, label) in self.names("one", count) {
            let begun = Instant::now();
            self.certificate(name, label).await;
            took.push(begun.elapsed());
        }
        took
    }

    /// All of them at once; the time until the last.
    pub(crate) async fn at_once(&self, count: usize) -> Duration {
        let names = self.names("all", count);
        let begun = Instant::now();
        join_all(names.into_iter().map(|(name, label)| self.certificate(name, label))).await;
        begun.elapsed()
    }

    /// Names whose CNAME is in the customers' DNS, each with its label in our zone.
    fn names(&self, kind: &str, count: usize) -> Vec<(String, String)> {
        let tag = uuid::Uuid::new_v4().simple().to_string()[..6].to_owned();
        let pair = |number| (format!("{kind}{number}-{tag}.court.test"), format!("{kind}{number}-{tag}"));
        let names: Vec<_> = (0..count).map(pair).collect();
        let alias = |(name, label): &(String, String)| {
            format!("add _acme-challenge.{name}. 1 CNAME {label}.{}.", self.dcv_zone)
        };
        for part in names.chunks(crate::issuance::NAMES_PER_UPDATE) {
            self.sandbox.update("court.test", &part.iter().map(alias).collect::<Vec<_>>());
        }
        names
    }

    async fn certificate(&self, name: String, label: String) {
        let made = new_key(std::slice::from_ref(&name)).unwrap();
        // One after the other: Pebble 2.4 locks itself up for ever when it is asked for new orders side by side.
        let turn = self.opening.lock().await;
        let mut order = self.account.new_order(&NewOrder::new(&[Identifier::Dns(name)])).await.unwrap();
        drop(turn);
        let value = self.answer(&mut order, &label).await;
        assert_eq!(order.poll_ready(&POLLING).await.unwrap(), OrderStatus::Ready);
        self.shown.hide(&label, &value);
        order.finalize_csr(&made.csr_der).await.unwrap();
        let chain = order.poll_certificate(&POLLING).await.unwrap();
        assert!(chain.starts_with("-----BEGIN CERTIFICATE-----"));
    }

    /// Shows the one challenge's answer and tells the CA.
    async fn answer(&self, order: &mut Order, label: &str) -> String {
        let mut authorizations = order.authorizations();
        let mut authorization = authorizations.next().await.unwrap().unwrap();
        assert_eq!(authorization.status, AuthorizationStatus::Pending);
        let mut challenge = authorization.challenge(ChallengeType::Dns01).unwrap();
        let value = challenge.key_authorization().dns_value();
        self.shown.show(label, &value).unwrap();
        challenge.set_ready().await.unwrap();
        value
    }
}

async fn account(sandbox: &Sandbox) -> Account {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(sandbox.line("PADLOCK_ACME_ROOT")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().wrap_connector(tcp);
    let http = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
    let new = NewAccount { contact: &[], terms_of_service_agreed: true, only_return_existing: false };
    let directory = sandbox.line("PADLOCK_ACME_DIRECTORY").to_owned();
    Account::builder_with_http(Box::new(http)).create(&new, directory, None).await.unwrap().0
}

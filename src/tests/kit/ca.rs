//! A scripted CA: keeps orders by URL as a real one does, signs with a CA of its own, and fails when told to.

use super::fuse::Fuse;
use futures::future::BoxFuture;
use padlock::acme::{Ca, CaError, NewOrder, Opened, Progress, Proof};
use padlock::domain::problem::{Problem, ProblemKind};
use padlock::domain::time::{DAY_MS, Millis};
use padlock::responder::Shown;
use padlock::worker::clock::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use tower_sessions::cookie::time::OffsetDateTime;

/// A CA whose mind the test knows.
#[derive(Clone)]
pub(crate) struct ScriptedCa(Arc<Inner>);

struct Inner {
    issuer: CertifiedIssuer<'static, KeyPair>,
    clock: Clock,
    shown: Shown,
    fuse: Fuse,
    labels: Mutex<HashSet<String>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    orders: HashMap<String, Order>,
    troubles: VecDeque<CaError>,
    life_ms: i64,
    issued: usize,
}

struct Order {
    name: String,
    value: String,
    chain: Option<String>,
}

impl ScriptedCa {
    pub(crate) fn new(clock: Clock, shown: Shown, fuse: Fuse) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Scripted CA");
        params.distinguished_name.push(DnType::CommonName, "Scripted CA Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let state = Mutex::new(State { life_ms: 90 * DAY_MS, ..State::default() });
        Self(Arc::new(Inner { issuer, clock, shown, fuse, labels: Mutex::default(), state }))
    }

    /// The next call fails like this.
    pub(crate) fn fail_next(&self, error: CaError) {
        self.0.state.lock().unwrap().troubles.push_back(error);
    }

    /// How long its certificates live from now on.
    pub(crate) fn set_life(&self, ms: i64) {
        self.0.state.lock().unwrap().life_ms = ms;
    }

    /// Orders that it knows.
    pub(crate) fn orders(&self) -> usize {
        self.0.state.lock().unwrap().orders.len()
    }

    /// The name of each order.
    pub(crate) fn ordered_names(&self) -> Vec<String> {
        self.0.state.lock().unwrap().orders.values().map(|order| order.name.clone()).collect()
    }

    /// Certificates that it made.
    pub(crate) fn issued(&self) -> usize {
        self.0.state.lock().unwrap().issued
    }

    fn trouble(&self) -> Result<(), CaError> {
        self.0.state.lock().unwrap().troubles.pop_front().map_or(Ok(()), Err)
    }

    fn sign(&self, name: &str, csr_der: &[u8], life_ms: i64) -> String {
        let csr = CertificateSigningRequestParams::from_der(&csr_der.to_vec().into()).unwrap();
        assert_eq!(csr.params.subject_alt_names.len(), 1, "one certificate per host");
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let (Millis(now), minute) = (self.0.clock.now(), 60_000);
        let at = |ms: i64| OffsetDateTime::from_unix_timestamp(ms / 1_000).unwrap();
        (params.not_before, params.not_after) = (at(now - minute), at(now - minute + life_ms));
        let leaf = params.signed_by(&csr.public_key, &self.0.issuer).unwrap();
        format!("{}{}", leaf.pem(), self.0.issuer.pem())
    }

    /// Whether any name of the challenge zone shows this value: the story has one domain, and this CA asks no resolver.
    fn is_on_show(&self, value: &str) -> bool {
        let zone = self.0.shown.zone();
        self.0.labels.lock().unwrap().iter().any(|label| zone.shows(label, value))
    }

    /// A label at which this CA looks for proofs.
    pub(crate) fn look_at(&self, label: &str) {
        self.0.labels.lock().unwrap().insert(label.to_owned());
    }

    fn step(&self, url: &str, csr_der: &[u8]) -> Result<Progress, CaError> {
        self.trouble()?;
        let mut state = self.0.state.lock().unwrap();
        let life_ms = state.life_ms;
        let order = state.orders.get_mut(url).expect("an order that was opened");
        if order.chain.is_none() {
            if !self.is_on_show(&order.value) {
                return Err(refused(ProblemKind::Validation, "No TXT record found"));
            }
            order.chain = Some(self.sign(&order.name, csr_der, life_ms));
            state.issued += 1;
        }
        let chain_pem = state.orders[url].chain.clone().unwrap();
        Ok(Progress::Issued { chain_pem })
    }
}

/// A refusal that ends the order.
pub(crate) fn refused(kind: ProblemKind, words: &str) -> CaError {
    CaError { problem: problem(kind, words), retry_after_ms: None, ends_order: true }
}

/// A failure after which the same call may be made again.
pub(crate) fn stumble(words: &str) -> CaError {
    CaError { problem: problem(ProblemKind::Outage, words), retry_after_ms: None, ends_order: false }
}

fn problem(kind: ProblemKind, words: &str) -> Problem {
    Problem { kind, name: "urn:ietf:params:acme:error:scripted".into(), detail: words.into() }
}

impl Ca for ScriptedCa {
    fn name(&self) -> &str {
        "scripted"
    }

    fn open<'a>(&'a self, wanted: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            self.trouble()?;
            let url = {
                let mut state = self.0.state.lock().unwrap();
                let number = state.orders.len();
                let url = format!("https://ca.test/order/{number}");
                let order = Order { name: wanted.names[0].clone(), value: format!("proof-{number}"), chain: None };
                state.orders.insert(url.clone(), order);
                url
            };
            self.0.fuse.point().await;
            Ok(Opened { url, expires: None })
        })
    }

    fn proof<'a>(&'a self, order_url: &'a str) -> BoxFuture<'a, Result<Proof, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            self.trouble()?;
            let value = self.0.state.lock().unwrap().orders[order_url].value.clone();
            Ok(Proof::Show(vec![value]))
        })
    }

    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        csr_der: &'a [u8],
        _: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let progress = self.step(order_url, csr_der);
            self.0.fuse.point().await;
            progress
        })
    }
}

//! What must hold at every step of every run, whatever fails: checked on the committed rows and on what a node answers
//! and serves from memory.

use super::stage::Stage;
use super::witness::{CertificateRow, DomainRow, Witness};
use padlock::domain::time::{MINUTE_MS, Millis};
use padlock::edge::Sites;
use padlock::probe::handshake;
use padlock::responder::Shown;
use padlock::worker::clock::Clock;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate, X509CertificationRequest};

/// A challenge's value outlives its order by no more than this.
const VALUES_GONE_MS: i64 = 10 * MINUTE_MS;

/// The checker; clones remember the same past.
#[derive(Clone)]
pub(crate) struct Invariants {
    pub(crate) witness: Witness,
    clock: Clock,
    sites: Sites,
    shown: Shown,
    edge: SocketAddr,
    past: Arc<Mutex<Past>>,
}

#[derive(Default)]
struct Past {
    /// By name: the domain whose certificate was served, its fingerprint and its end.
    served: HashMap<String, (String, String, i64)>,
    /// Since when values are on show that belong to no order in flight.
    stale_since: Option<Millis>,
    checks: usize,
}

impl Invariants {
    pub(crate) fn of(stage: &Stage) -> Self {
        Self {
            witness: Witness::of(stage.database_url()),
            clock: stage.clock.clone(),
            sites: stage.sites.clone(),
            shown: stage.shown.clone(),
            edge: stage.edge(),
            past: Arc::default(),
        }
    }

    /// How often everything was looked at.
    pub(crate) fn checks(&self) -> usize {
        self.past().checks
    }

    /// Looks at rows and memory.
    pub(crate) async fn check(&self) {
        self.past().checks += 1;
        let domains = self.witness.domains().await;
        one_live_order_for_each_name(&domains);
        self.values_end_with_their_orders().await;
        for name in domains.iter().map(|row| &row.hostname).collect::<HashSet<_>>() {
            if let Some(fingerprint) = self.sites.fingerprint(name) {
                self.is_fit_to_serve(name, &hex(&fingerprint)).await;
            }
        }
    }

    /// Shakes hands for a name: whoever shows a certificate proves to have its key, and it is the one in memory.
    pub(crate) async fn visit(&self, name: &str) {
        let Some(installed) = self.sites.fingerprint(name) else { return };
        let served = handshake::served(self.edge, name).await.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let now = self.sites.fingerprint(name);
        assert!([Some(installed), now].contains(&Some(served.fingerprint_sha256)), "{name}: another one is served");
    }

    /// No value is left on show, and no order is in flight.
    pub(crate) async fn nothing_is_left(&self) -> bool {
        let in_flight = self.witness.domains().await.iter().any(|row| row.live.is_some());
        let shown = self.shown.zone().value_count() + self.sites.answer_count();
        shown == 0 && self.witness.values().await.is_empty() && !in_flight
    }

    /// A served certificate is a stored one, belongs to its key and its name, was in date when it was installed, and ends no
    /// sooner than what it replaced.
    async fn is_fit_to_serve(&self, name: &str, fingerprint: &str) {
        let before = self.past().served.get(name).cloned();
        if before.as_ref().is_some_and(|(_, known, _)| known == fingerprint) {
            return;
        }
        let row = self.witness.certificate(fingerprint).await;
        let row = row.unwrap_or_else(|| panic!("{name}: what is served was never stored"));
        assert_eq!(row.hostname, name, "another name's certificate is served");
        is_sound(&row, self.clock.now());
        if let Some((domain, _, not_after)) = before
            && domain == row.domain
        {
            assert!(row.not_after >= not_after, "{name}: replaced by one that ends sooner");
        }
        self.past().served.insert(name.to_owned(), (row.domain, fingerprint.to_owned(), row.not_after));
    }

    async fn values_end_with_their_orders(&self) {
        // Memory first: a value is stored before it is shown, and may be taken away between the two looks.
        let (zone, answers, now) = (self.shown.zone(), self.sites.answer_count(), self.clock.now());
        let rows = self.witness.values().await;
        for row in &rows {
            assert_eq!(row.order_ended_at, None, "a value of {} is stored, and the order is over", row.order);
        }
        let wanted = rows.iter().filter(|row| zone.shows(&row.label, &row.value)).count();
        // A label of the challenge zone has no dot; the name of a site that answers has.
        let sites = rows.iter().filter(|row| row.label.contains('.')).count();
        let stale = zone.value_count() > wanted || answers > sites;
        let mut past = self.past();
        past.stale_since = past.stale_since.filter(|_| stale).or_else(|| stale.then_some(now));
        let since = past.stale_since.map_or(0, |since| now.since(since));
        assert!(since <= VALUES_GONE_MS, "a challenge's value is on show {since} ms after its order's end");
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap()
    }
}

/// Facts and table agree on which order is in flight, and no name has two at one CA.
fn one_live_order_for_each_name(domains: &[DomainRow]) {
    let mut live = HashSet::new();
    for row in domains {
        let order = row.live.as_ref().map(|(id, _)| id);
        assert_eq!(order, row.followed.as_ref(), "{}: a live order that nobody follows, or the reverse", row.hostname);
        if let Some((_, ca)) = &row.live {
            assert!(live.insert((ca, &row.hostname)), "{}: two live orders at {ca}", row.hostname);
        }
    }
}

/// The leaf has the public key of the stored request, names this host alone, and is in date.
pub(crate) fn is_sound(row: &CertificateRow, now: Millis) {
    let name = &row.hostname;
    let der = CertificateDer::from_pem_slice(row.chain_pem.as_bytes()).unwrap();
    let (_, leaf) = X509Certificate::from_der(&der).unwrap();
    let (_, request) = X509CertificationRequest::from_der(&row.csr_der).unwrap();
    let asked = request.certification_request_info.subject_pki.raw;
    assert_eq!(leaf.public_key().raw, asked, "{name}: the certificate of another key");
    let names = leaf.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName(name.as_str())], "{name}");
    let (from, to) = (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
    assert!((from..to).contains(&(now.0 / 1_000)), "{name}: not in date");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

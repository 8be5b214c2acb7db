//! A database full of domains as they are in life: most of them Active, some in every other state, of one large customer
//! and many small ones; certificates and keys are real.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use padlock::domain::certificate::{Certificate, Source};
use padlock::domain::event::{Event, Why};
use padlock::domain::facts::Facts;
use padlock::domain::hostname::Hostname;
use padlock::domain::id::{CertificateId, CustomerId, DomainId, KeyId, OrderId};
use padlock::domain::observed::{Found, Observation, RecordSeen, Reply, ServerAnswer, ZoneCut};
use padlock::domain::problem::{Problem, ProblemKind};
use padlock::domain::record::{Place, Purpose};
use padlock::domain::setup::{DcvLabel, Setup, SslValidation, Token, VerificationMethod};
use padlock::domain::time::{DAY_MS, MINUTE_MS, Millis};
use padlock::store::{Import, KeyMaterial, Store, new_id};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber};
use zeroize::Zeroizing;

/// One has a tenth of all domains; the others share the rest.
const CUSTOMERS: usize = 201;
const BATCH: usize = 5_000;
const SERVICES: [&str; 6] = ["efile", "jury", "pay", "portal", "records", "www"];
const PLACES: [&str; 8] = ["adams", "benton", "clark", "douglas", "franklin", "harrow", "lincoln", "monroe"];

pub(crate) struct Filler {
    pub(crate) customers: Vec<CustomerId>,
    store: Store,
    authority: Issuer<'static, KeyPair>,
    intermediate: String,
    pub(crate) now: Millis,
    made: usize,
}

impl Filler {
    pub(crate) async fn new(store: Store, now: Millis) -> Self {
        let mut customers = Vec::new();
        for number in 0..CUSTOMERS {
            customers.push(store.add_customer(&format!("County {number}"), now).await.expect("added").id);
        }
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Bench Intermediate");
        let key = KeyPair::generate().expect("a key");
        let intermediate = params.self_signed(&key).expect("signs").pem();
        Self { customers, store, authority: Issuer::new(params, key), intermediate, now, made: 0 }
    }

    /// Adds domains until there are so many, of which so many have their certificate in the database.
    pub(crate) async fn upto(&mut self, domains: usize, certificates: usize) {
        while self.made < domains {
            let end = domains.min(self.made + BATCH);
            let batch: Vec<Import> = (self.made..end).map(|n| self.domain(n, n < certificates)).collect();
            self.store.import(&batch, self.now).await.expect("imported");
            self.made = end;
        }
    }

    fn domain(&self, n: usize, secret: bool) -> Import {
        let setup = self.setup(n);
        let issued = self.now.plus(-(spread(n, 1) % 25) * DAY_MS);
        let looked = self.now.plus(-(spread(n, 2) % (14 * MINUTE_MS)));
        let added = Facts::added(issued.plus(-DAY_MS));
        let (green, bare) = (&Purpose::ALL[..], &Purpose::ALL[..0]);
        let facts = match spread(n, 3) % 100 {
            0..3 => added.apply(looked, &seen(&setup, looked, bare)),
            3..5 => added.apply(looked, &seen(&setup, looked, &Purpose::ALL[..2])),
            5 => added.apply(looked, &seen(&setup, looked, bare)).apply(looked, &Event::NameHeld),
            6 => failing(&added.apply(looked, &seen(&setup, looked, green)), looked),
            rest => {
                let expired = if rest == 7 { 91 * DAY_MS } else { 0 };
                let (facts, secret) = self.issued(n, &setup, &added, issued.plus(-expired), secret);
                let facts = facts.apply(looked, &seen(&setup, looked, if rest == 8 { bare } else { green }));
                let facts = if rest == 9 { facts.apply(looked, &Event::Switched { on: false }) } else { facts };
                return Import { setup, facts, secret };
            }
        };
        Import { setup, facts, secret: None }
    }

    fn setup(&self, n: usize) -> Setup {
        let small = 1 + n % (CUSTOMERS - 1);
        let hostname = format!("{}.{}{n}.gov.test", SERVICES[n % SERVICES.len()], PLACES[n / 7 % PLACES.len()]);
        let unique = (n as u128).to_be_bytes();
        Setup {
            id: DomainId::new(new_id(self.now)),
            customer: self.customers[if n.is_multiple_of(10) { 0 } else { small }].clone(),
            agency: None,
            name: format!("Office {n}"),
            hostname: Hostname::parse_form(&hostname).expect("a name"),
            alias: "portal".into(),
            verification_method: VerificationMethod::Txt,
            ssl_validation: SslValidation::Dns,
            token: Token::from_random(unique),
            dcv_label: DcvLabel::from_random(unique),
            created_at: self.now,
        }
    }

    /// Verified, routed, with a certificate that the edge has shown.
    fn issued(
        &self,
        n: usize,
        setup: &Setup,
        added: &Facts,
        at: Millis,
        secret: bool,
    ) -> (Facts, Option<(KeyMaterial, String)>) {
        let (order, key) = (OrderId::new(new_id(at)), KeyId::new(new_id(at)));
        let (secret, fingerprint) = if secret { self.certificate(n, setup) } else { (None, format!("{n:064x}")) };
        let certificate = Certificate {
            id: CertificateId::new(new_id(at)),
            key: key.clone(),
            source: Source::Acme,
            names: vec![setup.hostname.to_string()],
            authority: "Bench Trust".into(),
            issuer: "CN=Bench Intermediate".into(),
            serial: format!("{n:x}"),
            fingerprint_sha256: fingerprint.clone(),
            not_before: at,
            not_after: at.plus(90 * DAY_MS),
            ari_id: None,
        };
        let planned = Event::OrderPlanned {
            order: order.clone(),
            ca: "ca".into(),
            key,
            validation: SslValidation::Dns,
            authorities: vec!["ca".into()],
        };
        let facts = added.apply(at, &seen(setup, at, &Purpose::ALL)).apply(at, &planned);
        let facts = facts.apply(at, &Event::Issued { order, certificate });
        let facts = facts.apply(at, &Event::Handshaken { outcome: Ok(fingerprint) });
        (facts, secret)
    }

    /// A key and its chain, and the leaf's fingerprint.
    fn certificate(&self, n: usize, setup: &Setup) -> (Option<(KeyMaterial, String)>, String) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![setup.hostname.to_string()]).expect("a name");
        params.serial_number = Some(SerialNumber::from(n as u64 + 1));
        let leaf = params.signed_by(&key, &self.authority).expect("signs");
        let pkcs8 = Zeroizing::new(key.serialize_der());
        let fingerprint = HEXLOWER.encode(digest(&SHA256, leaf.der()).as_ref());
        let key = KeyMaterial { pkcs8, csr_der: vec![0x30; 300] };
        (Some((key, format!("{}{}", leaf.pem(), self.intermediate))), fingerprint)
    }
}

/// A look at which two servers show these records, and nothing else.
fn seen(setup: &Setup, at: Millis, published: &[Purpose]) -> Event {
    let place = Place {
        record_label: "_padlock".into(),
        dcv_zone: "dcv.padlock.test".into(),
        edge_hostname: "edge.padlock.test".into(),
    };
    let address = "192.0.2.1".parse().expect("an address");
    let records = setup.wanted(&place).into_iter().map(|wanted| {
        let found = Found { rtype: wanted.rtype, value: wanted.value.clone(), ttl: 300 };
        let reply = if published.contains(&wanted.purpose) { Reply::Records(vec![found]) } else { Reply::NxDomain };
        let answer = |server: &str| ServerAnswer { server: server.into(), address, reply: reply.clone() };
        let answers = vec![answer("ns1.gov.test"), answer("ns2.gov.test")];
        RecordSeen { answers, wanted, resolver: Some(reply.clone()) }
    });
    let zone = Ok(ZoneCut { apex: "gov.test".into(), servers: Vec::new() });
    let observation =
        Observation { at, took_ms: 9, zone, records: records.collect(), edge_addresses: vec![address], file: None };
    Event::Looked { observation, why: Why::Curve }
}

fn failing(facts: &Facts, at: Millis) -> Facts {
    let (order, key) = (OrderId::new("failed"), KeyId::new("failed"));
    let problem =
        Problem { kind: ProblemKind::CaaForbids, name: "caa".into(), detail: "CAA record forbids issuance".into() };
    facts
        .apply(
            at,
            &Event::OrderPlanned {
                order: order.clone(),
                ca: "ca".into(),
                key,
                validation: SslValidation::Dns,
                authorities: vec!["ca".into()],
            },
        )
        .apply(at, &Event::OrderFailed { order, problem, retry_after: None })
}

/// The same number for the same domain and purpose in every run (SplitMix64).
fn spread(n: usize, purpose: u64) -> i64 {
    let z = (n as u64).wrapping_add(purpose << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((z ^ (z >> 27)) >> 2).cast_signed()
}

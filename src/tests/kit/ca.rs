//! A scripted CA: keeps orders by URL as a real one does, signs with a CA of its own, counts by its own limits, and behaves
//! as it is told to.

use super::fuse::Fuse;
use super::ledger::Ledger;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use padlock::acme::{Ca, CaError, NewOrder, Opened, Progress, Proof, Renewal};
use padlock::domain::limits::{Counted, Limits};
use padlock::domain::problem::{Problem, ProblemKind};
use padlock::domain::revocation::Reason;
use padlock::domain::setup::SslValidation;
use padlock::domain::time::{DAY_MS, Millis};
use padlock::probe::page::{self, Got};
use padlock::responder::Shown;
use padlock::worker::clock::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertificateSigningRequestParams,
    CertifiedIssuer, CrlDistributionPoint, DnType, IsCa, KeyIdMethod, KeyPair, RevocationReason, RevokedCertParams,
    SerialNumber,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tower_sessions::cookie::time::OffsetDateTime;

/// A CA whose mind the test knows.
#[derive(Clone)]
pub(crate) struct ScriptedCa(Arc<Inner>);

struct Inner {
    name: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    clock: Clock,
    shown: Shown,
    fuse: Fuse,
    labels: Mutex<HashSet<String>>,
    edge: Mutex<Option<SocketAddr>>,
    list_url: Mutex<Option<String>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    orders: HashMap<String, Order>,
    troubles: VecDeque<CaError>,
    temper: Option<Temper>,
    advice: Option<Advice>,
    ledger: Ledger,
    calls: Vec<(Millis, Call, String)>,
    life_ms: i64,
    made: Vec<Made>,
}

struct Order {
    name: String,
    value: String,
    counted: Counted,
    chain: Option<String>,
    slow_until: Option<Millis>,
}

/// A certificate that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) number: usize,
    pub(crate) not_before: Millis,
    pub(crate) not_after: Millis,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Open,
    Proof,
    Advance,
    Renewal,
    Revoke,
}

/// How it takes a call.
pub(crate) enum Mood {
    /// As it should.
    Well,
    /// It fails before anything has happened.
    Fails(CaError),
    /// It does what was asked, and the answer is lost.
    Lost(CaError),
    /// It takes until then to make the certificate.
    Slow(Millis),
    /// It makes a certificate for another name.
    Wrong,
}

type Temper = Box<dyn FnMut(Call, Millis) -> Mood + Send>;
type Advice = Box<dyn FnMut(Made, Millis) -> Option<Renewal> + Send>;

/// Serial numbers are eight octets, the first of which is this: positive, and never cut short.
const SERIAL_BASE: u64 = 0x40 << 56;

impl ScriptedCa {
    pub(crate) fn new(clock: Clock, shown: Shown, fuse: Fuse) -> Self {
        Self::named("scripted", clock, shown, fuse)
    }

    pub(crate) fn named(name: &str, clock: Clock, shown: Shown, fuse: Fuse) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Scripted CA");
        params.distinguished_name.push(DnType::CommonName, "Scripted CA Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let state = Mutex::new(State { life_ms: 90 * DAY_MS, ..State::default() });
        let (labels, edge, list_url) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { name: name.to_owned(), issuer, clock, shown, fuse, labels, edge, list_url, state }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// The next call fails like this.
    pub(crate) fn fail_next(&self, error: CaError) {
        self.state().troubles.push_back(error);
    }

    /// How it takes each call from now on.
    pub(crate) fn set_temper(&self, temper: impl FnMut(Call, Millis) -> Mood + Send + 'static) {
        self.state().temper = Some(Box::new(temper));
    }

    /// What it says from now on of when to renew a certificate.
    pub(crate) fn set_advice(&self, advice: impl FnMut(Made, Millis) -> Option<Renewal> + Send + 'static) {
        self.state().advice = Some(Box::new(advice));
    }

    /// Which limits it has, and says that it has.
    pub(crate) fn set_limits(&self, limits: Limits) {
        self.state().ledger = Ledger::new(limits);
    }

    /// How long its certificates live from now on.
    pub(crate) fn set_life(&self, ms: i64) {
        self.state().life_ms = ms;
    }

    /// Its certificates say from now on that its list is here.
    pub(crate) fn publish_list(&self, url: &str) {
        *self.0.list_url.lock().unwrap() = Some(url.to_owned());
    }

    /// Its list of revoked certificates, by their numbers, from `at` on for a week.
    pub(crate) fn list(&self, revoked: &[usize], at: Millis) -> Vec<u8> {
        let time = |Millis(ms): Millis| OffsetDateTime::from_unix_timestamp(ms / 1_000).unwrap();
        let one = |number: &usize| RevokedCertParams {
            serial_number: SerialNumber::from(SERIAL_BASE | *number as u64),
            revocation_time: time(at),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: time(at),
            next_update: time(at.plus(7 * DAY_MS)),
            crl_number: SerialNumber::from(at.0.unsigned_abs()),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(one).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0.issuer).unwrap().der().to_vec()
    }

    /// Orders that it knows.
    pub(crate) fn orders(&self) -> usize {
        self.state().orders.len()
    }

    /// The name of each order.
    pub(crate) fn ordered_names(&self) -> Vec<String> {
        self.state().orders.values().map(|order| order.name.clone()).collect()
    }

    /// Certificates that it made.
    pub(crate) fn issued(&self) -> usize {
        self.state().made.len()
    }

    /// Orders that came although a limit was reached.
    pub(crate) fn overruns(&self) -> Vec<String> {
        self.state().ledger.overruns.clone()
    }

    /// Every call so far: when, what, and for which name or URL.
    pub(crate) fn calls(&self) -> Vec<(Millis, Call, String)> {
        self.state().calls.clone()
    }

    fn mood(&self, call: Call, about: &str) -> Result<Mood, CaError> {
        let (now, mut state) = (self.0.clock.now(), self.state());
        let name = state.orders.get(about).map_or_else(|| about.to_owned(), |order| order.name.clone());
        state.calls.push((now, call, name));
        if let Some(error) = state.troubles.pop_front() {
            return Err(error);
        }
        match state.temper.as_mut().map_or(Mood::Well, |temper| temper(call, now)) {
            Mood::Fails(error) => {
                if error.problem.kind == ProblemKind::Validation
                    && let Some(name) = state.orders.get(about).map(|order| order.name.clone())
                {
                    state.ledger.failed(&name, now);
                }
                Err(error)
            }
            mood => Ok(mood),
        }
    }

    fn sign(&self, name: &str, csr_der: &[u8], made: Made) -> String {
        let csr = CertificateSigningRequestParams::from_der(&csr_der.to_vec().into()).unwrap();
        assert_eq!(csr.params.subject_alt_names.len(), 1, "one certificate per host");
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let at = |Millis(ms): Millis| OffsetDateTime::from_unix_timestamp(ms / 1_000).unwrap();
        (params.not_before, params.not_after) = (at(made.not_before), at(made.not_after));
        params.serial_number = Some(SerialNumber::from(SERIAL_BASE | made.number as u64));
        params.use_authority_key_identifier_extension = true;
        let list = self.0.list_url.lock().unwrap().clone();
        params.crl_distribution_points = list.into_iter().map(|url| CrlDistributionPoint { uris: vec![url] }).collect();
        let leaf = params.signed_by(&csr.public_key, &self.0.issuer).unwrap();
        format!("{}{}", leaf.pem(), self.0.issuer.pem())
    }

    /// Whether any name of the challenge zone shows this value: this CA asks no resolver.
    fn is_on_show(&self, value: &str) -> bool {
        let zone = self.0.shown.zone();
        self.0.labels.lock().unwrap().iter().any(|label| zone.shows(label, value))
    }

    /// Whether the edge answers with this key authorization: this CA asks no resolver.
    async fn is_answered(&self, name: &str, value: &str) -> bool {
        let Some(edge) = *self.0.edge.lock().unwrap() else { return false };
        let token = value.split('.').next().unwrap();
        let path = format!("/.well-known/acme-challenge/{token}");
        let got = page::get(edge, name, &path, false, Duration::from_secs(5)).await;
        matches!(got, Got::Page(page) if page.status == 200 && page.body == value)
    }

    /// Where this CA looks for files.
    pub(crate) fn visit_at(&self, edge: SocketAddr) {
        *self.0.edge.lock().unwrap() = Some(edge);
    }

    /// A label at which this CA looks for proofs.
    pub(crate) fn look_at(&self, label: &str) {
        self.0.labels.lock().unwrap().insert(label.to_owned());
    }

    fn begin(&self, wanted: NewOrder<'_>) -> Result<String, CaError> {
        let now = self.0.clock.now();
        let due = wanted.replaces.and_then(|ari_id| self.advised(ari_id, now));
        let mut state = self.state();
        let (name, number) = (wanted.names[0].clone(), state.orders.len());
        let counted = state.ledger.counted(&name, due.is_some_and(|window| window.start <= now));
        state.ledger.open(&name, counted, now).map_err(|words| refused(ProblemKind::RateLimited, &words))?;
        let (url, value) =
            (format!("https://{}.test/order/{number}", self.0.name), format!("{}-{number}.key", self.0.name));
        state.orders.insert(url.clone(), Order { name, value, counted, chain: None, slow_until: None });
        Ok(url)
    }

    async fn step(
        &self,
        url: &str,
        validation: SslValidation,
        csr_der: Option<&[u8]>,
        mood: &Mood,
    ) -> Result<Progress, CaError> {
        let (name, value) = {
            let order = &self.state().orders[url];
            (order.name.clone(), order.value.clone())
        };
        let is_shown = match validation {
            SslValidation::Dns => self.is_on_show(&value),
            SslValidation::Http => self.is_answered(&name, &value).await,
        };
        let (now, mut state) = (self.0.clock.now(), self.state());
        let (life_ms, number) = (state.life_ms, state.made.len());
        let state = &mut *state;
        let order = state.orders.get_mut(url).expect("an order that was opened");
        if order.chain.is_none() {
            if !is_shown {
                state.ledger.failed(&order.name, now);
                return Err(refused(ProblemKind::Validation, "The answer was not found"));
            }
            let Some(csr_der) = csr_der else { return Ok(Progress::Waiting { issuing: true, retry_after_ms: None }) };
            if let Mood::Slow(until) = mood {
                order.slow_until.get_or_insert(*until);
            }
            if let Some(left) = order.slow_until.map(|until| until.since(now)).filter(|left| *left > 0) {
                return Ok(Progress::Waiting { issuing: true, retry_after_ms: Some(left.cast_unsigned()) });
            }
            let not_before = now.plus(-60_000);
            let made = Made { number, not_before, not_after: not_before.plus(life_ms) };
            let name = if matches!(mood, Mood::Wrong) { "another.name.test" } else { &order.name };
            order.chain = Some(self.sign(name, csr_der, made));
            state.made.push(made);
            state.ledger.issued(&order.name, order.counted, now);
        }
        let chain_pem = state.orders[url].chain.clone().unwrap();
        Ok(Progress::Issued { chain_pem })
    }

    fn advised(&self, ari_id: &str, now: Millis) -> Option<Renewal> {
        let serial = URL_SAFE_NO_PAD.decode(ari_id.split_once('.')?.1).ok()?;
        let number = u64::from_be_bytes(serial.try_into().ok()?) & !SERIAL_BASE;
        let mut state = self.state();
        let made = *state.made.get(usize::try_from(number).ok()?)?;
        state.advice.as_mut()?(made, now)
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

/// The answer, unless it is lost on its way.
fn heard<T>(mood: Mood, answer: T) -> Result<T, CaError> {
    if let Mood::Lost(error) = mood { Err(error) } else { Ok(answer) }
}

impl Ca for ScriptedCa {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn limits(&self) -> Limits {
        self.state().ledger.limits()
    }

    fn open<'a>(&'a self, wanted: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let mood = self.mood(Call::Open, &wanted.names[0])?;
            let url = self.begin(wanted)?;
            self.0.fuse.point().await;
            heard(mood, Opened { url, expires: None })
        })
    }

    fn proof<'a>(&'a self, order_url: &'a str, _: SslValidation) -> BoxFuture<'a, Result<Proof, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let mood = self.mood(Call::Proof, order_url)?;
            let value = self.state().orders[order_url].value.clone();
            heard(mood, Proof::Show(vec![value]))
        })
    }

    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        validation: SslValidation,
        csr_der: Option<&'a [u8]>,
        _: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let mood = self.mood(Call::Advance, order_url)?;
            let progress = self.step(order_url, validation, csr_der, &mood).await;
            self.0.fuse.point().await;
            progress.and_then(|progress| heard(mood, progress))
        })
    }

    fn revoke<'a>(&'a self, _: &'a [u8], reason: Reason) -> BoxFuture<'a, Result<(), CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let mood = self.mood(Call::Revoke, reason.word())?;
            heard(mood, ())
        })
    }

    fn renewal<'a>(&'a self, ari_id: &'a str) -> BoxFuture<'a, Result<Option<Renewal>, CaError>> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let mood = self.mood(Call::Renewal, ari_id)?;
            heard(mood, self.advised(ari_id, self.0.clock.now()))
        })
    }
}

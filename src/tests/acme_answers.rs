//! The ACME client against a CA that misbehaves: limits, outages, lost answers, junk, wrong certificates, lost accounts.

use crate::kit::fake_ca::{ALWAYS, Endpoint, FakeCa, Fault, Flaw, Habits};
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use padlock::acme::key::{KeyAndCsr, new_key};
use padlock::acme::{Ca, CaError, NewOrder, Progress, chain};
use padlock::domain::hostname::Hostname;
use padlock::domain::problem::{Problem, ProblemKind};
use padlock::domain::setup::SslValidation;
use padlock::domain::time::{MINUTE_MS, Millis};
use padlock::worker::clock::Clock;
use std::time::Duration;

const NAME: &str = "portal.court.test";
const PATIENCE_MS: u64 = 20_000;
/// Calls that an order gets in these tests: more than it needs when one thing goes wrong.
const CALLS: usize = 8;

pub(crate) fn names() -> Vec<String> {
    vec![NAME.to_owned()]
}

pub(crate) const fn wanted(names: &[String]) -> NewOrder<'_> {
    NewOrder { names, replaces: None }
}

pub(crate) fn made_key() -> KeyAndCsr {
    new_key(&names()).expect("a key")
}

/// One order's way to its chain as a worker goes it: what fails and ends nothing is called again.
struct Way {
    key: KeyAndCsr,
    url: Option<String>,
    errors: Vec<CaError>,
}

impl Way {
    fn new() -> Self {
        Self { key: made_key(), url: None, errors: Vec::new() }
    }

    /// Goes on until there is a chain; an order that was refused before it was opened is asked for again.
    async fn walk(&mut self, ca: &AcmeCa) -> String {
        for _ in 0..CALLS {
            match self.call(ca).await {
                Ok(Some(chain_pem)) => return chain_pem,
                Ok(None) => {}
                Err(error) => {
                    assert!(self.url.is_none() || !error.ends_order, "{error:?}");
                    self.errors.push(error);
                }
            }
        }
        panic!("no certificate after {CALLS} calls: {:?}", self.errors);
    }

    async fn call(&mut self, ca: &AcmeCa) -> Result<Option<String>, CaError> {
        let Some(url) = &self.url else {
            self.url = Some(ca.open(wanted(&names())).await?.url);
            return Ok(None);
        };
        ca.proof(url, SslValidation::Dns).await?;
        match ca.advance(url, SslValidation::Dns, Some(&self.key.csr_der), PATIENCE_MS).await? {
            Progress::Issued { chain_pem } => Ok(Some(chain_pem)),
            Progress::Waiting { .. } => Ok(None),
        }
    }
}

/// A certificate's chain, with nothing going wrong.
pub(crate) async fn issue(client: &AcmeCa) -> String {
    let mut way = Way::new();
    let chain_pem = way.walk(client).await;
    assert!(way.errors.is_empty(), "{:?}", way.errors);
    chain_pem
}

#[track_caller]
fn assert_refused(got: &CaError, kind: ProblemKind, ends_order: bool, retry_after_ms: Option<u64>) {
    assert_eq!((got.problem.kind, got.ends_order, got.retry_after_ms), (kind, ends_order, retry_after_ms), "{got:?}");
}

/// What goes wrong once at an endpoint costs an error at most, never the order and never a second one.
async fn at_every_endpoint(fault: Fault, check: impl Fn(Endpoint, &CaError)) {
    let ca = FakeCa::start().await;
    for (n, endpoint) in Endpoint::WAY.into_iter().enumerate() {
        ca.fails(endpoint, fault.clone(), 1);
        let mut way = Way::new();
        // A client of its own: one that is registered asks neither directory nor account again.
        way.walk(&ca.client()).await;
        assert!(way.errors.len() <= 1, "{endpoint:?}: {:?}", way.errors);
        way.errors.iter().for_each(|error| check(endpoint, error));
        assert_eq!(ca.orders(), n + 1, "{endpoint:?} {fault:?}");
        assert_eq!(ca.finalized(), 1, "{endpoint:?} {fault:?}");
    }
}

#[tokio::test]
async fn an_outage_of_any_endpoint_costs_no_order() {
    let ends_nothing =
        |retry_after_ms| move |_, error: &CaError| assert_refused(error, ProblemKind::Outage, false, retry_after_ms);
    let refused = Fault::Refused { status: 503, word: "serverInternal", retry_after: Some("120") };
    at_every_endpoint(refused, ends_nothing(Some(120_000))).await;
    at_every_endpoint(Fault::refused(500, "serverInternal"), ends_nothing(None)).await;
    at_every_endpoint(Fault::unavailable(), ends_nothing(None)).await;
}

#[tokio::test]
async fn a_limit_at_any_endpoint_costs_no_order() {
    // Before an order is opened, a limit is a reason to plan anew or elsewhere; after that it is a pause.
    let early = [Endpoint::Directory, Endpoint::NewNonce, Endpoint::NewAccount, Endpoint::NewOrder];
    for (retry_after, ms) in [(Some("3600"), Some(3_600_000)), (None, None)] {
        let fault = Fault::Refused { status: 429, word: "rateLimited", retry_after };
        at_every_endpoint(fault, |endpoint, error| {
            assert_refused(error, ProblemKind::RateLimited, early.contains(&endpoint), ms);
        })
        .await;
    }
}

#[tokio::test]
async fn junk_and_redirects_at_any_endpoint_cost_no_order() {
    let ends_nothing = |_, error: &CaError| assert_refused(error, ProblemKind::Outage, false, None);
    let away = Fault::Answered {
        status: 302,
        headers: vec![("location", "https://127.0.0.1:1/elsewhere".into())],
        body: String::new(),
    };
    at_every_endpoint(away, ends_nothing).await;
    let ca = FakeCa::start().await;
    for (endpoint, junk) in Endpoint::WAY.into_iter().take(8).flat_map(|at| [(at, "<html>"), (at, r#"{"status":"#)]) {
        ca.fails(endpoint, Fault::junk(junk), 1);
        let mut way = Way::new();
        way.walk(&ca.client()).await;
        way.errors.iter().for_each(|error| ends_nothing(endpoint, error));
    }
    assert_eq!(ca.orders(), 16);
}

#[tokio::test]
async fn lost_answers_cost_no_certificate() {
    let ca = FakeCa::start().await;
    for (endpoint, fault) in Endpoint::WAY.into_iter().flat_map(|at| [(at, Fault::AnswerLost), (at, Fault::AnswerCut)])
    {
        let before = ca.orders();
        ca.fails(endpoint, fault.clone(), 1);
        let mut way = Way::new();
        way.walk(&ca.client()).await;
        way.errors.iter().for_each(|error| assert_refused(error, ProblemKind::Outage, false, None));
        // Only an order whose URL never reached us is left behind.
        let unheard = matches!((endpoint, &fault), (Endpoint::NewOrder, Fault::AnswerLost));
        assert_eq!(ca.orders() - before, 1 + usize::from(unheard), "{endpoint:?} {fault:?}");
    }
}

#[tokio::test]
async fn a_pause_may_be_named_by_its_end() {
    // RFC 9110's own example: Sun, 06 Nov 1994 08:49:37 GMT.
    let ca = FakeCa::with("fake", Clock::by_hand(Millis(784_111_777_000)), Habits::default()).await;
    let until = "Sun, 06 Nov 1994 11:49:37 GMT";
    ca.fails(Endpoint::NewOrder, Fault::Refused { status: 429, word: "rateLimited", retry_after: Some(until) }, 1);
    let got = ca.client().open(wanted(&names())).await.expect_err("limited");
    assert_refused(&got, ProblemKind::RateLimited, true, Some(3 * 3_600_000));
    assert_eq!(got.problem.detail, "CA words");
}

#[tokio::test]
async fn an_answer_that_drips_is_left() {
    let (ca, key) = (FakeCa::start().await, made_key());
    let url = ca.client().open(wanted(&names())).await.expect("an order").url;
    let settings = CaSettings { call_limit: Some(Duration::from_secs(2)), ..ca.settings() };
    let client = AcmeCa::new(settings, AccountKey::generate().expect("randomness")).expect("roots");
    client.standing().await.expect("an account");
    ca.fails(Endpoint::Order, Fault::AnswerDripping, ALWAYS);
    let got =
        client.advance(&url, SslValidation::Dns, Some(&key.csr_der), PATIENCE_MS).await.expect_err("no end of it");
    assert_refused(&got, ProblemKind::Outage, false, None);
    assert_eq!(got.problem.name, "timeout");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    let url = client.open(wanted(&names())).await.expect("an order").url;
    ca.fails(Endpoint::Authorization, Fault::junk(&" ".repeat(2 << 20)), ALWAYS);
    let got = client.proof(&url, SslValidation::Dns).await.expect_err("too long");
    assert_refused(&got, ProblemKind::Outage, false, None);
    assert!(got.problem.detail.contains("length limit exceeded"), "{got:?}");
}

#[tokio::test]
async fn an_order_is_processed_for_ten_minutes_and_finalized_once() {
    let clock = Clock::by_hand(Clock::system().now());
    let habits = Habits { processing_ms: 10 * MINUTE_MS, retry_after: Some("60"), ..Habits::default() };
    let (ca, key) = (FakeCa::with("fake", clock.clone(), habits).await, made_key());
    let client = ca.client();
    let url = client.open(wanted(&names())).await.expect("an order").url;
    let mut waits = 0;
    let chain_pem = loop {
        let asked = ca.times_asked(Endpoint::Order);
        match client.advance(&url, SslValidation::Dns, Some(&key.csr_der), PATIENCE_MS).await.expect("progress") {
            Progress::Issued { chain_pem } => break chain_pem,
            Progress::Waiting { issuing, retry_after_ms } => {
                assert_eq!((issuing, retry_after_ms), (true, Some(60_000)));
                assert!(waits == 0 || ca.times_asked(Endpoint::Order) == asked + 1, "no sooner than the CA wants");
            }
        }
        waits += 1;
        clock.turn(MINUTE_MS);
    };
    assert_eq!((waits, ca.finalized()), (10, 1));
    assert!(chain_pem.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn a_ca_that_forgets_signing_requests_is_asked_less_and_less() {
    let (ca, key) = (FakeCa::start().await, made_key());
    ca.change(|habits| habits.forgets_requests = true);
    let client = ca.client();
    let url = client.open(wanted(&names())).await.expect("an order").url;
    let waiting = client.advance(&url, SslValidation::Dns, Some(&key.csr_der), 1_000).await.expect("progress");
    assert!(matches!(waiting, Progress::Waiting { issuing: true, .. }), "{waiting:?}");
    let requests = ca.times_asked(Endpoint::Finalize);
    assert!((2..=20).contains(&requests), "{requests} in a second");
    ca.change(|habits| habits.forgets_requests = false);
    let done = client.advance(&url, SslValidation::Dns, Some(&key.csr_der), PATIENCE_MS).await.expect("progress");
    assert!(matches!(done, Progress::Issued { .. }), "{done:?}");
}

#[tokio::test]
async fn a_certificate_that_was_not_ordered_is_refused() {
    for (flaw, name) in [
        (Flaw::WrongChain, "chain_order"),
        (Flaw::OtherKey, "chain_key"),
        (Flaw::OtherName, "chain_names"),
        (Flaw::Expired, "chain_dates"),
        (Flaw::Junk, "chain_unreadable"),
    ] {
        let ca = FakeCa::start().await;
        ca.change(|habits| habits.flaw = Some(flaw));
        let mut way = Way::new();
        let chain_pem = way.walk(&ca.client()).await;
        let hostname = Hostname::parse_form(NAME).expect("a name");
        let got = chain::check(&chain_pem, &way.key.csr_der, &hostname, Clock::system().now()).expect_err(name);
        assert_eq!((got.kind, got.name.as_str()), (ProblemKind::BadCertificate, name), "{}", got.detail);
    }
}

#[tokio::test]
async fn an_order_that_turns_invalid_ends_with_the_cas_words() {
    for (word, kind) in [("caa", ProblemKind::CaaForbids), ("dns", ProblemKind::Validation)] {
        let (ca, key) = (FakeCa::start().await, made_key());
        ca.change(|habits| habits.processing_ms = MINUTE_MS);
        let client = ca.client();
        let url = client.open(wanted(&names())).await.expect("an order").url;
        let waiting = client.advance(&url, SslValidation::Dns, Some(&key.csr_der), 0).await.expect("progress");
        assert!(matches!(waiting, Progress::Waiting { .. }), "{waiting:?}");
        ca.invalidate_orders(word, "changed its mind");
        let got = client.advance(&url, SslValidation::Dns, Some(&key.csr_der), 0).await.expect_err("over");
        let Problem { kind: got_kind, detail, .. } = &got.problem;
        assert_eq!((*got_kind, detail.as_str(), got.ends_order), (kind, "changed its mind", true));
    }
}

#[tokio::test]
async fn refused_nonces_cost_no_certificate() {
    let ca = FakeCa::start().await;
    ca.refuse_nonces(30);
    let client = ca.client();
    for _ in 0..20 {
        issue(&client).await;
    }
    assert_eq!(ca.orders(), 20);
}

#[tokio::test]
async fn one_nonce_is_asked_for_and_then_each_answer_brings_the_next() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    for _ in 0..3 {
        client.open(wanted(&names())).await.expect("an order");
    }
    assert_eq!((ca.times_asked(Endpoint::NewNonce), ca.orders()), (1, 3));
}

#[tokio::test]
async fn a_directory_that_changed_is_read_again() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    issue(&client).await;
    ca.move_endpoints();
    issue(&client).await;
    assert_eq!((ca.orders(), ca.accounts()), (2, 1), "the same account at its new place");
}

#[tokio::test]
async fn a_forgotten_account_is_registered_again() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    let lost = client.open(wanted(&names())).await.expect("an order").url;
    ca.forget_accounts();
    let got = client.proof(&lost, SslValidation::Dns).await.expect_err("forgotten with its account");
    assert!(got.ends_order, "{got:?}");
    issue(&client).await;
    assert_eq!((ca.orders(), ca.accounts()), (1, 1));
    ca.forget_accounts();
    issue(&client).await;
    assert_eq!((ca.orders(), ca.accounts()), (1, 1), "without an order's failing for it");
}

#[tokio::test]
async fn a_deactivated_account_is_an_operators_matter() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    client.standing().await.expect("an account");
    ca.deactivate_accounts();
    let got = client.open(wanted(&names())).await.expect_err("deactivated");
    assert_refused(&got, ProblemKind::Account, true, None);
    assert_eq!((got.problem.detail.as_str(), ca.orders()), ("the account is deactivated", 0));
}

#[tokio::test]
async fn a_ca_that_is_down_is_asked_once_for_all_who_wait() {
    let ca = FakeCa::start().await;
    ca.fails(Endpoint::Directory, Fault::unavailable(), ALWAYS);
    let client = ca.client();
    for outcome in futures::future::join_all((0..5).map(|_| client.standing())).await {
        assert_refused(&outcome.expect_err("down"), ProblemKind::Outage, false, None);
    }
    assert_eq!(ca.requests(), 1);
    ca.recovers();
    assert_eq!(client.standing().await.expect("up again").caa_identities, ["ca.test"]);
}

//! The whole house on a CA that misbehaves: real HTTPS to a CA of our own, a clock turned by hand.

use crate::kit::fake_ca::{ALWAYS, Endpoint, FakeCa, Fault, Flaw, Habits, Proofs};
use crate::kit::stage::{DCV_ZONE, Stage};
use padlock::acme::Ca;
use padlock::acme::client::AcmeCa;
use padlock::domain::record::Purpose;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use padlock::wire::when::When;
use padlock::worker::run::Worker;
use std::sync::Arc;

/// A domain whose records are right, and the CA that it depends on.
struct Scene {
    stage: Stage,
    ca: FakeCa,
    clients: Vec<Arc<AcmeCa>>,
    id: String,
    proofs: Proofs,
}

impl Scene {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let ca = FakeCa::with("fake", stage.clock.clone(), Habits::default()).await;
        let view = stage.add("portal.court.test").await;
        stage.publish(&view, &Purpose::ALL);
        let label = view.dns_records[1].value.strip_suffix(&format!(".{DCV_ZONE}")).unwrap().to_owned();
        let shown = stage.shown.clone();
        let looks = move |_: &str, value: &str| shown.zone().shows(&label, value);
        let proofs = Proofs::Told(Arc::new(looks));
        ca.change(|habits| habits.proofs = proofs.clone());
        Self { clients: vec![Arc::new(ca.client())], stage, ca, id: view.id, proofs }
    }

    /// Another CA, after those that are there.
    async fn fall_back_to(&mut self, name: &str) -> FakeCa {
        let habits = Habits { proofs: self.proofs.clone(), ..Habits::default() };
        let ca = FakeCa::with(name, self.stage.clock.clone(), habits).await;
        self.clients.push(Arc::new(ca.client()));
        ca
    }

    /// Turns the clock and does everything that is due then.
    async fn later(&self, ms: i64) {
        self.stage.clock.turn(ms);
        let mut tools = self.stage.tools();
        tools.cas = self.clients.iter().map(|client| client.clone() as Arc<dyn Ca>).collect();
        Worker::new(tools, self.stage.clock.clone(), "worker".into()).pass().await.unwrap();
    }

    async fn is_ready(&self) -> bool {
        self.stage.view(&self.id).await.ready
    }

    /// Lets time pass until the domain is Active, in at most so many steps; gives their number.
    async fn ready_within(&self, steps: usize, step_ms: i64) -> usize {
        for step in 0..steps {
            self.later(step_ms).await;
            if self.is_ready().await {
                self.stage.assert_tidy();
                return step + 1;
            }
        }
        panic!("not Active after {steps} steps: {:#?}", self.stage.view(&self.id).await);
    }
}

#[tokio::test]
async fn a_limit_of_three_hours_is_kept_to_the_minute() {
    let scene = Scene::new().await;
    let limit = Fault::Refused { status: 429, word: "rateLimited", retry_after: Some("10800") };
    scene.ca.fails(Endpoint::NewOrder, limit, 1);
    scene.later(0).await;
    let asked = scene.ca.requests();
    assert_eq!((scene.ca.times_asked(Endpoint::NewOrder), scene.is_ready().await), (1, false));
    for _ in 0..17 {
        scene.later(10 * MINUTE_MS).await;
    }
    scene.later(9 * MINUTE_MS + 59_000).await;
    assert_eq!(scene.ca.requests(), asked, "no request of any kind in 2 hours, 59 minutes and 59 seconds");
    scene.ready_within(20, MINUTE_MS).await;
    assert_eq!(scene.ca.orders(), 1);
}

/// Every endpoint fails once, in the order in which they are first asked.
async fn endures(fault: Fault, steps: usize, step_ms: i64) {
    let scene = Scene::new().await;
    Endpoint::WAY.into_iter().for_each(|endpoint| scene.ca.fails(endpoint, fault.clone(), 1));
    scene.ready_within(steps, step_ms).await;
    assert_eq!((scene.ca.orders(), scene.ca.finalized()), (1, 1), "{fault:?}");
}

#[tokio::test]
async fn an_outage_of_every_endpoint_in_turn_ends_active_with_one_order() {
    endures(Fault::unavailable(), 60, MINUTE_MS).await;
    let busy = Fault::Refused { status: 503, word: "rateLimited", retry_after: Some("120") };
    endures(busy, 60, MINUTE_MS).await;
}

#[tokio::test]
async fn a_limit_at_every_endpoint_in_turn_ends_active_with_one_order() {
    // Each refusal before there is an order counts as a try: the last of four is followed by a day's pause.
    endures(Fault::refused(429, "rateLimited"), 80, HOUR_MS).await;
    let until = Fault::Refused { status: 429, word: "rateLimited", retry_after: Some("120") };
    endures(until, 80, HOUR_MS).await;
}

#[tokio::test]
async fn an_order_in_processing_for_ten_minutes_is_finalized_once_and_not_hammered() {
    let scene = Scene::new().await;
    scene.ca.change(|habits| habits.processing_ms = 10 * MINUTE_MS);
    scene.later(0).await;
    assert_eq!(scene.stage.view(&scene.id).await.status_code, "issuing");
    for _ in 0..60 {
        scene.later(10_000).await;
    }
    scene.ready_within(3, MINUTE_MS).await;
    assert_eq!((scene.ca.orders(), scene.ca.finalized()), (1, 1));
    let looks = scene.ca.times_asked(Endpoint::Order);
    assert!(looks <= 150, "{looks} looks in ten minutes, though the CA named no time");
}

#[tokio::test]
async fn a_wrong_certificate_is_never_served() {
    let scene = Scene::new().await;
    scene.ca.change(|habits| habits.flaw = Some(Flaw::OtherKey));
    scene.later(0).await;
    let view = scene.stage.view(&scene.id).await;
    assert_eq!((view.ready, view.certificates.len(), scene.ca.orders()), (false, 0, 1), "{view:#?}");
    scene.ca.change(|habits| habits.flaw = None);
    scene.ready_within(30, MINUTE_MS).await;
    assert_eq!(scene.ca.orders(), 2);
}

#[tokio::test]
async fn a_download_that_breaks_off_is_repeated_on_the_same_order() {
    let scene = Scene::new().await;
    scene.ca.fails(Endpoint::Certificate, Fault::AnswerCut, 3);
    scene.ready_within(30, 10_000).await;
    assert_eq!((scene.ca.orders(), scene.ca.times_asked(Endpoint::Certificate)), (1, 4));
}

#[tokio::test]
async fn a_ca_that_is_down_for_a_day_is_not_hammered() {
    let scene = Scene::new().await;
    scene.ca.fails(Endpoint::Directory, Fault::unavailable(), ALWAYS);
    for _ in 0..24 * 4 {
        scene.later(HOUR_MS / 4).await;
    }
    let asked = scene.ca.requests();
    assert!(asked <= 60, "{asked} requests in a day to a CA that is down");
    scene.ca.recovers();
    scene.ready_within(30, HOUR_MS).await;
    assert_eq!(scene.ca.orders(), 1);
}

#[tokio::test]
async fn a_ca_that_fails_is_passed_over_and_asked_first_again_later() {
    let mut scene = Scene::new().await;
    let second = scene.fall_back_to("second").await;
    scene.ca.fails(
        Endpoint::NewOrder,
        Fault::Refused { status: 429, word: "rateLimited", retry_after: Some("86400") },
        1,
    );
    scene.ready_within(30, MINUTE_MS).await;
    assert_eq!((scene.ca.orders(), second.orders()), (0, 1));
    let authority = |view: &padlock::wire::domain::DomainView| view.certificates[0].certificate_authority.clone();
    assert_eq!(authority(&scene.stage.view(&scene.id).await), "second");

    // The renewal is the preferred CA's again.
    for _ in 0..4 * 70 {
        scene.later(DAY_MS / 4).await;
        if scene.ca.orders() == 1 {
            break;
        }
    }
    scene.later(MINUTE_MS).await;
    assert_eq!((scene.ca.orders(), second.orders()), (1, 1));
    assert_eq!(authority(&scene.stage.view(&scene.id).await), "fake");
}

#[tokio::test]
async fn a_renewal_says_what_it_replaces() {
    let scene = Scene::new().await;
    let Millis(now) = scene.stage.clock.now();
    let at = |days: i64| When(Millis(now - now % 1_000).plus(days * DAY_MS)).rfc3339();
    scene.ca.change(|habits| habits.window = Some((at(3), at(4))));
    scene.ready_within(10, MINUTE_MS).await;
    for _ in 0..4 * 5 {
        scene.later(DAY_MS / 4).await;
    }
    assert_eq!(scene.ca.orders(), 2, "renewed in the window that the CA named, once");
    assert!(scene.ca.last_wish().0.is_some(), "and said what it replaces");
    assert_eq!(scene.stage.view(&scene.id).await.certificates.len(), 2);
}

/// What a CA says to an order, and what is made of it.
const SAYS: &[(Endpoint, u16, &str, &str, &str)] = &[
    (Endpoint::NewOrder, 400, "rejectedIdentifier", "The name is on our list of high risk", "ca_policy"),
    (
        Endpoint::NewOrder,
        429,
        "rateLimited",
        "too many certificates (50) already issued for court.test",
        "ca_rate_domain",
    ),
    (
        Endpoint::NewOrder,
        429,
        "rateLimited",
        "too many certificates (5) for this exact set of identifiers",
        "ca_rate_exact",
    ),
    (Endpoint::NewOrder, 429, "rateLimited", "too many failed authorizations (5) for portal", "ca_rate_fail"),
    (Endpoint::NewOrder, 429, "rateLimited", "too many new orders (300) from this account", "ca_rate_orders"),
    (Endpoint::NewOrder, 429, "rateLimited", "Your account is temporarily paused for portal", "ca_paused"),
    (Endpoint::NewOrder, 403, "caa", "CAA record for portal.court.test prevents issuance", "caa_forbids"),
    (Endpoint::NewOrder, 403, "caa", "While processing CAA for portal.court.test: SERVFAIL", "caa_lookup"),
    (Endpoint::NewAccount, 403, "externalAccountRequired", "An external account is needed", "ca_account"),
    (Endpoint::Finalize, 400, "badCSR", "The key is weak", "ca_csr"),
    (
        Endpoint::Finalize,
        400,
        "connection",
        "During secondary validation: Fetching http://portal.court.test/: Timeout during connect",
        "http_geo",
    ),
    (Endpoint::Order, 404, "malformed", "No order for this ID", "ca_expired"),
];

#[tokio::test]
async fn what_a_ca_says_is_told_as_what_it_is() {
    for (endpoint, status, word, detail, code) in SAYS {
        let scene = Scene::new().await;
        let kind = format!("urn:ietf:params:acme:error:{word}");
        let body = serde_json::json!({ "type": kind, "detail": detail, "status": status }).to_string();
        let headers = vec![("content-type", "application/problem+json".to_owned())];
        scene.ca.fails(*endpoint, Fault::Answered { status: *status, headers, body }, ALWAYS);
        scene.later(0).await;
        let view = scene.stage.view(&scene.id).await;
        assert_eq!(view.status_code, *code, "{detail}: {:#?}", view.findings);
        // Mended, it goes on by itself, and nothing of it is told any more.
        scene.ca.recovers();
        scene.ready_within(60, HOUR_MS).await;
        assert_eq!(scene.stage.view(&scene.id).await.status_code, "ok", "{detail}");
    }
    let scene = Scene::new().await;
    scene.ca.fails(Endpoint::NewOrder, Fault::unavailable(), ALWAYS);
    // Told once it is no stumble any more.
    for _ in 0..6 {
        scene.later(10_000).await;
    }
    assert_eq!(scene.stage.view(&scene.id).await.status_code, "ca_outage");
    let scene = Scene::new().await;
    scene.ca.change(|habits| habits.proofs = Proofs::Told(Arc::new(|_: &str, _: &str| false)));
    scene.later(0).await;
    assert_eq!(scene.stage.view(&scene.id).await.status_code, "ca_token");
}

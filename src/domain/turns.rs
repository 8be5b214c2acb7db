//! Single turns of a domain's life that went wrong once, or easily would: no loops, no waits that nobody ends.

use super::certificate::Certificate;
use super::event::{Event, Why};
use super::facts::{Facts, Standing};
use super::id::{KeyId, OrderId};
use super::laws::{certificate, look, setup};
use super::observed::{Found, Observation, Reply, ServerAnswer};
use super::problem::{Problem, ProblemKind};
use super::record::RecordType;
use super::setup::SslValidation;
use super::step::{Asked, Step, next_step};
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, SECOND_MS};

/// In a look: everything right; the routing record wrong; every record silent.
pub(super) const RIGHT: u8 = 0;
const ELSEWHERE: u8 = 0b01_00_00;
const SILENT: u8 = 0b11_11_11;

pub(super) fn at(ms: i64) -> Millis {
    Millis(1_000 * DAY_MS + ms)
}

pub(super) fn looked(ms: i64, bits: u8) -> Event {
    Event::Looked { observation: look(at(ms).0, bits), why: Why::Curve }
}

pub(super) fn lives(until: i64, life: i64) -> Certificate {
    Certificate { not_before: at(until - life), not_after: at(until), ..certificate(1, 0) }
}

/// Applies events, each at its own moment.
pub(super) fn after(events: &[(i64, Event)]) -> Facts {
    events.iter().fold(Facts::added(at(0)), |facts, (ms, event)| facts.apply(at(*ms), event))
}

pub(super) fn planned(ms: i64) -> (i64, Event) {
    (
        ms,
        Event::OrderPlanned {
            order: OrderId::new("o"),
            ca: "ca".into(),
            key: KeyId::new("k"),
            validation: SslValidation::Dns,
            authorities: vec!["ca".into(), "other".into()],
        },
    )
}

pub(super) fn issued(ms: i64, certificate: Certificate) -> (i64, Event) {
    (ms, Event::Issued { order: OrderId::new("o"), certificate })
}

pub(super) fn served(ms: i64, certificate: &Certificate) -> (i64, Event) {
    (ms, Event::Handshaken { outcome: Ok(certificate.fingerprint_sha256.clone()) })
}

pub(super) fn failed(ms: i64, retry_after: Option<i64>) -> (i64, Event) {
    let problem = Problem { kind: ProblemKind::Validation, name: "x".into(), detail: "no".into() };
    (ms, Event::OrderFailed { order: OrderId::new("o"), problem, retry_after: retry_after.map(at) })
}

pub(super) fn step(facts: &Facts, asked: Asked, ms: i64) -> Step {
    next_step(&setup(), facts, asked, at(ms))
}

#[test]
fn a_certificate_that_ends_no_later_is_not_ordered_again_at_once() {
    let old = lives(10 * DAY_MS, 90 * DAY_MS);
    let (first, second) = (planned(1), planned(6));
    let facts = after(&[
        (0, looked(0, RIGHT)),
        first,
        issued(2, old.clone()),
        served(3, &old),
        (30 * DAY_MS, looked(5 * DAY_MS, RIGHT)),
        second,
        issued(5 * DAY_MS, Certificate { serial: "2".into(), ..lives(9 * DAY_MS, 6 * DAY_MS) }),
    ]);
    assert_eq!(facts.certificate, Some(old));
    let next = step(&facts, Asked::default(), 5 * DAY_MS + SECOND_MS);
    assert!(!matches!(next, Step::PlanOrder | Step::Look { why: Why::Order }), "{next:?}");
}

#[test]
fn a_certificate_that_is_dated_far_back_is_used_for_a_while() {
    let held = lives(HOUR_MS, 100 * DAY_MS);
    let facts = after(&[(0, looked(0, RIGHT)), planned(1), issued(2, held.clone()), served(3, &held)]);
    assert!(matches!(step(&facts, Asked::default(), SECOND_MS), Step::Rest { .. }));
    let facts = facts.apply(at(21 * MINUTE_MS), &looked(21 * MINUTE_MS, RIGHT));
    assert_eq!(step(&facts, Asked::default(), 21 * MINUTE_MS + SECOND_MS), Step::PlanOrder);
}

#[test]
fn a_slow_look_leaves_time_for_the_order() {
    let mut slow = look(at(0).0, RIGHT);
    slow.took_ms = 12 * SECOND_MS;
    let facts = after(&[(0, Event::Looked { observation: slow, why: Why::Page })]);
    let watched = Asked { watched_since: Some(at(0)), watched_until: Some(at(HOUR_MS)), ..Asked::default() };
    assert_eq!(step(&facts, watched, 12 * SECOND_MS), Step::PlanOrder);
}

#[test]
fn a_refresh_is_one_look_whatever_the_clocks_say() {
    for ahead in [-HOUR_MS, -3 * SECOND_MS, 0, 3 * SECOND_MS, HOUR_MS] {
        let facts = after(&[(0, looked(0, RIGHT)), planned(1), issued(2, lives(90 * DAY_MS, 90 * DAY_MS))]);
        let asked = Asked { refresh_at: Some(at(SECOND_MS + ahead)), ..Asked::default() };
        let Step::Look { why } = step(&facts, asked, SECOND_MS) else { panic!("{ahead}: no look") };
        assert_eq!(why, Why::Refresh { asked_at: at(SECOND_MS + ahead) });
        let facts = facts.apply(at(SECOND_MS), &Event::Looked { observation: look(at(SECOND_MS).0, RIGHT), why });
        assert_eq!(step(&facts, asked, SECOND_MS + 1), Step::Handshake, "{ahead}: looked at again");
    }
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let facts = after(&[(0, looked(100 * DAY_MS, RIGHT))]);
    assert_eq!(step(&facts, Asked::default(), 0), Step::Look { why: Why::Curve });
    let facts = facts.apply(at(0), &looked(0, ELSEWHERE));
    assert_eq!(facts.observation.map(|seen| seen.at), Some(at(0)));
}

#[test]
fn an_order_that_waits_does_not_keep_a_refresh_waiting() {
    let waits = Event::OrderWaits { order: OrderId::new("o"), issuing: false, until: at(3 * HOUR_MS) };
    let facts = after(&[(0, looked(0, RIGHT)), planned(1), (2, waits)]);
    assert!(matches!(step(&facts, Asked::default(), SECOND_MS), Step::Rest { until, .. } if until < at(5 * MINUTE_MS)));
    let asked = Asked { refresh_at: Some(at(SECOND_MS)), ..Asked::default() };
    assert!(matches!(step(&facts, asked, SECOND_MS), Step::Look { .. }));
}

#[test]
fn only_what_dns_says_ends_a_wait_and_never_the_cas_own() {
    let facts = after(&[(0, looked(0, RIGHT)), planned(1), failed(2, None)]);
    let waits_until = |facts: &Facts| facts.setback().map(|setback| setback.retry_at);
    let silent = facts.apply(at(10), &looked(10, SILENT));
    let again = silent.apply(at(20), &looked(20, RIGHT));
    assert_eq!((waits_until(&silent), waits_until(&again)), (waits_until(&facts), waits_until(&facts)));
    assert_eq!(waits_until(&facts.apply(at(10), &looked(10, ELSEWHERE))), Some(at(10)));
    let named = after(&[(0, looked(0, RIGHT)), planned(1), failed(2, Some(HOUR_MS))]);
    assert_eq!(waits_until(&named.apply(at(10), &looked(10, ELSEWHERE))), Some(at(HOUR_MS)));
}

#[test]
fn turning_answers_and_addresses_are_no_change() {
    let with = |ms: i64, index: usize, found: &[(RecordType, &str)]| {
        let mut seen = look(at(ms).0, ELSEWHERE);
        let found = found.iter().map(|(rtype, value)| Found { rtype: *rtype, value: (*value).into(), ttl: 60 });
        seen.records[index].answers[0].reply = Reply::Records(found.collect());
        seen.gist()
    };
    let (txt, a) = (RecordType::Txt, RecordType::A);
    assert!(!with(0, 0, &[(txt, "a"), (txt, "b")]).differs(&with(1, 0, &[(txt, "b"), (txt, "a")])));
    assert!(!with(0, 2, &[(a, "192.0.2.1")]).differs(&with(1, 2, &[(a, "192.0.2.2")])));
    assert!(with(0, 0, &[(txt, "a")]).differs(&with(1, 0, &[(txt, "b")])));
}

#[test]
fn one_server_that_lags_moves_nobody() {
    let with = |ms: i64, reply: Reply| -> Observation {
        let mut seen = look(at(ms).0, RIGHT);
        let second = ServerAnswer { server: "ns2".into(), reply, ..seen.records[2].answers[0].clone() };
        seen.records[2].answers.push(second);
        seen
    };
    let facts = after(&[(0, looked(0, RIGHT))]);
    let lagging = facts.apply(at(1), &Event::Looked { observation: with(1, Reply::NxDomain), why: Why::Curve });
    assert_eq!((lagging.routed_since, lagging.moved_since), (Some(at(0)), None));
    assert_eq!(facts.apply(at(1), &looked(1, ELSEWHERE)).moved_since, Some(at(1)));
}

#[test]
fn a_domain_that_comes_back_is_asked_what_is_served() {
    let held = lives(90 * DAY_MS, 90 * DAY_MS);
    let facts = after(&[
        (0, looked(0, RIGHT)),
        planned(1),
        issued(2, held.clone()),
        served(3, &held),
        (4, Event::Switched { on: false }),
        (5, Event::NameHeld),
    ]);
    assert_eq!(facts.standing, Standing::Disabled, "switched off by a person, it stays so");
    let back = facts.apply(at(6), &Event::Switched { on: true });
    assert!(!back.is_served());
    assert_eq!(step(&back, Asked::default(), 7), Step::Handshake);
}

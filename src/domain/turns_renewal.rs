//! Turns of a renewal: what a CA says of it, truly or not, makes neither a loop nor an expiry.

use super::certificate::Certificate;
use super::event::Event;
use super::facts::Facts;
use super::id::{KeyId, OrderId};
use super::laws::{certificate, setup};
use super::problem::{Problem, ProblemKind};
use super::renewal::{self, Window};
use super::schedule;
use super::setup::SslValidation;
use super::step::{Asked, Step};
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use super::turns::{RIGHT, after, at, failed, issued, lives, looked, planned, served, step};

/// A domain whose first certificate, of 90 days, was just installed.
fn installed() -> Facts {
    dated_back(0)
}

/// The same, dated so many days back.
fn dated_back(days: i64) -> Facts {
    let held = lives((90 - days) * DAY_MS, 90 * DAY_MS);
    after(&[(0, looked(0, RIGHT)), planned(1), issued(2, held.clone()), served(3, &held)])
}

fn advised(facts: &Facts, ms: i64, start: i64, end: i64) -> Facts {
    let ari_id = facts.certificate.as_ref().and_then(|held| held.ari_id.clone()).expect("an ARI identifier");
    let window = Some(Window { start: at(start), end: at(end), explanation_url: None });
    facts.apply(at(ms), &Event::RenewalAdvised { ari_id, window, ask_at: at(ms + 6 * HOUR_MS) })
}

fn moment(facts: &Facts) -> i64 {
    renewal::moment(&setup(), facts).expect("a certificate").since(at(0))
}

/// Lives through `ticks` moments, each `tick` after the last, at a CA that always names a window in the past and makes
/// certificates of 90 days that are dated `back` days back; gives how many orders were planned.
fn orders_at_a_ca_that_urges(ticks: i64, tick: i64, back: i64) -> usize {
    let (mut facts, mut orders) = (dated_back(back), 0_u8);
    for ms in (1..=ticks).map(|n| 12 * HOUR_MS + n * tick) {
        // A few steps at each moment, as a walk takes them.
        for _ in 0..6 {
            facts = match step(&facts, Asked::default(), ms) {
                Step::AskRenewal => advised(&facts, ms, -90 * DAY_MS, -80 * DAY_MS),
                Step::Look { .. } => facts.apply(at(ms), &looked(ms, RIGHT)),
                Step::PlanOrder => {
                    orders += 1;
                    let until = ms + (90 - back) * DAY_MS + i64::from(orders);
                    let new = Certificate {
                        not_before: at(until - 90 * DAY_MS),
                        not_after: at(until),
                        ..certificate(orders + 1, 0)
                    };
                    let (order, ca, key) = (OrderId::new("o"), "ca".to_owned(), KeyId::new("k"));
                    let planned = Event::OrderPlanned {
                        order,
                        ca,
                        key,
                        validation: SslValidation::Dns,
                        authorities: vec!["ca".into()],
                    };
                    let issued = issued(ms, new).1;
                    facts.apply(at(ms), &planned).apply(at(ms), &issued)
                }
                Step::Handshake => {
                    let held = facts.certificate.clone().expect("a certificate");
                    facts.apply(at(ms), &served(ms, &held).1)
                }
                _ => break,
            };
        }
    }
    usize::from(orders)
}

#[test]
fn windows_in_the_past_and_dates_far_back_make_no_loop() {
    for (tick, back) in [(SECOND_MS, 0), (MINUTE_MS, 0), (20 * MINUTE_MS, 0), (SECOND_MS, 80), (MINUTE_MS, 80)] {
        let orders = orders_at_a_ca_that_urges(1_000, tick, back);
        assert_eq!(orders, 1, "in a thousand ticks of {tick} ms, dated {back} days back");
    }
}

#[test]
fn a_renewal_is_made_at_a_moment_inside_the_window() {
    let facts = advised(&installed(), HOUR_MS, 50 * DAY_MS, 52 * DAY_MS);
    let moment = moment(&facts);
    assert!((50 * DAY_MS..=52 * DAY_MS).contains(&moment), "{moment}");
    assert!(!renewal::window_is_open(&facts, at(49 * DAY_MS)) && renewal::window_is_open(&facts, at(51 * DAY_MS)));
}

#[test]
fn a_window_in_the_past_means_now() {
    let facts = advised(&installed(), 5 * DAY_MS, -20 * DAY_MS, -10 * DAY_MS);
    assert_eq!(moment(&facts), 5 * DAY_MS);
    // Said again, it does not begin anew: a renewal that fails is late by the first time.
    assert_eq!(moment(&advised(&facts, 6 * DAY_MS, -20 * DAY_MS, -10 * DAY_MS)), 5 * DAY_MS);
    let facts = facts.apply(at(5 * DAY_MS), &looked(5 * DAY_MS, RIGHT));
    assert_eq!(step(&facts, Asked::default(), 5 * DAY_MS + 1), Step::PlanOrder);
}

#[test]
fn a_window_after_expiry_or_upside_down_delays_nothing() {
    let held = lives(90 * DAY_MS, 90 * DAY_MS);
    let late = advised(&installed(), HOUR_MS, 100 * DAY_MS, 200 * DAY_MS);
    assert_eq!(moment(&late), schedule::backstop(&held).since(at(0)));
    let upside_down = advised(&installed(), HOUR_MS, 52 * DAY_MS, 50 * DAY_MS);
    assert_eq!(moment(&upside_down), moment(&installed()));
}

#[test]
fn a_window_says_nothing_of_the_successor() {
    let facts = advised(&installed(), HOUR_MS, -20 * DAY_MS, -10 * DAY_MS);
    let (ari_id, window) = facts.advice.clone().map(|said| (said.ari_id, said.window)).expect("advice");
    let next = Certificate { not_after: at(100 * DAY_MS), not_before: at(10 * DAY_MS), ..certificate(2, 0) };
    let renewed = facts.apply(at(2 * HOUR_MS), &planned(0).1).apply(at(2 * HOUR_MS), &issued(0, next).1);
    assert!(renewed.hastened && moment(&renewed) > 40 * DAY_MS);
    let stale = renewed.apply(at(3 * HOUR_MS), &Event::RenewalAdvised { ari_id, window, ask_at: at(0) });
    assert_eq!(stale, renewed);
}

#[test]
fn a_ca_that_can_not_be_asked_is_asked_again_and_its_last_word_stays() {
    let facts = advised(&installed(), HOUR_MS, 50 * DAY_MS, 52 * DAY_MS);
    let held = facts.certificate.clone().expect("a certificate");
    let ask_at = renewal::ask_after_failure_at(&held, None, at(0));
    let failed = Event::AdviceFailed { ari_id: held.ari_id.clone().expect("an identifier"), ask_at };
    let unheard = facts.apply(at(0), &failed);
    assert_eq!((moment(&unheard), ask_at), (moment(&facts), at(6 * HOUR_MS)));
    let again = |retry_after_ms| renewal::ask_again_at(&held, retry_after_ms, at(0)).since(at(0));
    assert_eq!(
        [Some(0), None, Some(6 * 3_600_000), Some(u64::MAX)].map(again),
        [MINUTE_MS, 12 * HOUR_MS, 6 * HOUR_MS, DAY_MS]
    );
}

#[test]
fn the_second_ca_has_its_turn_and_the_first_is_asked_next_time() {
    let mut facts = after(&[(0, looked(0, RIGHT)), planned(1)]);
    for ms in [2, 70 * SECOND_MS, 12 * MINUTE_MS] {
        let (_, Event::OrderFailed { order, problem, .. }) = failed(0, None) else { unreachable!() };
        let problem = Problem { kind: ProblemKind::Outage, ..problem };
        let event = Event::OrderFailed { order, problem, retry_after: None };
        facts = facts.apply(at(ms), &event).apply(at(ms), &looked(ms, RIGHT));
        let Step::Rest { until, .. } = step(&facts, Asked::default(), ms + 1) else {
            assert_eq!(step(&facts, Asked::default(), ms + 1), Step::PlanOrder, "after the third failure");
            assert_eq!(facts.setback().map(|last| (last.ca.as_str(), last.tries)), Some(("ca", 3)));
            return;
        };
        assert!(until > at(ms));
        facts = facts.apply(at(ms), &planned(0).1);
    }
    panic!("it was nobody's turn: {facts:#?}");
}

#[test]
fn a_full_ca_is_waited_for_and_the_wait_costs_no_try() {
    let facts = after(&[(0, looked(0, RIGHT))]);
    let problem = Problem { kind: ProblemKind::RateLimited, name: "limit_orders".into(), detail: "full".into() };
    let wait = Event::OrderPostponed { ca: "ca".into(), problem, until: Millis(at(0).0 + 30 * MINUTE_MS) };
    let named = Event::AuthoritiesNamed { authorities: vec!["ca".into()] };
    let facts = facts.apply(at(1), &named).apply(at(1), &wait);
    assert!(matches!(step(&facts, Asked::default(), 2), Step::Rest { .. }));
    assert_eq!(facts.setback().map(|last| last.tries), Some(0));
    let facts = facts.apply(at(30 * MINUTE_MS), &looked(30 * MINUTE_MS, RIGHT));
    assert_eq!(step(&facts, Asked::default(), 30 * MINUTE_MS + 1), Step::PlanOrder);
}

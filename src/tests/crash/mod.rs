//! The crash matrix: one domain's story, with a kill, a failure or a long sleep at each of the named points that it passes,
//! on both engines. Whatever happens where, every chapter ends as it should within ten minutes, what must hold holds at
//! every step, and no fault costs more than one order.
//!
//! `make test` takes a sample of the cases on SQLite, another one each time; `PADLOCK_TEST_LONG` takes all, on both engines.

mod engine;
mod heartbeat;
mod play;
mod room;

use crate::kit::sandbox::Sandbox;
use crate::kit::trap::Fault;
use engine::{Engine, Lane};
use futures::FutureExt as _;
use padlock::failpoint::{Act, Moment, Point};
use play::{Told, tell};
use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// Of so many cases the sample has one.
const SAMPLE: usize = 7;
/// Orders of an undisturbed story: the first certificate's, its renewal's, and that of what follows a revoked one.
const ORDERS: usize = 3;

#[derive(Clone, Copy, Debug)]
struct Case {
    fault: Fault,
    at: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_where_on_sqlite() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_where_on_postgres() {
    let Some(sandbox) = Sandbox::running() else { return };
    if !is_long() {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    survive(Engine::Postgres(sandbox)).await;
}

async fn survive(engine: Engine) {
    let mut lanes: Vec<Lane> = (0..engine.lanes()).map(|_| engine.lane()).collect();
    let undisturbed = tell(lanes[0].stage().await, None).await;
    assert_eq!(undisturbed.orders, ORDERS);
    every_point_is_passed(&undisturbed.passed);
    let points = undisturbed.passed.len();
    let all = [Fault::Abort, Fault::Fail, Fault::Stall].into_iter();
    let all = all.flat_map(|fault| (1..=points).map(move |at| Case { fault, at }));
    let (every, first) = sample();
    let cases: Arc<Vec<Case>> = Arc::new(all.skip(first).step_by(every).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for mut lane in lanes {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        running.spawn(async move { (fill(&mut lane, &cases, &next).await, lane) });
    }
    // Databases are dropped when no lane needs the server any more.
    let (told, _lanes): (Vec<_>, Vec<Lane>) = running.join_all().await.into_iter().unzip();
    let told: Vec<(Case, Result<Told, String>)> = told.into_iter().flatten().collect();
    report(points, undisturbed.checks, &told);
}

/// Takes one case after the other until none is left.
async fn fill(lane: &mut Lane, cases: &[Case], next: &AtomicUsize) -> Vec<(Case, Result<Told, String>)> {
    let mut told = Vec::new();
    while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
        let outcome = AssertUnwindSafe(tell(lane.stage().await, Some((case.fault, case.at)))).catch_unwind().await;
        told.push((*case, outcome.map_err(|panic| words(&*panic))));
    }
    told
}

fn report(points: usize, checks: usize, told: &[(Case, Result<Told, String>)]) {
    let mut failures = Vec::new();
    let (mut extra, mut looks) = (BTreeMap::<String, usize>::new(), checks);
    for (case, outcome) in told {
        let Case { fault, at } = case;
        match outcome {
            Err(why) => failures.push(format!("{fault:?} at point {at}: {why}")),
            Ok(told) => {
                looks += told.checks;
                let Some(point) = told.met else {
                    failures.push(format!("{fault:?} at point {at} was never met"));
                    continue;
                };
                if told.orders > ORDERS {
                    *extra.entry(format!("{fault:?} at {point}")).or_default() += 1;
                }
                if told.orders > ORDERS + 1 {
                    failures.push(format!("{fault:?} at {point}: {} orders", told.orders));
                }
            }
        }
    }
    eprintln!("{} cases of {}, {looks} looks at what must hold; an order more: {extra:?}", told.len(), 3 * points);
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), told.len(), failures.join("\n"));
}

/// Points of other stories: leases are extended in one of their own, and mails are sent in `notices`.
const ELSEWHERE: [Act; 3] = [Act::Extend, Act::Deliver, Act::NoteDelivery];

/// No listed point is dead; leases are extended in a story of their own, which takes longer than a heartbeat.
fn every_point_is_passed(passed: &[Point]) {
    let passed: HashSet<Point> = passed.iter().copied().collect();
    for act in Act::ALL.iter().copied().filter(|act| !ELSEWHERE.contains(act)) {
        for moment in act.moments() {
            let point = Point { act, moment: *moment };
            assert!(passed.contains(&point), "the story never passes {point}");
        }
    }
    assert!(!passed.contains(&Point { act: Act::Extend, moment: Moment::Before }), "the story takes no time");
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
fn is_long() -> bool {
    std::env::var("PADLOCK_TEST_LONG").is_ok()
}

/// Which cases: one of how many, and the first of them.
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
fn sample() -> (usize, usize) {
    if is_long() {
        return (1, 0);
    }
    let named = std::env::var("PADLOCK_TEST_SEED").ok().map(|seed| seed.parse::<usize>().unwrap());
    let seed = named.unwrap_or_else(|| uuid::Uuid::new_v4().as_u128() as usize) % SAMPLE;
    eprintln!("PADLOCK_TEST_SEED={seed}");
    (SAMPLE, seed)
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

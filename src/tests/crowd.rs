//! A crowd at the CA's door: thousands of names at once, several workers, and never one order more than the CA allows.

use crate::kit::ca::{Call, ScriptedCa};
use crate::kit::stage::{Stage, wanted};
use padlock::domain::limits::{Limit, Limits};
use padlock::domain::record::Purpose;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use padlock::wire::domain::DomainView;
use padlock::worker::run::Worker;
use std::collections::HashMap;

const WORKERS: usize = 4;
/// Whose answer was not on show in time has it a minute later.
const FIRST_ROUNDS: usize = 20;

struct Crowd {
    names: usize,
    /// Names under each registered domain.
    family: usize,
    limits: Limits,
    /// Looks at names that are at rest may come this late: waiting for places is what this is about.
    step_ms: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_expired_names_keeps_to_the_limits() {
    let limits = Limits {
        orders: Some(Limit { count: 30, window_ms: 3 * HOUR_MS }),
        certificates_per_domain: Some(Limit { count: 5, window_ms: DAY_MS }),
        ..Limits::LETS_ENCRYPT
    };
    admit(Crowd { names: 120, family: 10, limits, step_ms: HOUR_MS }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn ten_thousand_expired_names_keep_to_the_limits() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    admit(Crowd { names: 10_000, family: 60, limits: Limits::LETS_ENCRYPT, step_ms: 3 * HOUR_MS }).await;
}

/// All of them held certificates of a CA that is no more, and those have expired: for this CA each name is new.
async fn admit(crowd: Crowd) {
    let mut stage = Stage::fast().await;
    let (gone, present) = (stage.ca.clone(), stage.fall_back_to("present"));
    gone.set_life(DAY_MS);
    present.set_limits(crowd.limits);
    let mut views = Vec::new();
    for n in 0..crowd.names {
        let view = stage.add(&format!("n{n}.court{}.test", n / crowd.family)).await;
        stage.publish(&view, &Purpose::ALL);
        views.push(view);
    }
    let workers = crew(&stage).await;
    for _ in 0..FIRST_ROUNDS {
        work(&workers).await;
        eprintln!("before: {} of {} names have a certificate", gone.issued(), crowd.names);
        if gone.issued() == crowd.names {
            break;
        }
        stage.clock.turn(MINUTE_MS);
    }
    work(&workers).await;
    assert_eq!(gone.issued(), crowd.names, "everybody has a certificate");
    // The first CA closes; everybody's certificate expires meanwhile.
    stage.ca = present.clone();
    stage.others.clear();
    stage.clock.turn(2 * DAY_MS);

    let workers = crew(&stage).await;
    let (begun, mut rounds) = (stage.clock.now(), 0);
    while present.issued() < crowd.names {
        work(&workers).await;
        assert_eq!(present.overruns(), Vec::<String>::new());
        rounds += 1;
        eprintln!("round {rounds}: {} of {} names have a certificate", present.issued(), crowd.names);
        assert!(rounds < 20_000, "{} of {} after {rounds} rounds", present.issued(), crowd.names);
        let Millis(due) = stage.store.next_due().await.unwrap().unwrap();
        stage.clock.turn((due - stage.clock.now().0).max(crowd.step_ms));
    }
    work(&workers).await;
    let days = stage.clock.now().since(begun) / DAY_MS;
    eprintln!(
        "{} names: all have a certificate after {days} days and {} calls in {rounds} rounds; no limit was overrun",
        crowd.names,
        present.calls().len()
    );
    no_duplicates(&present);
    is_served(&stage, &views).await;
}

/// The workers of one process, which loads what is on show once.
async fn crew(stage: &Stage) -> Vec<Worker> {
    stage.mirror.load().await.unwrap();
    (0..WORKERS).map(|_| stage.worker_with(stage.tools())).collect()
}

/// All of them at once do all that is due.
async fn work(crew: &[Worker]) {
    let passes: Vec<_> = crew.iter().cloned().map(|worker| tokio::spawn(async move { worker.pass().await })).collect();
    for pass in passes {
        pass.await.unwrap().unwrap();
    }
}

fn no_duplicates(ca: &ScriptedCa) {
    let mut opened: HashMap<String, usize> = HashMap::new();
    for (_, call, name) in ca.calls() {
        *opened.entry(name).or_default() += usize::from(call == Call::Open);
    }
    let twice: Vec<_> = opened.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "ordered more than once: {twice:?}");
}

async fn is_served(stage: &Stage, views: &[DomainView]) {
    for view in views {
        let now = stage.view(&view.id).await;
        assert_eq!(wanted(&now), wanted(view), "the records stay as they were");
        assert_eq!(now.certificates.len(), 2, "{}: {:#?}", now.domain, now.findings);
    }
}

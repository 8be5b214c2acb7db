//! A call that takes longer than a lease: the process is alive and keeps its domain.

use crate::kit::stage::Stage;
use crate::kit::trap::{Fault, Trap};
use futures::FutureExt as _;
use padlock::domain::record::Purpose;
use padlock::domain::time::SECOND_MS;
use padlock::failpoint::{Act, Moment, Point, watched};
use std::time::Duration;
use tokio::time::Instant;

/// The first look's point: a claim has two before it.
const LOOK: usize = 3;
/// A lease is extended every ten seconds.
const EXTENDED: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_call_that_takes_longer_than_a_lease_keeps_the_domain() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    let trap = Trap::new(Some((Fault::Stall, LOOK)), Box::new(|_, _| std::future::ready(()).boxed()));
    let (worker, watch) = (stage.worker().await, trap.watch());
    let work = tokio::spawn(watched(watch, async move { worker.pass().await }));
    trap.sprung().await;
    assert_eq!(trap.met(), Some(Point { act: Act::Look, moment: Moment::Before }));

    stage.clock.turn(29 * SECOND_MS);
    let (extended, begun) = (Point { act: Act::Extend, moment: Moment::After }, Instant::now());
    while !trap.passed().contains(&extended) {
        assert!(begun.elapsed() < EXTENDED, "the lease is not extended");
        tokio::time::sleep(PAUSE).await;
    }
    stage.clock.turn(2 * SECOND_MS);
    assert_eq!(stage.worker().await.pass().await.unwrap(), 0, "another worker has taken the domain");
    trap.wake();
    work.await.unwrap().unwrap();
    assert!(stage.view(&added.id).await.ready);
    assert_eq!(stage.ca.orders(), 1);
}

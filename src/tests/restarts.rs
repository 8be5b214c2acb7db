//! The same story, with the process killed at every call it makes to the outside, before and after its effect.

use crate::kit::stage::Stage;
use padlock::domain::record::Purpose;
use padlock::domain::time::MINUTE_MS;

/// More kill points than the story has: it ends by itself.
const POINTS_MAX: usize = 60;
/// After a kill, what was left waiting is done within this.
const ROUNDS: usize = 10;

#[tokio::test]
async fn killed_at_any_call_it_ends_active_with_at_most_one_extra_order() {
    let mut told = 0;
    for point in 1..POINTS_MAX {
        if !story(point).await {
            told = point;
            break;
        }
    }
    assert!((8..POINTS_MAX).contains(&told), "the story passes {told} points");
}

/// Tells the story with a kill at one point; false when the story ended before it.
async fn story(point: usize) -> bool {
    let mut stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.fuse.set(point);
    let killed = stage.pass_until_killed().await;
    stage.fuse.set(0);
    stage.restart().await;
    for _ in 0..ROUNDS {
        stage.later(MINUTE_MS / 2).await;
    }
    let view = stage.view(&added.id).await;
    assert!(view.ready, "killed at point {point}: {view:#?}");
    assert!(stage.ca.orders() <= 1 + usize::from(killed), "point {point}: {} orders", stage.ca.orders());
    assert_eq!(view.certificates.len(), 1, "point {point}");
    stage.assert_tidy();
    killed
}

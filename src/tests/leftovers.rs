//! What a removed domain leaves in DNS, told until it is gone.

use crate::kit::stage::{Stage, wanted};
use padlock::domain::record::Purpose;
use padlock::domain::time::{DAY_MS, HOUR_MS};

#[tokio::test]
async fn records_of_a_removed_domain_are_told_until_they_are_gone() {
    let stage = Stage::new().await;
    let (kept, left) = (stage.add("kept.court.test").await, stage.add("left.court.test").await);
    for view in [&kept, &left] {
        stage.publish(view, &[Purpose::Validation, Purpose::Dcv]);
    }
    stage.pass().await;
    let desk = stage.desk();
    let told = async || {
        stage.worker().await.look_at_leftovers().await.unwrap();
        let left = desk.leftovers().await.unwrap();
        left.iter().map(|one| (one.domain.clone(), one.records.len())).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [], "what is not removed is no leftover");
    desk.remove(&left.id).await.unwrap();
    assert_eq!(told().await, [("left.court.test".to_owned(), 2)]);

    // Deleted at the provider: noticed a day later, not before.
    stage.world.forget(&wanted(&left)[1].host);
    stage.later(HOUR_MS).await;
    assert_eq!(told().await, [("left.court.test".to_owned(), 2)]);
    stage.later(DAY_MS).await;
    assert_eq!(told().await, [("left.court.test".to_owned(), 1)]);

    // Added again, its records are there on purpose.
    let again = stage.add("left.court.test").await;
    assert_eq!(told().await, []);
    desk.remove(&again.id).await.unwrap();
    stage.later(31 * DAY_MS).await;
    stage.store.prune(stage.clock.now()).await.unwrap();
    assert_eq!(told().await, [], "they are watched for as long as the domain is kept");
}

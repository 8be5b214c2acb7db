//! What a removed domain leaves in DNS, told until it is gone.

use crate::kit::post::Post;
use crate::kit::stage::{Stage, wanted};
use padlock::domain::id::DomainId;
use padlock::domain::observed::Reply;
use padlock::domain::record::Purpose;
use padlock::domain::role::Role;
use padlock::domain::time::{DAY_MS, HOUR_MS};
use padlock::store::Scope;
use padlock::wire::domain::DomainView;

/// A day passes, its look is made, and what is to be told is mailed: how many mails there were so far.
async fn mails_a_day_later(stage: &Stage, server: &Post) -> usize {
    stage.clock.turn(DAY_MS);
    stage.worker().await.look_at_leftovers().await.unwrap();
    stage.send_mails(&stage.postman(Some(server.mailer()))).await;
    server.count()
}

/// A domain that was removed while its aliases stayed.
async fn removed(stage: &Stage, name: &str) -> DomainView {
    let view = stage.add(name).await;
    stage.publish(&view, &[Purpose::Dcv, Purpose::Routing]);
    stage.desk().remove(&view.id).await.unwrap();
    view
}

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

#[tokio::test]
async fn people_are_told_once_of_what_still_stands_days_later() {
    let (stage, server) = (Stage::new().await, Post::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    let left = removed(&stage, "left.court.test").await;
    stage.worker().await.look_at_leftovers().await.unwrap();
    let mut mails = Vec::new();
    for _ in 0..5 {
        mails.push(mails_a_day_later(&stage, &server).await);
    }
    assert_eq!(mails, [0, 0, 1, 1, 1], "not before it had time, and once");
    let mail = server.newest().await;
    assert!(mail.contains("To: ana@county.test") && mail.contains("Subject: left.court.test was removed"), "{mail}");
    let lines = stage.store.timeline(&Scope::All, &DomainId::new(&left.id), None, 200).await.unwrap().items;
    let kinds = lines.iter().map(|line| line.kind.as_str());
    let mut told: Vec<&str> = kinds.filter(|kind| ["records.left", "mail.sent"].contains(kind)).collect();
    told.sort_unstable();
    assert_eq!(told, ["mail.sent", "records.left"]);

    // Silence is no sign that they are gone.
    stage.world.set_temper(|_| Some(Reply::Silent));
    assert_eq!(mails_a_day_later(&stage, &server).await, 1);
    stage.world.set_temper(|_| None);
    assert_eq!(mails_a_day_later(&stage, &server).await, 1);
    for record in wanted(&left) {
        stage.world.forget(&record.host);
    }
    assert_eq!(mails_a_day_later(&stage, &server).await, 1);
    stage.publish(&left, &[Purpose::Routing]);
    assert_eq!(mails_a_day_later(&stage, &server).await, 2, "they were gone and came back");
}

#[tokio::test]
async fn nobody_is_told_of_what_was_deleted_in_time_or_is_meant_to_stand() {
    let (stage, server) = (Stage::new().await, Post::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    let gone = removed(&stage, "gone.court.test").await;
    removed(&stage, "back.court.test").await;
    // A wildcard and its name have two records in common, and one of them stays.
    stage.add("shared.court.test").await;
    let wildcard = stage.add("*.shared.court.test").await;
    stage.publish(&wildcard, &[Purpose::Validation, Purpose::Dcv]);
    stage.desk().remove(&wildcard.id).await.unwrap();
    stage.worker().await.look_at_leftovers().await.unwrap();
    let listed = stage.desk().leftovers().await.unwrap();
    let mut listed: Vec<&str> = listed.iter().map(|one| one.domain.as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["back.court.test", "gone.court.test"]);

    for record in wanted(&gone) {
        stage.world.forget(&record.host);
    }
    stage.add("back.court.test").await;
    for _ in 0..5 {
        assert_eq!(mails_a_day_later(&stage, &server).await, 0);
    }
}

//! Links without sign-in, through the use cases behind every door.

use crate::kit::stage::Stage;
use padlock::console::Console;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::domain::id::CustomerId;
use padlock::domain::observed::RecordState;
use padlock::domain::record::Purpose;
use padlock::domain::role::Role;
use padlock::domain::time::{DAY_MS, MINUTE_MS};
use padlock::wire::error::Kind;
use padlock::wire::link::NewLinkView;

fn secret(made: &NewLinkView) -> String {
    made.url.rsplit('/').next().unwrap().to_owned()
}

fn desk(console: &Console, role: Role, customer: &str) -> Desk {
    let caller = Caller {
        name: "ana".into(),
        role,
        customer: Some(CustomerId::new(customer)),
        user: None,
        signed_in_at: None,
        token: None,
        read_only: false,
        address: None,
    };
    Desk::new(console.clone(), caller)
}

#[tokio::test]
async fn a_link_shows_one_domain_as_it_is_until_it_ends() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.pass().await;
    let console = stage.console();
    let manager = desk(&console, Role::Manager, &added.customer);
    let made = manager.make_link(&added.id).await.unwrap();
    let shown = console.shared(&secret(&made)).await.unwrap();
    let values = |records: &[padlock::wire::domain::RecordView]| -> Vec<String> {
        records.iter().map(|record| record.value.clone()).collect()
    };
    assert_eq!((shown.domain.as_str(), &shown.url), ("portal.court.test", &made.url));
    assert_eq!(values(&shown.dns_records), values(&added.dns_records));

    stage.publish(&added, &[Purpose::Validation]);
    stage.later(2 * MINUTE_MS).await;
    let shown = console.shared(&secret(&made)).await.unwrap();
    assert_eq!(shown.dns_records[0].state, RecordState::Detected, "its ticks are live");

    stage.later(14 * DAY_MS).await;
    for ended in [secret(&made), "A".repeat(43), "A".into(), String::new(), "%".repeat(43)] {
        let refused = console.shared(&ended).await.unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (Kind::NotFound, "link_ended"), "{ended}");
    }
    let again = manager.make_link(&added.id).await.unwrap();
    manager.end_link(&again.id).await.unwrap();
    assert_eq!(console.shared(&secret(&again)).await.unwrap_err().code, "link_ended");
    let told = manager.timeline(&added.id, "", None).await.unwrap().items;
    let kinds = told.iter().filter(|event| event.actor == "ana").map(|event| event.kind.as_str());
    assert_eq!(kinds.collect::<Vec<_>>(), ["link.ended", "link.made", "link.made"]);
}

#[tokio::test]
async fn only_who_manages_a_domain_makes_or_ends_its_links() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    let console = stage.console();
    let own = desk(&console, Role::Manager, &added.customer).make_link(&added.id).await.unwrap();
    for (role, customer, kind) in
        [(Role::Viewer, added.customer.as_str(), Kind::Forbidden), (Role::Manager, "somebody else", Kind::NotFound)]
    {
        let desk = desk(&console, role, customer);
        assert_eq!(desk.make_link(&added.id).await.unwrap_err().kind, kind, "{role:?}");
        assert_eq!(desk.end_link(&own.id).await.unwrap_err().kind, kind, "{role:?}");
    }
    let foreign = desk(&console, Role::Viewer, "somebody else");
    assert_eq!(foreign.links(&added.id).await.unwrap_err().kind, Kind::NotFound);
    assert!(console.shared(&secret(&own)).await.is_ok(), "nobody ended it");
}

#[tokio::test]
async fn a_link_that_is_asked_too_often_has_to_wait() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    let console = stage.console();
    let made = stage.desk().make_link(&added.id).await.unwrap();
    let mut answered = 0;
    let refused = loop {
        match console.shared(&secret(&made)).await {
            Ok(_) => answered += 1,
            Err(refused) => break refused,
        }
        assert!(answered < 1_000, "nothing slows it down");
    };
    assert!(answered > 60, "a few people with the page open are not slowed down: {answered}");
    assert_eq!((refused.kind, refused.retry_after_s.is_some()), (Kind::TooSoon, true));
    stage.later(MINUTE_MS).await;
    assert!(console.shared(&secret(&made)).await.is_ok());
}

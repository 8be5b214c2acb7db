//! Webhooks: messages signed so that another's library takes them, never lost, sent again as long as it was promised.

use crate::kit::postman::webhooks;
use crate::kit::receiver::Receiver;
use crate::kit::stage::Stage;
use futures::FutureExt as _;
use padlock::domain::id::WebhookId;
use padlock::domain::notice::Kind;
use padlock::domain::record::{Purpose, RecordType};
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use padlock::failpoint::{Act, Injected, Moment, Point, Watch, watched};
use padlock::store::{Scope, Way};
use padlock::worker::post::Post;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Adds a webhook to the receiver for all events, through the door; the receiver is given the secret.
async fn listen(stage: &Stage, receiver: &Receiver) -> WebhookId {
    let console = padlock::console::Console { webhooks: Some(webhooks()), ..stage.console() };
    let desk = padlock::console::desk::Desk::new(console, padlock::console::caller::Caller::command_line());
    let events = Kind::ALL.map(|kind| kind.word().to_owned());
    receiver.trust(&desk.add_webhook(&receiver.url(), "County", &events).await.unwrap());
    WebhookId::new(desk.webhooks().await.unwrap().pop().unwrap().id)
}

async fn send_all(stage: &Stage, post: &Post) {
    for _ in 0..10 {
        post.pass(Way::Webhook).await.unwrap();
        stage.clock.turn(2 * MINUTE_MS);
    }
}

async fn activated(stage: &Stage, name: &str) {
    let added = stage.add(name).await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
}

#[tokio::test]
async fn a_receiver_hears_of_a_domains_life_in_signed_messages() {
    let (stage, receiver) = (Stage::new().await, Receiver::open().await);
    let id = listen(&stage, &receiver).await;
    let post = stage.postman(None);
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    send_all(&stage, &post).await;
    let told: HashSet<String> = receiver.taken().iter().map(|message| message["type"].to_string()).collect();
    for event in ["domain.verified", "domain.active", "certificate.issued", "certificate.deployed"] {
        assert!(told.contains(&format!("{event:?}")), "{event} of {told:?}");
    }
    let held = stage.view(&added.id).await.certificates[0].clone();
    let issued = receiver.taken().into_iter().find(|message| message["type"] == "certificate.issued").unwrap();
    assert_eq!(issued["data"]["certificate"]["serial"], held.serial.as_str());
    assert_eq!(issued["data"]["domain"]["domain"], "portal.court.test");
    assert_eq!(issued["data"]["domain"]["id"], added.id.as_str());

    stage.world.say("portal.court.test", crate::kit::world::record(RecordType::Cname, "elsewhere.test"));
    stage.later(20 * MINUTE_MS).await;
    send_all(&stage, &post).await;
    assert!(receiver.taken().iter().any(|message| message["type"] == "domain.moved"));
    assert_eq!(receiver.refused(), 0, "a signature was not taken");
    let log = stage.store.deliveries(&id, None, 2).await.unwrap();
    assert_eq!((log.items[0].kind.as_str(), log.items[0].outcome.as_deref()), ("domain.moved", Some("taken")));
    let rest = stage.store.deliveries(&id, log.next_cursor.as_deref(), 200).await.unwrap();
    assert_eq!(rest.items.len() + 2, receiver.taken().len());
}

/// Whoever sends ends at each of the points in turn; the next one comes after its lease.
#[tokio::test]
async fn a_kill_at_any_point_loses_no_message() {
    for act in [Act::Deliver, Act::NoteDelivery] {
        for moment in [Moment::Before, Moment::After] {
            let (stage, receiver) = (Stage::new().await, Receiver::open().await);
            listen(&stage, &receiver).await;
            let post = stage.postman(None);
            activated(&stage, "portal.court.test").await;
            let (point, met) = (Point { act, moment }, Arc::new(AtomicUsize::new(0)));
            let seen = Arc::clone(&met);
            let watch: Watch = Arc::new(move |at| {
                let fails = at == point && seen.fetch_add(1, Ordering::SeqCst) == 0;
                std::future::ready(if fails { Err(Injected(at)) } else { Ok(()) }).boxed()
            });
            watched(watch, post.pass(Way::Webhook)).await.unwrap_err();
            assert!(met.load(Ordering::SeqCst) > 0, "{point} is never passed");
            send_all(&stage, &post).await;
            let ids = receiver.ids();
            let known: HashSet<&String> = ids.iter().collect();
            assert_eq!(known.len(), 4, "{point}: {ids:?}");
            assert!(ids.len() <= 5, "{point}: at most one was sent twice, under its own id: {ids:?}");
        }
    }
}

#[tokio::test]
async fn a_message_that_is_not_taken_is_sent_again_at_the_promised_times() {
    let (stage, receiver) = (Stage::new().await, Receiver::open().await);
    let id = listen(&stage, &receiver).await;
    let post = stage.postman(None);
    receiver.answer(503);
    activated(&stage, "portal.court.test").await;
    let began = stage.clock.now();
    let mut at = Vec::new();
    while stage.clock.now().since(began) < 5 * DAY_MS {
        if post.pass(Way::Webhook).await.unwrap() > 0 {
            at.push(stage.clock.now());
        }
        let next = stage.store.next_delivery(Way::Webhook).await.unwrap();
        let next = next.unwrap_or_else(|| stage.clock.now().plus(DAY_MS));
        stage.clock.turn(next.since(stage.clock.now()).max(1));
    }
    let pauses: Vec<i64> = at.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    let hours = [2, 5, 10, 14, 20, 24].map(|hours| hours * HOUR_MS);
    assert_eq!(pauses, [&[5_000, 5 * MINUTE_MS, 30 * MINUTE_MS][..], &hours].concat());
    let log = stage.store.deliveries(&id, None, 200).await.unwrap().items;
    assert!(log.iter().all(|one| one.outcome.as_deref() == Some("never") && one.attempts == 10), "{log:?}");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone_until_somebody_switches_it_on() {
    let (stage, receiver) = (Stage::new().await, Receiver::open().await);
    let id = listen(&stage, &receiver).await;
    let post = stage.postman(None);
    receiver.answer(410);
    activated(&stage, "a.court.test").await;
    send_all(&stage, &post).await;
    let webhook = stage.store.webhook(&Scope::All, &id).await.unwrap().unwrap();
    assert!(webhook.disabled.as_ref().is_some_and(|(_, why)| why.contains("410")), "{webhook:?}");
    receiver.answer(204);
    let before = receiver.ids().len();
    activated(&stage, "b.court.test").await;
    send_all(&stage, &post).await;
    assert_eq!(receiver.ids().len(), before, "nothing is sent while it is off");
    stage.store.enable_webhook(&webhook, stage.clock.now()).await.unwrap();
    activated(&stage, "c.court.test").await;
    send_all(&stage, &post).await;
    assert_eq!(receiver.taken().len(), 4);
}

#[tokio::test]
async fn another_customers_receiver_hears_nothing() {
    let (stage, receiver) = (Stage::new().await, Receiver::open().await);
    listen(&stage, &receiver).await;
    let added = stage.add_for("Borough", "portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    send_all(&stage, &stage.postman(None)).await;
    assert_eq!(receiver.ids().len(), 0);
    assert_eq!(stage.store.next_delivery(Way::Webhook).await.unwrap(), None);
}

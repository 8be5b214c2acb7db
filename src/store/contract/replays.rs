//! Requests that are sent again.

use super::given::START;
use super::kit::Kit;
use crate::domain::time::{DAY_MS, MINUTE_MS};
use crate::store::{Actor, Answer, Claim, Customer, Keyring, MasterKey, Store, Turn};
use zeroize::Zeroizing;

const REQUEST: [u8; 32] = [1; 32];

fn answer(body: &str) -> Answer {
    Answer {
        status: 201,
        content_type: Some("application/json".into()),
        location: Some("/api/v1/domains/1".into()),
        body: body.as_bytes().to_vec(),
    }
}

async fn claimed(store: &Store, id: &str, at: i64) -> Claim {
    match store.take_turn(id, REQUEST, START.plus(at)).await.expect("reads") {
        Turn::Act(claim) => claim,
        other => panic!("{other:?}"),
    }
}

/// The store of a request under this claim.
fn acting(store: &Store, claim: &Claim) -> Store {
    store.by(Actor { name: "ana@court.test".into(), id: None, address: None }).under(claim)
}

pub(super) async fn a_request_is_acted_on_once(kit: Kit) {
    let store = &kit.store;
    let other = kit.another().await;
    let turn =
        |store: Store, request, at| async move { store.take_turn("a", request, START.plus(at)).await.expect("reads") };
    let (one, two) = tokio::join!(turn(store.clone(), REQUEST, 0), turn(other.clone(), REQUEST, 0));
    let claim = match (one, two) {
        (Turn::Act(claim), Turn::InFlight) | (Turn::InFlight, Turn::Act(claim)) => claim,
        both => panic!("{both:?}"),
    };
    assert_eq!(turn(other.clone(), [2; 32], 1).await, Turn::Reused);
    acting(store, &claim).add_customer("Court", START).await.expect("added");
    assert!(!store.release_turn(&claim).await.expect("writes"), "something was done");
    store.keep_answer(&claim, &answer("made")).await.expect("writes");
    assert_eq!(turn(other.clone(), REQUEST, 2).await, Turn::Answered(answer("made")));
    assert_eq!(turn(other.clone(), [2; 32], 2).await, Turn::Reused);

    let refused = claimed(store, "b", 0).await;
    assert!(store.release_turn(&refused).await.expect("writes"), "nothing was done");
    claimed(&other, "b", 1).await;
}

pub(super) async fn an_act_is_known_after_a_crash(kit: Kit) {
    let store = &kit.store;
    let done = claimed(store, "done", 0).await;
    acting(store, &done).add_customer("Court", START).await.expect("added");
    let late = START.plus(MINUTE_MS);
    assert_eq!(store.take_turn("done", REQUEST, late.plus(-1)).await.expect("reads"), Turn::InFlight);
    assert_eq!(store.take_turn("done", REQUEST, late).await.expect("reads"), Turn::AnswerLost);

    let dead = claimed(store, "undone", 0).await;
    let next = claimed(store, "undone", MINUTE_MS).await;
    assert_ne!(dead, next);
    assert!(acting(store, &dead).add_customer("County", START).await.is_err(), "its turn is over");
    let names = |customers: Vec<Customer>| customers.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(store.customers().await.expect("reads")), ["Court"], "nothing of it is left");
    acting(store, &next).add_customer("County", START).await.expect("added");
    store.keep_answer(&dead, &answer("late")).await.expect("is passed over");
    store.keep_answer(&next, &answer("made")).await.expect("writes");
    assert_eq!(store.take_turn("undone", REQUEST, late).await.expect("reads"), Turn::Answered(answer("made")));
}

pub(super) async fn answers_are_kept_sealed_for_a_day(kit: Kit) {
    let store = &kit.store;
    for id in ["a", "b"] {
        let claim = claimed(store, id, 0).await;
        store.keep_answer(&claim, &answer("a secret that is shown once")).await.expect("writes");
    }
    let sealed = "select count(*) from idempotency_keys where sealed is not null and status = 201";
    let count = |statement: &'static str| {
        let query = sqlx::query_scalar::<_, i64>(statement);
        async move { query.fetch_one(store.database.reader()).await.expect("counts") }
    };
    assert_eq!(count(sealed).await, 2);
    let elsewhere = "update idempotency_keys set sealed = \
        (select sealed from idempotency_keys where id = 'a') where id = 'b'";
    kit.meddle(elsewhere).await;
    assert!(store.take_turn("b", REQUEST, START).await.is_err(), "another request's answer does not open");

    let day = START.plus(DAY_MS);
    let [old, new] = [7, 8].map(|byte| MasterKey::from_bytes(Zeroizing::new([byte; 32])));
    let rotated = Store::open(&kit.url, Keyring::new(new, vec![old])).await.expect("opens");
    kit.meddle("delete from idempotency_keys where id = 'b'").await;
    let done = rotated.rotate().await.expect("rotates");
    assert_eq!((done.wrapped, done.complete), (1, true));
    let kept = rotated.take_turn("a", REQUEST, day.plus(-1)).await.expect("reads");
    assert_eq!(kept, Turn::Answered(answer("a secret that is shown once")));
    claimed(&rotated, "a", DAY_MS).await;
    rotated.prune(day.plus(DAY_MS)).await.expect("prunes");
    assert_eq!(count("select count(*) from idempotency_keys").await, 1, "not a moment earlier");
    rotated.prune(day.plus(DAY_MS + 1)).await.expect("prunes");
    assert_eq!(count("select count(*) from idempotency_keys").await, 0);
}

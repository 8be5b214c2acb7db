//! Our own accounting of a CA's limits: no place is taken twice, and what was taken comes free again.

use super::given::{START, change, customer, domain, green};
use super::kit::Kit;
use crate::domain::event::Event;
use crate::domain::id::{KeyId, OrderId};
use crate::domain::limits::{Counted, Limit, Limits, Rule};
use crate::domain::problem::ProblemKind;
use crate::domain::setup::SslValidation;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use crate::store::{Change, Claimed, Extra, OrderOutcome, RecordProblem, Store, StoreError, Stored, Terms, Then, Wait};
use futures::future::join_all;
use zeroize::Zeroizing;

const THREE: Limit = Limit { count: 3, window_ms: 3 * HOUR_MS };

fn terms(counted: Counted) -> Terms {
    Terms { counted, limits: Limits { orders: Some(THREE), ..Limits::NONE } }
}

/// Domains that are verified, in one worker's hands.
async fn verified(store: &Store, names: &[&str], now: Millis) -> Vec<Claimed> {
    let customer = customer(store, "Court").await;
    for name in names {
        domain(store, &customer, name).await;
    }
    let mut claimed = store.claim("w", 100, now, DAY_MS).await.expect("claims");
    for one in &mut claimed {
        write(store, one, &green(&one.stored.setup.clone(), now), vec![], now).await.expect("recorded");
    }
    claimed
}

async fn write(
    store: &Store,
    one: &mut Claimed,
    event: &Event,
    extras: Vec<Extra>,
    now: Millis,
) -> Result<(), RecordProblem> {
    let change = Change { then: Then::Keep, ..change(&one.stored, event, now, extras) };
    let facts = change.facts.clone();
    let revision = store.record(&one.lease, &one.stored.setup, change, now).await?.revision;
    one.stored = Stored { facts, revision, ..one.stored.clone() };
    Ok(())
}

/// Plans an order, as a worker does.
async fn plan(store: &Store, one: &mut Claimed, id: &str, terms: Terms, now: Millis) -> Result<(), RecordProblem> {
    let (order, key) = (OrderId::new(id), KeyId::new(format!("key-{id}")));
    let extras = vec![
        Extra::NewKey { id: key.clone(), pkcs8: Zeroizing::new(b"key".to_vec()), csr_der: b"csr".to_vec() },
        Extra::OrderBegun {
            id: order.clone(),
            ca: "ca".into(),
            registrable: "court.test".into(),
            renewal: false,
            terms,
        },
    ];
    write(
        store,
        one,
        &Event::OrderPlanned {
            order,
            ca: "ca".into(),
            key,
            validation: SslValidation::Dns,
            authorities: vec!["ca".into()],
        },
        extras,
        now,
    )
    .await
}

/// Ends the order in flight.
async fn end(store: &Store, one: &mut Claimed, outcome: OrderOutcome, more: Vec<Extra>, now: Millis) {
    let order = one.stored.facts.order.clone().expect("an order").id;
    let problem =
        crate::domain::problem::Problem { kind: ProblemKind::Validation, name: "x".into(), detail: "no".into() };
    let mut extras = vec![Extra::OrderEnded { id: order.clone(), outcome }];
    extras.extend(more);
    write(store, one, &Event::OrderFailed { order, problem, retry_after: None }, extras, now).await.expect("recorded");
}

#[track_caller]
fn refused(outcome: Result<(), RecordProblem>) -> Wait {
    match outcome {
        Err(RecordProblem::NoPlace(wait)) => wait,
        other => panic!("not refused: {other:?}"),
    }
}

pub(super) async fn a_full_ca_has_no_place_until_one_is_free(kit: Kit) {
    let store = &kit.store;
    let mut all = verified(store, &["a.court.test", "b.court.test", "c.court.test", "d.court.test"], START).await;
    for (n, one) in all.iter_mut().take(3).enumerate() {
        let at = START.plus(n as i64 * MINUTE_MS);
        plan(store, one, &format!("o{n}"), terms(Counted::New), at).await.expect("a place");
    }
    let last = &mut all[3];
    let (now, free_at) = (START.plus(HOUR_MS), THREE.free_at(START));
    let wait = refused(plan(store, last, "o3", terms(Counted::New), now).await);
    assert_eq!(wait, Wait::Limited { rule: Rule::Orders, limit: THREE, until: free_at });
    let asked: Result<_, StoreError> =
        store.order_waits("ca", "d.court.test", "court.test", &terms(Counted::New), now).await;
    assert_eq!(asked.expect("reads"), Some(wait));
    // Neither another CA nor a renewal is held up by that, and nothing of the refused order was written.
    let free = |ca: &'static str, counted| async move {
        store.order_waits(ca, "d.court.test", "court.test", &terms(counted), now).await.expect("reads")
    };
    assert_eq!((free("other", Counted::New).await, free("ca", Counted::Renewal).await), (None, None));
    assert!(store.signing_key(&KeyId::new("key-o3")).await.expect("reads").is_none());
    assert!(plan(store, last, "o4", terms(Counted::New), free_at.plus(-1)).await.is_err());
    plan(store, last, "o5", terms(Counted::New), free_at).await.expect("the place that came free");
}

pub(super) async fn nodes_together_never_take_a_place_twice(kit: Kit) {
    let other = kit.another().await;
    let names: Vec<String> = (0..12).map(|n| format!("n{n}.court.test")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut all = verified(&kit.store, &names, START).await;
    let planned = all.iter_mut().enumerate().map(|(n, one)| {
        let store = if n % 2 == 0 { kit.store.clone() } else { other.clone() };
        async move { plan(&store, one, &format!("o{n}"), terms(Counted::New), START).await }
    });
    let placed = join_all(planned).await.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(placed, 3);
}

pub(super) async fn names_and_their_failures_are_counted_apart(kit: Kit) {
    let store = &kit.store;
    let mut all = verified(store, &["a.court.test", "b.court.test"], START).await;
    let two = Some(Limit { count: 2, window_ms: HOUR_MS });
    let limits = Limits { certificates_per_name: two, failures_per_name: two, ..Limits::NONE };
    let terms = |counted| Terms { counted, limits };
    for n in 0..2 {
        let at = START.plus(n * MINUTE_MS);
        plan(store, &mut all[0], &format!("f{n}"), terms(Counted::New), at).await.expect("a place");
        end(store, &mut all[0], OrderOutcome::Invalid, vec![], at).await;
    }
    let wait = refused(plan(store, &mut all[0], "f2", terms(Counted::Renewal), START.plus(3 * MINUTE_MS)).await);
    assert!(matches!(wait, Wait::Limited { rule: Rule::Failures, .. }), "{wait:?}");
    plan(store, &mut all[1], "b", terms(Counted::New), START.plus(3 * MINUTE_MS)).await.expect("another name");
    // What failed gave no certificate; what was issued or dropped did, or may have.
    let later = START.plus(2 * HOUR_MS);
    for (n, outcome) in [OrderOutcome::Issued, OrderOutcome::Dropped].into_iter().enumerate() {
        plan(store, &mut all[0], &format!("i{n}"), terms(Counted::Renewal), later).await.expect("a place");
        end(store, &mut all[0], outcome, vec![], later).await;
    }
    let wait = refused(plan(store, &mut all[0], "i2", terms(Counted::Renewal), later).await);
    assert!(matches!(wait, Wait::Limited { rule: Rule::Name, .. }), "{wait:?}");
    plan(store, &mut all[0], "i3", terms(Counted::Replacement), later).await.expect("exempt from all");
}

pub(super) async fn a_ca_that_asked_for_a_pause_has_it(kit: Kit) {
    let store = &kit.store;
    let mut all = verified(store, &["a.court.test", "b.court.test"], START).await;
    let until = START.plus(3 * HOUR_MS);
    plan(store, &mut all[0], "o0", Terms::default(), START).await.expect("a place");
    let pause = |until| Extra::AuthorityPaused { ca: "ca".into(), kind: ProblemKind::RateLimited, until };
    // A shorter one that is heard later takes nothing away.
    end(store, &mut all[0], OrderOutcome::Failed, vec![pause(until), pause(START.plus(HOUR_MS))], START).await;
    let wait = refused(plan(store, &mut all[1], "o2", Terms::default(), until.plus(-1)).await);
    assert_eq!(wait, Wait::Paused { kind: ProblemKind::RateLimited, until });
    plan(store, &mut all[1], "o3", Terms::default(), until).await.expect("the pause is over");
}

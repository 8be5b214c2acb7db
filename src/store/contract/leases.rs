//! Claims, fencing, and requests that come while work is in flight.

use super::given::{self, LEASE_MS, START, change, claim, customer, domain, green};
use super::kit::Kit;
use crate::domain::time::Millis;
use crate::store::{RecordProblem, Refresh, Scope};
use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

const CLAIMERS: usize = 8;
const DOMAINS: usize = 60;

pub(super) async fn each_domain_goes_to_one_claimer(kit: Kit) {
    let customer = customer(&kit.store, "Court").await;
    for n in 0..DOMAINS {
        domain(&kit.store, &customer, &format!("h{n}.court.test")).await;
    }
    let claimers: Vec<_> = (0..CLAIMERS)
        .map(|n| {
            let store = kit.store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let got = store.claim(&format!("w{n}"), 4, START, LEASE_MS).await.expect("claims");
                    if got.is_empty() {
                        return mine;
                    }
                    mine.extend(got.into_iter().map(|claimed| claimed.stored.setup.id));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.expect("no panic"));
    }
    assert_eq!(all.len(), DOMAINS, "each was claimed");
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), DOMAINS, "none twice");
}

pub(super) async fn a_fresh_start_inherits_on_one_node_only(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    domain(store, &customer, "www.court.test").await;
    let old = claim(store, "killed", START).await;
    let again = kit.another().await;
    let one_node = kit.folder().is_some();
    assert_eq!(again.inherit().await.expect("inherits"), u64::from(one_node));
    let taken = again.claim("fresh", 10, START, LEASE_MS).await.expect("claims");
    assert_eq!(taken.len(), usize::from(one_node));
    let refused = store.release(&old.lease, START, START).await;
    assert_eq!(matches!(refused, Err(RecordProblem::LeaseLost)), one_node, "{refused:?}");
}

pub(super) async fn a_lapsed_lease_is_taken_over(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let old = claim(store, "sleeper", START).await;
    assert!(store.claim("other", 10, START.plus(LEASE_MS - 1), LEASE_MS).await.expect("claims").is_empty());
    let late = START.plus(LEASE_MS);
    let new = claim(store, "sleeper", late).await;
    let event = green(&old.stored.setup, late);
    let refused = store.record(&old.lease, &old.stored.setup, change(&old.stored, &event, late, vec![]), late).await;
    assert!(matches!(refused, Err(RecordProblem::LeaseLost)), "{refused:?}");
    assert!(matches!(store.extend(&old.lease, late.plus(1)).await, Err(RecordProblem::LeaseLost)));
    assert!(matches!(store.release(&old.lease, late, late).await, Err(RecordProblem::LeaseLost)));
    assert!(matches!(store.reload(&mut old.lease.clone()).await, Err(RecordProblem::LeaseLost)));
    let now = store.domain(&Scope::All, &id).await.expect("reads").expect("there");
    assert_eq!(now, given::read(&old.stored), "nothing changed");
    let recorded = store.record(&new.lease, &new.stored.setup, change(&new.stored, &event, late, vec![]), late).await;
    assert_eq!(recorded.expect("recorded").revision, 2);
    // A lease that was given back is over, though nobody took over.
    assert!(matches!(store.extend(&new.lease, late.plus(1)).await, Err(RecordProblem::LeaseLost)));
}

pub(super) async fn a_removed_domain_is_not_claimed(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    assert!(store.remove_domain(&Scope::All, &id, None, START).await.expect("removed"));
    assert!(store.claim("w", 10, START.plus(LEASE_MS), LEASE_MS).await.expect("claims").is_empty());
    assert_eq!(store.next_due().await.expect("reads"), None);
    assert!(!store.remove_domain(&Scope::All, &id, None, START).await.expect("answers"), "it is gone already");
}

pub(super) async fn an_idle_worker_knows_when_to_wake(kit: Kit) {
    let store = &kit.store;
    assert_eq!(store.next_due().await.expect("reads"), None);
    let customer = customer(store, "Court").await;
    domain(store, &customer, "a.court.test").await;
    assert_eq!(store.next_due().await.expect("reads"), Some(START));
    let claimed = claim(store, "w", START).await;
    let lapse = START.plus(LEASE_MS);
    assert_eq!(store.next_due().await.expect("reads"), Some(lapse), "a leased one is free when its lease lapses");
    store.release(&claimed.lease, START.plus(7), START).await.expect("released");
    assert_eq!(store.next_due().await.expect("reads"), Some(START.plus(7)));
    assert!(store.claim("w", 1, START.plus(6), LEASE_MS).await.expect("claims").is_empty());
    let one = store.claim_one("w", claimed.lease.domain(), START.plus(7), LEASE_MS).await.expect("claims");
    assert!(one.is_some());
    assert!(store.claim_one("w", claimed.lease.domain(), START.plus(7), LEASE_MS).await.expect("claims").is_none());
}

pub(super) async fn a_refresh_during_work_is_not_lost(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let far = START.plus(1_000_000);
    let claimed = claim(store, "w", START).await;
    assert_eq!(store.ask_refresh(&Scope::All, &id, START).await.expect("asked"), Refresh::Asked);
    let again = store.ask_refresh(&Scope::All, &id, START.plus(1)).await.expect("answers");
    assert_eq!(again, Refresh::TooSoon { again_at: START.plus(5_000) });
    // Asking disturbed neither revision nor lease, and the release does not push it away.
    let event = green(&claimed.stored.setup, START);
    let change = change(&claimed.stored, &event, START, vec![]);
    store.record(&claimed.lease, &claimed.stored.setup, change, START).await.expect("recorded");
    let mut claimed = claim(store, "w", START.plus(2)).await;
    assert_eq!(claimed.stored.asked.refresh_at, Some(START));
    store.release(&claimed.lease, far, START.plus(3)).await.expect("released");
    assert_eq!(store.next_due().await.expect("reads"), Some(far), "this time it was seen");
    // While nobody works on it, asking makes it due; a worker that reloads has seen the request.
    let later = START.plus(10_000);
    assert_eq!(store.ask_refresh(&Scope::All, &id, later).await.expect("asked"), Refresh::Asked);
    claimed = claim(store, "w", later).await;
    let even_later = later.plus(5_000);
    assert_eq!(store.ask_refresh(&Scope::All, &id, even_later).await.expect("asked"), Refresh::Asked);
    let seen = store.reload(&mut claimed.lease).await.expect("reloaded");
    assert_eq!(seen.asked.refresh_at, Some(even_later));
    store.release(&claimed.lease, far, even_later).await.expect("released");
    assert_eq!(store.next_due().await.expect("reads"), Some(far));
}

pub(super) async fn an_open_page_is_not_forgotten(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let far = START.plus(1_000_000);
    let claimed = claim(store, "w", START).await;
    let until = START.plus(20_000);
    assert!(store.watch(&Scope::All, &id, START, until).await.expect("watched"));
    store.release(&claimed.lease, far, START.plus(1)).await.expect("released");
    let claimed = claim(store, "w", START.plus(1)).await;
    let watched = |since: Millis, until: Millis| (Some(since), Some(until));
    let asked = claimed.stored.asked;
    assert_eq!((asked.watched_since, asked.watched_until), watched(START, until));
    // A page that stays open goes on: since when is kept, and the worker, who knows, is left in peace.
    assert!(store.watch(&Scope::All, &id, START.plus(9), until.plus(9)).await.expect("watched"));
    store.release(&claimed.lease, far, START.plus(10)).await.expect("released");
    assert_eq!(store.next_due().await.expect("reads"), Some(far));
    let asked = store.domain(&Scope::All, &id).await.expect("reads").expect("there").asked;
    assert_eq!((asked.watched_since, asked.watched_until), watched(START, until.plus(9)));
    // One that was closed and opened again starts anew.
    let anew = until.plus(60_000);
    assert!(store.watch(&Scope::All, &id, anew, anew.plus(1)).await.expect("watched"));
    assert_eq!(claim(store, "w", anew).await.stored.asked.watched_since, Some(anew));
}

pub(super) async fn a_lease_can_be_kept_and_given_back(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    domain(store, &customer, "www.court.test").await;
    let claimed = claim(store, "w", START).await;
    let long = START.plus(10 * LEASE_MS);
    store.extend(&claimed.lease, long).await.expect("extended");
    assert!(store.claim("other", 1, long.plus(-1), LEASE_MS).await.expect("claims").is_empty());
    store.release(&claimed.lease, START, START).await.expect("released");
    assert_eq!(claim(store, "other", START).await.stored, claimed.stored);
}

pub(super) async fn people_wait_for_a_walk_and_not_it_for_them(kit: Kit) {
    const MOMENT: Duration = Duration::from_millis(200);
    if kit.folder().is_some() {
        // SQLite has one writer.
        return;
    }
    let (store, walk) = (&kit.store, kit.another().await);
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let mut tx = walk.database.begin().await.expect("begins");
    let held = sqlx::query("select domain from work where domain = $1 for update").bind(id.as_str());
    assert!(held.fetch_optional(&mut *tx).await.expect("locks").is_some());
    let mut switched = pin!(store.switch(&Scope::All, &id, false, None, START));
    assert!(timeout(MOMENT, switched.as_mut()).await.is_err(), "they wait");
    // They hold nothing that the walk needs.
    let write = sqlx::query("update domains set revision = revision + 1 where id = $1").bind(id.as_str());
    assert_eq!(write.execute(&mut *tx).await.expect("writes").rows_affected(), 1);
    tx.commit().await.expect("commits");
    assert!(switched.await.expect("switches"));
}

//! What is handed to others: letters, keys for a customer's zone, and the records that removed domains leave behind.

use super::given::{START, customer, domain, entry};
use super::kit::Kit;
use crate::domain::publishing::Put;
use crate::domain::record::{Purpose, RecordType, Wanted};
use crate::domain::role::Role;
use crate::domain::time::DAY_MS;
use crate::store::{LETTERS_OF_DOMAIN, LETTERS_OF_SENDER, NewUser, Scope, Store, StoreError, Stored, StoredUpdateKey};
use zeroize::Zeroizing;

pub(super) async fn letters_are_counted_by_domain_and_by_sender(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let whole = usize::try_from(LETTERS_OF_DOMAIN).expect("few");
    let mut stored = Vec::new();
    for n in 0..=LETTERS_OF_SENDER / LETTERS_OF_DOMAIN {
        stored.push(domain(store, &court, &format!("h{n}.court.test")).await);
    }
    let reserve = async |n: usize, sender: &str, letters, at| {
        store.reserve_letters(&stored[n], sender, letters, START.plus(at)).await.expect("counts")
    };
    assert!(reserve(0, "ana", whole - 1, 0).await);
    assert!(!reserve(0, "ben", 2, 0).await, "the domain's are used up, whoever asks");
    assert!(reserve(0, "ben", 1, 0).await, "a refusal takes nothing");
    for n in 1..stored.len() - 1 {
        assert!(reserve(n, "ana", whole, 0).await);
    }
    let last = stored.len() - 1;
    assert!(!reserve(last, "ana", 2, 0).await, "hers are used up, whatever the domain");
    assert!(reserve(last, "ben", 2, 0).await);
    assert!(!reserve(0, "cleo", 1, DAY_MS - 1).await);
    assert!(reserve(0, "cleo", whole, DAY_MS).await, "a day later they are free");
    store.prune(START.plus(40 * DAY_MS)).await.expect("prunes");
    let left: i64 =
        sqlx::query_scalar("select count(*) from mailings").fetch_one(store.database.reader()).await.expect("counts");
    assert_eq!(left, 0);

    store.tell_of(&stored[0], &entry("records.mailed"), None, START).await.expect("told");
    let told = store.timeline(&Scope::All, &stored[0].setup.id, None, 9).await.expect("reads").items;
    assert_eq!(told.first().map(|line| line.kind.as_str()), Some("records.mailed"));
}

pub(super) async fn a_key_opens_one_customers_zone(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let stored = domain(store, &court, "www.court.test").await;
    let key = |secret: &[u8]| StoredUpdateKey {
        server: "192.0.2.53:53".into(),
        name: "console".into(),
        algorithm: "hmac-sha256".into(),
        secret: Zeroizing::new(secret.to_vec()),
        created_by: "ana@court.test".into(),
        created_at: START,
    };
    let secret = async |customer, zone: &str| {
        store.update_key(customer, zone).await.map(|found| found.map(|key| key.secret.to_vec()))
    };
    for word in [b"first".as_slice(), b"second"] {
        store.keep_update_key(&stored, "court.test", &key(word), &entry("key.kept"), START).await.expect("kept");
    }
    assert_eq!(secret(&court, "court.test").await.expect("opens").as_deref(), Some(b"second".as_slice()));
    assert_eq!(secret(&court, "county.test").await.expect("reads"), None);
    assert_eq!(secret(&county, "court.test").await.expect("reads"), None, "another customer's");
    kit.meddle("update update_keys set zone = 'stolen.test'").await;
    assert!(matches!(secret(&court, "stolen.test").await, Err(StoreError::Seal(_))), "bound to its zone");
    kit.meddle("update update_keys set zone = 'court.test'").await;
    assert!(store.forget_update_key(&stored, "court.test", &entry("key.forgotten"), START).await.expect("writes"));
    assert!(!store.forget_update_key(&stored, "court.test", &entry("key.forgotten"), START).await.expect("writes"));
    assert_eq!(secret(&court, "court.test").await.expect("reads"), None);

    let put = |value: &str| Put { host: "www.court.test".into(), rtype: RecordType::Cname, value: value.into() };
    for (value, at) in [("old.test", 0), ("new.test", 5)] {
        store.note_published(&stored, &[put(value)], &entry("published"), START.plus(at)).await.expect("written");
    }
    assert_eq!(store.published(&stored.setup.id).await.expect("reads"), [(put("new.test"), START.plus(5))]);
}

pub(super) async fn what_a_removed_domain_left_is_looked_at_daily(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let stored = domain(store, &court, "www.court.test").await;
    let id = &stored.setup.id;
    assert_eq!(store.take_leftovers(START, 9).await.expect("reads"), [], "it is not removed");
    store.remove_domain(&Scope::All, id, None, START).await.expect("removed");
    let (one, two) = (store.clone(), kit.another().await);
    let (one, two) = tokio::join!(one.take_leftovers(START, 9), two.take_leftovers(START, 9));
    assert_eq!(one.expect("reads").len() + two.expect("reads").len(), 1, "one node looks");
    assert_eq!(store.take_leftovers(START.plus(DAY_MS - 1), 9).await.expect("reads"), []);
    assert_eq!(store.take_leftovers(START.plus(DAY_MS), 9).await.expect("reads").len(), 1);

    let listed = async |customer: &crate::domain::id::CustomerId| {
        let scope = Scope::Customer(customer.clone());
        store
            .leftovers(&scope)
            .await
            .expect("reads")
            .into_iter()
            .map(|one| (one.checked_at, one.found))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&court).await, [], "nothing was found yet");
    let later = START.plus(DAY_MS);
    store.note_leftovers(&stored, &[alias()], later).await.expect("written");
    assert_eq!(listed(&court).await, [(Some(later), vec!["www.court.test".to_owned()])]);
    assert_eq!(listed(&county).await, [], "another customer's");
    domain(store, &court, "www.court.test").await;
    assert_eq!(listed(&court).await, [], "it was added again: its records stand on purpose");
}

fn alias() -> Wanted {
    let (host, value) = ("www.court.test".into(), "edge.padlock.test".into());
    Wanted { purpose: Purpose::Routing, rtype: RecordType::Cname, host, value }
}

/// How many mails were added so far, after a look on this day that found these.
async fn mails(store: &Store, stored: &Stored, left: &[Wanted], day: i64) -> i64 {
    store.note_leftovers(stored, left, START.plus(day * DAY_MS)).await.expect("written");
    sqlx::query_scalar("select count(*) from deliveries").fetch_one(store.database.reader()).await.expect("counts")
}

pub(super) async fn people_hear_once_of_what_a_removed_domain_left(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    for (email, customer) in [("ana@court.test", &court), ("ben@county.test", &county)] {
        let (email, password_hash, customer) = (email.into(), "x".into(), Some(customer.clone()));
        store.add_user(NewUser { email, password_hash, role: Role::Manager, customer }, START).await.expect("added");
    }
    let stored = domain(store, &court, "www.court.test").await;
    store.remove_domain(&Scope::All, &stored.setup.id, None, START).await.expect("removed");
    for (day, found, told) in [(0, true, 0), (2, true, 0), (3, true, 1), (4, true, 1), (5, false, 1), (6, true, 2)] {
        let left = if found { vec![alias()] } else { Vec::new() };
        assert_eq!(mails(store, &stored, &left, day).await, told, "day {day}");
    }
    let lines = store.timeline(&Scope::All, &stored.setup.id, None, 20).await.expect("reads").items;
    let lines: Vec<&str> =
        lines.iter().filter(|line| line.kind == "records.left").map(|line| line.summary.as_str()).collect();
    assert_eq!(lines, ["These records still stand, days after the removal: www.court.test (CNAME)"; 2]);

    let again = domain(store, &court, "www.court.test").await;
    assert_eq!(mails(store, &stored, &[], 7).await, 2);
    assert_eq!(mails(store, &stored, &[alias()], 8).await, 2, "it is here again");
    store.remove_domain(&Scope::All, &again.setup.id, None, START.plus(9 * DAY_MS)).await.expect("removed");
    assert_eq!(mails(store, &stored, &[alias()], 10).await, 2, "its last removal is told");
    assert_eq!(mails(store, &again, &[alias()], 11).await, 2);
    assert_eq!(mails(store, &again, &[alias()], 12).await, 3);
}

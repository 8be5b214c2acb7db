//! Links without sign-in.

use super::given::{START, customer, domain, entry, walked};
use super::kit::Kit;
use crate::store::{LINKS_MAX, Scope, StoreError};

pub(super) async fn links_end_in_time_and_by_hand(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let stored = domain(store, &court, "www.court.test").await;
    let id = &stored.setup.id;
    let until = START.plus(1_000);
    let made = entry("link.made");
    let link = store.add_link(&stored, [7; 32], until, &made, START).await.expect("writes").expect("has room");
    let found = |secret: u8, now| async move { store.link_by_secret([secret; 32], now).await.expect("reads") };
    assert_eq!(found(7, START).await.as_ref(), Some(&link));
    assert_eq!(found(8, START).await, None, "another secret");
    assert_eq!(found(7, until).await, None, "its time is over");
    let (theirs, own) = (Scope::Customer(county), Scope::Customer(court));
    assert_eq!(store.links(&theirs, id, START).await.expect("reads"), [], "another customer's");
    assert_eq!(store.link(&theirs, &link.id).await.expect("reads"), None);
    assert_eq!(store.links(&own, id, START).await.expect("reads"), std::slice::from_ref(&link));

    assert!(store.revoke_link(&stored, &link.id, &entry("link.ended"), START).await.expect("writes"));
    assert!(!store.revoke_link(&stored, &link.id, &entry("link.ended"), START).await.expect("writes"), "once");
    assert_eq!(found(7, START).await, None);
    assert_eq!(store.links(&own, id, START).await.expect("reads"), []);
    let told = store.timeline(&own, id, None, 9).await.expect("reads").items;
    let kinds: Vec<&str> = told.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["link.ended", "link.made", "added"]);
}

pub(super) async fn a_domain_has_so_many_links_and_takes_them_along(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let stored = domain(store, &court, "www.court.test").await;
    let until = START.plus(1_000);
    let add = |n: usize| {
        let (stored, made) = (&stored, entry("link.made"));
        async move { store.add_link(stored, [n as u8; 32], until, &made, START).await.expect("writes") }
    };
    for n in 0..LINKS_MAX {
        assert!(add(n).await.is_some(), "{n}");
    }
    assert_eq!(add(LINKS_MAX).await, None);
    store.remove_domain(&Scope::All, &stored.setup.id, None, START).await.expect("removed");
    assert_eq!(store.link_by_secret([0; 32], START).await.expect("reads"), None, "a removed domain is not shown");
}

pub(super) async fn links_are_listed_page_by_page(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let (own, theirs) = (Scope::Customer(court.clone()), Scope::Customer(county));
    let stored = domain(store, &court, "www.court.test").await;
    let (id, until) = (&stored.setup.id, START.plus(1_000));
    // Made in one moment, but for the last.
    for (secret, at) in [(1, START), (2, START), (3, START), (4, START), (5, START.plus(1))] {
        store.add_link(&stored, [secret; 32], until, &entry("link.made"), at).await.expect("writes").expect("has room");
    }
    let page = |cursor: Option<String>| {
        let own = &own;
        async move { store.paged_links(own, id, START, cursor.as_deref(), 2).await.expect("reads") }
    };
    let pages = walked(page).await;
    assert_eq!(pages.concat(), store.links(&own, id, START).await.expect("reads"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(pages[0][0].created_at, START.plus(1), "the newest first");
    let none = store.paged_links(&theirs, id, START, None, 2).await.expect("reads");
    assert!(none.items.is_empty() && none.next_cursor.is_none(), "another customer's");
    assert!(store.paged_links(&own, id, until, None, 2).await.expect("reads").items.is_empty(), "their time is over");
    let bad = store.paged_links(&own, id, START, Some("zzz"), 2).await;
    assert!(matches!(bad, Err(StoreError::BadCursor)), "{bad:?}");
}

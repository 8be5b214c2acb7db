//! Links without sign-in.

use super::given::{START, customer, domain, entry};
use super::kit::Kit;
use crate::store::{LINKS_MAX, Scope};

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

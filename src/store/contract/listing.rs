//! Lists, page after page.

use super::given::{LEASE_MS, START, certified, claim, customer, domain, entry};
use super::kit::Kit;
use crate::domain::hostname::Hostname;
use crate::domain::status::{DomainStatus, SslStatus};
use crate::store::{Census, Filter, Scope, Settings, Store, StoreError};

pub(super) async fn a_list_is_whole_while_rows_come(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let mut expected = Vec::new();
    for n in 0..25 {
        expected.push(domain(store, &customer, &format!("h{n:02}.court.test")).await.setup.hostname.to_string());
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list(&Scope::All, &Filter { limit: 4, cursor, ..Filter::default() }).await.expect("lists");
        seen.extend(page.items.into_iter().map(|stored| stored.setup.hostname.to_string()));
        // Rows come before and after the place where the reader is, one goes behind them.
        domain(store, &customer, &format!("a{pages}.court.test")).await;
        domain(store, &customer, &format!("z{pages}.court.test")).await;
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "none comes twice: {seen:?}");
    assert!(expected.iter().all(|name| seen.contains(name)), "none is missing: {seen:?}");
    for bad in ["", "x", "bnVsbA", "WyJhIl0", &"A".repeat(2_000)] {
        let filter = Filter { limit: 4, cursor: Some(bad.into()), ..Filter::default() };
        assert!(matches!(store.list(&Scope::All, &filter).await, Err(StoreError::BadCursor)), "{bad}");
    }
}

pub(super) async fn filters_find_their_rows(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    domain(store, &court, "pay.court.test").await;
    let paid = claim(store, "w", START).await;
    certified(store, &paid, "one", b"key", START).await;
    domain(store, &court, "www.court.test").await;
    domain(store, &county, "pay.county.test").await;
    let check = |filter: Filter, want: &'static [&'static str]| async move {
        let page = store.list(&Scope::All, &Filter { limit: 10, ..filter.clone() }).await.expect("lists");
        let found: Vec<String> = page.items.iter().map(|stored| stored.setup.hostname.to_string()).collect();
        assert_eq!(found, want, "{filter:?}");
    };
    let q = |q: &str| Filter { q: Some(q.into()), ..Filter::default() };
    check(Filter::default(), &["pay.county.test", "pay.court.test", "www.court.test"]).await;
    check(q("PAY"), &["pay.county.test", "pay.court.test"]).await;
    check(q("portal of www"), &["www.court.test"]).await;
    check(q("%"), &[]).await;
    check(q("w_w"), &[]).await;
    check(q(r"\"), &[]).await;
    check(q("'"), &[]).await;
    check(Filter { customer: Some(county.clone()), ..q("pay") }, &["pay.county.test"]).await;
    check(Filter { domain_status: Some(DomainStatus::Active), ..Filter::default() }, &["pay.court.test"]).await;
    let none_yet = Filter { ssl_status: Some(SslStatus::NotStarted), ..Filter::default() };
    check(none_yet, &["pay.county.test", "www.court.test"]).await;
    let code = store.list(&Scope::All, &Filter { limit: 1, ..Filter::default() }).await.expect("lists");
    assert!(code.next_cursor.is_some());
    check(Filter { code: Some("no_such_code".into()), ..Filter::default() }, &[]).await;
}

pub(super) async fn a_search_shows_first_what_begins_with_it(kit: Kit) {
    let store = &kit.store;
    // So many that hold "court" in the middle: the names are read in their order, and not by trigrams.
    let court = super::plans::fill(&kit).await;
    let before: Vec<String> = names(store, "court", 200).await;
    assert_eq!(before.len(), 601);
    assert!(before.is_sorted_by(|a, b| a < b), "{before:?}");
    for host in ["a-zebra.test", "zebra-b.test", "zebra-a.test", "zz-zebra.test", "court-z.test"] {
        domain(store, &court, host).await;
    }
    for limit in [1, 2, 3, 200] {
        let found = names(store, "ZEBRA", limit).await;
        assert_eq!(found, ["zebra-a.test", "zebra-b.test", "a-zebra.test", "zz-zebra.test"], "{limit}");
        let found = names(store, "court", limit.max(50)).await;
        assert_eq!((found.len(), found[0].as_str()), (602, "court-z.test"), "{limit}");
        assert_eq!(names(store, "ze", limit).await, ["zebra-a.test", "zebra-b.test"], "two letters begin a name");
    }
    let gone = store.list(&Scope::All, &Filter { q: Some("zz-z".into()), limit: 1, ..Filter::default() }).await;
    let gone = gone.expect("lists").items.remove(0).setup.id;
    assert!(store.remove_domain(&Scope::All, &gone, None, START).await.expect("removed"));
    let renamed = store.domain_by_hostname(&Scope::All, &Hostname::parse_form("court-z.test").expect("a name")).await;
    let settings = Settings { name: Some("The Zebra's Office".into()), ..Settings::default() };
    let id = &renamed.expect("reads")[0].setup.id;
    store.update_settings(&Scope::All, id, settings, None, START).await.expect("set");
    let found = names(store, "zebra", 50).await;
    assert_eq!(found, ["zebra-a.test", "zebra-b.test", "a-zebra.test", "court-z.test"]);
}

/// Every name that a search finds, page after page.
async fn names(store: &Store, q: &str, limit: u32) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let filter = Filter { q: Some(q.into()), limit, cursor, ..Filter::default() };
        let page = store.list(&Scope::All, &filter).await.expect("lists");
        all.extend(page.items.into_iter().map(|stored| stored.setup.hostname.to_string()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

pub(super) async fn a_bad_row_harms_only_itself(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    domain(store, &customer, "bad.court.test").await;
    let bad = claim(store, "w", START).await;
    certified(store, &bad, "one", b"key", START).await;
    domain(store, &customer, "good.court.test").await;
    let good = claim(store, "w", START).await;
    certified(store, &good, "two", b"key", START).await;
    let id = bad.stored.setup.id.clone();
    kit.meddle(&format!("update domains set facts = '{{\"order\": 7}}', due_at = 0 where id = '{id}'")).await;
    kit.meddle(&format!("update keys set sealed = csr_der where domain = '{id}'")).await;
    for claimed in [&bad, &good] {
        store.release(&claimed.lease, START, START).await.expect("released");
    }
    let names = |items: &[crate::store::Stored]| -> Vec<String> {
        items.iter().map(|stored| stored.setup.hostname.to_string()).collect()
    };
    let page = store.list(&Scope::All, &Filter { limit: 10, ..Filter::default() }).await.expect("lists");
    assert_eq!(names(&page.items), ["good.court.test"]);
    assert!(matches!(store.domain(&Scope::All, &id).await, Err(StoreError::BadRow { table: "domains", .. })));
    let claimed = store.claim("w", 10, START, LEASE_MS).await.expect("claims");
    assert_eq!(names(&claimed.into_iter().map(|claimed| claimed.stored).collect::<Vec<_>>()), ["good.court.test"]);
    let installable = store.installable(None, 10).await.expect("reads").items;
    assert_eq!(installable.len(), 1);
    assert_eq!(installable[0].hostname.to_string(), "good.court.test");
}

pub(super) async fn the_timeline_is_paged(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    for n in 0..9 {
        let at = START.plus(n / 3);
        store.ask_renew(&Scope::All, &id, Some(entry(&format!("renewal {n}"))), at).await.expect("asked");
    }
    let (mut kinds, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.timeline(&Scope::All, &id, cursor.as_deref(), 4).await.expect("reads");
        assert!(page.items.iter().all(|line| line.detail == entry("").detail));
        kinds.extend(page.items.into_iter().map(|line| line.kind));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut expected: Vec<String> = (0..9).rev().map(|n| format!("renewal {n}")).collect();
    expected.push("added".into());
    assert_eq!(kinds, expected, "newest first, none twice, none missing");
}

pub(super) async fn a_census_counts_every_domain(kit: Kit) {
    let store = &kit.store;
    assert_eq!(store.census().await.expect("counts"), Census::default());
    let customer = customer(store, "Court").await;
    domain(store, &customer, "pay.court.test").await;
    let paid = claim(store, "w", START).await;
    let facts = certified(store, &paid, "one", b"key", START).await;
    for host in ["a.court.test", "b.court.test", "gone.court.test"] {
        domain(store, &customer, host).await;
    }
    let all = store.list(&Scope::All, &Filter { q: Some("gone".into()), limit: 1, ..Filter::default() }).await;
    let gone = all.expect("lists").items.remove(0).setup.id;
    assert!(store.remove_domain(&Scope::All, &gone, None, START).await.expect("removed"));
    let census = store.census().await.expect("counts");
    let groups: Vec<_> = census.groups.iter().map(|group| (group.domain_status.as_str(), group.domains)).collect();
    assert_eq!(groups, [("active", 1), ("verification_pending", 2)]);
    assert_eq!(census.first_expiry, facts.certificate.map(|held| held.not_after));
    assert_eq!(census.oldest_due, Some(START));
}

//! Lists, page after page.

use super::given::{LEASE_MS, START, certified, claim, customer, domain, entry};
use super::kit::Kit;
use crate::domain::hostname::Hostname;
use crate::domain::status::{Attention, DomainStatus, SslStatus};
use crate::store::{Census, Filter, Listed, Scope, Settings, SiteRange, Sort, Store, StoreError, Tally};

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

pub(super) async fn pages_lead_back_as_they_led_on(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    domain(store, &court, "beta.test").await;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"key", START).await;
    for host in ["alpha.test", "a-court.test", "court-a.test", "court-b.test"] {
        domain(store, &court, host).await;
    }
    for sort in Sort::ALL {
        for (descending, q) in [(false, None), (true, None), (false, Some("court")), (false, Some("co"))] {
            let filter = Filter { sort, descending, q: q.map(str::to_owned), limit: 2, ..Filter::default() };
            let mut on: Vec<Listed> = vec![store.list(&Scope::All, &filter).await.expect("lists")];
            while let Some(cursor) = on.last().and_then(|page| page.next_cursor.clone()) {
                let filter = Filter { cursor: Some(cursor), ..filter.clone() };
                on.push(store.list(&Scope::All, &filter).await.expect("lists"));
            }
            let found: usize = on.iter().map(|page| page.items.len()).sum();
            assert_eq!(
                found,
                match q {
                    None => 5,
                    Some("court") => 3,
                    Some(_) => 2,
                },
                "{filter:?}"
            );
            assert!(on[0].prev_cursor.is_none());
            for at in (1..on.len()).rev() {
                let filter = Filter { cursor: on[at].prev_cursor.clone(), ..filter.clone() };
                let back = store.list(&Scope::All, &filter).await.expect("lists");
                assert_eq!(back.items, on[at - 1].items, "{filter:?}");
                assert_eq!(back.prev_cursor.is_some(), at > 1, "{filter:?}");
                assert_eq!(back.next_cursor, on[at - 1].next_cursor, "{filter:?}");
            }
        }
    }
    let first = async |sort, descending| {
        let filter = Filter { sort, descending, limit: 5, ..Filter::default() };
        store.list(&Scope::All, &filter).await.expect("lists").items.remove(0).setup.hostname.to_string()
    };
    assert_eq!(first(Sort::Expiry, false).await, "beta.test");
    assert_eq!(first(Sort::Domain, true).await, "court-b.test");
}

pub(super) async fn views_are_counted_and_listed_alike(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    domain(store, &court, "pay.court.test").await;
    let paid = claim(store, "w", START).await;
    let facts = certified(store, &paid, "one", b"key", START).await;
    let ends = facts.certificate.expect("a certificate").not_after;
    for host in ["a.court.test", "b.court.test"] {
        domain(store, &court, host).await;
    }
    domain(store, &county, "c.county.test").await;
    for (scope, everything) in
        [(Scope::All, 4), (Scope::Customer(court.clone()), 3), (Scope::Customer(county.clone()), 1)]
    {
        let count = async |filter: Filter| {
            store.list(&scope, &Filter { limit: 10, ..filter }).await.expect("lists").items.len() as i64
        };
        let view = async |attention| count(Filter { attention: Some(attention), ..Filter::default() }).await;
        let expires_before = ends.plus(1);
        let tally = store.tally(&scope, expires_before).await.expect("counts");
        let listed = Tally {
            everything: count(Filter::default()).await,
            needs_you: view(Attention::NeedsYou).await,
            waiting: view(Attention::Waiting).await,
            active: view(Attention::Active).await,
            expiring: count(Filter { expires_before: Some(expires_before), ..Filter::default() }).await,
        };
        assert_eq!(tally, listed);
        assert_eq!(tally.everything, everything);
        assert_eq!(tally.needs_you + tally.waiting + tally.active, everything);
        assert_eq!(store.tally(&scope, ends).await.expect("counts").expiring, 0);
    }
    assert_eq!(store.tally(&Scope::All, ends.plus(1)).await.expect("counts").expiring, 1);
}

pub(super) async fn statuses_are_counted_and_listed_alike(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    domain(store, &court, "pay.court.test").await;
    let paid = claim(store, "w", START).await;
    certified(store, &paid, "one", b"key", START).await;
    domain(store, &court, "a.court.test").await;
    domain(store, &county, "c.county.test").await;
    for (scope, everything) in [(Scope::All, 3), (Scope::Customer(court), 2), (Scope::Customer(county), 1)] {
        let count = async |filter: Filter| {
            store.list(&scope, &Filter { limit: 10, ..filter }).await.expect("lists").items.len() as i64
        };
        let tally = store.status_tally(&scope).await.expect("counts");
        assert_eq!((tally.domain.len(), tally.ssl.len()), (DomainStatus::ALL.len(), SslStatus::ALL.len()));
        for (status, counted) in DomainStatus::ALL.iter().zip(&tally.domain) {
            let filter = Filter { domain_status: Some(*status), ..Filter::default() };
            assert_eq!(count(filter).await, *counted, "{status:?}");
        }
        for (status, counted) in SslStatus::ALL.iter().zip(&tally.ssl) {
            let filter = Filter { ssl_status: Some(*status), ..Filter::default() };
            assert_eq!(count(filter).await, *counted, "{status:?}");
        }
        let sum = |counts: &[i64]| counts.iter().sum::<i64>();
        assert_eq!((sum(&tally.domain), sum(&tally.ssl)), (everything, everything));
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
    kit.meddle(&format!("update domains set facts = '{{\"order\": 7}}' where id = '{id}'")).await;
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
    let opened = store.open_sites(&store.sites(&SiteRange::default(), 10).await.expect("reads")).expect("opens");
    let mut read: Vec<_> = opened.iter().map(|site| (site.hostname.to_string(), site.unread)).collect();
    read.sort();
    assert_eq!(read, [("bad.court.test".to_owned(), true), ("good.court.test".to_owned(), false)]);
    let bad = store.site(&id).await.expect("reads").expect("there");
    assert!(bad.unread && bad.installable.is_none() && bad.holder == Some((id, "portal".into())));
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

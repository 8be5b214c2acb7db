//! Whose rows are whose.

use super::given::{START, certified, change, claim, customer, domain, green, new_domain};
use super::kit::Kit;
use crate::domain::event::Event;
use crate::domain::facts::Standing;
use crate::domain::id::CertificateId;
use crate::domain::status::DomainStatus;
use crate::store::{AddProblem, Filter, RecordProblem, Refresh, Scope, Settings, SiteRange};
use std::collections::HashSet;

pub(super) async fn nobody_sees_another_customers_rows(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let added = domain(store, &court, "www.court.test").await.setup;
    let id = &added.id;
    store.add_agency(&court, "Clerk", START).await.expect("added");
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"key", START).await;
    let certificate = CertificateId::new("one");
    for (scope, sees) in [(Scope::All, true), (Scope::Customer(court.clone()), true), (Scope::Customer(county), false)]
    {
        let scope = &scope;
        let all = Filter { limit: 10, ..Filter::default() };
        let asked = Filter { customer: Some(court.clone()), ..all.clone() };
        assert_eq!(store.domain(scope, id).await.expect("reads").is_some(), sees);
        assert_eq!(store.domain_by_hostname(scope, &added.hostname).await.expect("reads").len(), usize::from(sees));
        assert_eq!(store.list(scope, &all).await.expect("lists").items.len(), usize::from(sees));
        assert_eq!(store.list(scope, &asked).await.expect("lists").items.len(), usize::from(sees));
        assert_eq!(store.agencies(scope).await.expect("reads").len(), usize::from(sees));
        assert_eq!(store.agency(scope, "clerk").await.expect("reads").is_some(), sees);
        assert_eq!(store.certificates(scope, id).await.expect("reads").len(), usize::from(sees));
        assert_eq!(store.certificate(scope, &certificate).await.expect("reads").is_some(), sees);
        assert_eq!(store.timeline(scope, id, None, 10).await.expect("reads").items.len(), usize::from(sees));
        assert_eq!(store.watch(scope, id, START, START).await.expect("answers"), sees);
        let refresh = store.ask_refresh(scope, id, START).await.expect("answers");
        assert_eq!(refresh != Refresh::NotFound, sees);
        let set = store.update_settings(scope, id, Settings::default(), None, START).await.expect("answers");
        assert_eq!(set.is_some(), sees);
        assert_eq!(store.ask_renew(scope, id, None, START).await.expect("answers"), sees);
        assert_eq!(store.switch(scope, id, true, None, START).await.expect("answers"), sees);
        if !sees {
            assert!(!store.remove_domain(scope, id, None, START).await.expect("answers"));
            let refused = store.add_domain(scope, new_domain(&court, "x.court.test"), None, START).await;
            assert!(matches!(refused, Err(AddProblem::UnknownCustomer)), "{refused:?}");
        }
    }
    assert!(store.domain(&Scope::All, id).await.expect("reads").is_some());
}

pub(super) async fn tokens_last_and_labels_do_not(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let (mut tokens, mut labels) = (HashSet::new(), HashSet::new());
    for _ in 0..3 {
        let setup = domain(store, &court, "www.court.test").await.setup;
        tokens.insert(setup.token);
        assert!(labels.insert(setup.dcv_label), "a label was used again");
        let again = store.add_domain(&Scope::All, new_domain(&court, "www.court.test"), None, START).await;
        assert!(matches!(again, Err(AddProblem::AlreadyYours)), "{again:?}");
        assert!(store.remove_domain(&Scope::All, &setup.id, None, START).await.expect("removed"));
    }
    assert_eq!(tokens.len(), 1, "removal keeps the token");
    let other = domain(store, &county, "www.court.test").await.setup;
    assert!(!tokens.contains(&other.token), "another customer's token is another");
    assert!(!labels.contains(&other.dcv_label));
    let refused = store
        .add_domain(
            &Scope::All,
            new_domain(&crate::domain::id::CustomerId::new("nobody"), "www.court.test"),
            None,
            START,
        )
        .await;
    assert!(matches!(refused, Err(AddProblem::UnknownCustomer)), "{refused:?}");
}

pub(super) async fn one_verified_claim_holds_a_name(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    domain(store, &court, "www.court.test").await;
    let first = claim(store, "w", START).await;
    domain(store, &county, "www.court.test").await;
    let second = claim(store, "w", START).await;
    let look =
        |claimed: &crate::store::Claimed| change(&claimed.stored, &green(&claimed.stored.setup, START), START, vec![]);
    // Both claims are pending; the second to verify learns that the name is held, and nothing of it is written.
    store.record(&first.lease, &first.stored.setup, look(&first), START).await.expect("recorded");
    let held = store.record(&second.lease, &second.stored.setup, look(&second), START).await;
    assert!(matches!(held, Err(RecordProblem::NameHeld)), "{held:?}");
    let blocked = change(&second.stored, &Event::NameHeld, START, vec![]);
    assert_eq!(blocked.index.domain_status, DomainStatus::Blocked);
    store.record(&second.lease, &second.stored.setup, blocked, START).await.expect("recorded");
    let opened = store.open_sites(&store.sites(&SiteRange::default(), 10).await.expect("reads")).expect("opens");
    let holders: Vec<_> = opened.into_iter().filter_map(|site| site.holder).collect();
    assert_eq!(holders, [(first.stored.setup.id.clone(), "portal".to_owned())]);
    // Switched off, the first lets the name go; the second, added anew, verifies; the first comes back blocked.
    let (one, two) = (&first.stored.setup.id, &second.stored.setup.id);
    assert!(store.switch(&Scope::All, one, false, None, START).await.expect("switched"));
    assert!(store.remove_domain(&Scope::All, two, None, START).await.expect("removed"));
    let off = claim(store, "w", START).await;
    store.release(&off.lease, START.plus(i64::from(u32::MAX)), START).await.expect("released");
    domain(store, &county, "www.court.test").await;
    let third = claim(store, "w", START).await;
    store.record(&third.lease, &third.stored.setup, look(&third), START).await.expect("recorded");
    assert!(store.switch(&Scope::All, one, true, None, START).await.expect("switched"));
    let back = store.domain(&Scope::All, one).await.expect("reads").expect("there");
    assert_eq!(back.facts.standing, Standing::Blocked);
    // Whichever claim is asked about, the name leads to its one holder.
    let holder = Some((third.stored.setup.id.clone(), "portal".to_owned()));
    for id in [one, two, &third.stored.setup.id] {
        assert_eq!(store.site(id).await.expect("reads").expect("there").holder, holder);
    }
    assert!(store.remove_domain(&Scope::All, &third.stored.setup.id, None, START).await.expect("removed"));
    assert_eq!(store.site(one).await.expect("reads").expect("there").holder, None);
}

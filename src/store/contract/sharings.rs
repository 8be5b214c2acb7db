//! Enabled Agencies, Monitoring Reports, and the renewals of the coming weeks.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::certificate::Source;
use crate::domain::report::{Every, Reports};
use crate::domain::time::{DAY_MS, Millis};
use crate::store::{AddProblem, Filter, Scope, Settings, Sharing, Sort};

pub(super) async fn an_enabled_agency_finds_the_domain(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let clerk = store.add_agency(&court, "Clerk", START).await.expect("added");
    let theirs = store.add_agency(&county, "Treasurer", START).await.expect("added");
    let wild = domain(store, &court, "*.court.test").await.setup.id;
    domain(store, &court, "pay.court.test").await;
    assert_eq!(store.sharing(&wild).await.expect("reads"), Sharing::default());
    assert!(!store.is_enabled_somewhere(&clerk.id).await.expect("reads"));

    let reports = Reports { addresses: vec!["ana@court.test".into()], every: Every::Weekly };
    let set = |agencies: Vec<_>, every| Settings {
        enabled_agencies: Some(agencies),
        reports: Some(Reports { every, ..reports.clone() }),
        ..Settings::default()
    };
    let change = async |settings| store.update_settings(&Scope::All, &wild, settings, None, START).await;
    let refused = change(set(vec![theirs.id.clone()], Every::Daily)).await;
    assert!(matches!(refused, Err(AddProblem::UnknownAgency)), "another customer's: {refused:?}");
    assert_eq!(store.sharing(&wild).await.expect("reads"), Sharing::default(), "nothing was written");
    change(set(vec![clerk.id.clone()], Every::Daily)).await.expect("written");
    change(set(vec![clerk.id.clone()], Every::Weekly)).await.expect("written anew");
    change(Settings { name: Some("All of court".into()), ..Settings::default() }).await.expect("leaves them alone");
    let sharing = Sharing { agencies: vec![clerk.id.clone()], reports: reports.clone() };
    assert_eq!(store.sharing(&wild).await.expect("reads"), sharing);

    assert!(store.is_enabled_somewhere(&clerk.id).await.expect("reads"));
    let filter = |also_enabled| Filter {
        customer: Some(court.clone()),
        agency: Some(clerk.id.clone()),
        also_enabled,
        limit: 9,
        ..Filter::default()
    };
    let found = async |filter| {
        let page = store.list(&Scope::Customer(court.clone()), &filter).await.expect("lists");
        page.items.into_iter().map(|stored| stored.setup.id).collect::<Vec<_>>()
    };
    assert_eq!(found(filter(true)).await, std::slice::from_ref(&wild));
    assert_eq!(found(filter(false)).await, []);
    store.remove_domain(&Scope::All, &wild, None, START).await.expect("removed");
    store.prune(START.plus(40 * DAY_MS)).await.expect("takes them along");
    assert_eq!(store.sharing(&wild).await.expect("reads"), Sharing::default());
}

pub(super) async fn renewals_are_counted_by_week(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let counted = async |scope: &Scope, from: Millis| store.renewals(scope, from, 12).await.expect("counts");
    domain(store, &county, "bare.county.test").await;
    assert_eq!(counted(&Scope::All, START).await, [0; 12], "without a certificate there is nothing to renew");
    claim(store, "w", START).await;
    domain(store, &court, "pay.court.test").await;
    let claimed = claim(store, "w", START).await;
    let facts = certified(store, &claimed, "one", b"key", START).await;
    let renews_at = crate::domain::renewal::moment(&claimed.stored.setup, &facts).expect("will be renewed");
    let week = usize::try_from(renews_at.since(START) / (7 * DAY_MS)).expect("later");
    for (scope, ours) in [(Scope::All, 1), (Scope::Customer(court), 1), (Scope::Customer(county), 0)] {
        let weeks = counted(&scope, START).await;
        assert_eq!((weeks[week], weeks.iter().sum::<i64>()), (ours, ours), "{scope:?}");
        assert_eq!(counted(&scope, renews_at.plus(DAY_MS)).await[0], ours, "what is due already is in the first week");
    }
    let of = async |source| {
        let filter = Filter { source: Some(source), sort: Sort::Expiry, limit: 9, ..Filter::default() };
        store.list(&Scope::All, &filter).await.expect("lists").items.len()
    };
    assert_eq!((of(Source::Acme).await, of(Source::Upload).await), (1, 0));
}

//! Searching for an agency's name: it finds the domains whose Default Agency that is.

use super::given::{START, customer, new_domain};
use super::kit::Kit;
use crate::domain::facts::Facts;
use crate::domain::id::{AgencyId, CustomerId, DomainId};
use crate::domain::setup::DcvLabel;
use crate::store::{Filter, Import, NewDomain, Scope, Settings, Store};

const MIGRATION: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0033_agency_names.sql"),
    include_str!("../../../migrations/postgres/0033_agency_names.sql"),
];

async fn found(store: &Store, scope: &Scope, q: &str) -> Vec<String> {
    let filter = Filter { q: Some(q.into()), limit: 10, ..Filter::default() };
    let page = store.list(scope, &filter).await.expect("lists");
    page.items.iter().map(|stored| stored.setup.hostname.to_string()).collect()
}

async fn agency(store: &Store, customer: &CustomerId, name: &str) -> AgencyId {
    store.add_agency(customer, name, START).await.expect("added").id
}

async fn add(store: &Store, customer: &CustomerId, hostname: &str, agency: Option<&AgencyId>) -> DomainId {
    let new = NewDomain { agency: agency.cloned(), ..new_domain(customer, hostname) };
    store.add_domain(&Scope::All, new, None, START).await.expect("added").setup.id
}

pub(super) async fn a_search_finds_the_domains_of_an_agency(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let (clerk, sheriff) = (agency(store, &court, "City Clerk").await, agency(store, &court, "Sheriff").await);
    let theirs = agency(store, &county, "City Clerk").await;
    let pay = add(store, &court, "pay.court.test", Some(&clerk)).await;
    add(store, &court, "jury.court.test", Some(&sheriff)).await;
    add(store, &court, "www.court.test", None).await;
    add(store, &county, "pay.county.test", Some(&theirs)).await;
    let ours = Scope::Customer(court.clone());
    for q in ["city cl", "City Clerk", " CLERK "] {
        assert_eq!(found(store, &Scope::All, q).await, ["pay.county.test", "pay.court.test"], "{q}");
        assert_eq!(found(store, &ours, q).await, ["pay.court.test"], "{q}: another customer's agency is none of ours");
    }
    assert_eq!(found(store, &ours, "sheriff").await, ["jury.court.test"]);

    let set = async |agency: Option<&AgencyId>| {
        let settings = Settings { agency: Some(agency.cloned()), ..Settings::default() };
        store.update_settings(&Scope::All, &pay, settings, None, START).await.expect("written");
    };
    set(Some(&sheriff)).await;
    assert_eq!(found(store, &ours, "city clerk").await, [""; 0]);
    assert_eq!(found(store, &ours, "sheriff").await, ["jury.court.test", "pay.court.test"]);
    set(None).await;
    assert_eq!(found(store, &ours, "sheriff").await, ["jury.court.test"]);

    // One that comes from elsewhere is found as well.
    let mut setup = store.domain(&Scope::All, &pay).await.expect("reads").expect("there").setup;
    setup.id = DomainId::new("new");
    setup.hostname = new_domain(&court, "new.court.test").hostname;
    setup.dcv_label = DcvLabel::from_random(7_u128.to_be_bytes());
    setup.agency = Some(sheriff);
    let import = Import { setup, facts: Facts::added(START), secret: None };
    store.import(&[import], START).await.expect("imported");
    assert_eq!(found(store, &ours, "sheriff").await, ["jury.court.test", "new.court.test"]);
}

pub(super) async fn an_older_database_finds_them_too(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let clerk = agency(store, &court, "City Clerk").await;
    add(store, &court, "pay.court.test", Some(&clerk)).await;
    add(store, &court, "www.court.test", None).await;
    // As it was written before.
    kit.meddle("update domains set search = hostname || ' ' || lower(name)").await;
    kit.meddle("update domain_names set search = (select search from domains where domains.id = domain_names.domain)")
        .await;
    assert_eq!(found(store, &Scope::All, "clerk").await, [""; 0]);
    kit.meddle(store.database.pick(MIGRATION[0], MIGRATION[1])).await;
    assert_eq!(found(store, &Scope::All, "clerk").await, ["pay.court.test"]);
    assert_eq!(found(store, &Scope::All, "court").await, ["pay.court.test", "www.court.test"]);
}

//! Monitoring Reports that are to be mailed: once in each period, by one node.

use super::given::{START, customer, domain};
use super::kit::Kit;
use crate::domain::report::{Every, Reports};
use crate::store::{DueReport, Scope, Settings};

pub(super) async fn a_report_is_taken_once_in_its_period(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let (daily, never) = (domain(store, &court, "a.court.test").await, domain(store, &court, "b.court.test").await);
    let addresses = vec!["ana@court.test".to_owned()];
    let set = async |id, every| {
        let settings =
            Settings { reports: Some(Reports { addresses: addresses.clone(), every }), ..Settings::default() };
        store.update_settings(&Scope::All, id, settings, None, START).await.expect("written");
    };
    let id = daily.setup.id.clone();
    set(&id, Every::Daily).await;
    set(&never.setup.id, Every::Never).await;
    let due = async |period| store.due_reports(Every::Daily, period, 9).await.expect("reads");
    assert_eq!(due(7).await, [DueReport { domain: id.clone(), addresses: addresses.clone() }]);
    assert_eq!(store.due_reports(Every::Weekly, 7, 9).await.expect("reads"), []);
    let take = async |period| store.take_report(&id, Every::Daily, period).await.expect("written");
    assert_eq!((take(7).await, take(7).await, take(6).await), (true, false, false), "one node has it, once");
    assert_eq!((due(7).await.len(), due(8).await.len()), (0, 1));
    // Whoever changes the addresses is not sent the same day's again.
    set(&id, Every::Daily).await;
    assert_eq!(due(7).await, []);
    assert!(take(8).await);
    store.remove_domain(&Scope::All, &id, None, START).await.expect("removed");
    assert_eq!(due(9).await, []);
}

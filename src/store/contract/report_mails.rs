//! Monitoring Reports that are to be mailed: once in each period, by one node, until they arrive.

use super::given::{START, customer, domain};
use super::kit::Kit;
use crate::domain::id::DomainId;
use crate::domain::report::{Every, Reports};
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use crate::store::{DueReport, ReportTried, Scope, Settings, Store};

async fn set(store: &Store, id: &DomainId, addresses: &[&str], every: Every) {
    let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
    let settings = Settings { reports: Some(Reports { addresses, every }), ..Settings::default() };
    store.update_settings(&Scope::All, id, settings, None, START).await.expect("written");
}

async fn note(store: &Store, due: &DueReport, period: i64, tried: ReportTried<'_>) {
    store.note_report(due, Every::Daily, period, tried, START).await.expect("written");
}

/// What the timeline says of mails, newest first.
async fn told(store: &Store, id: &DomainId) -> Vec<String> {
    let lines = store.timeline(&Scope::All, id, None, 20).await.expect("reads").items;
    lines.into_iter().filter(|line| line.kind == "mail.sent").map(|line| line.summary).collect()
}

async fn due(store: &Store, period: i64, now: Millis) -> Vec<DueReport> {
    of(store, Every::Daily, period, now).await
}

async fn of(store: &Store, every: Every, period: i64, now: Millis) -> Vec<DueReport> {
    store.due_reports(every, period, 5, 9, now).await.expect("reads")
}

pub(super) async fn a_report_is_taken_once_in_its_period(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let (daily, never) = (domain(store, &court, "a.court.test").await, domain(store, &court, "b.court.test").await);
    let id = daily.setup.id.clone();
    let [day, week] = [Every::Daily, Every::Weekly].map(|every| every.period(START).expect("a number"));
    set(store, &id, &["ana@court.test"], Every::Daily).await;
    set(store, &never.setup.id, &["ana@court.test"], Every::Never).await;
    let fresh = DueReport { domain: id.clone(), addresses: vec!["ana@court.test".into()], tries: 0 };
    assert_eq!(due(store, day, START).await, std::slice::from_ref(&fresh));
    assert_eq!(of(store, Every::Weekly, week, START).await, []);
    let take = async |period| {
        let taken = store.take_report(&fresh, Every::Daily, period, START.plus(HOUR_MS)).await.expect("written");
        note(store, &fresh, period, ReportTried::default()).await;
        taken
    };
    assert_eq!((take(day).await, take(day).await, take(day - 1).await), (true, false, false), "one node has it, once");
    let later = START.plus(2 * HOUR_MS);
    assert_eq!((due(store, day, later).await.len(), due(store, day + 1, START).await.len()), (0, 1));
    // Whoever changes the addresses, or switches reports off and on again, is not sent the same day's again.
    for every in [Every::Daily, Every::Never, Every::Daily] {
        set(store, &id, &["ana@court.test"], every).await;
        assert_eq!(due(store, day, START).await, [], "{every:?}");
    }
    assert_eq!(due(store, day + 1, START).await.len(), 1);
    // Weeks have smaller numbers than days.
    for by_way_of in [Every::Daily, Every::Never] {
        assert!(take(day + 1).await);
        for every in [by_way_of, Every::Weekly] {
            set(store, &id, &["ana@court.test"], every).await;
        }
        assert_eq!(of(store, Every::Weekly, week, START).await.len(), 1, "{by_way_of:?}");
        set(store, &id, &["ana@court.test"], Every::Daily).await;
    }
    store.remove_domain(&Scope::All, &id, None, START).await.expect("removed");
    assert_eq!(due(store, day + 9, START).await, []);
}

pub(super) async fn a_report_is_owed_until_it_arrives(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let id = domain(store, &court, "a.court.test").await.setup.id;
    set(store, &id, &["ana@court.test", "ben@court.test", "cleo@court.test"], Every::Daily).await;
    let take = async |due: &DueReport, until| store.take_report(due, Every::Daily, 7, until).await.expect("written");
    let [fresh] = due(store, 7, START).await.try_into().expect("one");
    let lease = START.plus(10 * MINUTE_MS);
    assert!(take(&fresh, lease).await);
    assert_eq!(due(store, 7, lease.plus(-1)).await, [], "somebody has it");
    // Whoever had it was killed.
    let [left] = due(store, 7, lease).await.try_into().expect("one");
    assert_eq!((left.addresses.len(), left.tries), (3, 1));
    assert!(take(&left, lease.plus(10 * MINUTE_MS)).await);
    assert!(!take(&left, lease.plus(10 * MINUTE_MS)).await, "one node has it, once");
    // The first one wakes up, and what it knows is of yesterday.
    note(store, &fresh, 7, ReportTried { reached: 3, ..ReportTried::default() }).await;
    assert_eq!(told(store, &id).await, [""; 0], "whoever comes next counts");
    let next = lease.plus(HOUR_MS);
    let owed = &["ben@court.test", "cleo@court.test"];
    note(store, &left, 7, ReportTried { reached: 1, owed, again_at: Some(next) }).await;
    assert_eq!(told(store, &id).await, ["The Monitoring Report was mailed to 1 address"]);
    // Who is named no more is owed nothing.
    set(store, &id, &["ana@court.test", "cleo@court.test"], Every::Daily).await;
    let [rest] = due(store, 7, next).await.try_into().expect("one");
    assert_eq!((rest.addresses.as_slice(), rest.tries), (["cleo@court.test".to_owned()].as_slice(), 2));
    let mut last = rest;
    for tries in 2..5 {
        let [again] = due(store, 7, next.plus(tries * HOUR_MS)).await.try_into().expect("one");
        assert_eq!(again.tries, tries);
        assert!(take(&again, next.plus((tries + 1) * HOUR_MS)).await);
        last = again;
    }
    assert_eq!(due(store, 7, next.plus(9 * HOUR_MS)).await, [], "nobody tries for ever");
    // The next day's is for everybody again, and the old one is forgotten.
    note(store, &last, 7, ReportTried { reached: 1, ..ReportTried::default() }).await;
    assert_eq!(told(store, &id).await, ["The Monitoring Report was mailed to 2 addresses"], "one line for a report");
    let [tomorrow] = due(store, 8, next).await.try_into().expect("one");
    assert_eq!((tomorrow.addresses.len(), tomorrow.tries), (2, 0));
}

//! The triage queue: heaps of one cause, and the lists that they lead to.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::catalogue::Code;
use crate::domain::cause::Cause;
use crate::domain::finding::Owner;
use crate::store::{Filter, Heap, Refresh, Scope, Sort};

pub(super) async fn heaps_hold_what_is_not_ready_and_lists_agree(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    assert_eq!(store.heaps(&Scope::All).await.expect("reads"), [], "nothing is there yet");
    domain(store, &court, "served.court.test").await;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"key", START).await;
    let first = domain(store, &court, "a.court.test").await;
    domain(store, &court, "b.court.test").await;
    domain(store, &county, "c.county.test").await;
    let cause = Cause { code: Code::FirstCheck, owner: Owner::Padlock };
    for (scope, domains) in [(Scope::All, 3), (Scope::Customer(court.clone()), 2), (Scope::Customer(county.clone()), 1)]
    {
        let heaps = store.heaps(&scope).await.expect("reads");
        let heap = heaps.iter().find(|heap| heap.cause == cause).expect("they wait for their first look");
        assert_eq!(*heap, Heap { cause, domains, oldest: first.facts.since });
        let filter = Filter { cause: Some(cause), sort: Sort::Since, limit: 2, ..Filter::default() };
        let page = store.list(&scope, &filter).await.expect("lists");
        let rest = match page.next_cursor {
            None => Vec::new(),
            cursor => store.list(&scope, &Filter { cursor, ..filter }).await.expect("lists").items,
        };
        assert_eq!((page.items.len() + rest.len()) as i64, domains, "the list shows what was counted");
        assert!(!heaps.iter().any(|heap| heap.cause.code == Code::RecMissing), "{heaps:?}");
    }
    let scope = Scope::Customer(court);
    let unasked = async |before| store.unasked(&scope, cause, before, 200).await.expect("reads");
    assert_eq!(unasked(START).await.len(), 2);
    assert_eq!(store.ask_refresh(&scope, &first.setup.id, START).await.expect("asks"), Refresh::Asked);
    assert_eq!(unasked(START).await.len(), 1, "one was asked about a moment ago");
    assert_eq!(unasked(START.plus(1)).await.len(), 2, "and may be again later");
}

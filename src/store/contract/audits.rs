//! The audit log: written with each act, chained, and honest about what somebody did to it.

use super::given::{START, customer, entry, new_domain};
use super::kit::Kit;
use crate::domain::id::CustomerId;
use crate::store::{Actor, AuditFilter, Chain, Flaw, Scope, Store};

fn ana(store: &Store) -> Store {
    store.by(Actor { name: "ana@x".into(), id: Some("1".into()), address: "192.0.2.7".parse().ok() })
}

async fn acts(store: &Store, scope: &Scope, filter: &AuditFilter) -> Vec<String> {
    let page = store.audit(scope, filter, None, 200).await.expect("reads");
    page.items.into_iter().map(|one| one.act).collect()
}

pub(super) async fn acts_are_chained_and_what_is_meddled_with_is_named(kit: Kit) {
    let store = ana(&kit.store);
    customer(&kit.store, "Padlock's own").await;
    let (court, county) = (customer(&store, "Court").await, customer(&store, "County").await);
    let added = store.add_domain(&Scope::All, new_domain(&court, "www.court.test"), Some(entry("domain.added")), START);
    let domain = added.await.expect("added").setup.id;
    assert!(store.add_customer("court", START).await.is_err(), "taken");
    store.remove_domain(&Scope::All, &domain, Some(entry("domain.removed")), START.plus(5)).await.expect("removed");

    let any = AuditFilter::default();
    let all = ["domain.removed", "domain.added", "customer.added", "customer.added"];
    assert_eq!(acts(&store, &Scope::All, &any).await, all, "neither what was refused nor what nobody did");
    assert_eq!(acts(&store, &Scope::Customer(court), &any).await, ["domain.removed", "domain.added", "customer.added"]);
    assert_eq!(acts(&store, &Scope::Customer(county), &any).await, ["customer.added"]);
    let domain = AuditFilter { domain: Some("www.court.test".into()), until: Some(START.plus(5)), ..any.clone() };
    assert_eq!(acts(&store, &Scope::All, &domain).await, ["domain.added"]);
    let nobody = AuditFilter { actor: Some("bob@x".into()), ..any.clone() };
    assert!(acts(&store, &Scope::All, &nobody).await.is_empty());
    let page = store.audit(&Scope::All, &any, None, 3).await.expect("reads");
    let newest = &page.items[0];
    assert_eq!((newest.actor.as_str(), newest.address.as_deref()), ("ana@x", Some("192.0.2.7")));
    let rest = store.audit(&Scope::All, &any, page.next_cursor.as_deref(), 3).await.expect("reads");
    assert_eq!((rest.items.len(), rest.items[0].seq, rest.next_cursor), (1, 1, None));

    let verify = || async { store.verify_audit().await.expect("walks") };
    let whole = verify().await;
    assert!(matches!(&whole, Chain::Whole { entries: 4, .. }), "{whole:?}");
    for (meddled, mended, seq, flaw) in [
        ("set actor = 'bob@x' where seq = 2", "set actor = 'ana@x' where seq = 2", 2, Flaw::Changed),
        ("set customer = null where seq = 1", "", 1, Flaw::Changed),
    ] {
        kit.meddle(&format!("update audit {meddled}")).await;
        assert_eq!(verify().await, Chain::Broken { seq, flaw }, "{meddled}");
        if !mended.is_empty() {
            kit.meddle(&format!("update audit {mended}")).await;
            assert_eq!(verify().await, whole);
        }
    }
    kit.meddle("delete from audit where seq = 1").await;
    assert_eq!(verify().await, Chain::Broken { seq: 1, flaw: Flaw::Missing });
}

pub(super) async fn acts_side_by_side_make_one_chain(kit: Kit) {
    let stores = [ana(&kit.store), ana(&kit.another().await)];
    let court = customer(&kit.store, "Court").await;
    let acts = (0..24_usize).map(|n| {
        let (store, court) = (stores[n % 2].clone(), court.clone());
        async move { store.add_agency(&court, &format!("Agency {n}"), START).await.map(drop) }
    });
    for done in futures::future::join_all(acts).await {
        done.expect("added");
    }
    let whole = stores[0].verify_audit().await.expect("walks");
    assert!(matches!(whole, Chain::Whole { entries: 24, .. }), "{whole:?}");
    // The end cut off: the chain is whole as far as it goes, and too short.
    kit.meddle("delete from audit where seq > 20").await;
    assert_eq!(stores[1].verify_audit().await.expect("walks"), Chain::Broken { seq: 21, flaw: Flaw::Missing });
    // Cut off together with what says where it ends: only whoever kept the last hash elsewhere can tell.
    kit.meddle("update audit_head set seq = 19").await;
    assert_eq!(stores[1].verify_audit().await.expect("walks"), Chain::Broken { seq: 19, flaw: Flaw::End });
    let nobody = Scope::Customer(CustomerId::new("nobody"));
    assert!(kit.store.audit(&nobody, &AuditFilter::default(), None, 9).await.expect("reads").items.is_empty());
}

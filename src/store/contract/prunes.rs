//! What has had its time goes; what must never be given out again stays.

use super::given::{LEASE_MS, START, certified, claim, customer, domain, entry, new_domain};
use super::kit::Kit;
use crate::domain::time::{DAY_MS, Millis};
use crate::store::{Filter, Scope};
use sqlx::Row as _;

async fn count(kit: &Kit, table: &str) -> i64 {
    let statement = format!("select cast(count(*) as bigint) as n from {table}");
    let row = sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_one(kit.store.database.writer()).await.expect("counts");
    row.try_get("n").expect("a number")
}

pub(super) async fn a_removed_domain_is_purged_after_thirty_days(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    for (host, id) in [("gone.court.test", "gone"), ("kept.court.test", "kept")] {
        domain(store, &customer, host).await;
        certified(store, &claim(store, "w", START).await, id, b"key", START).await;
    }
    let found = store.list(&Scope::All, &Filter { q: Some("gone".into()), limit: 9, ..Filter::default() }).await;
    let gone = found.expect("lists").items.remove(0);
    assert!(store.remove_domain(&Scope::All, &gone.setup.id, Some(entry("removed")), START).await.expect("removed"));
    let month = START.plus(30 * DAY_MS);
    store.prune(month).await.expect("prunes");
    assert_eq!(count(&kit, "domains").await, 2, "not a moment earlier");
    store.prune(month.plus(1)).await.expect("prunes");
    for table in ["domains", "keys", "certificates", "orders", "domain_names"] {
        assert_eq!(count(&kit, table).await, 1, "{table}");
    }
    assert_eq!(store.timeline(&Scope::All, &gone.setup.id, None, 9).await.expect("reads").items, []);
    // The same customer gets the same token again; the label is spent for ever.
    assert_eq!(count(&kit, "dcv_labels").await, 2);
    let again = new_domain(&customer, "gone.court.test");
    let again = store.add_domain(&Scope::All, again, None, month).await.expect("added");
    assert_eq!(again.setup.token, gone.setup.token);
    assert_ne!(again.setup.dcv_label, gone.setup.dcv_label);
    let kept = store.claim("w", 9, Millis(i64::MAX / 2), LEASE_MS).await.expect("claims");
    assert_eq!(kept.len(), 2);
}

pub(super) async fn many_notices_go_in_batches(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    kit.meddle(
        "insert into outbox (id, at, origin, topic, domain, customer, payload) with recursive n(i) as \
         (select 1 union all select i + 1 from n where i < 12000) \
         select 'n' || i, i, 'o', 'asked', 'd', 'c', '{}' from n",
    )
    .await;
    store.prune(START.plus(60_000)).await.expect("prunes");
    assert_eq!(count(&kit, "outbox").await, 1, "the notice of a minute ago");
    assert!(store.domain(&Scope::All, &id).await.expect("reads").is_some());
}

//! A transaction is all or nothing, whatever goes together in it.

use super::given::START;
use super::kit::Kit;
use crate::store::Store;
use crate::store::transaction::Tx;
use futures::future::join_all;
use sqlx::Row as _;
use std::time::Duration;

const ADD: &str = "insert into customers (id, name, name_key, created_at) values ($1, $1, $1, $2)";
const RENAME: &str = "update customers set name = name || $1";
const NAMES: &str = "select name from customers order by name";

async fn begin(store: &Store) -> Tx {
    store.database.begin().await.expect("begins")
}

async fn later(tx: &mut Tx, id: &str) {
    tx.later(sqlx::query(ADD).bind(id).bind(START.0)).await.expect("is taken");
}

async fn names(store: &Store) -> Vec<String> {
    let rows = sqlx::query(NAMES).fetch_all(store.database.reader()).await.expect("reads");
    rows.iter().map(|row| row.get("name")).collect()
}

pub(super) async fn what_is_not_committed_is_not_there(kit: Kit) {
    let store = &kit.store;
    // Dropped at each moment, and the next one finds nothing of it.
    drop(begin(store).await);
    let mut tx = begin(store).await;
    later(&mut tx, "a").await;
    drop(tx);
    let mut tx = begin(store).await;
    later(&mut tx, "b").await;
    assert_eq!(sqlx::query(RENAME).bind("!").execute(&mut *tx).await.expect("renames").rows_affected(), 1);
    drop(tx);
    // Nor of one in which a statement failed, with those that went together with it.
    let mut tx = begin(store).await;
    later(&mut tx, "c").await;
    later(&mut tx, "c").await;
    assert!(tx.commit().await.is_err());
    assert_eq!(names(store).await, Vec::<String>::new());
    begin(store).await.commit().await.expect("nothing is committed");
    let mut tx = begin(store).await;
    later(&mut tx, "d").await;
    tx.commit().await.expect("committed");
    assert_eq!(names(store).await, ["d"]);
}

pub(super) async fn what_waits_goes_first_and_counts_for_nobody(kit: Kit) {
    let store = &kit.store;
    let mut tx = begin(store).await;
    let none = sqlx::query(NAMES).fetch_optional(&mut *tx).await.expect("reads");
    assert!(none.is_none());
    later(&mut tx, "a").await;
    later(&mut tx, "b").await;
    let row = sqlx::query(NAMES).fetch_optional(&mut *tx).await.expect("reads").expect("there");
    assert_eq!(row.get::<String, _>("name"), "a");
    later(&mut tx, "c").await;
    let renamed = sqlx::query("update customers set name = 'bb' where id = 'b'").execute(&mut *tx).await;
    assert_eq!(renamed.expect("renames").rows_affected(), 1);
    let nobody = sqlx::query("update customers set name = 'X' where id = 'x'").execute(&mut *tx).await;
    assert_eq!(nobody.expect("finds none").rows_affected(), 0);
    tx.commit().await.expect("committed");
    assert_eq!(names(store).await, ["a", "bb", "c"]);
}

pub(super) async fn what_waits_keeps_its_order(kit: Kit) {
    let store = &kit.store;
    let mut tx = begin(store).await;
    for id in ["a", "b"] {
        later(&mut tx, id).await;
    }
    // This one sees both.
    tx.later(sqlx::query(RENAME).bind("!")).await.expect("is taken");
    tx.commit().await.expect("committed");
    assert_eq!(names(store).await, ["a!", "b!"]);
}

pub(super) async fn what_a_guard_does_not_find_has_not_happened(kit: Kit) {
    let store = &kit.store;
    let guard = |id: &'static str| sqlx::query("update customers set created_at = created_at where id = $1").bind(id);
    for id in ["a", "b"] {
        let mut tx = begin(store).await;
        later(&mut tx, id).await;
        tx.commit().await.expect("committed");
    }
    // Alone, with others behind it, and with one that reads in between.
    for reads in [false, true] {
        for (id, is_there) in [("a", true), ("x", false)] {
            for others in [0, 2] {
                let mut tx = begin(store).await;
                let ended = async {
                    tx.guard(guard(id), "customers").await?;
                    for n in 0..others {
                        let name = format!("{id}-{reads}-{n}");
                        let add = sqlx::query("insert into dcv_labels (label, domain, created_at) values ($1, '', 0)");
                        tx.later(add.bind(name)).await?;
                    }
                    if reads {
                        sqlx::query(NAMES).fetch_optional(&mut *tx).await?;
                    }
                    tx.commit().await
                };
                let ended = ended.await;
                assert!(is_there == ended.is_ok(), "{id}, {others}, {reads}: {ended:?}");
                assert!(is_there || matches!(ended, Err(sqlx::Error::RowNotFound)), "{ended:?}");
            }
        }
    }
    let labels = sqlx::query("select label from dcv_labels order by label").fetch_all(store.database.reader()).await;
    let labels: Vec<String> = labels.expect("reads").iter().map(|row| row.get(0)).collect();
    assert_eq!(labels, ["a-false-0", "a-false-1", "a-true-0", "a-true-1"]);
}

pub(super) async fn a_connection_that_was_closed_is_opened_anew(kit: Kit) {
    const CLOSE: &str = "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
        where datname = current_database() and pid <> pg_backend_pid()";
    if kit.folder().is_some() {
        // Nobody closes a file.
        return;
    }
    let worker = kit.store.of_worker().await.expect("opens");
    let several = async |store: &Store| join_all((0..5).map(|_| store.ping())).await;
    for store in [&kit.store, &worker] {
        assert!(several(store).await.iter().all(Result::is_ok));
    }
    let tx = begin(&worker).await;
    sqlx::raw_sql(CLOSE).execute(kit.another().await.database.writer()).await.expect("closes");
    drop(tx);
    // Longer than any is trusted unasked.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for store in [&kit.store, &worker] {
        assert!(several(store).await.iter().all(Result::is_ok));
        assert_eq!(store.outage(), None);
    }
}

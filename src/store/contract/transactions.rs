//! A transaction is all or nothing, whatever goes together in it.

use super::given::START;
use super::kit::Kit;
use crate::store::Store;
use crate::store::transaction::Tx;
use sqlx::Row as _;

const ADD: &str = "insert into customers (id, name, name_key, created_at) values ($1, $1, $1, $2)";
const RENAME: &str = "update customers set name = name || $1";
const NAMES: &str = "select name from customers order by name";

async fn begin(store: &Store) -> Tx {
    store.database.begin().await.expect("begins")
}

async fn add(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    tx.later(sqlx::query(ADD).bind(id).bind(START.0)).await.map(drop)
}

async fn later(tx: &mut Tx, id: &str) {
    add(tx, id).await.expect("is taken");
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
    // PostgreSQL says so at once.
    let ended = match add(&mut tx, "c").await {
        Ok(()) => tx.commit().await,
        error => error,
    };
    assert!(ended.is_err());
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

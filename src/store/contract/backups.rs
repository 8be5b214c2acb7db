//! A copy that is taken beside a working store, and opened again.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::id::KeyId;
use crate::store::{BackupProblem, Scope, backup};
use std::os::unix::fs::PermissionsExt as _;

pub(super) async fn a_copy_is_whole_and_private(kit: Kit) {
    let store = &kit.store;
    let Some(folder) = kit.folder() else {
        let nowhere = std::path::Path::new("/nonexistent/copy.db");
        assert!(matches!(backup(&kit.url, nowhere).await, Err(BackupProblem::NotAFile)));
        return;
    };
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "a.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"the private key", START).await;
    // A writer in the middle of its transaction is neither waited for nor copied.
    let mut open = store.database.begin().await.expect("begins");
    sqlx::query("update domains set name = 'Half'").execute(&mut *open).await.expect("writes");

    let copied = folder.join("copy.db");
    backup(&kit.url, &copied).await.expect("copied");
    drop(open);
    assert_eq!(std::fs::metadata(&copied).expect("there").permissions().mode() & 0o777, 0o600);
    let bytes = std::fs::read(&copied).expect("reads");
    assert!(matches!(backup(&kit.url, &copied).await, Err(BackupProblem::File { .. })), "nothing is overwritten");
    assert_eq!(std::fs::read(&copied).expect("reads"), bytes);

    let restored = Kit::open(&format!("sqlite://{}", copied.display())).await;
    restored.migrate().await.expect("is up to date");
    let found = restored.domain(&Scope::All, &id).await.expect("reads").expect("there");
    assert_eq!(Some(found), store.domain(&Scope::All, &id).await.expect("reads"));
    let key = restored.signing_key(&KeyId::new("key-one")).await.expect("opens").expect("there");
    assert_eq!(key.pkcs8.as_slice(), b"the private key");
}

pub(super) async fn a_missing_database_has_no_copy(kit: Kit) {
    let Some(folder) = kit.folder() else { return };
    let (missing, copied) = (folder.join("missing.db"), folder.join("copy.db"));
    let refused = backup(&format!("sqlite://{}", missing.display()), &copied).await;
    assert!(matches!(refused, Err(BackupProblem::Database(_))), "{refused:?}");
    assert!(!copied.exists() && !missing.exists(), "nothing is left behind");
}

//! What lies in the database's files, and what does not.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::id::KeyId;
use crate::store::{Scope, Store, StoreError};

/// A text that nothing else contains.
const SECRET: &[u8] = b"-- this is the private key, and it shall be found nowhere --";

pub(super) async fn keys_lie_sealed_and_bound(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    for (name, host) in [("one", "a.court.test"), ("two", "b.court.test")] {
        domain(store, &customer, host).await;
        let claimed = claim(store, "w", START).await;
        certified(store, &claimed, name, SECRET, START).await;
    }
    let (one, two) = (KeyId::new("key-one"), KeyId::new("key-two"));
    assert_eq!(store.signing_key(&one).await.expect("opens").expect("there").pkcs8.as_slice(), SECRET);
    if let Some(folder) = kit.folder() {
        let mut files = 0;
        for file in std::fs::read_dir(folder).expect("reads") {
            let bytes = std::fs::read(file.expect("reads").path()).expect("reads");
            assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
            files += 1;
        }
        assert!(files >= 2, "the database and its write-ahead log");
    }
    // A sealed key that is moved to another row, or whose row is moved to another domain, does not open.
    let moved = "update keys set sealed = (select sealed from keys where id = 'key-one') where id = 'key-two'";
    kit.meddle(moved).await;
    assert!(matches!(store.signing_key(&two).await, Err(StoreError::Seal(_))));
    kit.meddle("update keys set domain = (select domain from keys where id = 'key-two') where id = 'key-one'").await;
    assert!(matches!(store.signing_key(&one).await, Err(StoreError::Seal(_))));
    assert!(store.signing_key(&KeyId::new("none")).await.expect("reads").is_none());
}

pub(super) async fn accounts_lie_sealed(kit: Kit) {
    let store = &kit.store;
    let directory = "https://ca.test/dir";
    assert!(store.acme_account("ca", directory).await.expect("reads").is_none());
    // Two nodes start at once: one account is kept, and both read that one.
    let other = kit.another().await;
    let save = |store: Store, credentials: &'static [u8], uri: &'static str| async move {
        store.save_acme_account("ca", directory, credentials, uri, START).await.expect("saved");
        let account = store.acme_account("ca", directory).await.expect("opens").expect("there");
        (account.credentials.to_vec(), account.account_uri)
    };
    let (one, two) = tokio::join!(
        save(store.clone(), b"one", "https://ca.test/1"),
        save(other.clone(), b"two", "https://ca.test/2")
    );
    assert_eq!(one, two);
    assert_eq!(one.0, if one.1.ends_with('1') { b"one" } else { b"two" }, "key and URI belong together");
    assert_eq!(save(other, b"late", "https://ca.test/3").await, one, "the first stays");
    assert!(store.acme_account("ca", "https://other.test/dir").await.expect("reads").is_none());
    kit.meddle("update acme_accounts set ca = 'other'").await;
    assert!(matches!(store.acme_account("other", directory).await, Err(StoreError::Seal(_))));
}

pub(super) async fn migrating_again_does_nothing(kit: Kit) {
    let customer = customer(&kit.store, "Court").await;
    let id = domain(&kit.store, &customer, "www.court.test").await.setup.id;
    let other = kit.another().await;
    let (first, second) = tokio::join!(kit.store.migrate(), other.migrate());
    first.expect("nothing to do");
    second.expect("nothing to do");
    assert!(other.domain(&Scope::All, &id).await.expect("reads").is_some());
    kit.meddle("update migrations set sha256 = 'other'").await;
    assert!(matches!(kit.store.migrate().await, Err(StoreError::ForeignMigration(_))));
}

//! Another master key in place of the old one.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::id::KeyId;
use crate::domain::notice::Kind;
use crate::store::seal::MasterKey;
use crate::store::{Keyring, NewWebhook, Rotated, Scope, Store, StoreError};
use zeroize::Zeroizing;

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes(Zeroizing::new([byte; 32]))
}

async fn opens(store: &Store, key: &str) -> bool {
    match store.signing_key(&KeyId::new(key)).await {
        Ok(found) => found.is_some_and(|key| key.pkcs8.as_slice() == b"the private key"),
        Err(StoreError::Seal(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

pub(super) async fn a_new_master_key_replaces_the_old_one(kit: Kit) {
    let old = &kit.store;
    let customer = customer(old, "Court").await;
    let certify = async |host: &str, id: &str, by: &Store| {
        domain(old, &customer, host).await;
        certified(by, &claim(old, "w", START).await, id, b"the private key", START).await;
    };
    let directory = "https://ca.test/dir";
    certify("a.court.test", "a", old).await;
    old.save_acme_account("ca", directory, b"the account", "", START).await.expect("saved");

    let new_webhook = NewWebhook {
        customer: customer.clone(),
        url: "https://hooks.court.test/".into(),
        kinds: vec![Kind::Active],
        secret: Zeroizing::new(b"the secret".to_vec()),
        created_by: "clerk".into(),
    };
    old.add_webhook(new_webhook, START).await.expect("added");

    // Nodes are told one after the other: those that still seal with the old key know the new one already.
    let both = async |current: u8, other: u8| {
        Store::open(&kit.url, Keyring::new(master(current), vec![master(other)])).await.expect("opens")
    };
    let (told, new) = (both(7, 8).await, both(8, 7).await);
    certify("b.court.test", "b", &new).await;
    let sealed_by_either = [("key-a", true), ("key-b", false)];
    for (key, by_old) in sealed_by_either {
        assert!(opens(&told, key).await && opens(&new, key).await, "{key}");
        assert_eq!(opens(old, key).await, by_old, "{key}");
    }

    assert_eq!(new.rotate().await.expect("rotates"), Rotated { wrapped: 3, unreadable: 0, complete: true });
    certify("c.court.test", "c", &told).await;
    assert_eq!(new.rotate().await.expect("goes on"), Rotated { wrapped: 1, unreadable: 0, complete: true });
    assert_eq!(new.rotate().await.expect("is done"), Rotated { wrapped: 0, unreadable: 0, complete: true });
    let only_new = Store::open(&kit.url, master(8)).await.expect("opens");
    for key in ["key-a", "key-b", "key-c"] {
        assert!(opens(&only_new, key).await && !opens(old, key).await, "{key}");
    }
    let account = only_new.acme_account("ca", directory).await.expect("opens").expect("there");
    assert_eq!(account.credentials.as_slice(), b"the account");
    let webhooks = only_new.webhooks(&Scope::All).await.expect("read");
    assert_eq!(webhooks[0].secret.as_slice(), b"the secret");

    // What nobody opens is counted and left alone; the rest is not held up by it.
    kit.meddle("update keys set sealed = csr_der where id = 'key-b'").await;
    assert_eq!(told.rotate().await.expect("rotates"), Rotated { wrapped: 4, unreadable: 1, complete: false });
    assert!(opens(old, "key-a").await && opens(old, "key-c").await);
}

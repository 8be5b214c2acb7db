//! Certificates that people bring along: they wait for a yes with their keys sealed, and are served once.

use super::given::{START, certificate, customer, domain, entry};
use super::kit::Kit;
use crate::domain::certificate::{Certificate, Reach, Source};
use crate::domain::id::KeyId;
use crate::domain::time::HOUR_MS;
use crate::store::{NewUpload, Scope, Stored, StoredUpload};
use zeroize::Zeroizing;

/// A text that nothing else contains.
const KEY: &[u8] = b"-- the private key of an uploaded certificate --";

fn brought(name: &str, reach: Reach) -> NewUpload {
    NewUpload {
        name: name.into(),
        reach,
        chain_pem: format!("chain of {name}"),
        pkcs8: Zeroizing::new(KEY.to_vec()),
        warnings: vec!["It expires soon.".into()],
        made_by: "ana@court.test".into(),
    }
}

async fn waiting(kit: &Kit, stored: &Stored, now: i64) -> Option<StoredUpload> {
    kit.store.waiting_upload(&Scope::All, &stored.setup.id, START.plus(now)).await.expect("reads")
}

fn leaf(stored: &Stored, id: &str) -> Certificate {
    let key = KeyId::new(format!("key-{id}"));
    Certificate { source: Source::Upload, ari_id: None, ..certificate(&stored.setup, id, &key, START) }
}

pub(super) async fn an_upload_waits_an_hour_for_a_yes(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let stored = domain(store, &court, "www.court.test").await;
    for name in ["first", "second"] {
        store.hold_upload(&stored, brought(name, Reach::Customer), START).await.expect("kept");
    }
    let held = waiting(&kit, &stored, HOUR_MS - 1).await.expect("waits");
    assert_eq!((held.name.as_str(), held.chain_pem.as_str()), ("second", "chain of second"), "the newest alone");
    assert_eq!((held.reach, held.agency.as_ref(), held.certificate.as_ref()), (Reach::Customer, None, None));
    assert_eq!((held.warnings.len(), held.waits_until()), (1, START.plus(HOUR_MS)));
    let theirs = store.waiting_upload(&Scope::Customer(county), &stored.setup.id, START).await.expect("reads");
    assert_eq!(theirs, None, "another customer's");
    if let Some(folder) = kit.folder() {
        for file in std::fs::read_dir(folder).expect("reads") {
            let bytes = std::fs::read(file.expect("reads").path()).expect("reads");
            assert!(!bytes.windows(KEY.len()).any(|window| window == KEY), "its key lies open");
        }
    }
    assert_eq!(waiting(&kit, &stored, HOUR_MS).await, None, "its hour is over");
    store.prune(START.plus(2 * HOUR_MS)).await.expect("prunes");
    assert_eq!(waiting(&kit, &stored, 0).await, None, "and it is gone");

    let id = store.hold_upload(&stored, brought("third", Reach::Domain), START).await.expect("kept");
    store.discard_upload(&id).await.expect("forgotten");
    assert_eq!(waiting(&kit, &stored, 0).await, None);
}

pub(super) async fn an_upload_is_served_once_and_ends_for_all(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let (own, other) = (domain(store, &court, "www.court.test").await, domain(store, &court, "pay.court.test").await);
    let facts =
        async |stored: &Stored| store.domain(&Scope::All, &stored.setup.id).await.expect("reads").expect("there").facts;
    store.hold_upload(&own, brought("wide", Reach::Customer), START).await.expect("kept");
    let held = waiting(&kit, &own, 0).await.expect("waits");
    let served = leaf(&own, "one");
    assert!(store.serve_upload(&held, &served, &entry("uploaded"), START).await.expect("served"));
    assert_eq!(facts(&own).await.uploaded.as_ref(), Some(&served));
    assert_eq!(store.signing_key(&served.key).await.expect("opens").expect("there").pkcs8.as_slice(), KEY);
    assert_eq!(waiting(&kit, &own, 0).await, None, "nothing waits any more");
    let twice = store.serve_upload(&held, &leaf(&own, "two"), &entry("uploaded"), START).await;
    assert!(twice.is_err(), "two people said yes at once: {twice:?}");
    assert_eq!(facts(&own).await.uploaded.as_ref(), Some(&served));

    let wide = store.wide_uploads().await.expect("reads");
    assert_eq!(wide, [StoredUpload { certificate: Some(served.id.clone()), ..held.clone() }]);
    assert_eq!(store.served_upload(&served.id).await.expect("reads").as_ref(), wide.first());
    let later = START.plus(HOUR_MS);
    assert_eq!(store.unshared_uploads(START).await.expect("reads"), [], "whoever served it is at it");
    assert_eq!(store.unshared_uploads(later).await.expect("reads"), wide, "and did not come back");
    store.note_shared(&held.id, later).await.expect("noted");
    assert_eq!(store.unshared_uploads(later).await.expect("reads"), []);
    assert!(store.share_upload(&other.setup.id, &served, &entry("shared"), START).await.expect("shared"));
    assert_eq!(facts(&other).await.uploaded.as_ref(), Some(&served));
    for (stored, for_all) in [(&other, false), (&own, true)] {
        let ended = store.end_upload(&stored.setup.id, &served.id, for_all, &entry("ended"), START).await;
        assert!(ended.expect("ended"));
        assert_eq!(facts(stored).await.uploaded, None);
    }
    assert_eq!(store.served_upload(&served.id).await.expect("reads"), None);
    assert_eq!(store.wide_uploads().await.expect("reads"), []);

    store.hold_upload(&other, brought("late", Reach::Domain), START).await.expect("kept");
    let late = waiting(&kit, &other, 0).await.expect("waits");
    store.remove_domain(&Scope::All, &other.setup.id, None, START).await.expect("removed");
    assert_eq!(waiting(&kit, &other, 0).await, None, "a removed domain serves nothing");
    assert!(!store.serve_upload(&late, &leaf(&other, "three"), &entry("uploaded"), START).await.expect("refused"));
}

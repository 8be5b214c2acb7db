//! What stands beside a page of domains: the same as is read for one domain.

use super::given::{START, certified, claim, customer, domain};
use super::kit::Kit;
use crate::domain::id::CertificateId;
use crate::domain::report::{Every, Reports};
use crate::store::{Scope, Settings, Sharing};

/// More than are listed of one domain.
const RENEWALS: u32 = 205;

pub(super) async fn what_stands_beside_a_page_is_read_at_once(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let pay = domain(store, &court, "pay.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"key", START).await;
    let jury = domain(store, &court, "jury.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "other", b"key", START).await;
    let bare = domain(store, &court, "bare.court.test").await.setup.id;
    let renewal = |n| {
        format!(
            "insert into certificates (id, domain, key_id, source, names, authority, issuer, serial, fingerprint_sha256, \
             not_before, not_after, chain_pem, issued_at, status) \
             select 'more-{n}', domain, key_id, source, names, authority, issuer, serial, fingerprint_sha256, \
             not_before, not_after, chain_pem, issued_at + {n}, 'superseded' from certificates where id = 'one';"
        )
    };
    kit.meddle(&(1..=RENEWALS).map(renewal).collect::<String>()).await;

    let page = [&pay, &bare, &jury];
    let found = store.certificates_of(&page).await.expect("reads");
    assert_eq!(found.len(), 2, "one has none");
    for id in [&pay, &jury] {
        assert_eq!(found[id], store.certificates(&Scope::All, id).await.expect("reads"));
    }
    assert_eq!((found[&pay].len(), found[&jury].len()), (200, 1));
    assert_eq!(found[&pay][0].certificate.id.as_str(), format!("more-{RENEWALS}"), "the newest first");
    let (one, nobody) = (CertificateId::new("one"), CertificateId::new("nobody"));
    let named = store.certificates_named(&[&one, &nobody, &one]).await.expect("reads");
    assert_eq!(named.len(), 1);
    assert_eq!(named.get(&one).cloned(), store.certificate(&Scope::All, &one).await.expect("reads"));

    let mut agencies = Vec::new();
    for name in ["Clerk", "Sheriff"] {
        agencies.push(store.add_agency(&court, name, START).await.expect("added").id);
    }
    agencies.sort();
    let reports = Reports { addresses: vec!["ana@court.test".into()], every: Every::Daily };
    let (enabled_agencies, mailed) = (Some(agencies.clone()), Some(reports.clone()));
    let settings = Settings { enabled_agencies, reports: mailed, ..Settings::default() };
    store.update_settings(&Scope::All, &pay, settings, None, START).await.expect("written");
    let settings = Settings { enabled_agencies: Some(agencies[1..].to_vec()), ..Settings::default() };
    store.update_settings(&Scope::All, &jury, settings, None, START).await.expect("written");
    let sharings = store.sharings(&page).await.expect("reads");
    assert_eq!(sharings.len(), 2, "one is shared with nobody");
    assert_eq!(sharings[&pay], Sharing { agencies: agencies.clone(), reports });
    assert_eq!(sharings[&jury], Sharing { agencies: agencies[1..].to_vec(), ..Sharing::default() });
    assert_eq!(sharings[&pay], store.sharing(&pay).await.expect("reads"));

    assert!(store.certificates_of(&[]).await.expect("reads").is_empty());
    assert!(store.certificates_named(&[]).await.expect("reads").is_empty());
    assert!(store.sharings(&[]).await.expect("reads").is_empty());
}

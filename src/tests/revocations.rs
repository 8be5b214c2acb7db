//! A certificate is revoked: the CA is told until it hears, and a successor is obtained at once.

use crate::kit::ca::{Call, Mood, stumble};
use crate::kit::stage::Stage;
use padlock::domain::id::DomainId;
use padlock::domain::record::Purpose;
use padlock::domain::status::SslStatus;
use padlock::domain::time::{DAY_MS, MINUTE_MS};
use padlock::store::Scope;

fn revocations(stage: &Stage) -> Vec<String> {
    stage.ca.calls().into_iter().filter(|(_, call, _)| *call == Call::Revoke).map(|(_, _, reason)| reason).collect()
}

#[tokio::test]
async fn a_revoked_certificate_is_replaced_at_once() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let first = stage.view(&added.id).await.certificates[0].id.clone();
    let desk = stage.desk();
    assert_eq!(desk.revoke(&first, "for_fun").await.unwrap_err().code, "bad_value");
    let unsure = desk.revoke_from_form(&first, "key_compromise", "portal.court").await.unwrap_err();
    assert_eq!(unsure.code, "not_confirmed");
    assert_eq!(revocations(&stage), [""; 0]);

    desk.revoke_from_form(&first, "key_compromise", "portal.court.test").await.unwrap();
    assert_eq!(desk.revoke(&first, "superseded").await.unwrap_err().code, "not_revocable", "once");
    stage.later(MINUTE_MS).await;
    let view = stage.view(&added.id).await;
    assert_eq!(revocations(&stage), ["key_compromise"]);
    let statuses: Vec<&str> = view.certificates.iter().map(|one| one.status.as_str()).collect();
    assert_eq!(statuses, ["active", "revoked"], "{view:#?}");
    assert!(view.ready, "{view:#?}");
    assert_eq!(stage.ca.issued(), 2);
    for _ in 0..30 {
        stage.later(DAY_MS).await;
    }
    assert_eq!((revocations(&stage).len(), stage.ca.issued()), (1, 2), "no loop");
    stage.assert_tidy();
}

#[tokio::test]
async fn it_reads_revoked_until_it_is_replaced_and_the_ca_is_told_until_it_hears() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let first = stage.view(&added.id).await.certificates[0].id.clone();
    stage.desk().revoke(&first, "key_compromise").await.unwrap();
    // The CA does not hear the first word, and takes no orders.
    let mut deaf = true;
    stage.ca.set_temper(move |call, _| match call {
        Call::Revoke if std::mem::take(&mut deaf) => Mood::Fails(stumble("out to lunch")),
        Call::Open => Mood::Fails(stumble("no orders today")),
        _ => Mood::Well,
    });
    stage.later(30_000).await;
    assert_eq!((revocations(&stage).len(), stage.view(&added.id).await.certificates[0].status.as_str()), (1, "active"));
    stage.later(2 * MINUTE_MS).await;
    let view = stage.view(&added.id).await;
    assert_eq!(
        (view.ssl_status, view.status_code.as_str(), view.ready),
        (SslStatus::Revoked, "tls_revoked", false),
        "{view:#?}"
    );
    assert_eq!(revocations(&stage).len(), 2);
    let stored = stage.store.domain(&Scope::All, &DomainId::new(&added.id)).await.unwrap().unwrap();
    assert!(stored.facts.told.unwrap().contains(&format!("revoked:{first}")), "people and programs hear of it");
    assert!(stage.sites.fingerprint("portal.court.test").is_some(), "it is served meanwhile");
    stage.ca.set_temper(|_, _| Mood::Well);
    stage.later(DAY_MS).await;
    stage.later(MINUTE_MS).await;
    let view = stage.view(&added.id).await;
    assert!(view.ready && view.ssl_status == SslStatus::Active, "{view:#?}");
}

//! Other ways than records: ownership proven by a token file, certificates validated over HTTP.

use crate::kit::rest;
use crate::kit::stage::Stage;
use crate::kit::world::record;
use padlock::console::domains::{ChangedSettings, NewWebDomain};
use padlock::domain::observed::RecordState;
use padlock::domain::record::{Purpose, RecordType};
use padlock::domain::setup::SslValidation;
use padlock::domain::status::{DomainStatus, SslStatus};
use padlock::domain::time::{DAY_MS, MINUTE_MS};
use padlock::domain::token_file::Fetched;
use padlock::wire::domain::DomainView;

fn typed(domain: &str, verification: &str, validation: &str) -> NewWebDomain {
    NewWebDomain {
        domain: domain.into(),
        customer: Some("County".into()),
        verification_method: Some(verification.into()),
        ssl_validation: Some(validation.into()),
        ..NewWebDomain::default()
    }
}

fn purposes(view: &DomainView) -> Vec<Purpose> {
    view.dns_records.iter().map(|record| record.purpose).collect()
}

#[tokio::test]
async fn a_file_on_the_present_site_proves_ownership_before_the_domain_leads_here() {
    let stage = Stage::new().await;
    let added = stage.added(typed("portal.court.test", "http", "dns")).await;
    assert_eq!(purposes(&added), [Purpose::Dcv, Purpose::Routing]);
    let file = added.token_file.clone().unwrap();
    assert_eq!(file.content, format!("padlock-verification={}", file.path.rsplit('/').next().unwrap()));
    stage.pass().await;
    let view = stage.view(&added.id).await;
    assert!(view.findings.iter().any(|finding| finding.code == "file_missing"), "{:#?}", view.findings);
    assert_eq!(view.token_file.unwrap().state, RecordState::Missing);
    assert_eq!(view.domain_status, DomainStatus::VerificationPending);

    stage.world.say("portal.court.test", record(RecordType::A, "192.0.2.80"));
    stage.world.serve(&file.url, Fetched::Page { status: 200, text: "padlock-verification=typo".into() });
    stage.later(2 * MINUTE_MS).await;
    let view = stage.view(&added.id).await;
    let seen = view.token_file.unwrap();
    assert_eq!((seen.state, seen.found.as_deref()), (RecordState::Wrong, Some("padlock-verification=typo")));
    assert!(view.findings.iter().any(|finding| finding.code == "file_wrong"), "{:#?}", view.findings);

    stage.world.serve(&file.url, Fetched::Right);
    stage.later(2 * MINUTE_MS).await;
    assert_eq!(stage.view(&added.id).await.domain_status, DomainStatus::VerifiedNotRouted);
    stage.publish(&added, &Purpose::ALL);
    stage.later(2 * MINUTE_MS).await;
    assert!(stage.view(&added.id).await.ready);
    stage.assert_tidy();
}

#[tokio::test]
async fn our_edge_answers_with_the_file_unless_another_customer_claimed_the_name() {
    let stage = Stage::new().await;
    let added = stage.added(typed("portal.court.test", "http", "http")).await;
    let file = added.token_file.unwrap();
    stage.mirror.load().await.unwrap();
    let url = format!("http://{}{}", stage.edge_http(), file.path);
    let ask = || rest::ask("GET", &url, &[("host", "portal.court.test")], "");
    assert_eq!(ask().await.expect(200).text(), file.content);
    stage.add_for("City", "portal.court.test").await;
    stage.mirror.load().await.unwrap();
    // Whose file would it be?
    ask().await.expect(421);
}

#[tokio::test]
async fn the_edge_answers_the_ca_for_a_domain_that_leads_here() {
    let stage = Stage::new().await;
    let added = stage.added(typed("portal.court.test", "txt", "http")).await;
    assert_eq!(purposes(&added), [Purpose::Validation, Purpose::Routing]);
    stage.publish(&added, &[Purpose::Validation]);
    stage.pass().await;
    let view = stage.view(&added.id).await;
    assert_eq!((view.domain_status, view.ssl_status), (DomainStatus::VerifiedNotRouted, SslStatus::PendingValidation));
    assert_eq!(stage.ca.orders(), 0, "nothing would answer the CA");
    stage.publish(&added, &Purpose::ALL);
    stage.later(2 * MINUTE_MS).await;
    assert!(stage.view(&added.id).await.ready);
    stage.assert_tidy();
    assert_eq!(stage.shown.zone().serial(), 1, "nothing was ever shown in DNS");
}

#[tokio::test]
async fn a_renewal_over_http_needs_the_routing_and_no_more() {
    let stage = Stage::new().await;
    let added = stage.added(typed("portal.court.test", "txt", "http")).await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    stage.world.forget("_padlock.portal.court.test");
    stage.clock.turn(MINUTE_MS);
    stage.desk().renew(&added.id).await.unwrap();
    stage.pass().await;
    assert_eq!(stage.ca.issued(), 2);
    assert!(stage.view(&added.id).await.ready);
    stage.assert_tidy();
}

#[tokio::test]
async fn who_has_routing_and_no_dcv_record_switches_to_http_and_is_done() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &[Purpose::Validation, Purpose::Routing]);
    stage.pass().await;
    assert_eq!(stage.view(&added.id).await.status_code, "rec_missing");
    let switched = stage.desk().change_validation(&added.id, "http").await.unwrap();
    assert_eq!(switched.ssl_validation, SslValidation::Http);
    stage.validates(&switched);
    stage.pass().await;
    assert!(stage.view(&added.id).await.ready);
    stage.assert_tidy();
}

#[tokio::test]
async fn a_wildcard_can_be_proven_and_validated_over_dns_only() {
    let stage = Stage::new().await;
    for (verification, validation, field) in [("txt", "http", "ssl_validation"), ("http", "dns", "verification_method")]
    {
        let refused = stage.desk().add_domain(&typed("*.agency.test", verification, validation)).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.of_field(field).is_some()), ("wildcard_method", true));
    }
    let added = stage.add("*.agency.test").await;
    let change = ChangedSettings { ssl_validation: Some("http".into()), ..ChangedSettings::default() };
    assert_eq!(stage.desk().change(&added.id, &change).await.unwrap_err().code, "wildcard_method");
}

#[tokio::test]
async fn the_three_steps_are_taken_by_hand_each_when_its_turn_has_come() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    let (desk, id) = (stage.desk(), added.id.as_str());
    assert_eq!(desk.take_step(id, "order").await.unwrap_err().code, "not_by_hand");
    desk.hand_over(id, true).await.unwrap();
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    assert_eq!(stage.ca.orders(), 0);
    let view = stage.view(id).await;
    assert_eq!((view.status_code.as_str(), view.next_step.as_deref()), ("by_hand", Some("order")));
    assert_eq!(desk.take_step(id, "issue").await.unwrap_err().code, "not_the_next_step");

    desk.take_step(id, "order").await.unwrap();
    stage.pass().await;
    assert_eq!((stage.ca.orders(), stage.ca.issued()), (1, 0));
    assert_eq!(stage.view(id).await.next_step.as_deref(), Some("verify"));
    desk.take_step(id, "verify").await.unwrap();
    stage.pass().await;
    let view = stage.view(id).await;
    assert_eq!((view.next_step.as_deref(), view.ssl_status), (Some("issue"), SslStatus::PendingIssuance));
    assert_eq!(stage.ca.issued(), 0, "validated, and not issued");
    stage.clock.turn(MINUTE_MS);
    desk.take_step(id, "issue").await.unwrap();
    stage.pass().await;
    assert!(stage.view(id).await.ready);
    assert_eq!(stage.view(id).await.next_step.as_deref(), Some("order"), "the renewal, when somebody wants it");
    stage.assert_tidy();

    // Nobody takes the renewal's steps: when it gets late, it goes by itself.
    for _ in 0..70 {
        stage.later(DAY_MS).await;
    }
    assert!(stage.ca.issued() > 1 && stage.view(id).await.ready);
}

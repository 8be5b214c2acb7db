//! A domain's life, from typed name to renewed certificate, on a scripted world and a clock turned by hand.

use crate::kit::ca::{refused, stumble};
use crate::kit::stage::Stage;
use crate::kit::world::record;
use padlock::acme::CaError;
use padlock::domain::id::DomainId;
use padlock::domain::observed::{RecordState, Reply};
use padlock::domain::problem::ProblemKind;
use padlock::domain::record::{Purpose, RecordType};
use padlock::domain::status::{DomainStatus, SslStatus};
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use padlock::store::{MasterKey, SiteRange, Store};
use padlock::targets::{Format, Target, TargetSettings, Tell};
use padlock::wire::domain::DomainView;
use padlock::worker::mirror::Mirror;
use padlock::worker::receivers::Receivers;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

#[track_caller]
fn check(view: &DomainView, domain: DomainStatus, ssl: SslStatus, code: &str) {
    assert_eq!((view.domain_status, view.ssl_status, view.status_code.as_str()), (domain, ssl, code), "{view:#?}");
}

#[tokio::test]
async fn from_typed_name_to_renewed_certificate() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    check(&added, DomainStatus::VerificationPending, SslStatus::NotStarted, "first_check");
    stage.pass().await;
    check(&stage.view(&added.id).await, DomainStatus::VerificationPending, SslStatus::NotStarted, "rec_missing");
    assert_eq!(stage.ca.orders(), 0, "no order before the records are seen");

    stage.publish(&added, &[Purpose::Validation]);
    stage.later(2 * MINUTE_MS).await;
    check(&stage.view(&added.id).await, DomainStatus::VerifiedNotRouted, SslStatus::PendingValidation, "rec_missing");

    stage.publish(&added, &[Purpose::Dcv]);
    stage.later(2 * MINUTE_MS).await;
    let issued = stage.view(&added.id).await;
    check(&issued, DomainStatus::VerifiedNotRouted, SslStatus::Active, "rec_missing");
    assert!(!issued.ready, "visitors still go elsewhere");

    stage.publish(&added, &[Purpose::Routing]);
    stage.later(2 * MINUTE_MS).await;
    let live = stage.view(&added.id).await;
    check(&live, DomainStatus::Active, SslStatus::Active, "ok");
    assert!(live.ready);
    assert_eq!(live.certificates.len(), 1);
    stage.assert_tidy();

    let mut days = 0;
    while stage.ca.issued() < 2 {
        stage.later(DAY_MS / 4).await;
        days += 1;
        assert!(days < 4 * 70, "a 90-day certificate renews with a third of its life left");
    }
    let renewed = stage.view(&added.id).await;
    check(&renewed, DomainStatus::Active, SslStatus::Active, "ok");
    assert_eq!(renewed.certificates.len(), 2);
    assert!(days > 4 * 54, "renewed after {days} quarters of a day: too early");
    stage.assert_tidy();
}

#[tokio::test]
async fn refresh_sees_a_new_record_at_once() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.pass().await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    assert_eq!(stage.ca.issued(), 0, "nobody looked since");
    stage.clock.turn(1_000);
    stage.desk().refresh(&added.id).await.unwrap();
    stage.pass().await;
    assert!(stage.view(&added.id).await.ready);
    let told = stage.desk().timeline(&added.id, "", None).await.unwrap().items;
    let changed = told.iter().find(|event| event.kind == "dns.changed").unwrap();
    let seen = changed.changes.iter().map(|change| (change.before.clone(), change.now.clone()));
    let wanted = added.dns_records.iter().map(|record| (Some(Vec::<String>::new()), vec![record.value.clone()]));
    assert!(seen.eq(wanted), "each was missing, and is there: {changed:#?}");
    let too_soon = stage.desk().refresh(&added.id).await.unwrap_err();
    assert_eq!((too_soon.code.as_str(), too_soon.retry_after_s), ("too_soon", Some(5)));
}

#[tokio::test]
async fn an_open_page_is_looked_at_every_few_seconds() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.pass().await;
    stage.desk().watch(&added.id, 60_000).await.unwrap();
    let before = stage.world.looks();
    for _ in 0..20 {
        stage.later(1_000).await;
    }
    let looks = stage.world.looks() - before;
    assert!((3..=5).contains(&looks), "{looks} looks in 20 s");
    assert_eq!(stage.view(&added.id).await.attempt, 1, "an open page does not spend the curve's tries");
}

#[tokio::test]
async fn a_wrong_value_is_named_and_its_correction_is_enough() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.world.say("_padlock.portal.court.test", record(RecordType::Txt, "padlock-verification=typo"));
    stage.pass().await;
    let wrong = stage.view(&added.id).await;
    check(&wrong, DomainStatus::VerificationPending, SslStatus::PendingValidation, "rec_wrong_value");
    assert_eq!(wrong.dns_records[0].found, ["padlock-verification=typo"]);
    stage.publish(&added, &[Purpose::Validation]);
    stage.later(2 * MINUTE_MS).await;
    assert!(stage.view(&added.id).await.ready);
}

#[tokio::test]
async fn what_could_not_be_asked_is_not_called_missing() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    for host in ["_padlock.portal.court.test", "_acme-challenge.portal.court.test", "portal.court.test"] {
        stage.world.say(host, Reply::Silent);
    }
    stage.pass().await;
    let view = stage.view(&added.id).await;
    check(&view, DomainStatus::VerificationPending, SslStatus::NotStarted, "ns_unreachable");
    assert!(view.dns_records.iter().all(|record| record.state == RecordState::Unknown));
}

#[tokio::test]
async fn stumbles_of_the_ca_are_tried_again_and_cost_no_second_order() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.ca.fail_next(stumble("no answer"));
    stage.ca.fail_next(stumble("no answer"));
    stage.pass().await;
    for _ in 0..5 {
        stage.later(1_000).await;
    }
    assert!(stage.view(&added.id).await.ready);
    assert_eq!(stage.ca.orders(), 1);
}

#[tokio::test]
async fn a_refusal_waits_and_a_changed_answer_ends_the_wait() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.ca.fail_next(refused(ProblemKind::CaaForbids, "CAA record for court.test prevents issuance"));
    stage.pass().await;
    check(&stage.view(&added.id).await, DomainStatus::Active, SslStatus::PendingValidation, "caa_forbids");
    stage.later(MINUTE_MS / 2).await;
    assert_eq!(stage.ca.issued(), 0, "the wait is a minute");
    stage.world.say(
        "_padlock.portal.court.test",
        Reply::Records(
            [added.dns_records[0].value.as_str(), "v=spf1 -all"]
                .map(|value| padlock::domain::observed::Found { rtype: RecordType::Txt, value: value.into(), ttl: 60 })
                .into(),
        ),
    );
    stage.clock.turn(6_000);
    stage.desk().refresh(&added.id).await.unwrap();
    stage.pass().await;
    assert!(stage.view(&added.id).await.ready, "DNS changed: no reason to wait");
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_to_the_cas_time() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    let limited = CaError { retry_after_ms: Some(3 * HOUR_MS as u64), ..refused(ProblemKind::RateLimited, "too many") };
    stage.ca.fail_next(limited);
    stage.pass().await;
    check(&stage.view(&added.id).await, DomainStatus::Active, SslStatus::RateLimited, "ca_rate_domain");
    for _ in 0..35 {
        stage.later(5 * MINUTE_MS).await;
        assert_eq!(stage.ca.orders(), 0);
    }
    stage.later(6 * MINUTE_MS).await;
    assert!(stage.view(&added.id).await.ready);
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_old_certificate_served() {
    let stage = Stage::new().await;
    stage.ca.set_life(6 * DAY_MS);
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let first = stage.view(&added.id).await;
    assert!(first.ready);
    let served = stage.sites.fingerprint("portal.court.test").unwrap();
    stage.world.forget("_acme-challenge.portal.court.test");
    for _ in 0..16 {
        stage.later(6 * HOUR_MS).await;
        assert_eq!(stage.sites.fingerprint("portal.court.test"), Some(served));
    }
    let late = stage.view(&added.id).await;
    check(&late, DomainStatus::Active, SslStatus::RenewalFailing, "dcv_removed");
    assert_eq!(stage.ca.issued(), 1);
    stage.publish(&added, &[Purpose::Dcv]);
    stage.later(20 * MINUTE_MS).await;
    let renewed = stage.view(&added.id).await;
    check(&renewed, DomainStatus::Active, SslStatus::Active, "ok");
    assert_ne!(stage.sites.fingerprint("portal.court.test"), Some(served));
}

#[tokio::test]
async fn a_renewal_that_ends_sooner_is_never_served() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let served = stage.sites.fingerprint("portal.court.test").unwrap();
    stage.ca.set_life(6 * DAY_MS);
    stage.clock.turn(HOUR_MS);
    stage.desk().renew(&added.id).await.unwrap();
    stage.pass().await;
    assert_eq!(stage.ca.issued(), 2, "the CA made one that ends sooner");
    assert_eq!(stage.sites.fingerprint("portal.court.test"), Some(served));
    assert!(stage.view(&added.id).await.ready);
}

#[tokio::test]
async fn a_domain_that_moves_keeps_its_certificate_and_comes_back() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    stage.world.say("portal.court.test", record(RecordType::Cname, "www.elsewhere.example"));
    stage.later(16 * MINUTE_MS).await;
    let moved = stage.view(&added.id).await;
    check(&moved, DomainStatus::Moved, SslStatus::Active, "moved");
    assert!(stage.sites.fingerprint("portal.court.test").is_some());
    stage.publish(&added, &[Purpose::Routing]);
    stage.later(16 * MINUTE_MS).await;
    assert!(stage.view(&added.id).await.ready);
}

#[tokio::test]
async fn removed_and_added_again_it_has_the_same_token_and_a_new_label() {
    let stage = Stage::new().await;
    let first = stage.add("portal.court.test").await;
    stage.publish(&first, &Purpose::ALL);
    stage.pass().await;
    stage.clock.turn(MINUTE_MS);
    let off = padlock::console::domains::ChangedSettings { enabled: Some(false), ..Default::default() };
    let switched = stage.desk().change(&first.id, &off).await.unwrap();
    assert_eq!((switched.domain_status, switched.since), (DomainStatus::Disabled, stage.clock.now().into()));
    stage.desk().remove(&first.id).await.unwrap();
    assert_eq!(stage.desk().domain(&first.id).await.unwrap_err().code, "not_found");
    let again = stage.add("portal.court.test").await;
    assert_eq!(first.dns_records[0].value, again.dns_records[0].value, "the token never rotates");
    assert_ne!(first.dns_records[1].value, again.dns_records[1].value, "a label is never used again");
}

#[tokio::test]
async fn a_name_and_its_wildcard_share_one_challenge_alias() {
    let stage = Stage::new().await;
    let apex = stage.add("agency.test").await;
    let wildcard = stage.add("*.agency.test").await;
    assert_eq!(apex.dns_records[..2], wildcard.dns_records[..2], "one TXT and one alias serve both");
    stage.publish(&apex, &Purpose::ALL);
    stage.publish(&wildcard, &Purpose::ALL);
    stage.pass().await;
    assert!(stage.view(&apex.id).await.ready && stage.view(&wildcard.id).await.ready);
    stage.assert_tidy();
}

#[tokio::test]
async fn a_held_name_blocks_others_until_it_is_let_go() {
    let stage = Stage::new().await;
    let first = stage.add("portal.court.test").await;
    stage.publish(&first, &Purpose::ALL);
    stage.pass().await;
    let other = stage.add_for("City", "portal.court.test").await;
    assert_ne!(first.dns_records[0].value, other.dns_records[0].value, "each customer has a token of its own");
    stage.publish(&other, &Purpose::ALL);
    stage.pass().await;
    check(&stage.view(&other.id).await, DomainStatus::Blocked, SslStatus::NotStarted, "name_claimed");
    let served = stage.sites.fingerprint("portal.court.test");
    assert!(served.is_some(), "the holder is still served");
    stage.desk().remove(&first.id).await.unwrap();
    stage.later(25 * HOUR_MS).await;
    assert!(stage.view(&other.id).await.ready, "{:#?}", stage.view(&other.id).await);
    assert_ne!(stage.sites.fingerprint("portal.court.test"), served);
}

#[tokio::test]
async fn what_is_loaded_anew_is_as_the_store_has_it_and_keys_that_do_not_open_take_nothing_away() {
    let stage = Stage::new().await;
    let (kept, removed) = (stage.add("portal.court.test").await, stage.add("old.court.test").await);
    for view in [&kept, &removed] {
        stage.publish(view, &Purpose::ALL);
    }
    stage.pass().await;
    let served = |name| stage.sites.fingerprint(name);
    let before = served("portal.court.test");
    assert!(before.is_some() && served("old.court.test").is_some());
    stage.desk().remove(&removed.id).await.unwrap();
    let folder = TempDir::new().unwrap();
    let other_key = MasterKey::load_or_create(&folder.path().join("other.key")).unwrap();
    let store = Store::open(stage.database_url(), other_key).await.unwrap();
    let opened = store.open_sites(&store.sites(&SiteRange::default(), 10).await.unwrap()).unwrap();
    assert!(opened.len() == 1 && opened[0].unread, "{opened:?}");
    let mirror = Mirror::new(store.clone(), None, Some(stage.sites.clone()));
    mirror.load().await.unwrap();
    mirror.sync_site(&DomainId::new(kept.id.clone())).await.unwrap();
    assert_eq!((served("portal.court.test"), served("old.court.test")), (before, None));

    // Nor from servers that receive files: neither when it changes nor when everything is compared.
    let target = || {
        let (name, folder) = ("front".to_owned(), folder.path().to_owned());
        Target::new(TargetSettings { name, folder, format: Format::Pem, tell: Tell::Nobody, serves: Vec::new() })
    };
    let (file, id) = (folder.path().join("portal.court.test.pem"), DomainId::new(kept.id.clone()));
    Receivers::new(stage.store.clone(), vec![target()]).sync(&id).await;
    assert!(file.exists());
    let receivers = Receivers::new(store, vec![target()]);
    receivers.sync(&id).await;
    assert!(timeout(Duration::from_millis(500), receivers.catch_up(CancellationToken::new())).await.is_err());
    assert!(file.exists());

    // Of somebody who held another name before.
    let waiting = stage.add("waiting.court.test").await;
    stage.publish(&waiting, &[Purpose::Validation]);
    stage.pass().await;
    let own = stage.store.installable_of("portal.court.test").await.unwrap().unwrap();
    stage.sites.install("waiting.court.test", "portal", &own.chain_pem, &own.pkcs8).unwrap();
    stage.sites.remove("portal.court.test");
    stage.mirror.load().await.unwrap();
    assert_eq!((served("portal.court.test"), served("waiting.court.test")), (before, None));
}

#[tokio::test]
async fn seven_days_of_tries_need_action_and_are_followed_by_daily_looks() {
    let stage = Stage::new().await;
    let added = stage.add("portal.court.test").await;
    stage.pass().await;
    for _ in 0..(8 * 24) {
        stage.later(HOUR_MS).await;
    }
    let spent = stage.view(&added.id).await;
    check(&spent, DomainStatus::ActionNeeded, SslStatus::NotStarted, "rec_missing");
    let before = stage.world.looks();
    for _ in 0..(3 * 24) {
        stage.later(HOUR_MS).await;
    }
    assert!((2..=4).contains(&(stage.world.looks() - before)));
    stage.publish(&added, &Purpose::ALL);
    stage.later(25 * HOUR_MS).await;
    assert!(stage.view(&added.id).await.ready, "a late record still counts");
}

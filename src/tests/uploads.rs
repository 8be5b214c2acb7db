//! Certificates that people upload: served, outranking ours, shared by scope, lapsing, taken back. The edge is real.

use crate::kit::stage::Stage;
use padlock::acme::chain;
use padlock::bundle::Handed;
use padlock::console::domains::{ChangedSettings, NewWebDomain};
use padlock::console::exports::Export;
use padlock::console::uploads::Brought;
use padlock::domain::certificate::Source;
use padlock::domain::id::{CertificateId, DomainId, KeyId};
use padlock::domain::record::Purpose;
use padlock::domain::status::{DomainStatus, SslStatus};
use padlock::domain::time::{DAY_MS, MINUTE_MS};
use padlock::store::Scope;
use padlock::wire::domain::DomainView;
use padlock::wire::list::Search;
use padlock::worker::sharing;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::time::{Duration, UNIX_EPOCH};
use zeroize::Zeroizing;

/// A court's own authority, and what it issues.
struct Office {
    root: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Office {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, "Court Trust");
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        Self { root, issuer: Issuer::new(params, key) }
    }

    /// A PEM file with certificate, root and key, valid from yesterday for so many days from now.
    fn issue(&self, stage: &Stage, names: &[&str], days: i64) -> Brought {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let at = |ms: i64| (UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs())).into();
        let now = stage.clock.now();
        params.not_before = at(now.plus(-DAY_MS).0);
        params.not_after = at(now.plus(days * DAY_MS).0);
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        let file = [key.serialize_pem(), self.root.clone(), pem].concat();
        Brought {
            handed: Handed { certificate: Zeroizing::new(file.into_bytes()), ..Handed::default() },
            ..Brought::default()
        }
    }
}

#[track_caller]
fn check(view: &DomainView, source: &str, ssl: SslStatus, code: &str) {
    assert_eq!((view.ssl_status, view.status_code.as_str()), (ssl, code), "{view:#?}");
    let active: Vec<&str> =
        view.certificates.iter().filter(|one| one.status == "active").map(|one| one.source.as_str()).collect();
    assert_eq!(active, [source], "{view:#?}");
}

#[tokio::test]
async fn an_uploaded_certificate_needs_no_ca_and_tells_of_its_end() {
    let (stage, office) = (Stage::new().await, Office::new());
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &[Purpose::Validation, Purpose::Routing]);
    stage.pass().await;
    let made = stage.desk().upload(&added.id, office.issue(&stage, &["portal.court.test"], 90)).await.unwrap();
    assert_eq!(made.source, "upload");
    stage.pass().await;
    let live = stage.view(&added.id).await;
    check(&live, "upload", SslStatus::Active, "ok");
    assert!(live.ready && live.headline == "Nothing to do", "{live:#?}");
    assert_eq!(live.certificates[0].renew_at, None, "nobody renews it");

    stage.later(77 * DAY_MS).await;
    let ending = stage.view(&added.id).await;
    check(&ending, "upload", SslStatus::ExpiringSoon, "tls_expired");
    assert!(ending.headline.contains("expires in 12 days"), "{}", ending.headline);
    stage.later(14 * DAY_MS).await;
    let ended = stage.view(&added.id).await;
    assert_eq!((ended.ssl_status, ended.status_code.as_str()), (SslStatus::Expired, "tls_expired"), "{ended:#?}");
    assert_eq!(stage.ca.orders(), 0, "there is no DCV record");

    // Somebody adds the record: ours is obtained, and takes over.
    stage.publish(&added, &[Purpose::Dcv]);
    stage.later(DAY_MS / 4).await;
    stage.later(MINUTE_MS).await;
    check(&stage.view(&added.id).await, "acme", SslStatus::Active, "ok");
}

#[tokio::test]
async fn ours_rests_meanwhile_and_comes_back_in_time() {
    let (stage, office) = (Stage::new().await, Office::new());
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    check(&stage.view(&added.id).await, "acme", SslStatus::Active, "ok");

    // Removed at once: ours is served again, and nothing is ordered.
    stage.desk().upload(&added.id, office.issue(&stage, &["portal.court.test"], 300)).await.unwrap();
    stage.later(MINUTE_MS).await;
    check(&stage.view(&added.id).await, "upload", SslStatus::Active, "ok");
    assert_eq!(stage.desk().renew(&added.id).await.unwrap_err().code, "uploaded");
    stage.desk().remove_upload(&added.id).await.unwrap();
    stage.later(MINUTE_MS).await;
    check(&stage.view(&added.id).await, "acme", SslStatus::Active, "ok");
    assert_eq!(stage.desk().remove_upload(&added.id).await.unwrap_err().code, "no_upload");
    assert_eq!(stage.ca.issued(), 1);

    // Left to lapse: ours expires meanwhile, and is obtained anew before it is needed.
    stage.desk().upload(&added.id, office.issue(&stage, &["portal.court.test"], 300)).await.unwrap();
    for _ in 0..150 {
        stage.later(DAY_MS).await;
    }
    check(&stage.view(&added.id).await, "upload", SslStatus::Active, "ok");
    assert_eq!(stage.ca.issued(), 1, "ours rests");
    for _ in 0..149 {
        stage.later(DAY_MS).await;
        let view = stage.view(&added.id).await;
        assert!(view.ready, "{view:#?}");
    }
    check(&stage.view(&added.id).await, "upload", SslStatus::Active, "ok");
    stage.later(2 * DAY_MS).await;
    stage.later(MINUTE_MS).await;
    check(&stage.view(&added.id).await, "acme", SslStatus::Active, "ok");
    stage.assert_tidy();
}

#[tokio::test]
async fn nothing_is_served_before_somebody_said_yes() {
    let (stage, office) = (Stage::new().await, Office::new());
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &[Purpose::Validation, Purpose::Routing]);
    stage.pass().await;
    let desk = stage.desk();
    let first = desk.hold_upload(&added.id, office.issue(&stage, &["portal.court.test"], 90)).await.unwrap();
    let second = desk.hold_upload(&added.id, office.issue(&stage, &["portal.court.test"], 90)).await.unwrap();
    assert_eq!(stage.view(&added.id).await.certificates, []);
    assert_eq!(desk.serve_upload(&added.id, &first.id).await.unwrap_err().code, "upload_replaced");
    stage.clock.turn(61 * MINUTE_MS);
    assert_eq!(desk.serve_upload(&added.id, &second.id).await.unwrap_err().code, "not_found");
    let third = desk.hold_upload(&added.id, office.issue(&stage, &["portal.court.test"], 90)).await.unwrap();
    assert!(third.warnings.iter().any(|words| words.contains("a root of its own")), "{third:?}");
    desk.serve_upload(&added.id, &third.id).await.unwrap();
    assert_eq!(desk.serve_upload(&added.id, &third.id).await.unwrap_err().code, "not_found", "once");
    let refused = desk.hold_upload(&added.id, office.issue(&stage, &["other.court.test"], 90)).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.fields[0].field.as_str()), ("up_san", "certificate"));
}

#[tokio::test]
async fn a_shared_certificate_reaches_its_customers_domains_and_no_others() {
    let (mut stage, office) = (Stage::new().await, Office::new());
    let one = stage.add("one.agency.test").await;
    let two = stage.add("two.agency.test").await;
    let deep = stage.add("a.b.agency.test").await;
    let theirs = stage.add_for("Borough", "three.agency.test").await;
    let records = [Purpose::Validation, Purpose::Routing];
    [&one, &two, &deep, &theirs].into_iter().for_each(|view| stage.publish(view, &records));
    stage.pass().await;
    let brought = office.issue(&stage, &["*.agency.test"], 90);
    stage.desk().upload(&one.id, Brought { scope: "customer".into(), ..brought }).await.unwrap();
    stage.pass().await;
    for (view, serves) in [(&one, true), (&two, true), (&deep, false), (&theirs, false)] {
        let now = stage.view(&view.id).await;
        assert_eq!(now.ssl_status == SslStatus::Active, serves, "{now:#?}");
        assert_eq!(stage.sites.fingerprint(&view.domain).is_some(), serves, "{}", view.domain);
    }
    let customer = Some("County".to_owned());
    let late = NewWebDomain { domain: "late.agency.test".into(), customer, ..NewWebDomain::default() };
    let late = stage.desk().add_domain(&late).await.unwrap();
    stage.publish(&late, &records);
    stage.pass().await;
    check(&stage.view(&late.id).await, "upload", SslStatus::Active, "ok");

    // Another process opens the shared key as well.
    stage.restart().await;
    stage.pass().await;
    assert!(stage.sites.fingerprint("two.agency.test").is_some());

    stage.desk().remove(&one.id).await.unwrap();
    stage.pass().await;
    for view in [&two, &late] {
        let now = stage.view(&view.id).await;
        assert_eq!(now.domain_status, DomainStatus::Active);
        assert_eq!(stage.sites.fingerprint(&view.domain), None, "{now:#?}");
        assert!(now.certificates.iter().all(|one| one.status != "active"), "{now:#?}");
    }
}

#[tokio::test]
async fn an_agencys_certificate_reaches_every_domain_that_it_uses() {
    let (stage, office) = (Stage::new().await, Office::new());
    let (desk, county) = (stage.desk(), stage.store.customer("County").await.unwrap().unwrap().id);
    for name in ["Clerk", "Treasurer"] {
        stage.store.add_agency(&county, name, stage.clock.now()).await.unwrap();
    }
    let add = async |domain: &str, agency: Option<&str>| {
        let (domain, agency) = (domain.to_owned(), agency.map(str::to_owned));
        stage.added(NewWebDomain { domain, agency, customer: Some("County".into()), ..NewWebDomain::default() }).await
    };
    let own = add("own.agency.test", Some("Clerk")).await;
    let used = add("used.agency.test", Some("Treasurer")).await;
    let other = add("other.agency.test", Some("Treasurer")).await;
    let enable = async |agencies: Vec<String>| {
        let typed = ChangedSettings { enabled_agencies: Some(agencies), ..ChangedSettings::default() };
        desk.change(&used.id, &typed).await.unwrap();
    };
    enable(vec!["Clerk".into()]).await;
    [&own, &used, &other].into_iter().for_each(|view| stage.publish(view, &[Purpose::Validation, Purpose::Routing]));
    stage.pass().await;
    let brought = office.issue(&stage, &["*.agency.test"], 90);
    desk.upload(&own.id, Brought { scope: "agency".into(), ..brought }).await.unwrap();
    stage.pass().await;
    for (view, serves) in [(&own, true), (&used, true), (&other, false)] {
        assert_eq!(stage.sites.fingerprint(&view.domain).is_some(), serves, "{}", view.domain);
    }
    // The list says of each what its own page says, the certificate of another domain included.
    let listed = desk.list(&Search::default()).await.unwrap().items;
    assert_eq!(listed.len(), 3);
    for view in &listed {
        assert_eq!(*view, stage.view(&view.id).await);
    }
    assert_eq!(listed.iter().filter(|view| !view.certificates.is_empty()).count(), 2, "{listed:#?}");

    // Where it was uploaded it ends for all, also for one that the agency does not use any more.
    enable(Vec::new()).await;
    desk.remove_upload(&own.id).await.unwrap();
    stage.pass().await;
    for view in [&own, &used] {
        assert_eq!(stage.sites.fingerprint(&view.domain), None, "{}", view.domain);
    }
}

#[tokio::test]
async fn what_was_not_shared_with_all_is_shared_by_the_next_process() {
    let (mut stage, office) = (Stage::new().await, Office::new());
    let (one, two) = (stage.add("one.agency.test").await, stage.add("two.agency.test").await);
    [&one, &two].into_iter().for_each(|view| stage.publish(view, &Purpose::ALL));
    stage.pass().await;
    let brought = Brought { scope: "customer".into(), ..office.issue(&stage, &["*.agency.test"], 90) };
    stage.desk().hold_upload(&one.id, brought).await.unwrap();
    // The process ends after the first of its writes.
    let (id, now) = (DomainId::new(&one.id), stage.clock.now());
    let upload = stage.store.waiting_upload(&Scope::All, &id, now).await.unwrap().unwrap();
    let leaf = chain::read(&upload.chain_pem).unwrap();
    let certificate = leaf.into_certificate(CertificateId::new("c"), KeyId::new("k"), Source::Upload);
    assert!(stage.store.serve_upload(&upload, &certificate, &sharing::told(&upload), now).await.unwrap());
    stage.restart().await;
    let source = async |stage: &Stage| {
        stage.worker().await.share_uploads().await.unwrap();
        stage.pass().await;
        let view = stage.view(&two.id).await;
        view.certificates.iter().any(|certificate| certificate.source == "upload" && certificate.status == "active")
    };
    assert!(!source(&stage).await, "somebody may be at it");
    stage.clock.turn(5 * MINUTE_MS);
    assert!(source(&stage).await);
    assert!(stage.sites.fingerprint("two.agency.test").is_some());
    // Whoever takes it off their domain after that is left alone.
    stage.desk().remove_upload(&two.id).await.unwrap();
    stage.clock.turn(5 * MINUTE_MS);
    source(&stage).await;
    check(&stage.view(&two.id).await, "acme", SslStatus::Active, "ok");
}

#[tokio::test]
async fn an_uploaded_key_leaves_with_a_reason_and_ours_stays() {
    let (stage, office) = (Stage::new().await, Office::new());
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let ours = stage.view(&added.id).await.certificates[0].id.clone();
    let wanted = |format: &str, password: &str, reason: &str| Export {
        format: format.into(),
        password: Zeroizing::new(password.into()),
        password_again: Zeroizing::new(password.into()),
        reason: reason.into(),
        ..Export::default()
    };
    let desk = stage.desk();
    let code = async |id: &str, export: Export| {
        desk.export_certificate(id, export).await.map(drop).map_err(|refusal| refusal.code)
    };
    assert_eq!(code(&ours, wanted("pem", "", "moves")).await, Err("export_off".into()));
    let made = desk.upload(&added.id, office.issue(&stage, &["portal.court.test"], 90)).await.unwrap();
    assert_eq!(code(&made.id, wanted("pem", "", " ")).await, Err("bad_reason".into()));
    assert_eq!(code(&made.id, wanted("pfx", "short", "moves")).await, Err("bad_password".into()));
    assert_eq!(code(&made.id, wanted("jks", "", "moves")).await, Err("bad_value".into()));
    assert_eq!(code("nothing", wanted("pem", "", "moves")).await, Err("not_found".into()));
    let file = desk.export_certificate(&made.id, wanted("pem", "", "The old balancer needs it")).await.unwrap();
    let text = String::from_utf8(file.content.to_vec()).unwrap();
    assert_eq!(file.name, "portal.court.test.pem");
    assert!(text.contains("BEGIN CERTIFICATE") && text.contains("BEGIN PRIVATE KEY"));
    let told = desk.timeline(&added.id, "", None).await.unwrap().items;
    let exported: Vec<&str> =
        told.iter().filter(|line| line.kind == "certificate.exported").map(|line| line.summary.as_str()).collect();
    assert_eq!(exported.len(), 1, "{told:#?}");
    assert!(exported[0].ends_with("The old balancer needs it"), "{exported:?}");
}

//! Monitoring Reports by mail: a mail server that is away, or a process that ends, costs nobody a report.

use crate::kit::post::Post;
use crate::kit::stage::{Stage, place};
use padlock::domain::id::DomainId;
use padlock::domain::report::{Every, Reports as Wanted};
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use padlock::mail::Mailer;
use padlock::observe::{Examiner, Observer};
use padlock::resolve::{DnsSettings, Inquirer};
use padlock::store::{Scope, Settings};
use padlock::worker::reports::Reports;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// Mails the stage's reports; nobody in its world answers, which a report says.
fn reports(stage: &Stage, mailer: Mailer) -> Reports {
    let settings = DnsSettings {
        resolvers: vec![(Ipv4Addr::LOCALHOST, 1).into()],
        authority_port: 1,
        allowed: Arc::new(|_| false),
        registrable: Arc::new(|_| None),
    };
    let inquirer = Inquirer::new(settings).unwrap();
    let examiner = Examiner {
        observer: Arc::new(Observer { inquirer, http_port: 1, https_port: 1, registries: None }),
        authorities: Arc::new([]),
        store: stage.store.clone(),
        place: place(),
        blocklists: Arc::new([]),
        registrable: Arc::new(|_| None),
    };
    let (store, clock) = (stage.store.clone(), stage.clock.clone());
    Reports { store, clock, examiner, mailer, public_url: "https://console.test".into() }
}

#[tokio::test]
async fn a_report_is_tried_again_and_arrives_once() {
    let (stage, server) = (Stage::new().await, Post::open().await);
    // An hour after a day of reports began.
    stage.clock.turn((7 * HOUR_MS - stage.clock.now().0).rem_euclid(DAY_MS));
    let added = stage.add("portal.court.test").await;
    let id = DomainId::new(&added.id);
    let addresses = vec!["ana@county.test".to_owned(), "not an address".to_owned()];
    let wanted = Settings { reports: Some(Wanted { addresses, every: Every::Daily }), ..Settings::default() };
    stage.store.update_settings(&Scope::All, &id, wanted, None, stage.clock.now()).await.unwrap();

    let away = reports(&stage, Mailer::new("smtp://127.0.0.1:1", "padlock@platform.test").unwrap());
    let here = reports(&stage, server.mailer());
    away.pass().await.unwrap();
    here.pass().await.unwrap();
    assert_eq!(server.count(), 0, "not at once");
    assert_eq!(stage.mails_told(&added.id).await, [""; 0], "a try is no mail");
    stage.clock.turn(5 * MINUTE_MS);
    here.pass().await.unwrap();
    assert_eq!(server.count(), 1, "what is no address is tried once");
    let mail = server.newest().await;
    assert!(mail.contains("Subject: Monitoring Report for portal.court.test"), "{mail}");
    stage.clock.turn(9 * HOUR_MS);
    here.pass().await.unwrap();
    assert_eq!(server.count(), 1, "once a day");
    stage.clock.turn(DAY_MS);
    here.pass().await.unwrap();
    let ids: std::collections::HashSet<String> = server.all().iter().map(|mail| line(mail, "Message-ID: ")).collect();
    assert_eq!((ids.len(), server.count()), (2, 2), "each day's is another");
    assert_eq!(stage.mails_told(&added.id).await, ["The Monitoring Report was mailed to 1 address"; 2]);
}

#[tokio::test]
async fn whoever_switches_reports_off_and_on_again_is_sent_no_second_one_that_day() {
    let (stage, server) = (Stage::new().await, Post::open().await);
    // An hour after a day of reports began.
    stage.clock.turn((7 * HOUR_MS - stage.clock.now().0).rem_euclid(DAY_MS));
    let added = stage.add("portal.court.test").await;
    let reports = reports(&stage, server.mailer());
    let mails = async |every: Every| {
        let wanted = Some(Wanted { addresses: vec!["ana@county.test".into()], every });
        let settings = Settings { reports: wanted, ..Settings::default() };
        let id = DomainId::new(&added.id);
        stage.store.update_settings(&Scope::All, &id, settings, None, stage.clock.now()).await.unwrap();
        reports.pass().await.unwrap();
        server.count()
    };
    let mut counts = Vec::new();
    for every in [Every::Daily, Every::Never, Every::Daily, Every::Never, Every::Weekly] {
        counts.push(mails(every).await);
    }
    assert_eq!(counts, [1, 1, 1, 1, 2], "a week's report is another");
    stage.clock.turn(DAY_MS);
    assert_eq!(mails(Every::Daily).await, 3, "so is the next day's");
}

fn line(mail: &str, name: &str) -> String {
    mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {mail}")).to_owned()
}

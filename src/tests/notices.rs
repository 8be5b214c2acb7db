//! Notices by mail: written with what made them true, sent once, and never lost, wherever the process that sends them ends.

use crate::kit::post::Post as Server;
use crate::kit::stage::Stage;
use futures::FutureExt as _;
use padlock::domain::record::{Purpose, RecordType};
use padlock::domain::role::Role;
use padlock::domain::time::{DAY_MS, MINUTE_MS};
use padlock::domain::topic::Topic;
use padlock::failpoint::{Act, Injected, Point, watched};
use padlock::mail::Mailer;
use padlock::store::Way;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn line<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {mail}"))
}

fn ids(server: &Server) -> Vec<String> {
    server.all().iter().map(|mail| line(mail, "Message-ID: ").to_owned()).collect()
}

#[tokio::test]
async fn who_manages_a_domain_hears_of_its_certificate_once() {
    let (stage, server) = (Stage::new().await, Server::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    stage.person("vic@county.test", Role::Viewer).await;
    let post = stage.postman(Some(server.mailer()));
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let serial = stage.view(&added.id).await.certificates[0].serial.clone();
    stage.send_mails(&post).await;
    let [mail] = server.all().try_into().unwrap_or_else(|mails| panic!("{mails:#?}"));
    assert_eq!(line(&mail, "To: "), "ana@county.test");
    assert_eq!(line(&mail, "Subject: "), "The certificate of portal.court.test is installed [Padlock]");
    assert!(mail.contains(&serial) && mail.contains("portal.court.test.pem"), "{mail}");
    assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
    assert_eq!(line(&mail, "List-Unsubscribe-Post: "), "List-Unsubscribe=One-Click");

    stage.clock.turn(MINUTE_MS);
    stage.desk().renew(&added.id).await.unwrap();
    stage.pass().await;
    stage.send_mails(&post).await;
    let mails = server.all();
    assert_eq!(mails.len(), 2, "{mails:#?}");
    assert!(line(&mails[1], "Subject: ").contains("was renewed"));
}

#[tokio::test]
async fn the_timeline_has_one_line_for_a_notice_and_names_nobody() {
    let (stage, server) = (Stage::new().await, Server::open().await);
    for email in ["ana@county.test", "ben@county.test"] {
        stage.person(email, Role::Manager).await;
    }
    let away = stage.postman(Some(Mailer::new("smtp://127.0.0.1:1", "padlock@platform.test").unwrap()));
    let post = stage.postman(Some(server.mailer()));
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    assert_eq!(away.pass(Way::Mail).await.unwrap(), 2);
    assert_eq!(stage.mails_told(&added.id).await, [""; 0], "a try is no mail");
    stage.send_mails(&post).await;
    let first = "Mailed to 2 people: The certificate of portal.court.test is installed";
    assert_eq!(stage.mails_told(&added.id).await, [first]);

    stage.desk().renew(&added.id).await.unwrap();
    stage.pass().await;
    stage.send_mails(&post).await;
    let second = "Mailed to 2 people: The certificate of portal.court.test was renewed";
    assert_eq!(stage.mails_told(&added.id).await, [first, second]);
}

#[tokio::test]
async fn where_no_mail_is_sent_none_is_told_of() {
    let stage = Stage::new().await;
    stage.person("ana@county.test", Role::Manager).await;
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    stage.send_mails(&stage.postman(None)).await;
    assert_eq!(stage.mails_told(&added.id).await, [""; 0]);
}

#[tokio::test]
async fn what_is_the_matter_is_told_with_its_fix_and_when_it_is_over() {
    let (stage, server) = (Stage::new().await, Server::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    let post = stage.postman(Some(server.mailer()));
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    stage.world.say("portal.court.test", crate::kit::world::record(RecordType::Cname, "elsewhere.test"));
    stage.later(20 * MINUTE_MS).await;
    stage.publish(&added, &Purpose::ALL);
    stage.later(20 * MINUTE_MS).await;
    stage.send_mails(&post).await;
    let subjects: Vec<String> = server.all().iter().map(|mail| line(mail, "Subject: ").to_owned()).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects.iter().any(|subject| subject.contains("no longer leads here")), "{subjects:?}");
    assert!(subjects.iter().any(|subject| subject.contains("is all right again")), "{subjects:?}");
}

#[tokio::test]
async fn who_unsubscribed_hears_no_more() {
    let (stage, server) = (Stage::new().await, Server::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    let post = stage.postman(Some(server.mailer()));
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    stage.send_mails(&post).await;
    let mail = server.newest().await;
    let (_, rest) = mail.split_once("/one-click/").unwrap();
    let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let console = stage.console();
    assert_eq!(console.unsubscribe("guessed", "renewed").await.unwrap_err().code, "not_found");
    console.unsubscribe(&token, Topic::Renewed.word()).await.unwrap();
    stage.clock.turn(MINUTE_MS);
    stage.desk().renew(&added.id).await.unwrap();
    stage.pass().await;
    stage.send_mails(&post).await;
    assert_eq!(server.count(), 1);
}

/// Whoever sends ends at each of the points in turn; the next one comes after its lease.
#[tokio::test]
async fn a_kill_at_any_point_loses_nothing_and_a_repetition_is_known_as_one() {
    for act in [Act::Deliver, Act::NoteDelivery] {
        for moment in act.moments().iter().copied() {
            let (stage, server) = (Stage::new().await, Server::open().await);
            stage.person("ana@county.test", Role::Manager).await;
            let post = stage.postman(Some(server.mailer()));
            let mut domains = Vec::new();
            for name in ["a.court.test", "b.court.test"] {
                let added = stage.add(name).await;
                stage.publish(&added, &Purpose::ALL);
                domains.push(added);
            }
            stage.pass().await;
            let (point, met) = (Point { act, moment }, Arc::new(AtomicUsize::new(0)));
            let seen = Arc::clone(&met);
            let watch: padlock::failpoint::Watch = Arc::new(move |at| {
                let fails = at == point && seen.fetch_add(1, Ordering::SeqCst) == 0;
                std::future::ready(if fails { Err(Injected(at)) } else { Ok(()) }).boxed()
            });
            watched(watch, post.pass(Way::Mail)).await.unwrap_err();
            assert!(met.load(Ordering::SeqCst) > 0, "{point} is never passed");
            stage.send_mails(&post).await;
            let sent = ids(&server);
            let known: HashSet<&String> = sent.iter().collect();
            assert_eq!(known.len(), 2, "{point}: {sent:?}");
            assert!(sent.len() <= 3, "{point}: {sent:?}");
            for domain in domains {
                let line = format!("Mailed to 1 person: The certificate of {} is installed", domain.domain);
                assert_eq!(stage.mails_told(&domain.id).await, [line], "{point}");
            }
        }
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_tried_again_and_given_up_in_the_end() {
    let (stage, server) = (Stage::new().await, Server::open().await);
    stage.person("ana@county.test", Role::Manager).await;
    let away = stage.postman(Some(Mailer::new("smtp://127.0.0.1:1", "padlock@platform.test").unwrap()));
    let added = stage.add("portal.court.test").await;
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    let mut tries = 0;
    for _ in 0..6 * 24 * 5 {
        tries += away.pass(Way::Mail).await.unwrap();
        stage.clock.turn(DAY_MS / 24 / 6);
    }
    assert_eq!(tries, 10, "a first try and nine more");
    let back = stage.postman(Some(server.mailer()));
    stage.send_mails(&back).await;
    assert_eq!(server.count(), 0, "given up");
}

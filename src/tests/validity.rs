//! The periodic check of certificates in use, with lists that a real server publishes: what is revoked is told and replaced.

use crate::kit::post::Post;
use crate::kit::stage::Stage;
use padlock::domain::record::Purpose;
use padlock::domain::role::Role;
use padlock::domain::status::SslStatus;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use padlock::domain::validity::Listed;
use padlock::observe::{Lists, Observer};
use padlock::registers::KeyList;
use padlock::resolve::{DnsSettings, Inquirer};
use padlock::wire::domain::DomainView;
use padlock::worker::perform::Tools;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

const URL: &str = "http://127.0.0.1/list.crl";

/// A web server with one answer.
struct Publisher {
    port: u16,
    answer: Arc<Mutex<Vec<u8>>>,
    /// The last request.
    heard: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
    serves: AbortHandle,
}

impl Publisher {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, asked) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::<AtomicUsize>::default());
        let heard = Arc::<Mutex<String>>::default();
        let (says, counts, hears) = (Arc::clone(&answer), Arc::clone(&asked), Arc::clone(&heard));
        let serving = async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1_024];
                let length = stream.read(&mut request).await.unwrap_or_default();
                *hears.lock().unwrap() = String::from_utf8_lossy(&request[..length]).into_owned();
                counts.fetch_add(1, Ordering::SeqCst);
                let bytes = says.lock().unwrap().clone();
                let _ = stream.write_all(&bytes).await;
            }
        };
        Self { port, answer, heard, asked, serves: tokio::spawn(serving).abort_handle() }
    }

    fn publish(&self, list: &[u8]) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", list.len());
        *self.answer.lock().unwrap() = [head.as_bytes(), list].concat();
    }

    fn say(&self, answer: &str) {
        *self.answer.lock().unwrap() = answer.as_bytes().to_vec();
    }

    /// Reads lists through the guard, which lets these addresses pass.
    fn lists(&self, allowed: fn(IpAddr) -> bool) -> Lists {
        let settings = DnsSettings {
            resolvers: vec![(Ipv4Addr::LOCALHOST, 1).into()],
            authority_port: 1,
            allowed: Arc::new(allowed),
            registrable: Arc::new(|_| None),
        };
        let inquirer = Inquirer::new(settings).unwrap();
        Lists::new(Arc::new(Observer { inquirer, http_port: self.port, https_port: 1, registries: None }))
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.serves.abort();
    }
}

struct Scene {
    stage: Stage,
    publisher: Publisher,
    lists: Lists,
    added: DomainView,
}

impl Scene {
    /// A domain with a certificate, whose list is empty.
    async fn new() -> Self {
        let (stage, publisher) = (Stage::new().await, Publisher::open().await);
        stage.ca.publish_list(URL);
        publisher.publish(&stage.ca.list(&[], stage.clock.now()));
        let added = stage.add("portal.court.test").await;
        stage.publish(&added, &Purpose::ALL);
        let lists = publisher.lists(|address| address.is_loopback());
        let scene = Self { stage, publisher, lists, added };
        scene.later(0).await;
        assert!(scene.view().await.ready);
        scene
    }

    async fn later(&self, ms: i64) {
        self.later_by(ms, None).await;
    }

    /// The same with a list of compromised keys.
    async fn later_by(&self, ms: i64, key_list: Option<Arc<KeyList>>) {
        self.stage.clock.turn(ms);
        let tools = Tools { lists: Some(self.lists.clone()), key_list, ..self.stage.tools() };
        self.stage.worker_with(tools).pass().await.unwrap();
    }

    async fn view(&self) -> DomainView {
        self.stage.view(&self.added.id).await
    }

    /// What the certificate's own page says of its last check.
    async fn last_check(&self) -> Option<(String, String)> {
        let id = self.view().await.certificates[0].id.clone();
        let last = self.stage.desk().certificate_details(&id).await.unwrap().last_check?;
        Some((last.revocation, last.trust))
    }

    async fn chain(&self) -> (CertificateDer<'static>, CertificateDer<'static>) {
        let id = self.view().await.certificates[0].id.clone();
        let pem = self.stage.desk().chain(&id).await.unwrap();
        let mut parts = CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap);
        (parts.next().unwrap(), parts.next().unwrap())
    }
}

#[tokio::test]
async fn what_stands_on_the_list_is_replaced_at_once_and_only_once() {
    let scene = Scene::new().await;
    assert_eq!(scene.last_check().await, None, "before the first");
    scene.later(DAY_MS).await;
    assert_eq!(scene.last_check().await, Some(("not_listed".into(), "private".into())));
    let view = scene.view().await;
    assert!(view.ready && view.ssl_status == SslStatus::Active, "{view:#?}");
    assert!(scene.publisher.asked.load(Ordering::SeqCst) >= 1);

    scene.publisher.publish(&scene.stage.ca.list(&[0], scene.stage.clock.now()));
    scene.later(DAY_MS).await;
    // The edge is asked at another moment than before the renewal.
    scene.later(MINUTE_MS).await;
    let view = scene.view().await;
    assert_eq!(scene.stage.ca.issued(), 2);
    assert!(view.ready && view.ssl_status == SslStatus::Active, "{view:#?}");
    let told = scene.stage.desk().timeline(&scene.added.id, "", None).await.unwrap().items;
    assert_eq!(told.iter().filter(|line| line.kind == "certificate.found_revoked").count(), 1, "{told:#?}");

    // A CA whose list is wrong makes no loop: the successor stands on it as well.
    scene.publisher.publish(&scene.stage.ca.list(&[0, 1], scene.stage.clock.now()));
    for _ in 0..6 {
        scene.later(DAY_MS).await;
    }
    let view = scene.view().await;
    assert_eq!(scene.stage.ca.issued(), 2, "{view:#?}");
    assert_eq!((view.ssl_status, view.status_code.as_str(), view.ready), (SslStatus::Revoked, "tls_revoked", false));
    assert!(view.findings[0].evidence[0].contains("key compromise"), "{:#?}", view.findings);
    assert_eq!(scene.last_check().await, Some(("listed".into(), "private".into())));
}

#[tokio::test]
async fn a_list_that_can_not_be_had_changes_nothing() {
    let scene = Scene::new().await;
    scene.later(DAY_MS).await;
    for answer in ["", "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n<html>"] {
        scene.publisher.say(answer);
        scene.later(DAY_MS).await;
        let view = scene.view().await;
        assert!(view.ready && view.status_code == "ok", "{view:#?}");
    }
    assert_eq!(scene.stage.ca.issued(), 1);
}

#[tokio::test]
async fn a_list_is_fetched_once_for_all_who_ask_and_never_from_a_private_place() {
    let scene = Scene::new().await;
    let (leaf, issuer) = scene.chain().await;
    let (now, lists) = (scene.stage.clock.now(), scene.publisher.lists(|address| address.is_loopback()));
    let before = scene.publisher.asked.load(Ordering::SeqCst);
    let look = |at: Millis| lists.look_up(&leaf, &issuer, at);
    let all = futures::future::join_all((0..20).map(|_| look(now))).await;
    assert!(all.iter().all(|said| *said == Listed::No), "{all:?}");
    assert_eq!(scene.publisher.asked.load(Ordering::SeqCst), before + 1);
    // It is fetched anew long before it ends, and serves until then while its server is away.
    scene.publisher.say("");
    assert_eq!(look(now.plus(7 * HOUR_MS)).await, Listed::No);
    assert_eq!(scene.publisher.asked.load(Ordering::SeqCst), before + 2);
    assert_eq!(look(now.plus(8 * DAY_MS)).await, Listed::Unknown("the list is out of date".into()));

    let guarded = scene.publisher.lists(|_| false);
    let before = scene.publisher.asked.load(Ordering::SeqCst);
    let said = guarded.look_up(&leaf, &issuer, now).await;
    assert_eq!(said, Listed::Unknown("127.0.0.1 is at no public address".into()));
    assert_eq!(scene.publisher.asked.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_key_that_strangers_have_is_told_and_nothing_is_done_by_itself() {
    let (scene, known, mails) = (Scene::new().await, Publisher::open().await, Post::open().await);
    scene.stage.person("ana@county.test", Role::Manager).await;
    let url = format!("http://127.0.0.1:{}/", known.port);
    let list = |allowed: fn(IpAddr) -> bool| Some(Arc::new(KeyList::new(&url, Arc::new(allowed)).unwrap()));
    let here: fn(IpAddr) -> bool = |address| address.is_loopback();
    let codes = || async { scene.view().await.findings.into_iter().map(|found| found.code).collect::<Vec<_>>() };
    let (proof, free) =
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    known.say(free);
    scene.later_by(DAY_MS, list(here)).await;
    assert_eq!((codes().await, known.asked.load(Ordering::SeqCst)), (vec![], 1));
    let asked_for = format!("GET /{} HTTP/1.1", spki_sha256(&scene.chain().await.0));
    assert!(known.heard.lock().unwrap().starts_with(&asked_for), "{asked_for}");
    known.say(proof);
    scene.later_by(DAY_MS, list(|_| false)).await;
    assert_eq!((codes().await, known.asked.load(Ordering::SeqCst)), (vec![], 1), "the guard lets nobody through");
    scene.later_by(DAY_MS, list(here)).await;
    assert_eq!(codes().await, ["key_exposed"]);
    scene.stage.send_mails(&scene.stage.postman(Some(mails.mailer()))).await;
    let mail = mails.newest().await.replace("=\r\n", "");
    assert!(mail.contains("Subject: Strangers may have the private key of portal.court.test"), "{mail}");
    assert!(mail.contains("What to do: Revoke the certificate"), "{mail}");
    let view = scene.view().await;
    assert!(view.ready && view.ssl_status == SslStatus::Active && scene.stage.ca.issued() == 1, "{view:#?}");
    assert_eq!(view.findings[0].evidence, ["the list of compromised keys at 127.0.0.1 has it"]);

    // A list that is away takes nothing back; one that answers does.
    for away in ["", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"] {
        known.say(away);
        scene.later_by(DAY_MS, list(here)).await;
        assert_eq!(codes().await, ["key_exposed"]);
    }
    known.say(free);
    scene.later_by(DAY_MS, list(here)).await;
    assert_eq!(codes().await, Vec::<String>::new());
    let told = scene.stage.desk().timeline(&scene.added.id, "", None).await.unwrap().items;
    assert_eq!(told.iter().filter(|line| line.kind == "certificate.key_exposed").count(), 1, "{told:#?}");

    // Once it is revoked that is the cause, and its successor has a key of its own.
    known.say(proof);
    scene.later_by(DAY_MS, list(here)).await;
    assert_eq!(codes().await, ["key_exposed"]);
    scene.stage.send_mails(&scene.stage.postman(Some(mails.mailer()))).await;
    assert_eq!(mails.count(), 1, "of one certificate it is told once");
    let revoked = scene.view().await.certificates[0].id.clone();
    scene.stage.desk().revoke(&revoked, "key_compromise").await.unwrap();
    assert!(!codes().await.contains(&"key_exposed".to_owned()), "{:?}", codes().await);
    known.say(free);
    scene.later_by(0, list(here)).await;
    assert_eq!((codes().await, scene.stage.ca.issued()), (vec![], 2));
}

/// SHA-256 of a certificate's public key, as OpenSSL reads it.
fn spki_sha256(leaf: &[u8]) -> String {
    let mut openssl = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-pubkey", "-noout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(leaf).unwrap();
    let key = pem::parse(openssl.wait_with_output().unwrap().stdout).unwrap();
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.contents());
    sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

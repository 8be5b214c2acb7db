//! What leaves the Console for a customer's own DNS: records by mail, and records put into their zone with their key.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use crate::kit::sandbox::Sandbox;
use padlock::domain::observed::RecordState;
use padlock::wire::domain::DomainView;
use serde_json::{Value, json};
use std::time::Duration;
use url::form_urlencoded::Serializer;

const PASSWORD: &str = "correct horse battery staple";
const SOON: Duration = Duration::from_secs(20);

/// Somebody at the Console's pages.
struct Person<'a> {
    node: &'a Node,
    cookie: String,
}

impl<'a> Person<'a> {
    async fn with(node: &'a Node, email: &str) -> Self {
        node.user(email, "manager", Some("County"), PASSWORD);
        Self { node, cookie: node.sign_in(email, PASSWORD).await }
    }

    /// Sends a form, as a page with script does.
    async fn send(&self, endpoint: &str, form: &[(&str, &str)]) -> rest::Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", self.node.setting("PADLOCK_PUBLIC_URL")),
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.node.ask("POST", &format!("/api/{endpoint}"), &headers, &body).await
    }
}

async fn mails(node: &Node, to: &str) -> Vec<Value> {
    let url = format!("{}/api/mails?to={}", node.sandbox.line("LAB_MAILBOX_URL"), to.replace('@', "%40"));
    rest::ask("GET", &url, &[], "").await.expect(200).read()
}

#[tokio::test]
async fn records_are_mailed_with_their_files_and_a_link() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let person = Person::with(&node, "clerk@county.test").await;
    let added = node.add(&node.name("mailed", "court.test")).await;
    let [first, second] = ["dns", "net"].map(|who| node.name(who, "county.test").replacen('-', "@", 1));
    let (to, note) = (format!("{first}\r\n{second}"), "Thank you,\r\nBcc: x@evil.test");
    let form = [("id", added.id.as_str()), ("to", &to), ("note", note)];
    let shown = person.send("domains/letter", &form).await.expect(200).json();
    assert_eq!(shown["to"], json!([first, second]));
    assert!(mails(&node, &first).await.is_empty(), "nothing is sent by looking");

    person.send("domains/notify", &form).await.expect(200);
    for address in [&first, &second] {
        let mails = mails(&node, address).await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        let mail = &mails[0];
        assert_eq!(mail["to"], json!([address]), "nobody reads the others' addresses");
        assert_eq!(mail["subject"], format!("DNS records for {}", added.domain));
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains("Bcc: x@evil.test") && text.contains("clerk@county.test"), "{text}");
        for record in &added.dns_records {
            assert!(text.contains(&record.host) && text.contains(&record.value), "{text}");
        }
        let files: Vec<&str> =
            mail["attachments"].as_array().unwrap().iter().map(|file| file["filename"].as_str().unwrap()).collect();
        assert!(files.len() == 2 && files[0].ends_with(".zone") && files[1].ends_with(".csv"), "{files:?}");
        let base = node.setting("PADLOCK_PUBLIC_URL");
        let link = text.split_whitespace().find(|word| word.starts_with(&format!("{base}/records/"))).expect("a link");
        let page = node.ask("GET", link.trim_start_matches(base), &[("accept", "text/html")], "").await.expect(200);
        assert!(page.text().contains(&added.dns_records[0].value));
    }
    assert!(mails(&node, "x@evil.test").await.is_empty());
    assert!(node.timeline(&added.id).await.contains(&"records.mailed".to_owned()));

    for (to, code) in [("nobody", "bad_email"), ("", "address_needed"), ("a@b.gov\r\nRCPT TO: c@d.gov", "bad_email")] {
        let refused = person.send("domains/notify", &[("id", &added.id), ("to", to), ("note", "")]).await;
        assert_eq!(refused.expect(422).json()["code"], code, "{to:?}");
    }
    // Twenty a day: nine more pairs, and no more.
    for _ in 0..9 {
        person.send("domains/notify", &form).await.expect(200);
    }
    assert_eq!(person.send("domains/notify", &form).await.expect(429).json()["code"], "too_many_letters");
}

#[tokio::test]
async fn records_are_published_with_the_customers_key_and_nothing_else_is_touched() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let person = Person::with(&node, "clerk@county.test").await;
    let added = node.add(&node.name("put", "court.test")).await;
    let id = added.id.as_str();
    node.until(id, SOON, "a first look", |view| view.checked_at.is_some()).await;
    let (server, port) = (node.sandbox.line("LAB_CUSTOMERS_NS"), node.sandbox.line("LAB_DNS_PORT"));
    let server = format!("{server}:{port}");
    let (name, secret) = (node.sandbox.line("LAB_TSIG_NAME"), node.sandbox.line("LAB_TSIG_SECRET"));
    let key = |server: &str, secret: &str| {
        [("id", id), ("server", server), ("name", name), ("algorithm", "hmac-sha256"), ("secret", secret)]
            .map(|(field, value)| (field.to_owned(), value.to_owned()))
    };
    let keep = async |server: &str, secret: &str| {
        let form = key(server, secret);
        let form: Vec<(&str, &str)> = form.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        person.send("domains/keep-key", &form).await
    };
    let publish = async || person.send("domains/publish", &[("id", id)]).await;
    let shown = async || person.send("domains/publishing", &[("id", id)]).await.expect(200).json();

    assert_eq!(publish().await.expect(409).json()["code"], "no_key");
    assert_eq!(keep("10.0.0.1", secret).await.expect(422).json()["code"], "not_public");
    assert_eq!(keep("169.254.169.254", secret).await.expect(422).json()["code"], "not_public");
    keep(&server, "bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBhdCBhbGw=").await.expect(200);
    assert_eq!(publish().await.expect(409).json()["code"], "key_refused");
    keep(&server, secret).await.expect(200);
    let view = shown().await;
    assert!(!view.to_string().contains(secret), "a secret is never shown again");
    assert!(view["plan"].as_array().unwrap().iter().all(|planned| planned["step"]["step"] == "add"), "{view}");

    // Somebody else puts something there after the plan was made: nothing at all is published.
    let routing = &added.dns_records[2].host;
    node.sandbox.update("court.test", &[format!("add {routing}. 1 TXT \"of somebody else\"")]);
    assert_eq!(publish().await.expect(409).json()["code"], "zone_changed");
    let at = server.parse().unwrap();
    assert_eq!(Sandbox::ask(at, &added.dns_records[0].host, "TXT"), "");
    node.sandbox.update("court.test", &[format!("del {routing}. TXT")]);

    publish().await.expect(200);
    let placed = |view: &DomainView| view.dns_records.iter().all(|record| record.state == RecordState::Detected);
    node.until(id, SOON, "all records in place", placed).await;
    assert!(node.timeline(id).await.contains(&"records.published".to_owned()));
    assert!(shown().await["plan"].as_array().unwrap().iter().all(|planned| planned["step"]["step"] == "in_place"));
    assert_eq!(publish().await.expect(409).json()["code"], "nothing_to_publish");
    person.send("domains/forget-key", &[("id", id)]).await.expect(200);
    person.send("domains/forget-key", &[("id", id)]).await.expect(404);
    assert_eq!(publish().await.expect(409).json()["code"], "no_key");
}

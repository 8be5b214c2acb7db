//! Every door, for every role, about things that exist, don't exist, and are another customer's; and ten forgeries each.

use crate::kit::doors::{Door, every_door};
use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;
use padlock::domain::role::Role;
use padlock::domain::status::DomainStatus;
use padlock::wire::domain::DomainView;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";
/// The id of nothing.
const NOBODY: &str = "0";

/// Somebody of a role, at both kinds of door.
struct Asker {
    token: String,
    cookie: String,
}

impl Asker {
    /// Bound roles belong to Borough, to which nothing of County's exists.
    async fn with(node: &Node, role: Role) -> Self {
        let customer = (!role.sees_all_customers()).then_some("Borough");
        let email = format!("{}@people.test", role.word());
        node.user(&email, role.word(), customer, PASSWORD);
        Self { token: node.token_for(role.word(), customer), cookie: node.sign_in(&email, PASSWORD).await }
    }

    async fn ask(&self, node: &Node, door: &Door, id: &str) -> Answer {
        let (path, body) = door.call(id);
        let bearer = format!("Bearer {}", self.token);
        let own = node.setting("PADLOCK_PUBLIC_URL");
        let identity = if door.is_function() { ("cookie", self.cookie.as_str()) } else { ("authorization", &*bearer) };
        let headers = [identity, ("origin", own), ("accept", "application/json"), ("content-type", door.kind())];
        node.ask(&door.method, &path, &headers, &body).await
    }
}

/// County's things, and every word of theirs that nobody else may read.
struct Theirs {
    domain: DomainView,
    customer: String,
    person: String,
    link: String,
    token: String,
    invitation: String,
    webhook: String,
    secrets: Vec<String>,
}

impl Theirs {
    async fn made(node: &Node) -> Self {
        let domain = node.ready(&node.name("theirs", "court.test")).await;
        let customers = node.api("GET", "/customers", Value::Null).await.json();
        let customer = customers["items"][0]["id"].as_str().unwrap().to_owned();
        let agency = node.api("POST", "/agencies", json!({ "name": "Clerk of County" })).await.expect(201).json();
        let person = node.user("clerk@county.test", "manager", Some("County"), PASSWORD);
        let words =
            ["--json", "user", "invite", "--email", "new@county.test", "--role", "viewer", "--customer", "County"];
        let invitation: Value = serde_json::from_str(&node.said(&words)).unwrap();
        let invitation = invitation["id"].as_str().unwrap().to_owned();
        let links = format!("/domains/{}/links", domain.id);
        let link = node.api("POST", &links, Value::Null).await.expect(201).json();
        let link = link["id"].as_str().unwrap().to_owned();
        let token = node.token_for("viewer", Some("County"));
        let token = token.split('_').nth(1).unwrap().to_owned();
        let webhook = webhook(node).await;
        let mut secrets =
            vec![link.clone(), token.clone(), invitation.clone(), webhook.clone(), "new@county.test".to_owned()];
        secrets.extend([person.clone(), "clerk@county.test".to_owned()]);
        secrets.extend([domain.id.clone(), domain.domain.clone(), customer.clone(), "County".to_owned()]);
        secrets.extend(["id", "name"].map(|field| agency[field].as_str().unwrap().to_owned()));
        secrets.extend(domain.certificates.iter().flat_map(|one| [one.id.clone(), one.serial.clone()]));
        secrets.extend(domain.dns_records.iter().take(2).map(|record| record.value.clone()));
        Self { domain, customer, person, link, token, invitation, webhook, secrets }
    }

    fn id(&self, door: &Door) -> &str {
        match door.thing {
            "domain" => &self.domain.id,
            "invitation" => &self.invitation,
            "person" => &self.person,
            "link" => &self.link,
            "token" => &self.token,
            "webhook" => &self.webhook,
            "certificate" => &self.domain.certificates[0].id,
            _ => &self.customer,
        }
    }
}

/// A webhook that County's clerk adds by the form; its id.
async fn webhook(node: &Node) -> String {
    let (cookie, own) = (node.sign_in("clerk@county.test", PASSWORD).await, node.setting("PADLOCK_PUBLIC_URL"));
    let form = "application/x-www-form-urlencoded";
    let headers = [("cookie", &*cookie), ("origin", own), ("accept", "text/html"), ("content-type", form)];
    let sent = "customer=&url=http%3A%2F%2F127.0.0.1%3A9%2Fhook&events[]=domain.active";
    node.ask("POST", "/api/webhooks/add", &headers, sent).await.expect(302);
    let page = node.ask("GET", "/webhooks", &headers, "").await.text();
    let (_, rest) = page.split_once("href=\"/webhooks/").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_door_keeps_the_table_and_leaks_nothing() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let theirs = Theirs::made(&node).await;
    node.customer("Borough");
    let doors = every_door().unwrap();
    for role in Role::ALL {
        let asker = Asker::with(&node, role).await;
        for door in &doors {
            let Some(act) = door.act else { continue };
            let what = format!("{} at {} {}", role.word(), door.method, door.path);
            let nothing = asker.ask(&node, door, NOBODY).await;
            assert_eq!(nothing.status == 403, !role.may(act), "{what}: {}", nothing.text());
            assert!(!nothing.text().contains("bad_input"), "{what}: the call is not one: {}", nothing.text());
            assert!(nothing.status.as_u16() < 500 && nothing.status != 401, "{what}: {nothing:?}");
            if !role.sees_all_customers() {
                indistinguishable(&what, &nothing, &asker.ask(&node, door, theirs.id(door)).await, &theirs, door);
            }
        }
    }
    let now = node.domain(&theirs.domain.id).await;
    assert_eq!((now.name, now.domain_status), (theirs.domain.name, DomainStatus::Active));
}

/// What is another's is answered like what does not exist, but for the id, which the asker brought.
fn indistinguishable(what: &str, nothing: &Answer, foreign: &Answer, theirs: &Theirs, door: &Door) {
    let told = foreign.text().replace(theirs.id(door), NOBODY);
    assert_eq!((foreign.status, &told), (nothing.status, &nothing.text()), "{what}: told apart from what is not there");
    for secret in &theirs.secrets {
        assert!(!told.contains(secret.as_str()), "{what}: {secret} leaks in {told}");
    }
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_at_every_door() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL");
    for door in every_door().unwrap().iter().filter(|door| door.act.is_some()) {
        let (path, body) = door.call(NOBODY);
        let headers = [("origin", own), ("accept", "application/json"), ("content-type", door.kind())];
        let answer = node.ask(&door.method, &path, &headers, &body).await;
        assert_eq!(answer.status, 401, "{} {}: {}", door.method, door.path, answer.text());
    }
}

/// What a browser says of a request that another site made it send, and what one says that hides where it comes from.
fn forgeries(own: &str) -> [Vec<(&'static str, String)>; 10] {
    let evil = || ("origin", "https://evil.example".to_owned());
    [
        vec![],
        vec![evil()],
        vec![evil(), ("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "same-site".into())],
        vec![("origin", "null".into())],
        vec![("origin", format!("{own}.evil.example"))],
        vec![("origin", own.replace(":3000", ":3001"))],
        vec![("origin", own.replace("://", "://sub."))],
        vec![evil(), ("x-http-method-override", "GET".into()), ("x-forwarded-host", "evil.example".into())],
    ]
}

#[tokio::test]
async fn forgeries_are_refused_at_every_door_that_mutates() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL").to_owned();
    node.user("ana@county.test", "operator", None, PASSWORD);
    let cookie = node.sign_in("ana@county.test", PASSWORD).await;
    let kept = node.add(&node.name("kept", "court.test")).await;
    for door in every_door().unwrap().iter().filter(|door| door.mutates()) {
        let (path, body) = door.call(if door.thing == "domain" { &kept.id } else { "County" });
        for forgery in forgeries(&own) {
            for kind in [door.kind(), "text/plain"] {
                let mut headers = vec![("cookie", cookie.as_str()), ("content-type", kind), ("accept", "text/html")];
                headers.extend(forgery.iter().map(|(name, value)| (*name, value.as_str())));
                let refused = node.ask(&door.method, &path, &headers, &body).await;
                assert_eq!(refused.status, 403, "{} {path} {forgery:?}: {}", door.method, refused.text());
                assert!(refused.headers.get("set-cookie").is_none(), "{} {path} {forgery:?}", door.method);
            }
        }
    }
    let list = node.api("GET", "/domains", Value::Null).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(node.domain(&kept.id).await.name, kept.name);
    // The same call from the Console's own pages is the one that works.
    let mine = [("cookie", cookie.as_str()), ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    node.ask("DELETE", &format!("/api/v1/domains/{}", kept.id), &mine, "").await.expect(204);
}

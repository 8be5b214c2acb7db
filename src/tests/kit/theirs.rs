//! County's things, which nobody of another customer may find, and every word of theirs that nobody else may read.

use super::asker::PASSWORD;
use super::node::Node;
use padlock::wire::domain::DomainView;
use serde_json::{Value, json};

/// Whoever manages County's domains.
pub(crate) const CLERK: &str = "clerk@county.test";
/// County's agency.
pub(crate) const AGENCY: &str = "Clerk of County";

pub(crate) struct Theirs {
    pub(crate) domain: DomainView,
    pub(crate) customer: String,
    pub(crate) agency: String,
    pub(crate) person: String,
    link: String,
    token: String,
    invitation: String,
    webhook: String,
    secrets: Vec<String>,
}

impl Theirs {
    /// Made while County is the only customer.
    pub(crate) async fn made(node: &Node) -> Self {
        let domain = node.ready(&node.name("theirs", "court.test")).await;
        let customers = node.api("GET", "/customers", Value::Null).await.json();
        let customer = customers["items"][0]["id"].as_str().unwrap().to_owned();
        let agency = node.api("POST", "/agencies", json!({ "name": AGENCY })).await.expect(201).json();
        let agency = agency["id"].as_str().unwrap().to_owned();
        let person = node.user(CLERK, "manager", Some("County"), PASSWORD);
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
        let mut secrets = vec![link.clone(), token.clone(), invitation.clone(), webhook.clone(), person.clone()];
        secrets.extend([domain.id.clone(), domain.domain.clone(), customer.clone(), agency.clone()]);
        secrets.extend(["County", AGENCY, CLERK, "new@county.test"].map(str::to_owned));
        secrets.extend(domain.certificates.iter().flat_map(|one| [one.id.clone(), one.serial.clone()]));
        secrets.extend(domain.dns_records.iter().take(2).map(|record| record.value.clone()));
        Self { domain, customer, agency, person, link, token, invitation, webhook, secrets }
    }

    /// Their thing of this kind, as [`super::doors::Door::thing`] calls it.
    pub(crate) fn id(&self, thing: &str) -> &str {
        match thing {
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

    /// Fails when a text says any of their words.
    #[track_caller]
    pub(crate) fn stay_hidden(&self, what: &str, told: &str) {
        for secret in &self.secrets {
            assert!(!told.contains(secret.as_str()), "{what}: {secret} leaks in {told}");
        }
    }
}

/// A webhook that County's clerk adds by the form; its id.
async fn webhook(node: &Node) -> String {
    let (cookie, own) = (node.sign_in(CLERK, PASSWORD).await, node.setting("PADLOCK_PUBLIC_URL"));
    let form = "application/x-www-form-urlencoded";
    let headers = [("cookie", &*cookie), ("origin", own), ("accept", "text/html"), ("content-type", form)];
    let sent = "customer=&url=http%3A%2F%2F127.0.0.1%3A9%2Fhook&events[]=domain.active";
    node.ask("POST", "/api/webhooks/add", &headers, sent).await.expect(302);
    let page = node.ask("GET", "/webhooks", &headers, "").await.text();
    let (_, rest) = page.split_once("href=\"/webhooks/").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

//! Approval by e-mail over the real doors: whatever opens, prefetches or submits the mail's link approves nothing.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use futures::future::join_all;
use padlock::domain::status::DomainStatus;
use padlock::wire::domain::DomainView;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
/// What scanners of mail do with a link, taken together.
const TRIES: usize = 1_000;
const SIDE_BY_SIDE: usize = 20;

/// The secret of the link in the newest mail to an address.
async fn mailed(node: &Node, address: &str) -> String {
    let url = format!("{}/api/mails?to={}", node.sandbox.line("LAB_MAILBOX_URL"), address.replace('@', "%40"));
    let mails: Value = rest::ask("GET", &url, &[], "").await.expect(200).json();
    let text = mails[0]["text"].as_str().unwrap_or_else(|| panic!("no mail to {address}: {mails}"));
    let base = format!("{}/approve/", node.setting("PADLOCK_PUBLIC_URL"));
    let (_, rest) = text.split_once(&base).unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// One of the things that a scanner does.
async fn try_one(node: &Node, token: &str, number: usize) {
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let (page, door) = (format!("/approve/{token}"), "/api/approvals/answer");
    let submitted = [
        format!("token={token}&typed=&answer=approve"),
        format!("token={token}&answer=approve"),
        format!("token={token}&typed=yes&answer=approve"),
        format!("token={token}&typed={token}&answer=approve"),
        format!("token={token}"),
    ];
    let form = &submitted[number / 5 % submitted.len()];
    let kind = ("content-type", FORM);
    match number % 5 {
        0 => drop(node.ask("GET", &page, &[("accept", "text/html")], "").await),
        1 => drop(node.ask("HEAD", &page, &[], "").await),
        2 => drop(node.ask("POST", &page, &[kind, ("origin", own)], form).await),
        3 => drop(node.ask("POST", door, &[kind, ("origin", own)], form).await),
        _ => drop(node.ask("GET", &format!("{door}?{form}"), &[], "").await),
    }
}

#[tokio::test]
async fn scanners_approve_nothing_and_a_person_does() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("approve", "court.test");
    let body = json!({ "domain": name, "verification_method": "email" });
    let added: DomainView = node.api("POST", "/domains", body).await.expect(201).read();
    let path = format!("/domains/{}/approval", added.id);
    let offered = node.api("GET", &path, Value::Null).await.expect(200).json();
    let refused = node.api("POST", &path, json!({ "address": "ana@court.test" })).await.expect(422).json();
    assert_eq!(refused["code"], "unknown_approver");
    // The zones of the sandbox have addresses at their own names, so mail can be delivered there.
    let address = offered["addresses"][0].as_str().unwrap_or_else(|| panic!("{offered}")).to_owned();
    node.api("POST", &path, json!({ "address": address })).await.expect(202);
    let token = mailed(&node, &address).await;
    for start in (0..TRIES).step_by(SIDE_BY_SIDE) {
        join_all((start..start + SIDE_BY_SIDE).map(|number| try_one(&node, &token, number))).await;
    }
    let view = node.domain(&added.id).await;
    assert_eq!(view.domain_status, DomainStatus::VerificationPending);
    let request = node.api("GET", &path, Value::Null).await.expect(200).json();
    assert_eq!(request["request"]["state"], "waiting", "nothing was approved, and nothing declined");
}

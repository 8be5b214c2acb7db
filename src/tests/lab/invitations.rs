//! An invitation from the mail to the first sign-in, and everything that its link must not do.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use serde_json::Value;

const PASSWORD: &str = "a password that is long enough";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn accept(node: &Node, token: &str, password: &str) -> rest::Answer {
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let form = format!("token={token}&password={}", password.replace(' ', "+"));
    let headers = [FORM, ("accept", "application/json"), ("origin", own)];
    node.ask("POST", "/api/session/accept", &headers, &form).await
}

/// The path in the newest mail to an address.
async fn mailed(node: &Node, email: &str) -> String {
    let url = format!("{}/api/mails?to={}", node.sandbox.line("LAB_MAILBOX_URL"), email.replace('@', "%40"));
    let mails: Value = rest::ask("GET", &url, &[], "").await.expect(200).json();
    assert!(mails[0]["subject"].as_str().unwrap().starts_with("Your invitation to "), "{mails}");
    let text = mails[0]["text"].as_str().unwrap();
    let base = format!("{}/invitation/", node.setting("PADLOCK_PUBLIC_URL"));
    let (_, rest) = text.split_once(&base).unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_is_mailed_and_works_once() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let email = node.name("new", "county.test").replacen('-', "@", 1);
    let invite = |role: &str| node.said(&["user", "invite", "--email", &email, "--role", role, "--customer", "County"]);
    invite("viewer");
    let replaced = mailed(&node, &email).await;
    invite("manager");
    let token = mailed(&node, &email).await;
    assert_ne!(token, replaced);
    for gone in [replaced.as_str(), "0", "!", ""] {
        accept(&node, gone, PASSWORD).await.expect(404);
    }
    let page =
        node.ask("GET", &format!("/invitation/{token}"), &[("accept", "text/html")], "").await.expect(200).text();
    assert!(page.contains("County") && page.contains(&email) && page.contains("manager"), "{page}");
    let refused = accept(&node, &token, "too short").await.expect(422).json();
    assert_eq!(refused["code"], "bad_password");

    accept(&node, &token, PASSWORD).await.expect(200);
    accept(&node, &token, PASSWORD).await.expect(404);
    node.ask("GET", &format!("/invitation/{token}"), &[("accept", "text/html")], "").await.expect(404);
    let cookie = node.sign_in(&email, PASSWORD).await;
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let headers = [FORM, ("cookie", cookie.as_str()), ("origin", own), ("accept", "application/json")];
    let viewer = node.ask("POST", "/api/session/viewer", &headers, "").await.expect(200).json();
    assert_eq!((&viewer["role"], &viewer["customer"]["name"]), (&"manager".into(), &"County".into()));

    // Invited to another customer as well: the account and its password stay, and the person may switch.
    let borough = node.customer("Borough");
    node.said(&["user", "invite", "--email", &email, "--role", "viewer", "--customer", "Borough"]);
    accept(&node, &mailed(&node, &email).await, "").await.expect(200);
    node.ask("POST", "/api/session/switch", &headers, &format!("customer={borough}")).await.expect(200);
    let viewer = node.ask("POST", "/api/session/viewer", &headers, "").await.expect(200).json();
    assert_eq!((&viewer["role"], &viewer["customer"]["name"]), (&"viewer".into(), &"Borough".into()));
    node.ask("POST", "/api/session/switch", &headers, "customer=").await.expect(404);
}

#[tokio::test]
async fn without_a_mail_server_nobody_is_invited() {
    let Some(mut node) = Node::start(Database::Sqlite).await else { return };
    for (url, code) in [("", "no mail"), ("smtp://127.0.0.1:1", "could not be sent")] {
        node.set("PADLOCK_SMTP_URL", url);
        let output =
            node.run(&["user", "invite", "--email", "a@county.test", "--role", "viewer", "--customer", "County"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(code), "{url}: {said}");
    }
}

//! Tokens that only read, and people who are kept out for a while, at a running node.

use crate::kit::node::{Database, Node};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn a_token_is_made_once_and_reads_only_when_it_says_so() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let view = node.add(&node.name("read", "court.test")).await;
    let new =
        json!({ "name": "looks", "role": "manager", "customer": "County", "read_only": true, "expires_in_days": 1 });
    let made = node.api("POST", "/tokens", new).await.expect(201).json();
    let token = made["token"].as_str().unwrap();
    let refresh = format!("/domains/{}/refresh", view.id);
    node.api_as(token, "GET", &format!("/domains/{}", view.id), Value::Null).await.expect(200);
    node.api_as(token, "GET", "/audit", Value::Null).await.expect(200);
    for (method, path, body) in [
        ("POST", refresh.as_str(), Value::Null),
        ("GET", "/tokens", Value::Null),
        ("POST", "/tokens", json!({ "name": "more", "role": "manager" })),
    ] {
        node.api_as(token, method, path, body).await.expect_problem(403, "forbidden");
    }

    let manager = node.token_for("manager", Some("County"));
    let above = json!({ "name": "above", "role": "operator" });
    node.api_as(&manager, "POST", "/tokens", above).await.expect_problem(403, "forbidden");
    let endless = json!({ "name": "x", "role": "viewer", "expires_in_days": 0 });
    node.api_as(&manager, "POST", "/tokens", endless).await.expect_problem(422, "bad_value");
    let listed = node.api_as(&manager, "GET", "/tokens", Value::Null).await.expect(200).text();
    let secret = token.rsplit('_').next().unwrap();
    assert!(listed.contains("looks") && !listed.contains(secret), "{listed}");
    let path = format!("/tokens/{}", made["id"].as_str().unwrap());
    node.api_as(&manager, "DELETE", &path, Value::Null).await.expect(204);
    node.api_as(&manager, "DELETE", &path, Value::Null).await.expect(404);
    node.api_as(token, "GET", "/domains", Value::Null).await.expect_problem(401, "bad_token");
}

#[tokio::test]
async fn a_disabled_person_is_signed_out_at_once_and_so_are_their_tokens() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    node.user("ana@county.test", "manager", Some("County"), PASSWORD);
    let cookie = node.sign_in("ana@county.test", PASSWORD).await;
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let mine = [("cookie", cookie.as_str()), ("origin", own), ("content-type", "application/json")];
    let made =
        node.ask("POST", "/api/v1/tokens", &mine, r#"{"name":"deploy","role":"viewer"}"#).await.expect(201).json();
    let token = made["token"].as_str().unwrap();
    node.api_as(token, "GET", "/domains", Value::Null).await.expect(200);

    node.said(&["user", "disable", "--email", "ana@county.test"]);
    node.ask("GET", "/api/v1/domains", &mine, "").await.expect(401);
    node.api_as(token, "GET", "/domains", Value::Null).await.expect_problem(401, "bad_token");
    let form = format!("email=ana%40county.test&password={}&next=", PASSWORD.replace(' ', "+"));
    let sign_in =
        [("content-type", "application/x-www-form-urlencoded"), ("origin", own), ("accept", "application/json")];
    let refused = node.ask("POST", "/api/session/sign-in", &sign_in, &form).await.expect(403).json();
    assert_eq!(refused["code"], "account_disabled");

    node.said(&["user", "enable", "--email", "ana@county.test"]);
    node.ask("GET", "/api/v1/domains", &mine, "").await.expect(401);
    node.api_as(token, "GET", "/domains", Value::Null).await.expect(200);
    node.sign_in("ana@county.test", PASSWORD).await;
}

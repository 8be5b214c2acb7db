//! Requests that are sent again, and too many of them: `Idempotency-Key`, rate limits, and whose address counts.

use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;
use crate::kit::sandbox::Sandbox;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest wait for what a busy machine does at once.
const SOON: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// Holds the end of the audit log's chain, which every act needs, until it is let go.
struct Held(Child);

impl Held {
    fn at(url: &str) -> Self {
        let mut psql = Command::new("psql")
            .args(["-X", "-v", "ON_ERROR_STOP=1", "-qAt", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        psql.stdin.as_mut().unwrap().write_all(b"begin; select 'held' from audit_head for update;\n").unwrap();
        let mut line = String::new();
        BufReader::new(psql.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        Self(psql)
    }

    fn let_go(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Node {
    async fn again(&self, token: &str, key: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        self.ask("POST", &format!("/api/v1{path}"), &headers, &body.to_string()).await
    }
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once() {
    let Some(mut node) = Node::start(Database::Sqlite).await else { return };
    let (token, other) = (node.token.clone(), node.token_for("operator", None));
    let body = json!({ "domain": node.name("once", "court.test") });
    let first = node.again(&token, "\"k-1\"", "/domains", &body).await.expect(201);
    let again = node.again(&token, "k-1", "/domains", &body).await.expect(201);
    assert_eq!((again.text(), again.header("location")), (first.text(), first.header("location")));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    node.again(&other, "k-1", "/domains", &body).await.expect_problem(409, "name_claimed");

    let changed = json!({ "domain": node.name("changed", "court.test") });
    node.again(&token, "k-1", "/domains", &changed).await.expect_problem(422, "idempotency_key_reused");
    node.again(&token, "k-1", "/customers", &body).await.expect_problem(422, "idempotency_key_reused");
    node.again(&token, "two words", "/domains", &body).await.expect_problem(400, "bad_idempotency_key");

    // What was refused did nothing: the same key serves the request that is put right.
    let wrong = json!({ "domain": "not a name" });
    node.again(&token, "k-2", "/domains", &wrong).await.expect_problem(422, "name_invalid");
    node.again(&token, "k-2", "/domains", &changed).await.expect(201);

    // A token's text is told to whoever asks again by the same key, and to nobody else.
    let made = json!({ "name": "robot", "role": "viewer", "customer": "County" });
    let first = node.again(&token, "k-3", "/tokens", &made).await.expect(201);
    node.kill();
    node.serve().await;
    let again = node.again(&token, "k-3", "/tokens", &made).await.expect(201);
    assert_eq!(again.json(), first.json(), "kept over a crash");
    let list = node.api("GET", "/domains", Value::Null).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{list}");
}

#[tokio::test]
async fn a_request_in_flight_is_not_done_beside_itself() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let (token, body) = (node.token.clone(), json!({ "name": "Slow" }));
    let held = Held::at(node.setting("PADLOCK_DATABASE_URL"));
    {
        // Somebody who hangs up as soon as they are heard is heard all the same.
        let mut asked = std::pin::pin!(node.again(&token, "k-1", "/customers", &body));
        let heard = async {
            while node.sql("select count(*) from idempotency_keys") == "0" {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            answer = &mut asked => panic!("it did not wait: {answer:?}"),
            heard = tokio::time::timeout(SOON, heard) => heard.unwrap(),
        }
    }
    node.again(&token, "k-1", "/customers", &body).await.expect_problem(409, "idempotency_key_in_flight");
    held.let_go();
    let answer = loop {
        let answer = node.again(&token, "k-1", "/customers", &body).await;
        if answer.status != 409 {
            break answer.expect(201);
        }
        tokio::time::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap())).await;
    };
    assert_eq!(answer.header("idempotent-replayed"), "true");
    let customers = node.api("GET", "/customers", Value::Null).await.json();
    assert_eq!(customers["items"].as_array().map(Vec::len), Some(2), "{customers}");
}

#[tokio::test]
async fn calls_are_paced_by_who_makes_them() {
    let Some(sandbox) = Sandbox::running() else { return };
    let own = [("PADLOCK_API_RATE", "4"), ("PADLOCK_STRANGER_RATE", "3"), ("PADLOCK_RENEWAL_RATE", "1")];
    let node = Node::with(sandbox, Database::Sqlite, &own).await;
    let other = node.token_for("viewer", Some("County"));
    for left in [3, 2, 1, 0] {
        let answer = node.api("GET", "/customers", Value::Null).await.expect(200);
        assert!(answer.header("ratelimit").starts_with(&format!("\"caller\";r={left};t=")), "{answer:?}");
        assert_eq!(answer.header("ratelimit-policy"), "\"caller\";q=4;w=60");
    }
    let refused = node.api("GET", "/customers", Value::Null).await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    refused.expect_problem(429, "too_many_calls");
    node.api_as(&other, "GET", "/customers", Value::Null).await.expect(200);

    // A token that does not work is a stranger, as is a form that nobody signed in for.
    node.api_as("padlock_x_y", "GET", "/customers", Value::Null).await.expect_problem(401, "bad_token");
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json"), ("origin", own)];
    node.ask("POST", "/api/session/viewer", &form, "").await.expect(200);
    node.api_as("padlock_x_z", "GET", "/customers", Value::Null).await.expect_problem(401, "bad_token");
    let refused = node.api_as("padlock_x_y", "GET", "/customers", Value::Null).await;
    assert!(refused.header("ratelimit").starts_with("\"address\";r=0;t="), "{refused:?}");
    refused.expect_problem(429, "too_many_calls");
    node.ask("POST", "/api/session/viewer", &form, "").await.expect_problem(429, "too_many_calls");
    // Nobody is believed who says to be somewhere else.
    let elsewhere = [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=198.51.100.7")];
    node.ask("GET", "/api/v1/openapi.json", &elsewhere, "").await.expect_problem(429, "too_many_calls");
    node.ask("GET", "/sign-in", &[], "").await.expect(200);
    node.ask("GET", "/readyz", &[], "").await.expect(200);
}

#[tokio::test]
async fn a_trusted_proxy_says_whose_address_it_is() {
    let Some(sandbox) = Sandbox::running() else { return };
    let own = [("PADLOCK_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8"), ("PADLOCK_STRANGER_RATE", "1")];
    let node = Node::with(sandbox, Database::Sqlite, &own).await;
    let from = async |value: &str| node.ask("GET", "/api/v1/openapi.json", &[("x-forwarded-for", value)], "").await;
    from("198.51.100.1").await.expect(200);
    from("198.51.100.2").await.expect(200);
    from("203.0.113.66, 198.51.100.1, 10.1.2.3").await.expect_problem(429, "too_many_calls");

    let bearer = format!("Bearer {}", node.token);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("forwarded", "for=203.0.113.66, for=\"[2001:db8::7]:4711\";proto=https"),
    ];
    node.ask("POST", "/api/v1/customers", &headers, r#"{"name":"Borough"}"#).await.expect(201);
    let log = node.api("GET", "/audit?act=customer.added&limit=1", Value::Null).await.expect(200).json();
    assert_eq!(log["items"][0]["address"], "2001:db8::7", "{log}");
}

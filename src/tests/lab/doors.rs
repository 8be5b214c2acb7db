//! The Console's listener: health, and security headers on every kind of answer.

use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;

/// What a browser says when it sends a form without script.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// See [`FORM`].
const PAGES: (&str, &str) = ("accept", "text/html");

#[tokio::test]
async fn health_and_metrics_answer_without_a_token() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    assert_eq!(node.ask("GET", "/livez", &[], "").await.expect(200).text(), "alive\n");
    assert_eq!(node.ask("GET", "/readyz", &[], "").await.expect(200).text(), "ready\n");
    let name = node.name("counted", "court.test");
    node.ready(&name).await;
    let metrics = node.ask("GET", "/metrics", &[], "").await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let text = metrics.text();
    let counted = |line: &str| line.starts_with("padlock_certificate_ready_status{") && line.ends_with("} 1");
    assert!(text.lines().any(|line| counted(line) && line.contains("condition=\"True\"")), "{text}");
    assert!(text.contains("padlock_certificate_expiration_timestamp_seconds_min"), "{text}");
    assert!(!text.contains(&name), "a name is never a label");
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let kinds = [
        ("page", "GET", "/sign-in", 200),
        ("redirect", "GET", "/", 302),
        ("file", "GET", "/robots.txt", 200),
        ("missing page", "GET", "/no/such/page", 404),
        ("missing file", "GET", "/pkg/nothing.js", 404),
        ("refused call", "GET", "/api/v1/domains", 401),
        ("missing call", "GET", "/api/v1/nothing", 404),
        ("wrong method", "DELETE", "/api/v1/domains", 405),
        ("live updates", "GET", "/events", 401),
        ("health", "GET", "/livez", 200),
        ("server function", "POST", "/api/session/viewer", 302),
    ];
    for (kind, method, path, status) in kinds {
        let answer = node.ask(method, path, &[FORM, PAGES], "").await;
        assert_eq!(answer.status.as_u16(), status, "{kind}: {}", answer.text());
        guarded(kind, &answer);
    }
    let forged = node.ask("POST", "/api/v1/domains", &[("origin", "https://evil.example")], "{}").await.expect(403);
    guarded("forged", &forged);
    let long = "x".repeat(300 * 1024);
    guarded("too long", &node.ask("POST", "/api/session/sign-in", &[], &long).await.expect(413));
    let page = node.ask("GET", "/sign-in", &[], "").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
}

fn guarded(kind: &str, answer: &Answer) {
    let expected = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), value, "{kind}: {name}");
    }
    let policy = answer.header("content-security-policy");
    for word in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(word), "{kind}: {policy}");
    }
    assert!(!answer.header("cache-control").is_empty(), "{kind}: may be kept by anybody");
}

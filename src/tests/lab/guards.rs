//! What guards every door: the security headers on each answer, whoever asks, and nothing that a GET could change.

use crate::kit::doors::{every_door, pages};
use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;
use serde_json::Value;

const PASSWORD: &str = "correct horse battery staple";

/// What every answer says, whatever it is.
fn guarded(what: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(["same-origin", "no-referrer"].contains(&answer.header("referrer-policy")), "{what}: {answer:?}");
    let policy = answer.header("content-security-policy");
    for words in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(words), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert!(!answer.header("cache-control").is_empty(), "{what}: may be kept by anybody");
}

/// The nonce that a policy names, and the page's scripts carry.
fn nonce(policy: &str) -> &str {
    policy.split_once("script-src 'nonce-").and_then(|(_, rest)| rest.split_once('\'')).map_or("", |(nonce, _)| nonce)
}

#[tokio::test]
async fn every_answer_of_every_door_and_page_carries_the_security_headers() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL").to_owned();
    node.user("ana@county.test", "operator", None, PASSWORD);
    let (cookie, bearer) = (node.sign_in("ana@county.test", PASSWORD).await, format!("Bearer {}", node.token));
    for door in every_door().unwrap() {
        let what = format!("{} {}", door.method, door.path);
        let (path, body) = door.call("0");
        let said = [("origin", own.as_str()), ("accept", "application/json"), ("content-type", door.kind())];
        guarded(&what, &node.ask(&door.method, &path, &said, &body).await);
        // Signing out would end what the others are asked with.
        if !door.path.starts_with("/api/session/") {
            let known = if door.is_function() { ("cookie", cookie.as_str()) } else { ("authorization", &*bearer) };
            let said: Vec<_> = said.into_iter().chain([known]).collect();
            guarded(&what, &node.ask(&door.method, &path, &said, &body).await);
        }
        guarded(&what, &node.ask("PUT", &path, &[("origin", &own)], "{").await);
        guarded(&what, &node.ask(&door.method, &path, &[("origin", "https://evil.example")], &body).await);
    }
    let mut nonces = std::collections::HashSet::new();
    for page in pages() {
        for headers in [vec![], vec![("cookie", cookie.as_str())]] {
            let answer = node.ask("GET", &page, &headers, "").await;
            guarded(&page, &answer);
            if answer.header("content-type").starts_with("text/html") && !answer.body.is_empty() {
                let nonce = nonce(answer.header("content-security-policy"));
                assert!(nonce.len() >= 16 && nonces.insert(nonce.to_owned()), "{page}: {nonce:?}");
                let text = answer.text();
                let scripts = text.matches("<script").count();
                assert_eq!(
                    text.matches(&format!("nonce=\"{nonce}\"")).count() >= scripts,
                    scripts > 0,
                    "{page}: {text}"
                );
                assert!(!text.contains(" onclick=") && !text.contains("javascript:"), "{page}");
            }
        }
    }
    assert!(nonces.len() > 20, "pages were not found: {}", nonces.len());
}

/// A form or a picture of another site can make any browser send a GET, with its cookie and without an origin.
#[tokio::test]
async fn no_get_changes_anything() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    node.user("ana@county.test", "operator", None, PASSWORD);
    let cookie = node.sign_in("ana@county.test", PASSWORD).await;
    let kept = node.add(&node.name("kept", "court.test")).await;
    let state = async || {
        let mut all = Vec::new();
        for path in ["/domains", "/customers", "/agencies", "/audit?limit=200"] {
            all.push(node.api("GET", path, Value::Null).await.expect(200).text());
        }
        let view = node.domain(&kept.id).await;
        (all.split_off(1), view.name, view.alias)
    };
    let before = state().await;
    let doors = every_door().unwrap();
    for door in doors.iter().filter(|door| door.mutates()) {
        let (path, body) = door.call(if door.thing == "domain" { &kept.id } else { "County" });
        for headers in [vec![("cookie", cookie.as_str())], vec![("cookie", &*cookie), ("sec-fetch-site", "cross-site")]]
        {
            let asked = if body.is_empty() {
                path.clone()
            } else {
                format!("{path}?{}", body.replace(['{', '}', '"', ' '], ""))
            };
            let answer = node.ask("GET", &asked, &headers, "").await;
            let reads = doors.iter().any(|other| other.method == "GET" && other.path == door.path);
            assert!(reads || matches!(answer.status.as_u16(), 404 | 405), "GET {asked}: {}", answer.text());
        }
    }
    assert_eq!(state().await, before);
}

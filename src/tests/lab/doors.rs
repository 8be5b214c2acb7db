//! The Console's listener: health, security headers on every kind of answer, and forged requests.

use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;
use serde_json::json;

const EMAIL: &str = "ana@county.test";
const PASSWORD: &str = "correct horse battery staple";
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

/// What a browser says of a request that another site made it send, and what a script says that forgets to.
fn forgeries(own: &str) -> Vec<Vec<(&'static str, String)>> {
    let evil = || ("origin", "https://evil.example".to_owned());
    vec![
        vec![evil()],
        vec![evil(), ("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "same-site".into())],
        vec![("origin", "null".into())],
        vec![("origin", format!("{own}.evil.example"))],
        vec![("origin", own.replace(":3000", ":3001"))],
        vec![evil(), ("x-http-method-override", "GET".into())],
        vec![evil(), ("x-forwarded-host", "evil.example".into())],
    ]
}

#[tokio::test]
async fn forged_requests_are_refused_and_change_nothing() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    node.user(EMAIL, "operator", PASSWORD);
    let own = node.setting("PADLOCK_PUBLIC_URL").to_owned();
    let form = format!("email={EMAIL}&password={}&next=%2Fdomains", PASSWORD.replace(' ', "+"));
    for forgery in forgeries(&own) {
        let mut headers: Vec<(&str, &str)> = forgery.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend([FORM, PAGES]);
        let refused = node.ask("POST", "/api/session/sign-in", &headers, &form).await;
        assert_eq!(refused.status.as_u16(), 403, "{forgery:?}");
        assert!(refused.headers.get("set-cookie").is_none(), "{forgery:?}");
    }
    let signed_in = node.ask("POST", "/api/session/sign-in", &[FORM, PAGES, ("origin", &own)], &form).await.expect(302);
    let cookie = signed_in.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();

    let added = node.add(&node.name("kept", "court.test")).await;
    let path = format!("/api/v1/domains/{}", added.id);
    let body = json!({ "domain": node.name("forged", "court.test"), "name": "Forged" }).to_string();
    let calls = [("POST", "/api/v1/domains"), ("PATCH", path.as_str()), ("DELETE", path.as_str())];
    let unsaid = std::iter::once(Vec::new());
    for forgery in forgeries(&own).into_iter().chain(unsaid) {
        for (method, path) in calls {
            for kind in ["application/json", "text/plain"] {
                let mut headers = vec![("cookie", cookie), ("content-type", kind)];
                headers.extend(forgery.iter().map(|(name, value)| (*name, value.as_str())));
                let refused = node.ask(method, path, &headers, &body).await;
                assert_eq!(refused.status.as_u16(), 403, "{method} {path} {forgery:?}");
            }
        }
    }
    let list = node.api("GET", "/domains", serde_json::Value::Null).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(node.domain(&added.id).await.name, added.name);
    // The same call from the Console's own pages is the one that works.
    let mine = [("cookie", cookie), ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    node.ask("DELETE", &path, &mine, "").await.expect(204);
}

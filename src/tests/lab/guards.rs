//! What guards every door: the security headers on each answer, whoever asks, and nothing that a GET could change.

use crate::kit::doors::every_door;
use crate::kit::node::{Database, Node};
use crate::kit::pages::addresses;
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
    // Over plain HTTP nothing is promised of HTTPS.
    assert_eq!(answer.header("strict-transport-security"), "", "{what}");
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
    for page in addresses() {
        for headers in [vec![], vec![("cookie", cookie.as_str())]] {
            let answer = node.ask("GET", &page, &headers, "").await;
            guarded(&page, &answer);
            if answer.header("content-type").starts_with("text/html") && !answer.body.is_empty() {
                let nonce = answer.nonce();
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

/// The parts of the one cookie of this name that an answer sets.
fn cookie<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let (set, begin) = (answer.headers.get_all("set-cookie").iter(), format!("{name}="));
    let named: Vec<&str> = set.map(|value| value.to_str().unwrap()).filter(|set| set.starts_with(&begin)).collect();
    assert_eq!(named.len(), 1, "{name} is set once: {answer:?}");
    named[0].split("; ").collect()
}

/// As behind a proxy that speaks HTTPS: the Console's own listener never does.
/// Method, path and headers.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[tokio::test]
async fn over_https_cookies_are_bound_to_it_and_browsers_come_back_that_way() {
    let Some(mut node) = Node::start(Database::Sqlite).await else { return };
    node.user("ana@county.test", "operator", None, PASSWORD);
    node.kill();
    let own = node.setting("PADLOCK_PUBLIC_URL").replace("http://", "https://");
    node.set("PADLOCK_PUBLIC_URL", &own);
    node.serve().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let page = [form, ("accept", "text/html"), ("origin", own.as_str())];
    let typed = format!("email=ana@county.test&password={}&next=%2Fdomains", PASSWORD.replace(' ', "+"));
    let signed_in = node.ask("POST", "/api/session/sign-in", &page, &typed).await.expect(302);
    // What the prefix asks of a cookie (RFC 6265bis): no other host, no subdomain and no plain HTTP can set it.
    let session = cookie(&signed_in, "__Host-padlock");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(&part), "{part}: {session:?}");
    }
    assert!(!session.iter().any(|part| part.to_lowercase().starts_with("domain")), "{session:?}");
    assert!(session[0].len() > "__Host-padlock=".len() + 20, "{session:?}");

    let known = [form, ("accept", "text/html"), ("origin", own.as_str()), ("cookie", session[0])];
    let new = "name=nightly&role=viewer&customer=County&access=read&days=";
    let made = node.ask("POST", "/api/tokens/make", &known, new).await.expect(302);
    let handed_on = cookie(&made, "__Secure-padlock-made");
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/tokens"] {
        assert!(handed_on.contains(&part), "{part}: {handed_on:?}");
    }
    // A cookie without the prefix, which plain HTTP could have planted, is nobody's.
    let planted = session[0].replace("__Host-", "");
    let stranger = [("accept", "text/html"), ("cookie", planted.as_str())];
    assert!(node.ask("GET", "/domains", &stranger, "").await.header("location").starts_with("/sign-in"));

    let asked: [Asked; 13] = [
        ("GET", "/sign-in", &page),
        ("GET", "/domains", &known),
        ("GET", "/", &known),
        ("GET", "/robots.txt", &[]),
        ("GET", "/pkg/nothing.js", &[]),
        ("GET", "/no/such/page", &page),
        ("GET", "/api/v1/domains", &[]),
        ("DELETE", "/api/v1/domains", &known),
        ("GET", "/events", &[]),
        ("GET", "/livez", &[]),
        ("POST", "/api/session/viewer", &known),
        ("POST", "/api/v1/domains", &[("origin", "https://evil.example")]),
        ("POST", "/api/v1/domains", &[("cookie", "padlock=x")]),
    ];
    for (method, path, headers) in asked {
        let answer = node.ask(method, path, headers, "").await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{method} {path}: {answer:?}");
    }
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

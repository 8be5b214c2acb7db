//! Customers beside each other: what one can't see of the other, what a role can't do, and who may hold a name.

use crate::kit::node::{Database, Node};
use crate::kit::rest::Answer;
use padlock::domain::record::Purpose;
use padlock::domain::status::DomainStatus;
use padlock::probe::handshake;
use padlock::wire::domain::DomainView;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn another_customers_domain_is_not_found_whatever_is_asked() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let theirs = node.ready(&node.name("theirs", "court.test")).await;
    node.customer("Borough");
    let token = node.token_for("manager", Some("Borough"));
    let certificate = &theirs.certificates[0].id;
    let (domain, certificate) = (format!("/domains/{}", theirs.id), format!("/certificates/{certificate}"));
    let calls = [
        ("GET", domain.clone(), Value::Null),
        ("PATCH", domain.clone(), json!({ "name": "Mine" })),
        ("PATCH", domain.clone(), json!({ "enabled": false })),
        ("DELETE", domain.clone(), Value::Null),
        ("POST", format!("{domain}/refresh"), Value::Null),
        ("POST", format!("{domain}/renew"), Value::Null),
        ("GET", format!("{domain}/diagnosis"), Value::Null),
        ("GET", format!("{domain}/events"), Value::Null),
        ("GET", format!("{domain}/dns-records?format=zone"), Value::Null),
        ("GET", certificate.clone(), Value::Null),
        ("GET", format!("{certificate}/download"), Value::Null),
        ("GET", format!("{certificate}/download?format=pfx"), Value::Null),
    ];
    let nobodys = json!({ "id": "0", "detail": node.api_as(&token, "GET", "/domains/0", Value::Null).await.json() });
    for (method, path, body) in calls {
        let problem = node.api_as(&token, method, &path, body).await.expect_problem(404, "not_found");
        assert_eq!(problem, nobodys["detail"], "{method} {path}: told apart from what does not exist");
    }
    let bearer = format!("Bearer {token}");
    let live = format!("/events?domain={}", theirs.id);
    node.ask("GET", &live, &[("authorization", &bearer)], "").await.expect_problem(404, "not_found");
    let list = node.api_as(&token, "GET", &format!("/domains?q={}", theirs.domain), Value::Null).await.expect(200);
    assert_eq!(list.json()["items"], json!([]));
    let customers = node.api_as(&token, "GET", "/customers", Value::Null).await.expect(200).json();
    assert_eq!(customers["items"].as_array().map(Vec::len), Some(1), "{customers}");
    let claim = json!({ "domain": node.name("new", "court.test"), "customer": "County" });
    node.api_as(&token, "POST", "/domains", claim).await.expect_problem(422, "unknown_customer");
    let still = node.domain(&theirs.id).await;
    assert_eq!((still.name, still.ready), (theirs.name, true));
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let token = node.token_for("viewer", Some("County"));
    let added = node.add(&node.name("viewed", "court.test")).await;
    let domain = format!("/domains/{}", added.id);
    let calls = [
        ("POST", format!("{domain}/refresh"), Value::Null),
        ("POST", format!("{domain}/renew"), Value::Null),
        ("PATCH", domain.clone(), json!({ "name": "Mine" })),
        ("DELETE", domain.clone(), Value::Null),
        ("POST", "/domains".to_owned(), json!({ "domain": node.name("new", "court.test") })),
        ("POST", "/agencies".to_owned(), json!({ "name": "Clerk" })),
        ("POST", "/customers".to_owned(), json!({ "name": "Borough" })),
    ];
    for (method, path, body) in calls {
        node.api_as(&token, method, &path, body).await.expect_problem(403, "forbidden");
    }
    for path in [domain.clone(), format!("{domain}/events"), format!("{domain}/dns-records?format=csv")] {
        node.api_as(&token, "GET", &path, Value::Null).await.expect(200);
    }
    let plain = node.ask("GET", &format!("/api/v1{domain}"), &[], "").await;
    assert_eq!(plain.header("www-authenticate"), "Bearer");
    plain.expect_problem(401, "signed_out");
    for forged in ["Bearer padlock_x_y", "Bearer ", "Basic b3BlcmF0b3I6eA==", &format!("Bearer {}x", node.token)] {
        let headers = [("authorization", forged)];
        node.ask("GET", &format!("/api/v1{domain}"), &headers, "").await.expect_problem(401, "bad_token");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_a_problem_that_points_at_it() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let name = node.name("typed", "court.test");
    let bodies = [
        (json!({ "domain": 5 }), "bad_input", "/domain"),
        (json!({}), "bad_input", "/domain"),
        (json!({ "domain": name, "colour": "red" }), "bad_input", "/colour"),
        (json!({ "domain": format!("https://{name}/a") }), "name_has_scheme", "/domain"),
        (json!({ "domain": "court" }), "name_public_suffix", "/domain"),
        (json!({ "domain": name, "alias": "kitchen" }), "unknown_alias", "/alias"),
        (json!({ "domain": name, "agency": "nobody" }), "unknown_agency", "/agency"),
        (json!({ "domain": name, "verification_method": "pigeon" }), "bad_value", "/verification_method"),
    ];
    for (body, code, pointer) in bodies {
        let problem = node.api("POST", "/domains", body).await.expect_problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let bearer = format!("Bearer {}", node.token);
    let typed = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    node.ask("POST", "/api/v1/domains", &typed, "{\"domain\":").await.expect_problem(400, "bad_json");
    node.ask("POST", "/api/v1/domains", &typed[..1], "{}").await.expect_problem(415, "not_json");
    let queries = ["limit=0", "limit=many", "limit=201", "cursor=zzz", "ssl_status=green", "customer=nobody"];
    for query in queries {
        let answer = node.api("GET", &format!("/domains?{query}"), Value::Null).await.expect(422);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{query}");
    }
    for path in ["/domains/%00", "/certificates/%00", "/domains/%ff", "/domains?q=%00", "/nothing"] {
        let answer = node.api("GET", path, Value::Null).await;
        assert!((400..500).contains(&answer.status.as_u16()), "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}: {}", answer.text());
    }
    node.api("GET", "/domains?q=%25%27--", Value::Null).await.expect(200);
    node.api("PUT", "/domains", json!({})).await.expect_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_second_refresh_within_five_seconds_is_too_soon() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let added = node.add(&node.name("eager", "court.test")).await;
    node.refresh(&added.id).await;
    let path = format!("/domains/{}/refresh", added.id);
    let again: Answer = node.api("POST", &path, Value::Null).await;
    let seconds: u64 = again.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&seconds), "{seconds}");
    again.expect_problem(429, "too_soon");
}

#[tokio::test]
async fn a_name_belongs_to_whoever_proved_it_first() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let first = node.ready(&node.name("wanted", "court.test")).await;
    let fingerprint = handshake::served(node.edge(), &first.domain).await.unwrap().fingerprint_sha256;
    node.customer("Borough");
    let token = node.token_for("manager", Some("Borough"));
    let claim = json!({ "domain": first.domain });
    let second: DomainView = node.api_as(&token, "POST", "/domains", claim).await.expect(201).read();
    for (mine, theirs) in second.dns_records.iter().zip(&first.dns_records).take(2) {
        assert_ne!(mine.value, theirs.value, "a token or label is bound to its customer");
    }
    node.publish(&second, &[Purpose::Validation]);
    node.api_as(&token, "POST", &format!("/domains/{}/refresh", second.id), Value::Null).await.expect(202);
    let blocked = |view: &DomainView| view.domain_status == DomainStatus::Blocked;
    let blocked = node.until(&second.id, SOON, "blocked", blocked).await;
    assert_eq!((blocked.status_code.as_str(), blocked.ready), ("name_claimed", false));
    assert!(!blocked.headline.contains("County"), "{}", blocked.headline);

    node.refresh(&first.id).await;
    let since = first.checked_at;
    let holder = node.until(&first.id, SOON, "looked at again", |view| view.checked_at > since).await;
    assert!(holder.ready, "{holder:#?}");
    assert_eq!(handshake::served(node.edge(), &first.domain).await.unwrap().fingerprint_sha256, fingerprint);
}

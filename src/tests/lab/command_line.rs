//! The command line beside a running node: answers on standard output, words on standard error, exit codes for scripts.

use crate::kit::node::{Database, Node};
use padlock::wire::domain::DomainView;
use serde_json::Value;
use std::process::Output;
use std::time::Duration;

/// A look at DNS after another process asked for one.
const LOOKED: Duration = Duration::from_secs(5);

fn parts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn commands_answer_in_json_and_by_exit_code() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("shown", "county.test");
    let added: Value = serde_json::from_str(&node.said(&["domain", "add", &name, "--json"])).unwrap();
    assert_eq!(added["domain"], name.as_str());

    let (code, out, _) = parts(&node.run(&["diagnose", &name]));
    assert_eq!(code, Some(3), "waiting for the customer: {out}");
    assert!(out.contains("rec_missing") && out.contains("Fix: "), "{out}");
    // The running node hears of what another process added, looks, and finds nothing published.
    let id = added["id"].as_str().unwrap();
    let view = node.until(id, LOOKED, "a look by the node", |view| view.status_code == "rec_missing").await;
    let (code, out, _) = parts(&node.run(&["domain", "show", &name, "--json"]));
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &shown["status_code"]), (Some(3), &Value::from("rec_missing")));
    assert_eq!(shown["dns_records"][0]["value"], view.dns_records[0].value.as_str());

    node.publish(&view, &padlock::domain::record::Purpose::ALL);
    node.said(&["domain", "refresh", &name]);
    let (code, _, words) = parts(&node.run(&["domain", "refresh", &name]));
    assert_eq!(code, Some(5), "rate limited: {words}");
    node.until(id, Duration::from_secs(10), "ready", |view| view.ready).await;
    for words in [["domain", "show", &name], ["diagnose", &name, "--json"]] {
        let (code, out, err) = parts(&node.run(&words));
        assert_eq!(code, Some(0), "{words:?}: {out}{err}");
    }
    let list: Value = serde_json::from_str(&node.said(&["domain", "list", "--json"])).unwrap();
    assert_eq!(list["items"][0]["ready"], true);
    // A name that is in no Console is examined all the same; one that is none is told so.
    let (code, out, err) = parts(&node.run(&["diagnose", "nobody.court.test", "--json"]));
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["domain"]), (Some(0), &Value::from("nobody.court.test")), "{out}{err}");
    let (code, out, _) = parts(&node.run(&["diagnose", "https://nobody.court.test/"]));
    assert!(code == Some(3) && out.contains("name_has_scheme"), "{out}");
    node.said(&["domain", "remove", &name]);
    assert_eq!(node.run(&["domain", "show", &name]).status.code(), Some(1));
    assert_eq!(node.run(&["domain", "frobnicate"]).status.code(), Some(2));
}

#[tokio::test]
async fn a_list_is_narrowed_and_a_certificate_renewed() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let ready = node.ready(&node.name("ready", "county.test")).await;
    node.customer("Borough");
    let waiting = node.name("waiting", "county.test");
    let added: Value =
        serde_json::from_str(&node.said(&["domain", "add", &waiting, "--customer", "Borough", "--json"])).unwrap();
    let id = added["id"].as_str().unwrap();
    node.until(id, LOOKED, "a look by the node", |view| view.status_code == "rec_missing").await;

    let listed = |filters: &[&str]| {
        let words: Vec<&str> = ["domain", "list", "--json"].into_iter().chain(filters.iter().copied()).collect();
        let list: Value = serde_json::from_str(&node.said(&words)).unwrap();
        let name = |item: &Value| item["domain"].as_str().unwrap().to_owned();
        list["items"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    let cases: [(&[&str], Option<&String>); 6] = [
        (&["--customer", "Borough"], Some(&waiting)),
        (&["--customer", "County"], Some(&ready.domain)),
        (&["--status", "active"], Some(&ready.domain)),
        (&["--status", "verification_pending", "--ssl-status", "not_started"], Some(&waiting)),
        (&["--code", "rec_missing"], Some(&waiting)),
        (&["--q", "waiting", "--status", "active"], None),
    ];
    for (filters, found) in cases {
        assert_eq!(listed(filters), found.cloned().into_iter().collect::<Vec<_>>(), "{filters:?}");
    }
    for wrong in [["--status", "gone"], ["--ssl-status", "Active"], ["--customer", "Nobody"]] {
        let (code, out, words) = parts(&node.run(&["domain", "list", wrong[0], wrong[1]]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{wrong:?}: {words}");
    }

    let (code, _, words) = parts(&node.run(&["domain", "renew", &waiting]));
    assert!(code == Some(1) && words.contains("no certificate to renew yet"), "{words}");
    node.said(&["domain", "renew", &ready.domain]);
    let old = ready.certificates[0].serial.as_str();
    let renewed = |view: &DomainView| view.ready && view.certificates[0].serial != old;
    node.until(&ready.id, Duration::from_secs(10), "renewed and served", renewed).await;
}

#[tokio::test]
async fn records_are_printed_as_they_are_downloaded() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("filed", "court.test");
    let added = node.add(&name).await;
    node.until(&added.id, LOOKED, "a look by the node", |view| view.checked_at.is_some()).await;
    let printed = |more: &[&str]| {
        let words: Vec<&str> = ["domain", "records", &name].into_iter().chain(more.iter().copied()).collect();
        node.said(&words)
    };
    for format in ["csv", "zone", "terraform", "powershell", "route53", "azure", "cloudflare"] {
        let path = format!("/domains/{}/dns-records?format={format}", added.id);
        let file = node.api("GET", &path, Value::Null).await.expect(200).text();
        assert_eq!(printed(&["--format", format]), file.trim(), "{format}");
        let told: Value = serde_json::from_str(&printed(&["--format", format, "--json"])).unwrap();
        assert_eq!((&told["format"], told["text"].as_str()), (&format.into(), Some(file.as_str())));
    }
    for asked in [&["--format", "json"] as &[&str], &["--json"]] {
        let told: Value = serde_json::from_str(&printed(asked)).unwrap();
        assert_eq!(told[1]["value"], added.dns_records[1].value.as_str(), "{asked:?}");
    }
    let lines = printed(&[]);
    assert!(added.dns_records.iter().all(|record| lines.contains(&record.host) && lines.contains(&record.value)));
    let (code, _, words) = parts(&node.run(&["domain", "records", &name, "--format", "pdf"]));
    assert!(code == Some(2) && words.contains("terraform"), "{words}");
}

#[tokio::test]
async fn a_domain_is_added_for_an_agency_with_its_methods() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let agency = node.said(&["agency", "add", "Clerk of Court", "--customer", "County"]);
    assert!(node.said(&["agency", "list"]).contains(&format!("{agency}  Clerk of Court  County")));
    assert_eq!(node.run(&["agency", "add", "Clerk of Court"]).status.code(), Some(2), "added twice");
    let name = node.name("methods", "court.test");
    let add = ["domain", "add", &name, "--agency", "Clerk of Court"];
    let with = |more: [&'static str; 3]| node.run(&add.iter().copied().chain(more).collect::<Vec<_>>());
    for (option, wrong) in [("--verification-method", "fax"), ("--ssl-validation", "email")] {
        let (code, _, words) = parts(&with([option, wrong, "--json"]));
        assert_eq!(code, Some(2), "{option}: {words}");
    }
    let http = ["--verification-method", "http", "--ssl-validation", "http", "--json"];
    let added: Value = serde_json::from_str(&node.said(&[&add[..], &http].concat())).unwrap();
    assert_eq!((&added["verification_method"], &added["ssl_validation"]), (&"http".into(), &"http".into()));
    assert_eq!(added["agency"], agency.as_str());
    // Whoever proves ownership by a file is told where it goes and what it says.
    let (_, shown, _) = parts(&node.run(&["domain", "show", &name]));
    let file = |part: &str| added["token_file"][part].as_str().unwrap().trim().to_owned();
    assert!(shown.contains(&file("url")) && shown.contains(&file("content")), "{shown}");
}

#[tokio::test]
async fn the_configuration_is_checked_and_explained() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    assert_eq!(node.run(&["config", "check"]).status.code(), Some(0));
    let (code, out, words) = parts(&node.run_with(&["config", "check"], &[("PADLOCK_CONSOL_ADDR", "127.0.0.1:1")]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(words.contains("PADLOCK_CONSOL_ADDR"), "{words}");
    let (code, _, words) = parts(&node.run_with(&["config", "check"], &[("PADLOCK_DNS_PORT", "many")]));
    assert!(code == Some(1) && words.contains("dns_port"), "{words}");

    let shown = node.said(&["config", "show", "--origin"]);
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    assert!(line("PADLOCK_DCV_ZONE=").ends_with("# environment PADLOCK_DCV_ZONE"), "{shown}");
    assert!(line("PADLOCK_BRAND=Padlock").ends_with("# default"), "{shown}");
    assert!(line("PADLOCK_SMTP_URL=").contains("(hidden)"), "{shown}");
    let url = node.setting("PADLOCK_DATABASE_URL");
    assert!(!shown.contains(url), "{shown}");
}

#[tokio::test]
async fn a_token_is_listed_and_revoked() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let token = node.token_for("viewer", Some("County"));
    node.api_as(&token, "GET", "/domains", Value::Null).await.expect(200);
    let listed: Value = serde_json::from_str(&node.said(&["--json", "token", "list"])).unwrap();
    let (newest, id) = (&listed[0], token.split('_').nth(1).unwrap());
    assert_eq!((&newest["id"], &newest["role"]), (&id.into(), &"viewer".into()));
    assert!(newest["last_used_at"].is_string() && newest.get("secret_sha256").is_none(), "{newest}");
    node.said(&["token", "revoke", id]);
    node.api_as(&token, "GET", "/domains", Value::Null).await.expect_problem(401, "bad_token");
    let again = node.run(&["token", "revoke", id]);
    assert!(!again.status.success(), "revoked twice");
}

#[tokio::test]
async fn people_are_granted_roles_and_lose_them() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let password = "correct horse battery staple";
    node.user("ana@county.test", "viewer", Some("County"), password);
    node.customer("Borough");
    node.said(&["user", "grant", "--email", "ANA@county.test", "--role", "manager", "--customer", "Borough"]);
    let list = node.said(&["user", "list"]);
    assert!(
        list.contains("ana@county.test  viewer  County") && list.contains("ana@county.test  manager  Borough"),
        "{list}"
    );
    let cookie = node.sign_in("ana@county.test", password).await;
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let headers = [("cookie", cookie.as_str()), ("origin", own), ("accept", "application/json")];
    node.ask("POST", "/api/session/list", &headers, "").await.expect(200);
    for customer in ["County", "Borough"] {
        node.said(&["user", "remove", "--email", "ana@county.test", "--customer", customer]);
    }
    // Whoever belongs nowhere any more is out at once, on every open page.
    node.ask("POST", "/api/session/list", &headers, "").await.expect(401);
    assert!(!node.run(&["user", "remove", "--email", "ana@county.test"]).status.success(), "removed twice");
}

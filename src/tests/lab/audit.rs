//! The audit log of a running node: who, from where, what; exported, and honest about what was done to it.

use crate::kit::node::{Database, Node};
use padlock::wire::audit::AuditView;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";

fn entries(page: &Value) -> Vec<AuditView> {
    serde_json::from_value(page["items"].clone()).unwrap()
}

#[tokio::test]
async fn what_people_and_tokens_do_is_written_down_and_verified() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let view = node.add(&node.name("noted", "court.test")).await;
    node.user("ana@county.test", "manager", Some("County"), PASSWORD);
    node.sign_in("ana@county.test", PASSWORD).await;
    let form = [("content-type", "application/x-www-form-urlencoded"), ("origin", node.setting("PADLOCK_PUBLIC_URL"))];
    node.ask("POST", "/api/session/sign-in", &form, "email=ana%40county.test&password=wrong&next=").await;

    let all = entries(&node.api("GET", "/audit", Value::Null).await.expect(200).json());
    let acts: Vec<(&str, &str)> = all.iter().map(|one| (one.act.as_str(), one.outcome.as_str())).collect();
    let newest = [("session.begun", "refused"), ("session.begun", "done"), ("person.added", "done")];
    assert_eq!(acts[..3], newest, "{acts:?}");
    assert_eq!((all[1].actor.as_str(), all[1].address.as_deref()), ("ana@county.test", Some("127.0.0.1")));
    assert_eq!((all[2].actor.as_str(), all[2].address.as_deref()), ("command line", None));
    let about = node.api("GET", &format!("/audit?domain={}", view.domain), Value::Null).await.expect(200).json();
    let about = entries(&about);
    assert_eq!(about.len(), 1, "the looks of a worker are no acts: {about:?}");
    assert_eq!((about[0].act.as_str(), about[0].subject.as_str()), ("domain.added", view.id.as_str()));
    assert!(about[0].actor.starts_with("token "), "{about:?}");
    node.api("GET", "/audit?limit=0", Value::Null).await.expect_problem(422, "bad_limit");
    let file = node.api("GET", "/audit/export?act=domain.added", Value::Null).await.expect(200);
    assert!(file.header("content-disposition").contains("audit.csv"), "{file:?}");
    assert!(file.text().lines().count() == 2 && file.text().contains(&view.domain), "{}", file.text());
    for secret in [PASSWORD, "padlock_"] {
        let listed = node.api("GET", "/audit/export?format=json", Value::Null).await.expect(200).text();
        assert!(!listed.contains(secret), "{listed}");
    }

    // A customer's managers see what concerns it, and nobody else's.
    let theirs = node.token_for("manager", Some("County"));
    node.api("POST", "/customers", json!({ "name": "Borough" })).await.expect(201);
    let seen = node.api_as(&theirs, "GET", "/audit", Value::Null).await.expect(200).text();
    assert!(seen.contains("domain.added") && !seen.contains("Borough"), "{seen}");

    let whole: Value = serde_json::from_str(&node.said(&["audit", "verify", "--json"])).unwrap();
    assert_eq!(whole["whole"], true, "{whole}");
    node.sql(&format!("update audit set actor = 'nobody' where seq = {}", about[0].seq));
    let broken = node.run(&["audit", "verify", "--json"]);
    let told: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!((broken.status.code(), &told["broken_at"]), (Some(1), &json!(about[0].seq)), "{told}");
}

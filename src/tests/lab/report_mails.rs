//! Monitoring Reports that are mailed: from the settings to the mailbox, once.

use crate::kit::node::{Database, Node};
use crate::kit::rest;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_monitoring_report_is_mailed_to_those_who_are_named() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let live = node.ready(&node.name("reported", "county.test")).await;
    let email = node.name("watch", "county.test").replacen('-', "@", 1);
    let reports = json!({ "monitoring_reports": { "addresses": [email], "every": "daily" } });
    node.api("PATCH", &format!("/domains/{}", live.id), reports).await.expect(200);
    let url = format!("{}/api/mails?to={}", node.sandbox.line("LAB_MAILBOX_URL"), email.replace('@', "%40"));
    let mut mails = Value::Null;
    for _ in 0..300 {
        mails = rest::ask("GET", &url, &[], "").await.expect(200).json();
        if mails[0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (subject, text) = (mails[0]["subject"].as_str().unwrap(), mails[0]["text"].as_str().unwrap());
    assert_eq!(subject, format!("Monitoring Report for {}: Nothing to do", live.domain));
    for words in ["DNS", "Certificate", "HTTPS", "Answers over UDP and TCP.", &format!("/domains/{}/report", live.id)] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

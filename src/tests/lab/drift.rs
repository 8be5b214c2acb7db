//! What drifts under a domain that is Active becomes a finding, with how it was before.

use super::diagnoses::{codes, diagnosed};
use crate::kit::node::{Database, Node};
use padlock::domain::record::Purpose;
use padlock::wire::domain::{DomainView, FindingView};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn explained<'a>(told: &'a Value, code: &str) -> &'a str {
    let findings = told["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("{code}: {told:#}"))["explanation"].as_str().unwrap()
}

/// Waits for a full pass that began later than `after`; gives when it began.
pub(super) async fn examined(node: &Node, id: &str, after: &str) -> String {
    for _ in 0..1_000 {
        let kept: Value = node.api("GET", &format!("/domains/{id}/diagnosis"), Value::Null).await.expect(200).read();
        match kept["examined_at"].as_str() {
            Some(at) if at > after => return at.to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("no full pass after {after:?}");
}

#[tokio::test]
async fn what_changes_under_an_active_domain_is_told_with_how_it_was() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("drifts", "county.test");
    let added = node.add(&name).await;
    let edge = node.edge().ip();
    // By address, so that CAA may stand beside it.
    node.publish(&added, &[Purpose::Validation, Purpose::Dcv]);
    let update = |lines: &[String]| node.sandbox.update("county.test", lines);
    update(&[format!("add {name}. 1 A {edge}")]);
    node.until(&added.id, SOON, "a first look", |view| view.checked_at.is_some()).await;
    node.refresh(&added.id).await;
    let live = node.until(&added.id, SOON, "ready", |view| view.ready).await;
    // What was seen before there was a certificate is compared with nothing.
    let earlier = live.certificates[0].issued_at.rfc3339();
    node.refresh(&added.id).await;
    let first = examined(&node, &added.id, &earlier).await;
    let sound = |view: &DomainView| view.ready && view.status_code == "ok";
    node.until(&added.id, SOON, "sound", sound).await;

    // A rule that bars us: heard of by the watch, and told with what stood there before.
    update(&[format!("add {name}. 1 CAA 0 issue \"other.test\"")]);
    node.refresh(&added.id).await;
    examined(&node, &added.id, &first).await;
    let barred = |view: &DomainView| view.ready && view.status_code == "caa_added";
    let view = node.until(&added.id, SOON, "the rule is heard of", barred).await;
    let rule = |finding: &&FindingView| finding.code == "caa_added";
    let words = &view.findings.iter().find(rule).unwrap().explanation;
    assert!(words.contains("there was no rule") && words.contains("can't be renewed"), "{words}");
    update(&[format!("del {name}. CAA")]);
    let told = diagnosed(&node, &added.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"caa_added"), "{told:#}");

    let dcv = live.dns_records.iter().find(|record| record.purpose == Purpose::Dcv).unwrap();
    update(&[format!("del {}. CNAME", dcv.host)]);
    let told = diagnosed(&node, &added.id, "LAB_RESOLVER");
    assert!(explained(&told, "dcv_removed").contains("It was in place on"), "{told:#}");
    node.publish(&live, &[Purpose::Dcv]);
    let told = diagnosed(&node, &added.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"dcv_removed"), "{told:#}");

    // The first order told us who we are at the CA: a rule for somebody else's account bars the next domain, ours does not.
    let next = node.name("account", "county.test");
    let other = node.add(&next).await;
    let rule = |account: &str| format!("add {next}. 1 CAA 0 issue \"pebble.test\\; accounturi={account}\"");
    update(&[format!("add {next}. 1 A {edge}"), rule("https://ca.test/acct/of-somebody-else")]);
    node.publish(&other, &[Purpose::Dcv]);
    let told = diagnosed(&node, &other.id, "LAB_RESOLVER");
    let words = explained(&told, "caa_account");
    let ours =
        words.split_once("ours is ").unwrap().1.split_whitespace().next().unwrap().trim_end_matches('.').to_owned();
    assert!(ours.starts_with("https://127.0.0.1:"), "{told:#}");
    update(&[format!("del {next}. CAA"), rule(&ours)]);
    let told = diagnosed(&node, &other.id, "LAB_RESOLVER");
    assert!(!codes(&told).iter().any(|code| code.starts_with("caa_")), "{told:#}");
}

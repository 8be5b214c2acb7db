//! What a resolver still remembers of a record is told with the time at which it forgets it.

use super::diagnoses::{cause, codes, diagnosed, diagnosed_with};
use crate::kit::caching::CachingResolver;
use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use padlock::domain::record::Purpose;

#[tokio::test]
async fn an_older_answer_in_a_cache_is_no_fault_and_has_an_end() {
    let Some(sandbox) = Sandbox::running() else { return };
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_ROLES", "console,dns,edge")]).await;
    let resolver = CachingResolver::start(&node).await;
    let remembering = |id: &str| diagnosed_with(&node, id, ("PADLOCK_DNS_RESOLVERS", &resolver.at.to_string()));
    let view = node.add(&node.name("cached", "county.test")).await;
    let record = view.dns_records.iter().find(|record| record.purpose == Purpose::Validation).unwrap();
    node.publish(&view, &[Purpose::Dcv, Purpose::Routing]);
    let update = |lines: &[String]| node.sandbox.update("county.test", lines);
    update(&[format!("add {}. 600 TXT \"an older text\"", record.host)]);
    let told = remembering(&view.id);
    assert_eq!(cause(&told), Some("rec_wrong_value"), "{told:#}");
    assert!(!codes(&told).contains(&"rec_cached"), "{told:#}");

    update(&[format!("del {}. TXT", record.host)]);
    node.publish(&view, &[Purpose::Validation]);
    let told = remembering(&view.id);
    let found = told["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "rec_cached");
    let found = found.unwrap_or_else(|| panic!("it is remembered for ten minutes: {told:#}"));
    assert_eq!((found["severity"].as_str(), cause(&told)), (Some("info"), None), "{told:#}");
    assert!(found["title"].as_str().unwrap().contains("caches clear by "), "{told:#}");
    // Whoever remembers nothing sees it as it is.
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"rec_cached"), "{told:#}");
}

//! Zones that go to another DNS host, before and after a certificate was issued, and aliases that are not alone.

use super::diagnoses::{cause, codes, diagnosed};
use super::drift::examined;
use crate::kit::made::{MadeZone, Manner};
use crate::kit::node::{Database, Node};
use padlock::domain::record::{Purpose, RecordType};
use padlock::wire::domain::DomainView;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// The records of these purposes, as an owner types them.
fn lines(view: &DomainView, purposes: &[Purpose]) -> Vec<String> {
    let wanted = view.dns_records.iter().filter(|record| purposes.contains(&record.purpose));
    let line = |record: &padlock::wire::domain::RecordView| match record.rtype {
        RecordType::Txt => format!("{}. 60 TXT \"{}\"", record.host, record.value),
        rtype => format!("{}. 60 {} {}.", record.host, rtype.mnemonic(), record.value),
    };
    wanted.map(line).collect()
}

fn host(view: &DomainView, purpose: Purpose) -> &str {
    &view.dns_records.iter().find(|record| record.purpose == purpose).unwrap().host
}

#[tokio::test]
async fn a_zone_that_moved_without_its_records_is_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    // Before anything was issued: records that were added at the old host have no effect.
    let zone = MadeZone::take(&node.sandbox, Manner::Sound);
    let view = node.add(&node.name("early", &zone.name)).await;
    zone.add(&lines(&view, &[Purpose::Dcv, Purpose::Routing]));
    node.refresh(&view.id).await;
    examined(&node, &view.id, "").await;
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert_eq!(cause(&told), Some("rec_missing"), "{told:#}");
    zone.behave(Manner::Renamed);
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(codes(&told).contains(&"wrong_provider"), "{told:#}");
    assert_eq!(cause(&told), Some("ns_mismatch"), "nobody told the registrar of it, which comes first: {told:#}");
    zone.add(&lines(&view, &[Purpose::Validation]));
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"wrong_provider"), "{told:#}");

    // While its certificate is served: what did not come along is missed at the next renewal.
    let zone = MadeZone::take(&node.sandbox, Manner::Sound);
    let view = node.add(&node.name("late", &zone.name)).await;
    zone.add(&lines(&view, &Purpose::ALL));
    node.until(&view.id, SOON, "a first look", |view| view.checked_at.is_some()).await;
    node.refresh(&view.id).await;
    let live = node.until(&view.id, SOON, "ready", |view| view.ready).await;
    let earlier = live.certificates[0].issued_at.rfc3339();
    node.refresh(&view.id).await;
    examined(&node, &view.id, &earlier).await;
    zone.behave(Manner::Renamed);
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"ns_migrated"), "all of them came along: {told:#}");
    zone.delete(host(&view, Purpose::Dcv));
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    let found = told["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "ns_migrated");
    let found = found.unwrap_or_else(|| panic!("{told:#}"));
    assert!(found["explanation"].as_str().unwrap().contains("2 of its 3 records came along"), "{told:#}");
    zone.add(&lines(&view, &[Purpose::Dcv]));
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"ns_migrated"), "{told:#}");
}

#[tokio::test]
async fn an_alias_that_is_not_alone_is_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let zone = MadeZone::take(&node.sandbox, Manner::Sound);
    let view = node.add(&node.name("crowd", &zone.name)).await;
    // Consent is withheld: what is in order would be issued for meanwhile.
    zone.add(&lines(&view, &[Purpose::Dcv, Purpose::Routing]));
    let dcv = host(&view, Purpose::Dcv);
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"cname_with_others"), "{told:#}");
    zone.add(&[format!("{dcv}. 60 TXT \"left over from another service\"")]);
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(codes(&told).contains(&"cname_with_others"), "{told:#}");
    zone.delete(dcv);
    zone.add(&lines(&view, &[Purpose::Dcv]));
    let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"cname_with_others"), "{told:#}");
}

//! Names of which nobody here knows, and what stands at our own end of an alias.

use super::diagnoses::{cause, codes, diagnosed, diagnosed_with};
use crate::kit::node::{Database, Node};
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use serde_json::Value;

/// What `padlock diagnose` says of a name, where the edge is called so.
fn with_edge(node: &Node, name: &str, edge: &str) -> Value {
    diagnosed_with(node, name, ("PADLOCK_EDGE_HOSTNAME", edge))
}

#[tokio::test]
async fn names_and_what_their_aliases_lead_to_are_told() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    for (name, code) in [
        ("under_score.court.test", "name_invalid"),
        ("https://portal.court.test/cases", "name_has_scheme"),
        ("gov", "name_public_suffix"),
        ("192.0.2.7", "name_public_suffix"),
        ("xn--0.court.test", "name_idn"),
    ] {
        assert_eq!(cause(&diagnosed(&node, name, "LAB_RESOLVER")), Some(code), "{name}");
    }
    // Our own resolver is away: that says nothing of anybody's name.
    let asked = diagnosed(&node, "portal.court.test", "LAB_DEAD_NS");
    assert_eq!((codes(&asked), cause(&asked)), (vec!["could_not_ask"], None), "{asked:#}");
    let apex = diagnosed(&node, "good.test", "LAB_SIGNED_RESOLVER");
    assert!(codes(&apex).contains(&"name_apex"), "{apex:#}");
    let below = diagnosed(&node, "portal.good.test", "LAB_SIGNED_RESOLVER");
    assert!(!codes(&below).contains(&"name_apex"), "{below:#}");

    // A name that nobody has here, and that leads here.
    let update = |lines: &[String]| node.sandbox.update("court.test", lines);
    let (name, edge) = (node.name("left", "court.test"), node.setting("PADLOCK_EDGE_HOSTNAME"));
    update(&[format!("add {name}. 1 CNAME {edge}.")]);
    let told = diagnosed(&node, &name, "LAB_RESOLVER");
    assert!(codes(&told).contains(&"takeover_risk"), "{told:#}");
    update(&[format!("del {name}. CNAME"), format!("add {name}. 1 CNAME www.elsewhere.test.")]);
    let told = diagnosed(&node, &name, "LAB_RESOLVER");
    assert!(!codes(&told).contains(&"takeover_risk"), "{told:#}");

    // Our own end of the alias is missing, or bars our own CA. Each has a name of its own: resolvers keep an alias for a second.
    let added = |first: &str, edge: &str| -> DomainView {
        let name = node.name(first, "court.test");
        let view: DomainView = serde_json::from_str(&node.said(&["domain", "add", &name, "--json"])).unwrap();
        node.publish(&view, &[Purpose::Dcv]);
        update(&[format!("add {name}. 1 CNAME {edge}.")]);
        view
    };
    let ours = node.edge().ip();
    let gone = node.name("gone", "court.test");
    let view = added("led", &gone);
    let told = with_edge(&node, &view.id, &gone);
    assert!(codes(&told).contains(&"target_dead"), "{told:#}");
    update(&[format!("add {gone}. 1 A {ours}")]);
    is_gone(&node, &view.id, &gone, "target_dead").await;
    let barred = node.name("barred", "court.test");
    update(&[format!("add {barred}. 1 A {ours}"), format!("add {barred}. 1 CAA 0 issue \"other.test\"")]);
    let view = added("bars", &barred);
    let told = with_edge(&node, &view.id, &barred);
    assert!(codes(&told).contains(&"caa_target"), "{told:#}");
    update(&[format!("del {barred}. CAA")]);
    is_gone(&node, &view.id, &barred, "caa_target").await;
}

/// Put right, it is told no more as soon as no resolver holds the old answer.
async fn is_gone(node: &Node, id: &str, edge: &str, code: &str) {
    for _ in 0..20 {
        if !codes(&with_edge(node, id, edge)).contains(&code) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("{code} is still told");
}

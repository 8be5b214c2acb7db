//! What a name server with bad manners does is told as what it is, and goes away when it mends its ways.

use super::diagnoses::{cause, codes, diagnosed};
use crate::kit::hostile::{A, CAA, Manners, NS, Question, SOA, Says, name, serve, soa};
use crate::kit::node::{Database, Node};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The server's own name, by which `end2end/signed.sh` delegates to it.
const SERVER: &str = "ns7.signed.test";

/// Zones that it serves badly: what must be told, and of which name.
const ZONES: &[(&str, &str, &str)] = &[
    ("caselost", "portal", "ns_case"),
    ("ent", "a.b", "ns_ent"),
    ("drops", "portal", "ns_drops_types"),
    ("servfail", "portal", "ns_servfail"),
    ("caafail", "portal", "caa_lookup"),
];

/// What a sound server of the zone says: a site at `portal` and at `a.b`, where `b` exists because `a.b` does.
fn soundly(zone: &str, asked: &Question, site: Ipv4Addr) -> Says {
    let inside = asked.name.strip_suffix(zone).map(|rest| rest.trim_end_matches('.'));
    match (inside, asked.kind) {
        (Some(""), SOA) => Says::Records(vec![(SOA, soa(SERVER))]),
        (Some(""), NS) => Says::Records(vec![(NS, name(SERVER))]),
        (Some("portal" | "a.b"), A) => Says::Records(vec![(A, site.octets().to_vec())]),
        (Some("" | "portal" | "a.b" | "b"), _) => Says::Records(Vec::new()),
        _ => Says::NoSuchName,
    }
}

fn badly(zone: &str, asked: &Question, site: Ipv4Addr) -> Says {
    let sound = soundly(&format!("{zone}.test"), asked, site);
    match (zone, asked.kind) {
        ("caselost", _) => Says::InSmallLetters(Box::new(sound)),
        ("ent", _) if asked.name == "b.ent.test" => Says::NoSuchName,
        ("drops", CAA) => Says::Nothing,
        ("servfail", _) => Says::Fails,
        ("caafail", CAA) => Says::Fails,
        _ => sound,
    }
}

/// One after the other, beside the one that waits for answers that never come.
async fn told(node: &Arc<Node>) -> Vec<(&'static str, Value)> {
    let ask = |(zone, host, code): &'static (&str, &str, &str)| {
        let node = Arc::clone(node);
        let ask = move || (*code, diagnosed(&node, &format!("{host}.{zone}.test"), "LAB_SIGNED_RESOLVER"));
        async { tokio::task::spawn_blocking(ask).await.unwrap() }
    };
    let (slow, quick): (Vec<_>, Vec<_>) = ZONES.iter().partition(|(zone, ..)| *zone == "drops");
    let in_turn = async {
        let mut told = Vec::new();
        for zone in quick {
            told.push(ask(zone).await);
        }
        told
    };
    let (mut told, beside) = tokio::join!(in_turn, ask(slow[0]));
    told.push(beside);
    told
}

#[tokio::test]
async fn bad_manners_are_told_and_gone_when_they_are_mended() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let node = Arc::new(node);
    let line = |name: &str| node.sandbox.line(name).to_owned();
    let (site, mended) = (line("LAB_OLD_SITE").parse().unwrap(), Arc::new(AtomicBool::new(false)));
    let state = Arc::clone(&mended);
    let manners: Manners = Arc::new(move |asked: &Question| {
        let Some((zone, _, _)) = ZONES.iter().find(|(zone, _, _)| asked.name.ends_with(&format!("{zone}.test"))) else {
            return Says::Fails;
        };
        match state.load(Ordering::Relaxed) {
            true => soundly(&format!("{zone}.test"), asked, site),
            false => badly(zone, asked, site),
        }
    });
    serve(line("LAB_HOSTILE_NS").parse().unwrap(), line("LAB_DNS_PORT").parse().unwrap(), &manners);
    for (code, told) in told(&node).await {
        assert_eq!(cause(&told), Some(code), "{told:#}");
    }
    mended.store(true, Ordering::Relaxed);
    for (code, told) in told(&node).await {
        assert!(!codes(&told).contains(&code), "{code} is gone: {told:#}");
    }
}

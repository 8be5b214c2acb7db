//! Each cause, made to happen on real servers: broken, its neighbour sound, put right and gone again.
//!
//! Zones with broken delegations and signatures stand ready in the sandbox (`end2end/signed.sh`); what an owner can mistype is
//! typed into the customers' DNS by dynamic updates.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use padlock::domain::record::Purpose;
use padlock::wire::domain::DomainView;
use serde_json::Value;

/// What `padlock diagnose` says of a name, by a resolver of the sandbox.
pub(super) fn diagnosed(node: &Node, name: &str, resolver: &str) -> Value {
    let resolver = format!("{}:{}", node.sandbox.line(resolver), node.sandbox.line("LAB_DNS_PORT"));
    diagnosed_with(node, name, ("PADLOCK_DNS_RESOLVERS", &resolver))
}

/// The same, with this setting.
pub(super) fn diagnosed_with(node: &Node, name: &str, setting: (&str, &str)) -> Value {
    let output = node.run_with(&["diagnose", name, "--json"], &[setting]);
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text} {output:?}"))
}

pub(super) fn codes(told: &Value) -> Vec<&str> {
    told["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// The first that blocks; none when nothing does.
pub(super) fn cause(told: &Value) -> Option<&str> {
    let all = told["findings"].as_array().unwrap();
    all.iter().find(|finding| finding["severity"] == "blocking")?["code"].as_str()
}

#[tokio::test]
async fn zones_that_are_broken_are_told_as_what_they_are() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    for (zone, want) in [
        ("good", None),
        ("bogus", Some("dnssec_bogus")),
        ("expired", Some("dnssec_expired")),
        ("orphan", Some("dnssec_ds_orphan")),
        ("denial", Some("dnssec_denial")),
        ("lame", Some("ns_lame")),
        ("mismatch", Some("ns_mismatch")),
        ("dead", Some("ns_unreachable")),
    ] {
        let told = diagnosed(&node, &format!("portal.{zone}.test"), "LAB_SIGNED_RESOLVER");
        // Nothing listens at the site's address, which every zone of these leads to.
        let first = cause(&told).filter(|code| !code.starts_with("http_") && !code.starts_with("tls_"));
        assert_eq!(first, want, "{zone}: {told:#}");
    }
    for (zone, warns) in [("expiring", "dnssec_expiring"), ("stale", "ns_stale")] {
        let told = diagnosed(&node, &format!("portal.{zone}.test"), "LAB_SIGNED_RESOLVER");
        assert!(codes(&told).contains(&warns), "{zone}: {told:#}");
        let neighbour = diagnosed(&node, "portal.good.test", "LAB_SIGNED_RESOLVER");
        assert!(!codes(&neighbour).contains(&warns), "{neighbour:#}");
    }
    let told = diagnosed(&node, "portal.nobody-has-this.test", "LAB_SIGNED_RESOLVER");
    assert_eq!(cause(&told), Some("domain_unregistered"), "{told:#}");
    let told = diagnosed(&node, "portal.good.test", "LAB_SIGNED_RESOLVER");
    assert_eq!(cause(&told), Some("http_refused"), "nothing listens at the old site: {told:#}");
}

/// A slip, and what an owner types who makes it: lines of `knsupdate`. `{host}` is the record's name, `{value}` its value.
pub(super) struct Slip {
    pub(super) code: &'static str,
    pub(super) purpose: Purpose,
    pub(super) typed: &'static [&'static str],
}

pub(super) const SLIPS: &[Slip] = &[
    Slip { code: "rec_missing", purpose: Purpose::Validation, typed: &[] },
    Slip { code: "rec_missing", purpose: Purpose::Dcv, typed: &[] },
    Slip { code: "rec_missing", purpose: Purpose::Routing, typed: &[] },
    Slip { code: "rec_wrong_value", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"v=spf1 -all\""] },
    Slip { code: "rec_wrong_value", purpose: Purpose::Routing, typed: &["{host} 60 CNAME www.elsewhere.test."] },
    Slip { code: "rec_wrong_value", purpose: Purpose::Routing, typed: &["{host} 60 A {old}"] },
    Slip {
        code: "rec_old_token",
        purpose: Purpose::Validation,
        typed: &["{host} 60 TXT \"padlock-verification=abcdefghijklmnopqrstuvwxyz\""],
    },
    Slip { code: "rec_old_token", purpose: Purpose::Dcv, typed: &["{host} 60 CNAME aaaa.{dcv}."] },
    Slip { code: "rec_near_miss", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"{cut}\""] },
    Slip { code: "rec_near_miss", purpose: Purpose::Dcv, typed: &["{host} 60 CNAME x{value}."] },
    Slip { code: "name_doubled", purpose: Purpose::Validation, typed: &["{host}.{zone}. 60 TXT \"{value}\""] },
    Slip { code: "name_doubled", purpose: Purpose::Dcv, typed: &["{host}.{zone}. 60 CNAME {value}."] },
    Slip { code: "name_missing_sub", purpose: Purpose::Dcv, typed: &["_acme-challenge.{zone}. 60 CNAME {value}."] },
    Slip { code: "target_doubled", purpose: Purpose::Dcv, typed: &["{host} 60 CNAME {value}.{zone}."] },
    Slip { code: "target_doubled", purpose: Purpose::Routing, typed: &["{host} 60 CNAME {value}.{zone}."] },
    Slip { code: "value_dressed", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"\\\"{value}\\\"\""] },
    Slip { code: "value_dressed", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"{value} \""] },
    Slip { code: "value_dressed", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"{host}={value}\""] },
    Slip { code: "txt_split", purpose: Purpose::Validation, typed: &["{host} 60 TXT \"{spaced}\""] },
    Slip { code: "type_wrong", purpose: Purpose::Dcv, typed: &["{host} 60 TXT \"{value}\""] },
    Slip { code: "type_wrong", purpose: Purpose::Routing, typed: &["{host} 60 TXT \"{value}\""] },
    Slip { code: "acme_txt_conflict", purpose: Purpose::Dcv, typed: &["{host} 60 TXT \"somebody-elses\""] },
    Slip { code: "cname_elsewhere", purpose: Purpose::Dcv, typed: &["{host} 60 CNAME x.acme.vendor.test."] },
    Slip {
        code: "cname_chain",
        purpose: Purpose::Routing,
        typed: &["{host} 60 CNAME b.{host}.", "b.{host}. 60 CNAME {host}."],
    },
    Slip { code: "wildcard_shadow", purpose: Purpose::Dcv, typed: &["*.{name}. 60 CNAME all.vendor.test."] },
    Slip { code: "addr_mixed", purpose: Purpose::Routing, typed: &["{host} 60 A {edge}", "{host} 60 A {old}"] },
    Slip {
        code: "aaaa_stray",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 AAAA 2001:db8::7"],
    },
    Slip { code: "addr_reserved", purpose: Purpose::Routing, typed: &["{host} 60 A 10.1.2.3"] },
    Slip {
        code: "caa_forbids",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 CAA 0 issue \"other.test\""],
    },
    Slip {
        code: "caa_method",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 CAA 0 issue \"pebble.test; validationmethods=http-01\""],
    },
    Slip {
        code: "caa_critical",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 CAA 128 tbs \"x\""],
    },
    Slip {
        code: "caa_malformed",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 CAA 0 issue \"https://pebble.test\""],
    },
    Slip {
        code: "caa_wild",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{name} 60 CAA 0 issuewild \";\""],
    },
    Slip { code: "subzone_delegated", purpose: Purpose::Dcv, typed: &["{host} 60 NS ns1.provider.test."] },
    // What is worth knowing, and keeps nobody from a certificate.
    Slip { code: "cname_flattened", purpose: Purpose::Routing, typed: &["{host} 60 A {edge}"] },
    Slip {
        code: "txt_multi",
        purpose: Purpose::Validation,
        typed: &["{host} 60 TXT \"{value}\"", "{host} 60 TXT \"another\""],
    },
    Slip { code: "ttl_high", purpose: Purpose::Routing, typed: &["{host} 90000 A {old}"] },
    Slip {
        code: "https_rr_stale",
        purpose: Purpose::Routing,
        typed: &["{host} 60 A {edge}", "{host} 60 HTTPS 1 old.elsewhere.test. alpn=h2"],
    },
];

/// What only warns or informs.
pub(super) const NOTES: &[&str] = &["cname_flattened", "txt_multi", "ttl_high", "https_rr_stale"];

impl Slip {
    /// The lines that make it, out of the domain's own names and values.
    pub(super) fn lines(&self, node: &Node, view: &DomainView, zone: &str) -> Vec<String> {
        let record = view.dns_records.iter().find(|record| record.purpose == self.purpose).unwrap();
        let value = record.value.as_str();
        let (start, end) = value.split_at(value.len() / 2);
        let fill = |line: &&str| {
            line.replace("{host}", &record.host)
                .replace("{cut}", &value[..value.len() - 1])
                .replace("{spaced}", &format!("{start} {end}"))
                .replace("{value}", value)
                .replace("{name}", view.domain.trim_start_matches("*."))
                .replace("{zone}", zone)
                .replace("{dcv}", node.setting("PADLOCK_DCV_ZONE"))
                .replace("{edge}", &node.edge().ip().to_string())
                .replace("{old}", node.sandbox.line("LAB_OLD_SITE"))
        };
        let absolute = |line: String| match line.split_once(' ') {
            Some((owner, rest)) => format!("{}. {rest}", owner.trim_end_matches('.')),
            None => line,
        };
        self.typed.iter().map(fill).map(absolute).collect()
    }
}

#[tokio::test]
async fn what_an_owner_mistypes_is_told_with_its_fix_and_goes_away_by_it() {
    let Some(sandbox) = Sandbox::running() else { return };
    // Nobody works on the domains meanwhile: what is typed in would be issued for, and another cause be told.
    let node = Node::with(sandbox, Database::Sqlite, &[("PADLOCK_ROLES", "console,dns,edge")]).await;
    for (number, slip) in SLIPS.iter().enumerate() {
        let star = if slip.code == "caa_wild" { "*." } else { "" };
        let view: DomainView = serde_json::from_str(&node.said(&[
            "domain",
            "add",
            &node.name(&format!("{star}s{number}"), "court.test"),
            "--json",
        ]))
        .unwrap();
        let zone = node.sandbox.zone_of(&view.domain).to_owned();
        let others = Purpose::ALL.into_iter().filter(|purpose| *purpose != slip.purpose);
        node.publish(&view, &others.collect::<Vec<_>>());
        let lines = slip.lines(&node, &view, &zone);
        let add: Vec<String> = lines.iter().map(|line| format!("add {line}")).collect();
        if !add.is_empty() {
            node.sandbox.update(&zone, &add);
        }
        let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
        let found = told["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == slip.code);
        let found = found.unwrap_or_else(|| panic!("{} on {:?} {lines:?}: {told:#}", slip.code, slip.purpose));
        let blocks = !NOTES.contains(&slip.code);
        assert_eq!(found["severity"] == "blocking", blocks, "{told:#}");
        assert!(!blocks || cause(&told) == Some(slip.code), "it is the cause: {told:#}");
        assert!(!found["explanation"].as_str().unwrap().is_empty(), "{told:#}");
        // Put right: what was typed goes, and the record itself comes.
        let undo: Vec<String> = lines.iter().map(|line| format!("del {}", line.split(' ').next().unwrap())).collect();
        if !undo.is_empty() {
            node.sandbox.update(&zone, &undo);
        }
        node.publish(&view, &Purpose::ALL);
        let told = diagnosed(&node, &view.id, "LAB_RESOLVER");
        assert!(!codes(&told).contains(&slip.code), "{} is gone: {told:#}", slip.code);
        node.said(&["domain", "remove", &view.id]);
    }
}

#[tokio::test]
async fn the_worker_keeps_what_it_saw_and_every_door_says_the_same() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let name = node.name("kept", "county.test");
    let added = node.add(&name).await;
    let zone = node.sandbox.zone_of(&name).to_owned();
    let record = added.dns_records.iter().find(|record| record.purpose == Purpose::Validation).unwrap();
    node.sandbox.update(&zone, &[format!("add {}.{zone}. 60 TXT \"{}\"", record.host, record.value)]);
    node.publish(&added, &[Purpose::Dcv, Purpose::Routing]);
    node.refresh(&added.id).await;
    let told = |view: &DomainView| view.status_code == "name_doubled";
    let view = node.until(&added.id, std::time::Duration::from_secs(15), "the closer cause", told).await;
    let answer = node.api("GET", &format!("/domains/{}/diagnosis", added.id), Value::Null).await.expect(200);
    let kept: Value = answer.read();
    assert_eq!(
        (&kept["headline"], kept["findings"][0]["code"].as_str()),
        (&view.headline.into(), Some("name_doubled"))
    );
    assert!(kept["examined_at"].is_string() && !kept["grid"].as_array().unwrap().is_empty(), "{kept:#}");
    let fresh = format!("/domains/{}/diagnosis?fresh=true", added.id);
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    node.api("GET", &fresh, Value::Null).await.expect(200);
    node.api("GET", &fresh, Value::Null).await.expect_problem(429, "too_soon");
}

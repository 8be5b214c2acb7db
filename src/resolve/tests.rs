//! Looks at scripted servers over real sockets.

use super::scripted::{Mood, NOBODY, Server, servers};
use super::{Dns, DnsSettings, Lookup};
use crate::domain::hostname::{Hostname, Suffixes};
use crate::domain::observed::{Observation, RecordState, Reply, ZoneTrouble};
use crate::domain::record::{Place, Purpose, RecordType, Wanted, wanted};
use crate::domain::setup::{DcvLabel, Token};
use crate::domain::time::Millis;
use futures::future::join_all;
use hickory_resolver::proto::op::ResponseCode;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const TXT: &str = "_padlock.pay.court.test TXT padlock-verification=tok";
const DCV: &str = "_acme-challenge.pay.court.test CNAME lab.dcv.padlock.test";
const ROUTE: &str = "pay.court.test CNAME edge.padlock.test";

/// A resolver and two servers of `court.test`.
struct World {
    resolver: Server,
    ns1: Server,
    ns2: Server,
    others: Vec<Server>,
    dns: Dns,
}

fn settings(resolver: SocketAddr, port: u16, allowed: fn(IpAddr) -> bool) -> DnsSettings {
    const SUFFIXES: Suffixes<'static> = Suffixes { public: |name| name.rsplit('.').next(), private: &[] };
    DnsSettings {
        resolvers: vec![resolver],
        authority_port: port,
        allowed: Arc::new(allowed),
        registrable: Arc::new(|name| name.registrable(SUFFIXES).map(str::to_owned)),
    }
}

fn world_with(others: &[&str]) -> World {
    let zones: Vec<&str> = [".", "court.test", "court.test"].iter().chain(others).copied().collect();
    let mut all = servers(&zones).into_iter();
    let mut next = || all.next().expect("a server");
    let (resolver, ns1, ns2) = (next(), next(), next());
    resolver.add(&["court.test NS ns1.host.test", "court.test NS ns2.host.test", "edge.padlock.test A 203.0.113.9"]);
    for (server, host) in [(&ns1, "ns1"), (&ns2, "ns2")] {
        resolver.add(&[&format!("{host}.host.test A {}", server.address.ip())]);
        server.add(&["court.test NS ns1.host.test", "court.test NS ns2.host.test"]);
    }
    let dns = Dns::new(settings(resolver.address, ns1.address.port(), |ip| ip.is_loopback())).expect("settings");
    World { resolver, ns1, ns2, others: all.collect(), dns }
}

fn world() -> World {
    world_with(&[])
}

impl World {
    fn publish(&self, lines: &[&str]) {
        self.ns1.add(lines);
        self.ns2.add(lines);
    }

    async fn look_at(&self, hostname: &str) -> Observation {
        let hostname = Hostname::parse_form(hostname).expect("a name");
        self.dns.look(&hostname, &wanted_of(&hostname), "edge.padlock.test", Millis(42)).await
    }

    async fn look(&self) -> Observation {
        self.look_at("pay.court.test").await
    }
}

fn wanted_of(hostname: &Hostname) -> Vec<Wanted> {
    let place = Place {
        record_label: "_padlock".into(),
        dcv_zone: "dcv.padlock.test".into(),
        edge_hostname: "edge.padlock.test".into(),
    };
    wanted(hostname, &Token::from_stored("tok"), &DcvLabel::from_stored("lab"), &place)
}

fn states(seen: &Observation) -> [RecordState; 3] {
    Purpose::ALL.map(|purpose| seen.state(purpose))
}

fn replies(seen: &Observation, purpose: Purpose) -> Vec<Reply> {
    let record = seen.records.iter().find(|record| record.wanted.purpose == purpose).expect("the record");
    record.answers.iter().map(|answer| answer.reply.clone()).collect()
}

fn apex(seen: &Observation) -> &str {
    &seen.zone.as_ref().expect("a zone").apex
}

use RecordState::{Detected, Missing, Unknown, Wrong};

#[tokio::test]
async fn all_servers_agree() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.resolver.add(&[TXT]);
    let seen = world.look().await;
    assert_eq!(states(&seen), [Detected; 3], "{seen:#?}");
    assert_eq!((seen.at, apex(&seen)), (Millis(42), "court.test"));
    assert_eq!(seen.edge_addresses, ["203.0.113.9".parse::<IpAddr>().expect("an address")]);
    let hosts: Vec<&str> = seen.zone.iter().flat_map(|zone| &zone.servers).map(|server| server.name.as_str()).collect();
    assert_eq!(hosts, ["ns1.host.test", "ns2.host.test"]);
    assert_eq!(seen.records[0].answers.len(), 2);
    assert_eq!(seen.records[0].resolver.as_ref().map(|reply| reply.records().len()), Some(1));
    assert_eq!(seen.records[1].resolver, Some(Reply::NxDomain), "the resolver has not heard of it yet");
}

#[tokio::test]
async fn a_record_counts_on_the_very_next_look() {
    let world = world();
    assert_eq!(states(&world.look().await), [Missing; 3]);
    world.resolver.asked();
    world.publish(&[TXT]);
    assert_eq!(states(&world.look().await), [Detected, Missing, Missing]);
    world.publish(&[DCV, ROUTE]);
    assert_eq!(states(&world.look().await), [Detected; 3]);
    world.ns1.remove("_padlock.pay.court.test");
    world.ns2.remove("_padlock.pay.court.test");
    assert_eq!(states(&world.look().await), [Missing, Detected, Detected]);
    let again = world.resolver.asked();
    assert!(!again.iter().any(|asked| asked.contains(" NS") || asked.contains("ns1")), "the way is kept: {again:?}");
}

#[tokio::test]
async fn a_resolver_is_never_asked_for_what_is_not_there() {
    let world = world();
    world.look().await;
    let asked = world.resolver.asked();
    assert!(!asked.is_empty());
    assert!(!asked.iter().any(|asked| asked.contains("pay.court.test")), "{asked:?}");
}

#[tokio::test]
async fn one_server_is_stale() {
    let world = world();
    world.ns1.add(&[TXT, DCV, ROUTE]);
    let seen = world.look().await;
    assert_eq!(states(&seen), [Missing; 3]);
    let verdict = &seen.verdicts()[0];
    assert_eq!((verdict.agreeing, verdict.heard, verdict.asked), (1, 2, 2));
}

#[tokio::test]
async fn a_failing_server_is_told_and_does_not_vote() {
    for (mood, want) in [
        (Mood::Answering(ResponseCode::Refused), "REFUSED"),
        (Mood::Answering(ResponseCode::ServFail), "SERVFAIL"),
        (Mood::Forwarding, "not authoritative"),
    ] {
        let world = world();
        world.publish(&[TXT, DCV, ROUTE]);
        world.ns2.set(mood);
        let seen = world.look().await;
        assert_eq!(states(&seen), [Detected; 3], "{mood:?}");
        assert_eq!(replies(&seen, Purpose::Dcv)[1], Reply::Failed(want.into()));
    }
}

#[tokio::test]
async fn a_failed_look_finds_its_way_anew() {
    let world = world_with(&["court.test"]);
    world.publish(&[TXT]);
    world.look().await;
    world.ns1.set(Mood::Answering(ResponseCode::Refused));
    world.ns2.set(Mood::Answering(ResponseCode::Refused));
    assert_eq!(states(&world.look().await), [Unknown; 3]);
    // The zone has moved to another host meanwhile.
    world.resolver.remove("court.test");
    world.resolver.add(&["court.test NS ns.new.test", &format!("ns.new.test A {}", world.others[0].address.ip())]);
    world.others[0].add(&["court.test NS ns.new.test", TXT, DCV, ROUTE]);
    assert_eq!(states(&world.look().await), [Detected; 3]);
}

#[tokio::test]
async fn tcp_settles_what_udp_leaves_open() {
    for mood in [Mood::Truncating, Mood::LosingCase] {
        let world = world();
        world.publish(&[TXT, DCV, ROUTE]);
        world.ns1.set(mood);
        assert_eq!(states(&world.look().await), [Detected; 3], "{mood:?}");
        let asked = world.ns1.asked();
        assert!(asked.contains(&"tcp _padlock.pay.court.test. TXT".to_owned()), "{asked:?}");
    }
}

#[tokio::test]
async fn servers_older_than_edns_are_understood() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.ns1.set(Mood::Old);
    let seen = world.look().await;
    assert_eq!(replies(&seen, Purpose::Validation)[0].records().len(), 1);
}

#[tokio::test]
async fn forged_answers_are_passed_over() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.ns1.set(Mood::Forged);
    let seen = world.look().await;
    assert_eq!(states(&seen), [Detected; 3]);
    assert!(!format!("{seen:?}").contains("forged"));
}

#[tokio::test]
async fn garbled_answers_are_no_answers() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.ns1.set(Mood::Garbled);
    let seen = world.look().await;
    assert_eq!(states(&seen), [Detected; 3]);
    assert_eq!(replies(&seen, Purpose::Validation)[0], Reply::Silent);
}

#[tokio::test]
async fn silence_ends_and_is_told() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.ns2.set(Mood::Silent);
    let (seen, shown) = tokio::join!(world.look(), async {
        let values = ["padlock-verification=tok".to_owned()];
        world.dns.shows("_padlock.pay.court.test", &values).await
    });
    assert_eq!(states(&seen), [Detected; 3]);
    assert_eq!(replies(&seen, Purpose::Routing)[1], Reply::Silent);
    assert!(seen.took_ms > 1_000 && seen.took_ms < 12_500, "{}", seen.took_ms);
    assert!(!shown, "this name's own zone does not exist");
}

#[tokio::test]
async fn a_server_that_speaks_tcp_only_is_heard() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.ns1.set(Mood::TcpOnly);
    let seen = world.look().await;
    assert_eq!(replies(&seen, Purpose::Validation)[0].records().len(), 1, "{seen:#?}");
}

#[tokio::test]
async fn referrals_are_followed_down() {
    let world = world_with(&["pay.court.test", "_acme-challenge.pay.court.test"]);
    let [child, challenge] = &world.others[..] else { panic!("two servers") };
    world.resolver.add(&[&format!("ns.child.test A {}", child.address.ip())]);
    world.resolver.add(&[&format!("ns.challenge.test A {}", challenge.address.ip())]);
    world.publish(&["pay.court.test NS ns.child.test"]);
    child.add(&["pay.court.test NS ns.child.test", TXT, "pay.court.test A 203.0.113.9"]);
    child.add(&["_acme-challenge.pay.court.test NS ns.challenge.test"]);
    challenge.add(&["_acme-challenge.pay.court.test TXT lab.dcv.padlock.test"]);
    let seen = world.look().await;
    assert_eq!(apex(&seen), "pay.court.test");
    assert_eq!(states(&seen), [Detected, Wrong, Detected], "{seen:#?}");
    let dcv = &seen.records[1].answers;
    assert_eq!((dcv.len(), dcv[0].server.as_str()), (1, "ns.challenge.test"));
}

#[tokio::test]
async fn a_child_zone_on_the_parents_server_is_found() {
    // The server answers from the child zone by itself, without a referral: authority stands in the answer.
    let world = world_with(&["pay.court.test"]);
    let child = &world.others[0];
    world.resolver.remove("ns2.host.test");
    world.resolver.add(&[&format!("ns2.host.test A {}", child.address.ip())]);
    world.ns1.set(Mood::Answering(ResponseCode::Refused));
    child.add(&["pay.court.test NS ns2.host.test", TXT, DCV, ROUTE]);
    let seen = world.look().await;
    assert_eq!(apex(&seen), "pay.court.test", "{seen:#?}");
    assert_eq!(seen.state(Purpose::Validation), Detected);
}

#[tokio::test]
async fn an_alias_at_the_name_does_not_mislead() {
    let world = world();
    world.publish(&["pay.court.test CNAME site.cdn.test", "_padlock.pay.court.test CNAME other.test"]);
    let seen = world.look().await;
    assert_eq!(apex(&seen), "court.test");
    assert_eq!(states(&seen), [Wrong, Missing, Wrong]);
    assert_eq!(seen.verdicts()[0].found, ["other.test"]);
}

#[tokio::test]
async fn what_stands_in_place_of_an_alias_is_told() {
    let world = world();
    world.publish(&["_acme-challenge.pay.court.test TXT lab.dcv.pad|lock.test", "pay.court.test A 203.0.113.9"]);
    let seen = world.look().await;
    let dcv = replies(&seen, Purpose::Dcv)[0].records().to_vec();
    assert_eq!((dcv[0].rtype, dcv[0].value.as_str()), (RecordType::Txt, "lab.dcv.padlock.test"));
    assert_eq!(seen.state(Purpose::Routing), Detected, "flattened into the edge's address");
    world.publish(&["pay.court.test A 198.51.100.1"]);
    assert_eq!(world.look().await.state(Purpose::Routing), Wrong);
}

#[tokio::test]
async fn no_data_differs_from_no_such_name() {
    let world = world();
    world.publish(&["_padlock.pay.court.test A 192.0.2.1"]);
    let seen = world.look().await;
    assert_eq!(replies(&seen, Purpose::Validation), [Reply::NoData, Reply::NoData]);
    assert_eq!(replies(&seen, Purpose::Dcv), [Reply::NxDomain, Reply::NxDomain]);
}

#[tokio::test]
async fn a_wildcards_own_name_is_asked() {
    let world = world();
    world.publish(&["*.court.test CNAME edge.padlock.test"]);
    let seen = world.look_at("*.court.test").await;
    assert_eq!(seen.state(Purpose::Routing), Detected);
    assert_eq!(seen.records[2].wanted.host, "*.court.test");
}

#[tokio::test]
async fn private_servers_are_not_asked() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    let port = world.ns1.address.port();
    let dns = Dns::new(settings(world.resolver.address, port, |_| false)).expect("settings");
    let hostname = Hostname::parse_form("pay.court.test").expect("a name");
    let seen = dns.look(&hostname, &wanted_of(&hostname), "edge.padlock.test", Millis(0)).await;
    assert_eq!(states(&seen), [Unknown; 3]);
    assert_eq!(replies(&seen, Purpose::Dcv), vec![Reply::Failed("private address: not asked".into()); 2]);
    assert!(world.ns1.asked().is_empty() && world.ns2.asked().is_empty());
}

#[tokio::test]
async fn troubles_with_the_zone_are_told_apart() {
    let world = world();
    let unregistered = world.look_at("pay.nowhere.test").await;
    assert_eq!(unregistered.zone, Err(ZoneTrouble::Unregistered("nowhere.test".into())));
    assert_eq!(unregistered.records.len(), 3);
    world.resolver.set(Mood::Answering(ResponseCode::ServFail));
    assert_eq!(world.look().await.zone, Err(ZoneTrouble::Failing("court.test".into())));
    world.resolver.set(Mood::Answering(ResponseCode::Refused));
    assert!(matches!(world.look().await.zone, Err(ZoneTrouble::CouldNotAsk(_))));

    world.resolver.set(Mood::SilentAbout("court.test"));
    assert_eq!(world.look().await.zone, Err(ZoneTrouble::Failing("court.test".into())));

    let deaf = Dns::new(settings((NOBODY, 1).into(), 1, |_| true)).expect("settings");
    let hostname = Hostname::parse_form("pay.court.test").expect("a name");
    let seen = deaf.look(&hostname, &[], "edge.padlock.test", Millis(0)).await;
    assert!(matches!(seen.zone, Err(ZoneTrouble::CouldNotAsk(_))));
}

#[tokio::test]
async fn a_second_resolver_stands_in() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    let mut two = settings((NOBODY, 1).into(), world.ns1.address.port(), |ip| ip.is_loopback());
    two.resolvers.push(world.resolver.address);
    let hostname = Hostname::parse_form("pay.court.test").expect("a name");
    let dns = Dns::new(two).expect("settings");
    let seen = dns.look(&hostname, &wanted_of(&hostname), "edge.padlock.test", Millis(0)).await;
    assert_eq!(states(&seen), [Detected; 3]);
}

#[tokio::test]
async fn values_are_on_show_only_when_every_server_shows_all() {
    let world = world();
    world.resolver.add(&["dcv.court.test NS ns1.host.test", "dcv.court.test NS ns2.host.test"]);
    let values = ["one".to_owned(), "two".to_owned()];
    let shows = || world.dns.shows("lab.dcv.court.test", &values);
    assert!(!shows().await);
    world.publish(&["lab.dcv.court.test TXT one"]);
    assert!(!shows().await);
    world.ns1.add(&["lab.dcv.court.test TXT two"]);
    assert!(!shows().await);
    world.ns2.add(&["lab.dcv.court.test TXT two"]);
    assert!(shows().await);
    world.ns2.set(Mood::Answering(ResponseCode::ServFail));
    assert!(shows().await, "a CA passes a failing server over");
    assert!(!world.resolver.asked().iter().any(|asked| asked.contains("lab.dcv")));
    world.ns1.set(Mood::Answering(ResponseCode::ServFail));
    assert!(!shows().await);
}

#[tokio::test]
async fn a_thousand_looks_side_by_side() {
    let world = world();
    world.publish(&[TXT, DCV, ROUTE]);
    world.look().await;
    let begun = Instant::now();
    let all = join_all((0..1_000).map(|_| world.look())).await;
    assert!(all.iter().all(|seen| states(seen) == [Detected; 3]));
    assert!(begun.elapsed() < Duration::from_secs(12));
}

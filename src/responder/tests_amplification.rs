//! No question over UDP is answered by more than twice its bytes: every type, every shape of name and of zone, with EDNS
//! and without.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use super::Zone;
use super::packet::{AMPLIFICATION_MAX, Transport, reply};

/// As long as the labels that the store gives out.
const LABEL: &str = "0123456789abcdef0123456789abcdef";
const TYPES: [RangeInclusive<u16>; 3] = [0..=264, 32_768..=32_770, 65_279..=65_281];

/// A zone with something of everything.
fn zone(apex: &str, servers: &[&str]) -> Zone {
    let own = servers[0];
    let zone = Zone::new(apex, servers.iter().copied(), 1).unwrap();
    let zone = (1..=4).fold(zone, |zone, n| {
        let zone = zone.with_address(own, IpAddr::from([192, 0, 2, n])).unwrap();
        zone.with_address(own, IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(n)])).unwrap()
    });
    let values = (0..64).map(|n| ("many".to_owned(), format!("{n:0>255}")));
    let values = values.chain((0..2).map(|n| ("two".to_owned(), format!("{n:0>43}"))));
    let values = values.chain([(LABEL.to_owned(), "v".repeat(43)), ("a".to_owned(), "v".to_owned())]);
    zone.with_values(values.chain([("deep.er".to_owned(), "v".repeat(255))])).unwrap()
}

fn zones() -> Vec<Zone> {
    let long = format!("{0}.{0}.{0}", "x".repeat(60));
    let far: Vec<String> = (0..8).map(|n| format!("{n}.{long}.example.org")).collect();
    let own = format!("ns.{long}.test");
    vec![
        zone("d.t", &["n.d.t"]),
        zone("dcv.example.net", &["ns1.dcv.example.net", "ns2.example.net"]),
        zone("d.t", &[&["n.d.t"], far.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat()),
        zone(&format!("{long}.test"), &[own.as_str()]),
    ]
}

fn names(zone: &Zone) -> Vec<Name> {
    let apex = zone.apex();
    let below =
        [LABEL, "a", "two", "many", "er", "deep.er", "absent", "b", "a.b.c.d.e.f", "n", "ns", "ns1", "*", "x.a"];
    let below = below.into_iter().map(|name| Name::from_ascii(name).unwrap().append_domain(apex).unwrap());
    let outside = [".", "t.", "example.org."].map(|name| Name::from_ascii(name).unwrap());
    below.chain(outside).chain([apex.clone()]).collect()
}

fn request(name: &Name, kind: RecordType, edns: Option<(u16, bool)>) -> Vec<u8> {
    let mut request = Message::query();
    request.add_query(Query::query(name.clone(), kind));
    if let Some((bytes, dnssec)) = edns {
        let mut told = Edns::new();
        told.set_max_payload(bytes).set_dnssec_ok(dnssec);
        request.set_edns(told);
    }
    request.to_vec().unwrap()
}

#[test]
fn no_question_is_answered_by_more_than_twice_its_bytes() {
    let (mut asked, mut cut, mut worst) = (0, 0, (0.0, String::new()));
    for zone in zones() {
        for name in names(&zone) {
            for kind in TYPES.into_iter().flatten().map(RecordType::from) {
                for edns in [None, Some((512, false)), Some((4_096, true))] {
                    let request = request(&name, kind, edns);
                    let answer = reply(&zone, &request, Transport::Udp).unwrap();
                    let factor = answer.len() as f64 / request.len() as f64;
                    asked += 1;
                    if factor > worst.0 {
                        worst = (factor, format!("{name} {kind} {edns:?}"));
                    }
                    if Message::from_vec(&answer).unwrap().metadata.truncation {
                        cut += 1;
                        let whole = reply(&zone, &request, Transport::Tcp).unwrap();
                        assert!(whole.len() > answer.len(), "{name} {kind}: TCP has no more to say");
                    }
                }
            }
        }
    }
    eprintln!("{asked} questions, {cut} of them sent to TCP; the most is {:.2} times: {}", worst.0, worst.1);
    assert!(worst.0 <= AMPLIFICATION_MAX as f64, "{worst:?}");
    assert!(cut > 0, "nothing was long enough to try the limit");
}

/// What resolvers ask on the way to a challenge's value is answered at once: the limit costs an issuance nothing.
#[test]
fn a_challenge_is_looked_up_without_tcp() {
    let zone = zone("dcv.example.net", &["ns1.dcv.example.net", "ns2.example.net"]);
    let (apex, label) = (zone.apex().clone(), Name::from_ascii(LABEL).unwrap());
    let label = label.append_domain(&apex).unwrap();
    let absent = Name::from_ascii("f".repeat(32)).unwrap().append_domain(&apex).unwrap();
    for (name, kind, code, records) in [
        (&label, RecordType::TXT, ResponseCode::NoError, 1),
        (&label, RecordType::CNAME, ResponseCode::NoError, 0),
        (&label, RecordType::CAA, ResponseCode::NoError, 0),
        (&absent, RecordType::TXT, ResponseCode::NXDomain, 0),
        (&apex, RecordType::A, ResponseCode::NoError, 0),
        (&apex, RecordType::NS, ResponseCode::NoError, 2),
        (&apex, RecordType::SOA, ResponseCode::NoError, 1),
    ] {
        let bytes = reply(&zone, &request(name, kind, Some((1_232, true))), Transport::Udp).unwrap();
        let answer = Message::from_vec(&bytes).unwrap();
        let seen = (answer.metadata.truncation, answer.metadata.response_code, answer.answers.len());
        assert_eq!(seen, (false, code, records), "{name} {kind}");
    }
}

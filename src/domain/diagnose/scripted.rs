//! Made-up observations for tests: a healthy name, and one hand for each thing that can be wrong with it.

use crate::domain::observation::*;
use crate::domain::observed::NameServer;
use crate::domain::record::{Place, Purpose, RecordType, Wanted};
use crate::domain::setup::SslValidation;
use crate::domain::time::Millis;

pub(super) const AT: Millis = Millis(1_795_254_067_250);
pub(super) const ZONE: &str = "court.test";
pub(super) const NAME: &str = "portal.court.test";
pub(super) const EDGE: &str = "203.0.113.5";
pub(super) const SERVERS: [(&str, &str); 2] = [("ns1.host.test", "192.0.2.1"), ("ns2.host.test", "192.0.2.2")];

pub(super) fn wanted(purpose: Purpose, rtype: RecordType, host: &str, value: &str) -> Wanted {
    Wanted { purpose, rtype, host: host.into(), value: value.into() }
}

/// All three records, and nothing else of note.
pub(in crate::domain) fn healthy() -> Observation {
    let wanted = vec![
        wanted(
            Purpose::Validation,
            RecordType::Txt,
            "_padlock.portal.court.test",
            "padlock-verification=abcdefghijklmnopqrstuvwxyz",
        ),
        wanted(Purpose::Dcv, RecordType::Cname, "_acme-challenge.portal.court.test", "label.dcv.padlock.test"),
        wanted(Purpose::Routing, RecordType::Cname, NAME, "edge.padlock.test"),
    ];
    let mut seen = Observation {
        at: AT,
        took_ms: 20,
        subject: Subject {
            name: NAME.into(),
            wildcard: false,
            registered: ZONE.into(),
            wanted: wanted.clone(),
            validation: Some(SslValidation::Dns),
            place: Place {
                record_label: "_padlock".into(),
                dcv_zone: "dcv.padlock.test".into(),
                edge_hostname: "edge.padlock.test".into(),
            },
            issuers: vec![Issuer { names: vec!["ca.test".into()], account: Some("https://ca.test/1".into()) }],
            held: None,
            moved_since: None,
            before: None,
            setbacks: Vec::new(),
            random_label: "r4nd0m".into(),
        },
        delegation: Delegation {
            zone: Ok(ZONE.into()),
            servers: SERVERS
                .iter()
                .map(|(name, address)| NameServer {
                    name: (*name).into(),
                    addresses: vec![address.parse().expect("an address")],
                })
                .collect(),
            below: Vec::new(),
            edge_addresses: vec![EDGE.parse().expect("an address")],
        },
        answers: Vec::new(),
        visits: Vec::new(),
        handshakes: Vec::new(),
        registry: None,
    };
    for transport in [Transport::Udp, Transport::Tcp] {
        everywhere(&mut seen, ZONE, Kind::Soa, &["ns1.host.test. host. 7 1 1 1 60"], transport);
    }
    everywhere(&mut seen, ZONE, Kind::Ns, &["ns1.host.test", "ns2.host.test"], Transport::Udp);
    for one in &wanted {
        everywhere(&mut seen, &one.host, one.rtype.into(), &[&one.value], Transport::Udp);
    }
    for name in [NAME, ZONE] {
        everywhere(&mut seen, name, Kind::Caa, &[], Transport::Udp);
    }
    seen
}

pub(super) fn message(name: &str, kind: Kind, values: &[&str]) -> Message {
    let record = |value: &&str| Record { name: name.into(), kind, ttl: 60, value: (*value).into() };
    Message {
        rcode: "NOERROR".into(),
        authoritative: true,
        records: values.iter().map(record).collect(),
        ..Message::default()
    }
}

pub(super) fn coded(rcode: &str) -> Message {
    Message { rcode: rcode.into(), authoritative: rcode != "REFUSED", ..Message::default() }
}

pub(super) fn answer(who: Who, address: &str, name: &str, kind: Kind, said: Said) -> Answer {
    let address = address.parse().expect("an address");
    Answer { who, address, transport: Transport::Udp, name: name.into(), kind, at: AT, said }
}

pub(super) fn authority(place: usize) -> (Who, &'static str) {
    let (server, address) = SERVERS[place];
    (Who::Authority { server: server.into(), zone: ZONE.into() }, address)
}

/// Every server answers so.
pub(super) fn everywhere(seen: &mut Observation, name: &str, kind: Kind, values: &[&str], transport: Transport) {
    for place in 0..SERVERS.len() {
        let (who, address) = authority(place);
        let said = Said::Message(message(name, kind, values));
        seen.answers.push(Answer { transport, ..answer(who, address, name, kind, said) });
    }
}

/// Takes away what was said about a question, and lets every server say this.
pub(super) fn say(seen: &mut Observation, name: &str, kind: Kind, values: &[&str]) {
    forget(seen, name, kind);
    everywhere(seen, name, kind, values, Transport::Udp);
}

pub(super) fn forget(seen: &mut Observation, name: &str, kind: Kind) {
    seen.answers.retain(|answer| answer.name != name || answer.kind != kind);
}

/// One server says this of a question, in place of what it said.
pub(super) fn at(seen: &mut Observation, place: usize, name: &str, kind: Kind, said: &Said) {
    let (who, address) = authority(place);
    seen.answers.retain(|answer| answer.who != who || answer.name != name || answer.kind != kind);
    seen.answers.push(answer(who, address, name, kind, said.clone()));
}

/// A resolver fails with validation, and without it says this.
pub(super) fn bogus(seen: &mut Observation, name: &str, kind: Kind, values: &[&str], error: Option<u16>) {
    let mut failure = coded("SERVFAIL");
    failure.extended.extend(error.map(|code| ExtendedError { code, text: String::new() }));
    seen.answers.push(answer(Who::Resolver, "192.0.2.53", name, kind, Said::Message(failure)));
    let plain = Said::Message(message(name, kind, values));
    seen.answers.push(answer(Who::ResolverUnchecked, "192.0.2.53", name, kind, plain));
}

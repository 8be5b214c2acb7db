//! What the zone says to a question: one pure, total function.

use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, HINFO, NS, SOA, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::zone::{Found, Node, Zone};

/// Seconds a TXT value may be cached: it is asked for within moments of being shown, and must be gone when it is hidden.
pub const TXT_TTL_S: u32 = 1;
/// Seconds an absence may be cached (RFC 2308). A CA that looked too early must not remember it, so as short as a TTL goes:
/// some caches read 0 as their own default.
pub const NEGATIVE_TTL_S: u32 = 1;
/// Seconds for what changes with the delegation only: NS and its addresses.
pub const FRAME_TTL_S: u32 = 3_600;
/// Largest UDP answer in bytes, whatever the client offers: no fragments (DNS flag day 2020).
pub const EDNS_MAX_BYTES: u16 = 1_232;

/// SOA timers in seconds. They guide secondaries, and there are none: nodes learn from the store.
const REFRESH_S: i32 = 3_600;
const RETRY_S: i32 = 600;
const EXPIRE_S: i32 = 604_800;

/// The response to a request. The size is not looked at here: `packet` knows the transport.
pub fn answer(zone: &Zone, request: &Message) -> Message {
    let mut response = outline(request);
    response.metadata.response_code = match question(zone, request) {
        Ok(Question { name, kind, node }) => {
            response.metadata.authoritative = true;
            let code = if node.is_some() { ResponseCode::NoError } else { ResponseCode::NXDomain };
            response.answers = node.map(|node| records(zone, name, kind, &node)).unwrap_or_default();
            if response.answers.is_empty() {
                response.authorities.push(soa(zone, name));
            }
            code
        }
        Err(code) => code,
    };
    response
}

/// A response without an answer: the request's id, its question as asked and, if it spoke EDNS, our own EDNS record
/// (RFC 6891 §6.1.1, with the DO bit copied: RFC 3225 §3). RA is never set: nothing here recurses.
pub(super) fn outline(request: &Message) -> Message {
    let mut response = Message::response(request.metadata.id, request.metadata.op_code);
    response.metadata.recursion_desired = request.metadata.recursion_desired;
    response.queries = request.queries.iter().take(1).cloned().collect();
    response.edns = request.edns.as_ref().map(|asked| {
        let mut edns = Edns::new();
        edns.set_max_payload(EDNS_MAX_BYTES).set_dnssec_ok(asked.flags().dnssec_ok);
        edns
    });
    response
}

/// A question that this zone has the last word on; without a node the name does not exist.
struct Question<'a> {
    name: &'a Name,
    kind: RecordType,
    node: Option<Node<'a>>,
}

fn question<'a>(zone: &'a Zone, request: &'a Message) -> Result<Question<'a>, ResponseCode> {
    if request.metadata.op_code != OpCode::Query {
        return Err(ResponseCode::NotImp);
    }
    if request.version() > 0 {
        return Err(ResponseCode::BADVERS);
    }
    // RFC 9619: a query has one question.
    let [query] = request.queries.as_slice() else { return Err(ResponseCode::FormErr) };
    if query.query_class() != DNSClass::IN || is_meta(query.query_type()) {
        return Err(ResponseCode::Refused);
    }
    let node = match zone.find(query.name()) {
        Found::Outside => return Err(ResponseCode::Refused),
        Found::Nothing => None,
        Found::Node(node) => Some(node),
    };
    Ok(Question { name: query.name(), kind: query.query_type(), node })
}

/// OPT and the range of query and meta types (RFC 6895 §3.1), zone transfers among them; not ANY, which has an answer.
fn is_meta(kind: RecordType) -> bool {
    kind == RecordType::OPT || (kind != RecordType::ANY && (128..=255).contains(&u16::from(kind)))
}

fn records(zone: &Zone, name: &Name, kind: RecordType, node: &Node<'_>) -> Vec<Record> {
    let record = |ttl_s, data| Record::from_rdata(name.clone(), ttl_s, data);
    match kind {
        RecordType::SOA if node.apex => vec![soa(zone, name)],
        RecordType::NS if node.apex => {
            zone.ns_names().iter().map(|ns| record(FRAME_TTL_S, RData::NS(NS(ns.clone())))).collect()
        }
        RecordType::TXT => {
            let values = node.texts.into_iter().flatten();
            values.map(|value| record(TXT_TTL_S, RData::TXT(TXT::new(vec![value.clone()])))).collect()
        }
        RecordType::A | RecordType::AAAA => {
            let data = node.addresses.iter().map(|address| match address {
                IpAddr::V4(v4) => RData::A(A(*v4)),
                IpAddr::V6(v6) => RData::AAAA(AAAA(*v6)),
            });
            data.filter(|data| data.record_type() == kind).map(|data| record(FRAME_TTL_S, data)).collect()
        }
        // RFC 8482 §4.2: ANY gets one small record in place of everything.
        RecordType::ANY if node.apex || node.texts.is_some() || !node.addresses.is_empty() => {
            vec![record(FRAME_TTL_S, RData::HINFO(HINFO::new("RFC8482".to_owned(), String::new())))]
        }
        _ => Vec::new(),
    }
}

/// The SOA, owned by the apex in the letters of the question, so that compression makes it a pointer. The contact is the
/// apex itself (`dcv.example.net` reads as the mailbox dcv@example.net): two bytes, and answers to forged senders stay small.
fn soa(zone: &Zone, asked: &Name) -> Record {
    let apex = asked.trim_to(zone.apex().iter().len());
    let primary = zone.ns_names().first().unwrap_or(&apex).clone();
    let data = SOA::new(primary, apex.clone(), zone.serial(), REFRESH_S, RETRY_S, EXPIRE_S, NEGATIVE_TTL_S);
    Record::from_rdata(apex, NEGATIVE_TTL_S, RData::SOA(data))
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, Query};

    use super::*;

    fn zone() -> Zone {
        Zone::new("dcv.example.net", ["ns1.dcv.example.net", "ns2.example.org"], 42)
            .and_then(|zone| zone.with_address("ns1.dcv.example.net", IpAddr::from([192, 0, 2, 1])))
            .and_then(|zone| zone.with_values([("one", "v1"), ("two", "v1"), ("two", "v2"), ("deep.er", "v3")]))
            .unwrap()
    }

    fn request(name: &str, kind: RecordType) -> Message {
        let mut request = Message::query();
        request.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        request
    }

    /// One line that says all: code, AA, then the sections.
    fn told(response: &Message) -> String {
        let section = |records: &[Record]| {
            let lines = records.iter().map(|r| format!("{} {} {} {}", r.name, r.ttl, r.record_type(), r.data));
            lines.collect::<Vec<_>>().join(", ")
        };
        let aa = if response.metadata.authoritative { " aa" } else { "" };
        let (answers, authorities) = (section(&response.answers), section(&response.authorities));
        format!("{:?}{aa} | {answers} | {authorities}", response.metadata.response_code)
    }

    #[track_caller]
    fn check(name: &str, kind: RecordType, expected: &str) {
        assert_eq!(told(&answer(&zone(), &request(name, kind))), expected);
    }

    const SOA_LINE: &str = "dcv.example.net. 1 SOA ns1.dcv.example.net. dcv.example.net. 43 3600 600 604800 1";

    #[test]
    fn texts_are_told_all_of_them() {
        check("one.dcv.example.net.", RecordType::TXT, "NoError aa | one.dcv.example.net. 1 TXT v1 | ");
        check(
            "two.dcv.example.net.",
            RecordType::TXT,
            "NoError aa | two.dcv.example.net. 1 TXT v1, two.dcv.example.net. 1 TXT v2 | ",
        );
    }

    #[test]
    fn absences_carry_the_soa_and_an_empty_non_terminal_exists() {
        let (no_data, no_name) = (format!("NoError aa |  | {SOA_LINE}"), format!("NXDomain aa |  | {SOA_LINE}"));
        check("one.dcv.example.net.", RecordType::A, &no_data);
        check("one.dcv.example.net.", RecordType::NS, &no_data);
        check("one.dcv.example.net.", RecordType::CAA, &no_data);
        check("er.dcv.example.net.", RecordType::TXT, &no_data);
        check("er.dcv.example.net.", RecordType::ANY, &no_data);
        check("dcv.example.net.", RecordType::TXT, &no_data);
        check("dcv.example.net.", RecordType::DS, &no_data);
        check("ns1.dcv.example.net.", RecordType::AAAA, &no_data);
        check("three.dcv.example.net.", RecordType::TXT, &no_name);
        check("three.dcv.example.net.", RecordType::ANY, &no_name);
        check("x.one.dcv.example.net.", RecordType::TXT, &no_name);
    }

    #[test]
    fn the_apex_and_its_name_servers() {
        check("dcv.example.net.", RecordType::SOA, &format!("NoError aa | {SOA_LINE} | "));
        check(
            "dcv.example.net.",
            RecordType::NS,
            "NoError aa | dcv.example.net. 3600 NS ns1.dcv.example.net., dcv.example.net. 3600 NS ns2.example.org. | ",
        );
        check("ns1.dcv.example.net.", RecordType::A, "NoError aa | ns1.dcv.example.net. 3600 A 192.0.2.1 | ");
    }

    #[test]
    fn any_is_answered_minimally() {
        for name in ["two.dcv.example.net.", "dcv.example.net.", "ns1.dcv.example.net."] {
            check(name, RecordType::ANY, &format!("NoError aa | {name} 3600 HINFO RFC8482  | "));
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for name in ["example.net.", "one.dcv.example.org.", "dcv.example.net.evil.org.", "."] {
            check(name, RecordType::TXT, "Refused |  | ");
        }
        for kind in [RecordType::AXFR, RecordType::IXFR, RecordType::OPT, RecordType::Unknown(253)] {
            check("dcv.example.net.", kind, "Refused |  | ");
        }
        for class in [DNSClass::CH, DNSClass::ANY, DNSClass::NONE] {
            let mut request = request("one.dcv.example.net.", RecordType::TXT);
            request.queries[0].set_query_class(class);
            assert_eq!(told(&answer(&zone(), &request)), "Refused |  | ");
        }
    }

    #[test]
    fn other_shapes_of_request() {
        for op_code in [OpCode::Status, OpCode::Notify, OpCode::Update, OpCode::Unknown(9)] {
            let mut request = request("one.dcv.example.net.", RecordType::TXT);
            request.metadata.op_code = op_code;
            let response = answer(&zone(), &request);
            assert_eq!((told(&response), response.metadata.op_code), ("NotImp |  | ".to_owned(), op_code));
        }
        let mut two = request("one.dcv.example.net.", RecordType::TXT);
        two.add_query(two.queries[0].clone());
        assert_eq!(told(&answer(&zone(), &two)), "FormErr |  | ");
        assert_eq!(told(&answer(&zone(), &Message::query())), "FormErr |  | ");
    }

    #[test]
    fn edns_is_answered_in_kind() {
        let mut asked = request("one.dcv.example.net.", RecordType::TXT);
        assert_eq!(answer(&zone(), &asked).edns, None);
        let mut edns = Edns::new();
        edns.set_max_payload(4_096).set_dnssec_ok(true);
        asked.set_edns(edns.clone());
        let response = answer(&zone(), &asked);
        let told_edns = response.edns.as_ref().unwrap();
        assert_eq!((told_edns.version(), told_edns.max_payload(), told_edns.flags().dnssec_ok), (0, 1_232, true));
        assert_eq!(response.answers.len(), 1);
        asked.set_edns(edns.set_version(1).clone());
        let response = answer(&zone(), &asked);
        assert_eq!(told(&response), "BADVERS |  | ");
        assert_eq!(response.edns.unwrap().version(), 0);
    }

    #[test]
    fn the_header_is_that_of_an_authority() {
        let mut asked = request("oNe.DCV.example.NET.", RecordType::TXT);
        asked.metadata.recursion_desired = true;
        asked.metadata.authentic_data = true;
        asked.metadata.checking_disabled = true;
        let response = answer(&zone(), &asked);
        let header = response.metadata;
        assert_eq!((header.id, header.message_type), (asked.metadata.id, MessageType::Response));
        assert!(header.authoritative && header.recursion_desired);
        assert!(!header.recursion_available && !header.authentic_data && !header.checking_disabled);
        assert!(response.queries[0].name().eq_case(asked.queries[0].name()), "echoed as asked");
        assert!(response.answers[0].name.eq_case(asked.queries[0].name()));
    }
}

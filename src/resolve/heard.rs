//! Reads what one server's message says about one name: records, nothing, a referral, or a failure.

use crate::domain::observed::{Found, Reply};
use crate::domain::record::RecordType as Kept;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{Name, RData, Record};

/// The root itself has 13 name servers, and more than that no answer need carry.
pub(super) const SERVERS: usize = 13;
/// Values kept of one answer: a TXT name may hold dozens, a stranger's thousands.
const VALUES: usize = 32;
/// Bytes kept of one value: ours are far shorter, and what is longer is none of ours.
const VALUE_BYTES: usize = 1_024;

/// A zone and the names of its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delegation {
    /// The zone's own name.
    pub(super) apex: Name,
    /// Its servers' names, sorted, each once.
    pub(super) servers: Vec<Name>,
}

/// What an authoritative server's message means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It spoke about the name.
    Reply(Reply),
    /// It named the servers of a zone further down (RFC 1034 §4.3.2).
    Referral(Delegation),
}

/// Where an authoritative message says that a name lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In this zone, whose servers it named.
    Delegated(Delegation),
    /// In the zone of this name, by the SOA beside a negative answer (RFC 2308 §3).
    Zone(Name),
    /// The name is an alias, so it is no zone's own name; its parent will tell.
    Alias,
    /// It does not say.
    Unsaid,
}

/// Reads a message from a server of `zone` about `name`.
pub(super) fn authoritative(message: &Message, name: &Name, zone: &Name) -> Heard {
    match (message.metadata.response_code, message.metadata.authoritative) {
        (ResponseCode::NoError | ResponseCode::NXDomain, true) => Heard::Reply(records_or_nothing(message, name)),
        (ResponseCode::NoError, false) => match referral(message, name, zone) {
            Some(delegation) => Heard::Referral(delegation),
            None => Heard::Reply(Reply::Failed("not authoritative".into())),
        },
        (ResponseCode::NXDomain, false) => Heard::Reply(Reply::Failed("not authoritative".into())),
        (code, _) => Heard::Reply(Reply::Failed(mnemonic(code))),
    }
}

/// Reads a resolver's message about `name`.
pub(super) fn recursive(message: &Message, name: &Name) -> Reply {
    match message.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => records_or_nothing(message, name),
        code => Reply::Failed(mnemonic(code)),
    }
}

/// Reads where `name` lies from a message of a server of `zone` that was asked for its NS.
pub(super) fn place(message: &Message, name: &Name, zone: &Name) -> Place {
    if !message.metadata.authoritative {
        return referral(message, name, zone).map_or(Place::Unsaid, Place::Delegated);
    }
    if let Some(delegation) = name_servers(&message.answers, name) {
        return Place::Delegated(delegation);
    }
    if message.answers.iter().any(|record| record.name == *name && matches!(record.data, RData::CNAME(_))) {
        return Place::Alias;
    }
    soa_owner(message, name).map_or(Place::Unsaid, Place::Zone)
}

/// The zone whose SOA stands beside a negative answer, when it is `name` or above it: an alias leads to strangers' zones.
pub(super) fn soa_owner(message: &Message, name: &Name) -> Option<Name> {
    let mut owners = message.authorities.iter().filter(|record| matches!(record.data, RData::SOA(_)));
    owners.find(|record| record.name.zone_of(name)).map(|record| record.name.to_lowercase())
}

/// The NS set that `records` hold for `apex`.
pub(super) fn name_servers(records: &[Record], apex: &Name) -> Option<Delegation> {
    let mut servers: Vec<Name> = records
        .iter()
        .filter(|record| record.name == *apex)
        .filter_map(|record| match &record.data {
            RData::NS(server) => Some(server.0.to_lowercase()),
            _ => None,
        })
        .collect();
    servers.sort();
    servers.dedup();
    servers.truncate(SERVERS);
    (!servers.is_empty()).then(|| Delegation { apex: apex.to_lowercase(), servers })
}

/// A referral leads strictly downwards, towards the name: anything else is a server that does not know the zone.
fn referral(message: &Message, name: &Name, zone: &Name) -> Option<Delegation> {
    if !message.answers.is_empty() {
        return None;
    }
    let leads_down = |apex: &Name| apex.zone_of(name) && zone.zone_of(apex) && apex != zone;
    let below =
        message.authorities.iter().find(|record| matches!(record.data, RData::NS(_)) && leads_down(&record.name))?;
    name_servers(&message.authorities, &below.name)
}

fn records_or_nothing(message: &Message, name: &Name) -> Reply {
    // What stands at an alias's target belongs to somebody else: only records at the asked name count.
    let mut records: Vec<Found> =
        message.answers.iter().filter(|record| record.name == *name).filter_map(found).collect();
    records.sort_by(|a, b| (a.rtype, &a.value).cmp(&(b.rtype, &b.value)));
    records.dedup();
    records.truncate(VALUES);
    match message.metadata.response_code {
        _ if !records.is_empty() => Reply::Records(records),
        ResponseCode::NXDomain => Reply::NxDomain,
        _ => Reply::NoData,
    }
}

fn found(record: &Record) -> Option<Found> {
    let (rtype, value) = match &record.data {
        RData::A(address) => (Kept::A, address.0.to_string()),
        RData::AAAA(address) => (Kept::Aaaa, address.0.to_string()),
        RData::CNAME(target) => (Kept::Cname, text_of(&target.0)),
        RData::TXT(text) => (Kept::Txt, joined(text)),
        _ => return None,
    };
    Some(Found { rtype, value, ttl: record.ttl })
}

/// A name as the domain core writes it: lower case (ours went out in random case), no trailing dot.
pub(super) fn text_of(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    text.strip_suffix('.').map_or_else(|| text.clone(), str::to_owned)
}

/// A TXT record's strings joined without spaces (RFC 7208 §3.3); bytes that are no text shown as `\ddd` (RFC 1035 §5.1).
pub(super) fn joined(text: &TXT) -> String {
    let bytes: Vec<u8> = text.txt_data.iter().flat_map(|part| part.iter().copied()).take(VALUE_BYTES).collect();
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\{byte:03}"));
        }
    }
    let end = shown.floor_char_boundary(VALUE_BYTES);
    shown.truncate(end);
    shown
}

/// The response code as people in DNS write it: `SERVFAIL`, `REFUSED`.
pub(super) fn mnemonic(code: ResponseCode) -> String {
    format!("{code:?}").to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::op::OpCode;
    use hickory_resolver::proto::rr::rdata::{A, CNAME, NS, SOA};
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    fn message(code: ResponseCode, authoritative: bool) -> Message {
        let mut message = Message::response(7, OpCode::Query);
        message.metadata.response_code = code;
        message.metadata.authoritative = authoritative;
        message
    }

    fn record(owner: &str, data: RData) -> Record {
        Record::from_rdata(name(owner), 60, data)
    }

    fn ns(owner: &str, server: &str) -> Record {
        record(owner, RData::NS(NS(name(server))))
    }

    fn soa(owner: &str) -> Record {
        record(owner, RData::SOA(SOA::new(name("ns."), name("host."), 1, 2, 3, 4, 5)))
    }

    #[test]
    fn only_records_at_the_asked_name_count() {
        let mut answer = message(ResponseCode::NoError, true);
        answer.add_answer(record("X.court.test.", RData::CNAME(CNAME(name("Other.Test.")))));
        answer.add_answer(record("other.test.", RData::A(A::new(192, 0, 2, 1))));
        let alias = Found { rtype: Kept::Cname, value: "other.test".into(), ttl: 60 };
        let want = Heard::Reply(Reply::Records(vec![alias]));
        assert_eq!(authoritative(&answer, &name("x.court.test."), &name("court.test.")), want);
    }

    #[test]
    fn nothing_there_differs_from_no_such_name_and_from_failure() {
        let check = |code, aa, want: Reply| {
            let heard = authoritative(&message(code, aa), &name("x.court.test."), &name("court.test."));
            assert_eq!(heard, Heard::Reply(want));
        };
        check(ResponseCode::NoError, true, Reply::NoData);
        check(ResponseCode::NXDomain, true, Reply::NxDomain);
        check(ResponseCode::NXDomain, false, Reply::Failed("not authoritative".into()));
        check(ResponseCode::NoError, false, Reply::Failed("not authoritative".into()));
        check(ResponseCode::ServFail, true, Reply::Failed("SERVFAIL".into()));
        check(ResponseCode::Refused, false, Reply::Failed("REFUSED".into()));
    }

    #[test]
    fn a_referral_leads_down_and_towards_the_name() {
        let check = |owner: &str, want: bool| {
            let mut answer = message(ResponseCode::NoError, false);
            answer.add_authority(ns(owner, "NS1.other.test."));
            let heard = authoritative(&answer, &name("a.b.court.test."), &name("court.test."));
            assert_eq!(matches!(heard, Heard::Referral(_)), want, "{owner}");
        };
        check("b.court.test.", true);
        check("A.b.court.test.", true);
        check("court.test.", false);
        check("test.", false);
        check(".", false);
        check("c.court.test.", false);
    }

    #[test]
    fn an_alias_says_nothing_about_the_zone_of_its_name() {
        let (asked, zone) = (name("x.court.test."), name("court.test."));
        let mut answer = message(ResponseCode::NoError, true);
        answer.add_answer(record("x.court.test.", RData::CNAME(CNAME(name("site.cdn.test.")))));
        answer.add_authority(soa("cdn.test."));
        assert_eq!(place(&answer, &asked, &zone), Place::Alias);
        assert_eq!(soa_owner(&answer, &asked), None);

        let mut negative = message(ResponseCode::NXDomain, true);
        negative.add_authority(soa("Court.test."));
        assert_eq!(place(&negative, &asked, &zone), Place::Zone(zone.clone()));
    }

    #[test]
    fn a_child_zone_on_the_same_server_is_noticed() {
        let mut answer = message(ResponseCode::NoError, true);
        answer.add_answer(ns("x.court.test.", "ns2.test.")).add_answer(ns("x.court.test.", "ns1.test."));
        let servers = vec![name("ns1.test."), name("ns2.test.")];
        let want = Place::Delegated(Delegation { apex: name("x.court.test."), servers });
        assert_eq!(place(&answer, &name("x.court.test."), &name("court.test.")), want);
    }

    #[test]
    fn texts_are_joined_and_made_visible() {
        let text = TXT::from_bytes(vec![b"padlock-", b"verification=\xffx", "\u{e9}".as_bytes()]);
        assert_eq!(joined(&text), "padlock-verification=\\255xé");
    }

    #[test]
    fn a_flood_of_values_is_cut() {
        let mut answer = message(ResponseCode::NoError, true);
        for n in 0..100 {
            let long = format!("{n}{}", "x".repeat(200));
            answer.add_answer(record("x.test.", RData::TXT(TXT::new(vec![long; 20]))));
        }
        let reply = recursive(&answer, &name("x.test."));
        assert_eq!(reply.records().len(), VALUES);
        assert!(reply.records().iter().all(|found| found.value.len() <= VALUE_BYTES));
    }

    proptest! {
        #[test]
        fn any_text_is_shown_within_bounds(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..255), 0..9)) {
            let shown = joined(&TXT::from_bytes(parts.iter().map(Vec::as_slice).collect()));
            prop_assert!(shown.len() <= VALUE_BYTES);
        }
    }
}

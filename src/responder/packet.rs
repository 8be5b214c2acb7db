//! Bytes in, bytes out: the only place that meets what strangers send.
//!
//! The header is read by hand first. hickory reserves memory for as many questions as a header claims, and a question may
//! hide behind a compression pointer and come back longer than it was sent; neither gets that far.

use hickory_proto::op::{Edns, Message, OpCode, ResponseCode};

use super::answer::{EDNS_MAX_BYTES, answer, outline};
use super::zone::Zone;

/// Bytes in a request. A question with EDNS, cookies and padding has under 600; more is nothing that we answer.
pub const REQUEST_MAX_BYTES: usize = 1_232;
/// Largest UDP answer to a client without EDNS (RFC 1035 §4.2.1).
const PLAIN_MAX_BYTES: u16 = 512;
/// A UDP answer has at most so many times the bytes of its request, whatever was asked: whoever forges a sender gains next
/// to nothing here. What is longer goes by TCP, whose handshake proves the sender.
pub const AMPLIFICATION_MAX: usize = 2;
/// Bytes in a header (RFC 1035 §4.1.1).
const HEADER_BYTES: usize = 12;

/// How the request came, which decides how long the answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One datagram, no longer than client and path take and than its question earns.
    Udp,
    /// A stream: whole.
    Tcp,
}

/// The answer to any bytes, or silence for what is no request. What cannot be read gets a bare header, shorter than itself.
pub fn reply(zone: &Zone, bytes: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let request = match read(bytes) {
        Read::Silence => return None,
        Read::Refuse(code) => return Some(bare(bytes, code)),
        Read::Request(request) => request,
    };
    let limit = match transport {
        Transport::Udp => udp_limit(&request).min(AMPLIFICATION_MAX * bytes.len()),
        Transport::Tcp => usize::from(u16::MAX),
    };
    let whole = answer(zone, &request).to_vec().ok();
    whole.filter(|bytes| bytes.len() <= limit).or_else(|| truncated(&request))
}

/// The invitation to come back over TCP, in place of an answer; never longer than the request.
pub fn slip(bytes: &[u8]) -> Option<Vec<u8>> {
    match read(bytes) {
        Read::Request(request) => truncated(&request),
        Read::Silence | Read::Refuse(_) => None,
    }
}

/// What client and path take.
fn udp_limit(request: &Message) -> usize {
    let offered = request.edns.as_ref().map_or(PLAIN_MAX_BYTES, Edns::max_payload);
    usize::from(offered.clamp(PLAIN_MAX_BYTES, EDNS_MAX_BYTES))
}

/// TC and nothing else: a part of a set must not be taken for the whole (RFC 2181 §9).
fn truncated(request: &Message) -> Option<Vec<u8>> {
    let mut response = outline(request);
    response.metadata.truncation = true;
    response.to_vec().ok()
}

enum Read {
    Silence,
    Refuse(ResponseCode),
    Request(Message),
}

fn read(bytes: &[u8]) -> Read {
    let Some(&[_, _, flags, _, qd_high, qd_low, ..]) = bytes.get(..HEADER_BYTES) else { return Read::Silence };
    // A response: answering it could start two servers talking for ever.
    if flags & 0x80 != 0 {
        return Read::Silence;
    }
    if OpCode::from_u8(flags >> 3 & 0x0f) != OpCode::Query {
        return Read::Refuse(ResponseCode::NotImp);
    }
    let one_question = [qd_high, qd_low] == [0, 1];
    if bytes.len() > REQUEST_MAX_BYTES || !one_question || !has_plain_name(&bytes[HEADER_BYTES..]) {
        return Read::Refuse(ResponseCode::FormErr);
    }
    Message::from_vec(bytes).map_or(Read::Refuse(ResponseCode::FormErr), Read::Request)
}

/// Does a name written out in full, without pointers, stand here?
fn has_plain_name(mut bytes: &[u8]) -> bool {
    while let Some((&length, rest)) = bytes.split_first() {
        match length {
            0 => return true,
            1..=63 => bytes = rest.get(usize::from(length)..).unwrap_or_default(),
            _ => return false,
        }
    }
    false
}

/// A header alone, with the request's id, opcode and RD.
fn bare(bytes: &[u8], code: ResponseCode) -> Vec<u8> {
    let mut header = [0; HEADER_BYTES];
    header[..2].copy_from_slice(&bytes[..2]);
    header[2] = 0x80 | bytes[2] & 0x79;
    header[3] = code.low();
    header.to_vec()
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, Query};
    use hickory_proto::rr::rdata::opt::EdnsOption;
    use hickory_proto::rr::{Name, RecordType};
    use proptest::prelude::*;

    use super::*;

    const LABEL: &str = "0123456789abcdef0123456789abcdef";

    fn zone(values: usize) -> Zone {
        let zone = Zone::new("dcv.example.net", ["ns1.dcv.example.net", "ns2.dcv.example.net"], 0).unwrap();
        zone.with_values((0..values).map(|n| (LABEL, format!("{n:0>43}")))).unwrap()
    }

    fn request(name: &str, kind: RecordType, edns_bytes: Option<u16>) -> Message {
        let mut request = Message::query();
        request.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        if let Some(bytes) = edns_bytes {
            let mut edns = Edns::new();
            edns.set_max_payload(bytes);
            request.set_edns(edns);
        }
        request
    }

    fn texts(edns_bytes: Option<u16>) -> Vec<u8> {
        request(&format!("{LABEL}.dcv.example.net."), RecordType::TXT, edns_bytes).to_vec().unwrap()
    }

    /// A request of `bytes` bytes, if it would be shorter; EDNS is padded by RFC 7830.
    fn padded(edns_bytes: u16, bytes: usize) -> Vec<u8> {
        let mut request = request(&format!("{LABEL}.dcv.example.net."), RecordType::TXT, Some(edns_bytes));
        let padding = vec![0; bytes - request.to_vec().unwrap().len() - 4];
        request.edns.as_mut().unwrap().options_mut().insert(EdnsOption::Unknown(12, padding));
        request.to_vec().unwrap()
    }

    /// Whether an answer with so many values comes whole and within its limit, or not at all.
    #[track_caller]
    fn check(values: usize, request: &[u8], transport: Transport, limit: usize, whole: bool) {
        let bytes = reply(&zone(values), request, transport).unwrap();
        let answer = Message::from_vec(&bytes).unwrap();
        assert!(bytes.len() <= limit, "{} bytes", bytes.len());
        assert_eq!(answer.answers.len(), if whole { values } else { 0 });
        assert_eq!(answer.metadata.truncation, !whole);
    }

    #[test]
    fn answers_fit_the_client_the_path_and_nothing_else() {
        use Transport::{Tcp, Udp};
        check(1, &texts(None), Udp, 2 * 66, true);
        check(2, &texts(None), Udp, 2 * 66, false);
        check(1, &texts(Some(1_232)), Udp, 2 * 77, true);
        check(2, &texts(Some(1_232)), Udp, 2 * 77, false);
        check(7, &padded(512, 300), Udp, 512, true);
        check(9, &padded(512, 300), Udp, 512, false);
        check(9, &padded(100, 300), Udp, 512, false);
        check(9, &padded(1_232, 300), Udp, 600, true);
        check(20, &padded(1_232, 700), Udp, 1_232, true);
        check(21, &padded(1_232, 700), Udp, 1_232, false);
        check(21, &padded(u16::MAX, 700), Udp, 1_232, false);
        check(64, &texts(None), Tcp, 65_535, true);
    }

    #[test]
    fn the_largest_set_fits_one_tcp_message() {
        let values = (0..64).map(|n| (LABEL, format!("{n:0>255}")));
        let zone = zone(0).with_values(values).unwrap();
        let bytes = reply(&zone, &texts(None), Transport::Tcp).unwrap();
        assert_eq!(Message::from_vec(&bytes).unwrap().answers.len(), 64);
    }

    #[test]
    fn what_is_no_request_gets_silence_or_a_bare_header() {
        let zone = zone(1);
        let code = |bytes: &[u8]| reply(&zone, bytes, Transport::Udp).map(|answer| (answer.len(), answer[3] & 0x0f));
        let good = texts(None);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        assert_eq!(code(&[]), None);
        assert_eq!(code(&good[..11]), None);
        assert_eq!(code(&with(2, 0x80)), None, "a response");
        assert_eq!(code(&with(2, 0x28)), Some((12, 4)), "an update");
        assert_eq!(code(&with(5, 0)), Some((12, 1)), "no question");
        assert_eq!(code(&with(4, 255)), Some((12, 1)), "65,281 questions");
        assert_eq!(code(&good[..good.len() - 1]), Some((12, 1)), "cut short");
        assert_eq!(code(&with(11, 1)), Some((12, 1)), "a record that is not there");
        assert_eq!(code(&[good.as_slice(), &[0; REQUEST_MAX_BYTES]].concat()), Some((12, 1)), "too long");
        let pointing = [&[5, b'q', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0][..], &[0, 16, 0, 1]].concat();
        assert_eq!(code(&pointing), Some((12, 1)), "a question that points back");
        assert!(code(&good).unwrap().0 > 12);
    }

    #[test]
    fn a_slip_is_the_question_with_tc() {
        for request in [texts(None), texts(Some(4_096))] {
            let slipped = slip(&request).unwrap();
            let response = Message::from_vec(&slipped).unwrap();
            assert!(slipped.len() <= request.len() && response.metadata.truncation && response.answers.is_empty());
            assert_eq!(response.queries, Message::from_vec(&request).unwrap().queries);
        }
        assert_eq!(slip(b"no request at all"), None);
    }

    fn any_request() -> impl Strategy<Value = Vec<u8>> {
        let header = (any::<u16>(), any::<u8>(), 0..3_u8, any::<[u8; 2]>());
        (header, prop::collection::vec(any::<u8>(), 0..300)).prop_map(|((id, flags, counts, more), body)| {
            let [high, low] = id.to_be_bytes();
            [&[high, low, flags & 0x01, more[0], 0, 1, 0, 0, 0, counts, 0, more[1] % 3][..], &body].concat()
        })
    }

    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        (prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), any::<bool>()).prop_map(
            |(edits, edns)| {
                let mut bytes = texts(edns.then_some(1_232));
                for (at, byte) in edits {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
                bytes
            },
        )
    }

    /// A million behind `PADLOCK_TEST_LONG`.
    #[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
    fn cases() -> u32 {
        if std::env::var("PADLOCK_TEST_LONG").is_ok() { 1_000_000 } else { 2_000 }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(cases()))]

        #[test]
        fn no_bytes_panic_and_no_answer_breaks_its_limit(
            bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), any_request(), mutated()],
        ) {
            let zone = zone(30);
            if let Some(answer) = reply(&zone, &bytes, Transport::Udp) {
                prop_assert!(answer.len() <= usize::from(EDNS_MAX_BYTES).min(AMPLIFICATION_MAX * bytes.len()));
                prop_assert!(bytes[2] & 0x80 == 0 && answer[2] & 0x80 != 0 && answer[..2] == bytes[..2]);
                let parsed = Message::from_vec(&answer).unwrap();
                if matches!(parsed.metadata.response_code, ResponseCode::FormErr | ResponseCode::NotImp) {
                    prop_assert!(answer.len() <= bytes.len());
                }
            }
            let _ = reply(&zone, &bytes, Transport::Tcp);
            let slipped = slip(&bytes);
            prop_assert!(slipped.is_none_or(|slipped| slipped.len() <= bytes.len()));
        }

        #[test]
        fn a_question_comes_back_letter_for_letter(
            labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..=40), 0..4),
            apex_case in prop::collection::vec(any::<bool>(), 15),
            kind in any::<u16>(),
            class in prop_oneof![Just(1_u16), any::<u16>()],
        ) {
            let apex = "dcv.example.net".bytes().zip(apex_case);
            let apex: Vec<u8> = apex.map(|(byte, upper)| if upper { byte.to_ascii_uppercase() } else { byte }).collect();
            let labels = labels.iter().map(Vec::as_slice).chain(apex.split(|byte| *byte == b'.'));
            let mut question: Vec<u8> = labels.flat_map(|label| [&[label.len() as u8][..], label].concat()).collect();
            question.extend([&[0][..], &kind.to_be_bytes(), &class.to_be_bytes()].concat());
            let bytes = [&[1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &question].concat();
            let answer = reply(&zone(1), &bytes, Transport::Udp).unwrap();
            prop_assert_eq!(&answer[12..12 + question.len()], question.as_slice());
            prop_assert_eq!(Message::from_vec(&answer).unwrap().metadata.message_type, MessageType::Response);
        }
    }
}

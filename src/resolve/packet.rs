//! One question as bytes, and the test whether bytes answer it.

use hickory_resolver::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};

/// Answers up to this size are not fragmented on the way (DNS Flag Day 2020).
const EDNS_BYTES: u16 = 1_232;
/// Identifier and flags stand in a message's first four bytes (RFC 1035 §4.1.1).
const RESPONSE_BIT: u8 = 0x80;

/// A question, before it is put to a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// The name asked about.
    pub(super) name: &'a Name,
    /// The type asked for.
    pub(super) rtype: RecordType,
    /// Whether the server shall find the answer elsewhere (RD): only resolvers are asked to.
    pub(super) recursion: bool,
    /// Whether a resolver shall answer what it can't validate, too (CD).
    pub(super) unchecked: bool,
    /// Whether signatures are wanted with the answer (DO).
    pub(super) signed: bool,
}

impl<'a> Question<'a> {
    /// A question to an authoritative server.
    pub(super) const fn plain(name: &'a Name, rtype: RecordType) -> Self {
        Self { name, rtype, recursion: false, unchecked: false, signed: false }
    }
}

/// A question as it is sent: random identifier, name in random case (draft-vixie-dnsext-dns0x20).
pub(super) struct Packet {
    message: Message,
    /// What goes over the wire.
    pub(super) bytes: Vec<u8>,
}

/// What received bytes are to a question.
#[derive(Debug)]
pub(super) enum Match {
    /// Its answer, whole.
    Answer(Box<Message>),
    /// Its answer, with something about it that TCP has to settle.
    Doubtful(Doubt),
    /// Nothing to do with it.
    Stray,
}

/// Why a datagram does not settle a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It was cut off.
    Truncated,
    /// The question came back with its capital letters changed.
    CaseLost,
    /// It can't be read.
    Unreadable,
}

impl Packet {
    /// Encodes a question; `None` when the name can't be encoded.
    pub(super) fn new(question: Question<'_>, edns: bool) -> Option<Self> {
        let mut name = question.name.clone();
        name.randomize_label_case();
        let mut message = Message::query();
        message.metadata.recursion_desired = question.recursion;
        message.metadata.checking_disabled = question.unchecked;
        message.add_query(Query::query(name, question.rtype));
        if edns {
            let mut options = Edns::new();
            options.set_max_payload(EDNS_BYTES).set_version(0).set_dnssec_ok(question.signed);
            message.set_edns(options);
        }
        let bytes = message.to_vec().ok()?;
        Some(Self { message, bytes })
    }

    /// Judges bytes that came over UDP, where anybody may have sent them.
    pub(super) fn judge_datagram(&self, bytes: &[u8]) -> Match {
        match self.judge_stream(bytes) {
            Match::Answer(answer) if answer.metadata.truncation => Match::Doubtful(Doubt::Truncated),
            Match::Answer(answer) if !self.is_echoed_exactly(&answer) => Match::Doubtful(Doubt::CaseLost),
            judged => judged,
        }
    }

    /// Judges bytes that came over a connection to the server itself.
    pub(super) fn judge_stream(&self, bytes: &[u8]) -> Match {
        let [high, low, flags, ..] = *bytes else { return Match::Stray };
        if u16::from_be_bytes([high, low]) != self.message.metadata.id || flags & RESPONSE_BIT == 0 {
            return Match::Stray;
        }
        let Ok(answer) = Message::from_vec(bytes) else { return Match::Doubtful(Doubt::Unreadable) };
        if answer.metadata.message_type != MessageType::Response || answer.metadata.op_code != OpCode::Query {
            return Match::Stray;
        }
        if answer.queries.is_empty() && is_complaint(answer.metadata.response_code) {
            return Match::Answer(Box::new(answer));
        }
        if self.message.queries == answer.queries { Match::Answer(Box::new(answer)) } else { Match::Stray }
    }

    fn is_echoed_exactly(&self, answer: &Message) -> bool {
        let mut pairs = self.message.queries.iter().zip(&answer.queries);
        pairs.all(|(sent, echoed)| sent.name.eq_case(&echoed.name))
    }
}

/// Whether a server may not have understood the question at all, so that it can't echo it.
pub(super) fn is_complaint(code: ResponseCode) -> bool {
    matches!(code, ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet() -> Packet {
        let name = Name::from_ascii("_acme-challenge.portal.court.test.").expect("a name");
        Packet::new(Question::plain(&name, RecordType::TXT), true).expect("encodes")
    }

    fn reply(packet: &Packet) -> Message {
        let sent = Message::from_vec(&packet.bytes).expect("decodes");
        let mut reply = Message::response(sent.metadata.id, OpCode::Query);
        reply.add_queries(sent.queries);
        reply
    }

    #[track_caller]
    fn check(packet: &Packet, reply: &Message, datagram: &str, stream: &str) {
        let bytes = reply.to_vec().expect("encodes");
        let word = |judged: Match| match judged {
            Match::Answer(_) => "answer",
            Match::Doubtful(_) => "doubtful",
            Match::Stray => "stray",
        };
        assert_eq!(word(packet.judge_datagram(&bytes)), datagram);
        assert_eq!(word(packet.judge_stream(&bytes)), stream);
    }

    #[test]
    fn only_the_answer_to_this_question_counts() {
        let packet = packet();
        check(&packet, &reply(&packet), "answer", "answer");

        let mut other_id = reply(&packet);
        other_id.metadata.id ^= 1;
        check(&packet, &other_id, "stray", "stray");

        let mut other_type = reply(&packet);
        other_type.queries[0].query_type = RecordType::A;
        check(&packet, &other_type, "stray", "stray");

        let mut other_name = reply(&packet);
        other_name.queries[0].name = Name::from_ascii("portal.court.test.").expect("a name");
        check(&packet, &other_name, "stray", "stray");

        let mut query = reply(&packet);
        query.metadata.message_type = MessageType::Query;
        check(&packet, &query, "stray", "stray");

        let mut questionless = reply(&packet);
        questionless.queries.clear();
        check(&packet, &questionless, "stray", "stray");
        questionless.metadata.response_code = ResponseCode::FormErr;
        check(&packet, &questionless, "answer", "answer");
    }

    #[test]
    fn cut_off_and_lost_case_are_settled_over_tcp() {
        let packet = packet();
        let mut cut_off = reply(&packet);
        cut_off.metadata.truncation = true;
        check(&packet, &cut_off, "doubtful", "answer");

        let mut flipped = reply(&packet);
        let name = flipped.queries[0].name.to_ascii();
        let other = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        flipped.queries[0].name = Name::from_ascii(name.chars().map(other).collect::<String>()).expect("a name");
        check(&packet, &flipped, "doubtful", "answer");
    }

    #[test]
    fn a_question_asks_for_what_fits_one_packet_and_for_no_recursion() {
        let sent = Message::from_vec(&packet().bytes).expect("decodes");
        assert_eq!((sent.max_payload(), sent.metadata.recursion_desired), (EDNS_BYTES, false));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), ours: bool) {
            let packet = packet();
            if ours && bytes.len() >= 4 {
                bytes[..2].copy_from_slice(&packet.bytes[..2]);
                bytes[2] |= RESPONSE_BIT;
            }
            let _ = packet.judge_datagram(&bytes);
        }

        #[test]
        fn a_damaged_answer_never_panics(place: prop::sample::Index, byte: u8, kept: prop::sample::Index) {
            let packet = packet();
            let mut bytes = reply(&packet).to_vec().expect("encodes");
            let index = place.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(kept.index(bytes.len()) + 1);
            let _ = packet.judge_datagram(&bytes);
        }
    }
}

//! A message as an observation keeps it: every record that anything is read from, within bounds.

use super::heard::{joined, mnemonic, text_of};
use crate::domain::observation::{ExtendedError, Kind, Message as Told, Record as Kept, Signature};
use crate::domain::time::Millis;
use hickory_resolver::proto::dnssec::PublicKey as _;
use hickory_resolver::proto::dnssec::rdata::DNSSECRData;
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// Records kept of one answer.
const RECORDS: usize = 40;
/// Bytes kept of one value that is no text.
const VALUE_CHARS: usize = 600;
/// The option that carries extended errors (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// The type as the protocol knows it.
pub(super) const fn type_of(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Cname => RecordType::CNAME,
        Kind::Txt => RecordType::TXT,
        Kind::Caa => RecordType::CAA,
        Kind::Mx => RecordType::MX,
        Kind::Ns => RecordType::NS,
        Kind::Soa => RecordType::SOA,
        Kind::Https => RecordType::HTTPS,
        Kind::Ds => RecordType::DS,
        Kind::Dnskey => RecordType::DNSKEY,
    }
}

/// What is kept of a message.
pub(super) fn told(message: &Message, case_lost: bool, now: Millis) -> Told {
    let records = |records: &[Record]| records.iter().filter_map(kept).take(RECORDS).collect();
    let is_zone = |record: &Kept| matches!(record.kind, Kind::Ns | Kind::Soa);
    let authority: Vec<Kept> = records(&message.authorities);
    Told {
        rcode: mnemonic(message.metadata.response_code),
        authoritative: message.metadata.authoritative,
        authenticated: message.metadata.authentic_data,
        case_lost,
        records: records(&message.answers),
        authority: authority.into_iter().filter(is_zone).collect(),
        signatures: message.answers.iter().filter_map(|record| signature(record, now)).take(RECORDS).collect(),
        extended: extended(message),
    }
}

fn kept(record: &Record) -> Option<Kept> {
    let (kind, value) = match &record.data {
        RData::A(address) => (Kind::A, address.0.to_string()),
        RData::AAAA(address) => (Kind::Aaaa, address.0.to_string()),
        RData::CNAME(target) => (Kind::Cname, text_of(&target.0)),
        RData::TXT(text) => (Kind::Txt, joined(text)),
        RData::CAA(line) => (Kind::Caa, line.to_string()),
        RData::MX(mail) => (Kind::Mx, text_of(&mail.exchange)),
        RData::NS(server) => (Kind::Ns, text_of(&server.0)),
        // Names come back in the random case in which ours went out.
        RData::SOA(start) => (Kind::Soa, start.to_string().to_lowercase()),
        RData::HTTPS(binding) => (Kind::Https, binding.to_string().to_lowercase()),
        RData::DNSSEC(DNSSECRData::DS(signer)) => (Kind::Ds, signer.to_string()),
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => {
            let algorithm = u8::from(key.public_key().algorithm());
            (Kind::Dnskey, format!("{} 3 {algorithm} {}", key.flags(), key.calculate_key_tag().ok()?))
        }
        _ => return None,
    };
    let value = if kind == Kind::Txt { value } else { value.chars().take(VALUE_CHARS).collect() };
    Some(Kept { name: text_of(&record.name), kind, ttl: record.ttl, value })
}

fn signature(record: &Record, now: Millis) -> Option<Signature> {
    let RData::DNSSEC(DNSSECRData::RRSIG(signed)) = &record.data else { return None };
    let input = signed.input();
    Some(Signature {
        name: text_of(&record.name),
        signer: text_of(&input.signer_name),
        key_tag: input.key_tag,
        from: moment(input.sig_inception.get(), now),
        until: moment(input.sig_expiration.get(), now),
    })
}

/// Seconds of 32 bits are the moment nearest to now (RFC 4034 §3.1.5).
fn moment(seconds: u32, now: Millis) -> Millis {
    let now_s = now.0.div_euclid(1_000);
    let ahead = i64::from((u64::from(seconds).wrapping_sub(now_s.cast_unsigned()) as u32).cast_signed());
    Millis((now_s + ahead) * 1_000)
}

fn extended(message: &Message) -> Vec<ExtendedError> {
    let options = message.edns.iter().flat_map(|edns| edns.options().options.iter());
    let error = |option: &EdnsOption| match option {
        EdnsOption::Unknown(EXTENDED_ERROR, bytes) => {
            let (code, text) = bytes.split_first_chunk::<2>()?;
            let text = String::from_utf8_lossy(text).chars().take(VALUE_CHARS).collect();
            Some(ExtendedError { code: u16::from_be_bytes(*code), text })
        }
        _ => None,
    };
    options.filter_map(|(_, option)| error(option)).take(RECORDS).collect()
}

/// A name out of text; one that is none leads to the root, where nothing is found.
pub(super) fn name_of(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap_or_else(|_| Name::root());
    name.set_fqdn(true);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_signatures_are_the_nearest_to_now() {
        let now = Millis(1_795_254_067_000);
        assert_eq!(moment(1_795_254_060, now), Millis(1_795_254_060_000));
        // A clock of 32 bits that has wrapped around.
        let late = Millis((1_i64 << 32) * 1_000);
        assert_eq!(moment(5, late), Millis(((1_i64 << 32) + 5) * 1_000));
        assert_eq!(moment(u32::MAX, late), Millis(((1_i64 << 32) - 1) * 1_000));
    }
}

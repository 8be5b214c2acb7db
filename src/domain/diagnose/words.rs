//! What was seen, in words for people: the evidence below a finding.

use crate::domain::finding::printable;
use crate::domain::observation::{Answer, Kind, Message, Record, Said, Transport};
use crate::domain::record::{Wanted, relative_host};

/// Records of one answer that are told.
const TOLD: usize = 6;

/// One answer: who said what, when.
#[must_use]
pub fn answer_words(answer: &Answer) -> String {
    let (server, address, name, kind) = (answer.server(), answer.address, &answer.name, answer.kind.mnemonic());
    let over = if answer.transport == Transport::Tcp { " over TCP" } else { "" };
    format!("{server} ({address}) on {name} {kind}: {}{over}, {}", said(&answer.said, answer.kind), answer.at.clock())
}

/// What was said alone, without who and when.
#[must_use]
pub fn answer_said(answer: &Answer) -> String {
    said(&answer.said, answer.kind)
}

fn said(said: &Said, kind: Kind) -> String {
    match said {
        Said::Message(message) => message_words(message, kind),
        Said::Silent => "no answer".into(),
        Said::NoRoute => "no way from here to that address".into(),
        Said::NotAsked => "not asked: time was up".into(),
        Said::Private => "not asked: the address is not public".into(),
    }
}

fn message_words(message: &Message, kind: Kind) -> String {
    let mut text = match message.rcode.as_str() {
        "NOERROR" if message.records.is_empty() => format!("no {} record", kind.mnemonic()),
        "NOERROR" => message.records.iter().take(TOLD).map(record).collect::<Vec<_>>().join(", "),
        "NXDOMAIN" => "no such name".into(),
        other => printable(other),
    };
    for error in message.extended.iter().take(TOLD) {
        text.push_str(&format!(" (extended error {}: {})", error.code, printable(&error.text)));
    }
    text
}

fn record(record: &Record) -> String {
    format!("{} {} {}", record.ttl, record.kind.mnemonic(), printable(&record.value))
}

/// Values as they are told, each in the form of a zone file.
pub(super) fn listed<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<String> = values.into_iter().take(TOLD).map(printable).collect();
    all.join(", ")
}

/// A record as it has to be, ready to be typed in.
pub(super) fn to_paste(wanted: &Wanted, zone: &str) -> String {
    let (host, kind, value) = (relative_host(&wanted.host, zone), wanted.rtype.mnemonic(), &wanted.value);
    format!("host {host} (in zone {zone}), type {kind}, value {value}")
}

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

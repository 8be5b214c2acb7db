//! What was seen in DNS, and what it means for each wanted record.
//!
//! An [`Observation`] is raw: who was asked, and what each one answered. Verdicts are derived from it and never stored,
//! so that an old observation can be judged again by newer rules. "We could not ask" stays apart from "it is missing".

use super::record::{Purpose, RecordType, Wanted, same_name};
use super::time::Millis;
use super::token_file::FileSeen;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One look at a domain's DNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When the look began.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The zone that the domain's name lies in, or why it could not be found.
    pub zone: Result<ZoneCut, ZoneTrouble>,
    /// One entry for each wanted record, in the panel's order.
    pub records: Vec<RecordSeen>,
    /// Addresses of the edge hostname, to recognise an alias that was flattened into addresses.
    pub edge_addresses: Vec<IpAddr>,
    /// What was found on the site, where a token file is to prove ownership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileSeen>,
}

/// The zone that a name lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneCut {
    /// The zone's own name, without trailing dot.
    pub apex: String,
    /// Its name servers, as far as they could be found.
    pub servers: Vec<NameServer>,
}

/// An authoritative server of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    /// Its name, without trailing dot.
    pub name: String,
    /// Its addresses; none when its name does not resolve.
    pub addresses: Vec<IpAddr>,
}

/// Why no zone was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneTrouble {
    /// The registered domain does not exist.
    Unregistered(String),
    /// Our resolvers could not answer; says nothing about the domain.
    CouldNotAsk(String),
    /// The resolvers answer that the zone fails (SERVFAIL): broken delegation or broken DNSSEC.
    Failing(String),
}

/// What was seen of one wanted record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSeen {
    /// What was looked for.
    pub wanted: Wanted,
    /// What each authoritative server said.
    pub answers: Vec<ServerAnswer>,
    /// What a validating resolver said beside them: may be older, shows what caches hold.
    pub resolver: Option<Reply>,
}

/// One server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAnswer {
    /// The server's name.
    pub server: String,
    /// The address that was asked.
    pub address: IpAddr,
    /// What it said.
    pub reply: Reply,
}

/// What a server said to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Records at the asked name; for Domain Routing also addresses, where there is no alias.
    Records(Vec<Found>),
    /// The name exists without such a record.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// The server refused or failed, by its response code (RFC 1035 §4.1.1).
    Failed(String),
    /// No usable answer within the limits, over UDP and TCP.
    Silent,
}

/// One record that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// Its value: hostile text, as the server gave it.
    pub value: String,
    /// Its time to live, in seconds.
    pub ttl: u32,
}

/// What an observation means for a wanted record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Nobody could be asked, or nobody was asked yet.
    Unknown,
    /// Not there.
    Missing,
    /// Something else is there.
    Wrong,
    /// There, at every server that answered.
    Detected,
}

impl RecordState {
    /// The word in the REST API and in `data-status`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Missing => "missing",
            Self::Wrong => "wrong",
            Self::Detected => "detected",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "Not checked yet",
            Self::Missing => "Not found yet",
            Self::Wrong => "Different value",
            Self::Detected => "Detected",
        }
    }
}

/// The verdict on one wanted record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which record.
    pub purpose: Purpose,
    /// What holds.
    pub state: RecordState,
    /// What was found at its name, each value once.
    pub found: Vec<String>,
    /// Servers that answered with the wanted record.
    pub agreeing: usize,
    /// Servers that answered at all.
    pub heard: usize,
    /// Servers that were asked.
    pub asked: usize,
}

impl Observation {
    /// The verdict on every record.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        self.records.iter().map(|seen| seen.verdict(&self.edge_addresses)).collect()
    }

    /// What holds for one record.
    #[must_use]
    pub fn state(&self, purpose: Purpose) -> RecordState {
        self.records
            .iter()
            .find(|seen| seen.wanted.purpose == purpose)
            .map_or(RecordState::Unknown, |seen| seen.verdict(&self.edge_addresses).state)
    }

    /// Whether it shows what proves ownership: the validation record, or the token file.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.state(Purpose::Validation) == RecordState::Detected || self.file_state() == RecordState::Detected
    }

    /// What holds for the token file.
    #[must_use]
    pub fn file_state(&self) -> RecordState {
        self.file.as_ref().map_or(RecordState::Unknown, FileSeen::state)
    }

    /// The answers in short, to notice that DNS changed between two looks.
    #[must_use]
    pub fn gist(&self) -> Gist {
        let zone = match &self.zone {
            Ok(zone) => Some(zone.apex.clone()),
            Err(ZoneTrouble::CouldNotAsk(_)) => None,
            Err(trouble) => Some(format!("{trouble:?}")),
        };
        let records = self.records.iter().map(|seen| seen.gist(&self.edge_addresses));
        let known = |file: &&FileSeen| file.state() != RecordState::Unknown;
        let file = self.file.iter().map(|file| Some(file).filter(known).map(|file| format!("{:?}", file.fetched)));
        Gist(std::iter::once(zone).chain(records).chain(file).collect())
    }
}

/// What a look said, part by part: the zone, then each record. None where nobody could be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gist(Vec<Option<String>>);

impl Gist {
    /// Whether some part says another thing now. What could not be asked says nothing, so it is no change.
    #[must_use]
    pub fn differs(&self, now: &Self) -> bool {
        self.0.iter().zip(&now.0).any(|parts| matches!(parts, (Some(before), Some(now)) if before != now))
    }
}

/// Enough to tell two looks apart without keeping a stranger's zone.
const GIST_CHARS: usize = 1_000;
/// Values that one record's verdict lists at most: a TXT name may hold dozens.
const FOUND_VALUES: usize = 12;

impl RecordSeen {
    /// State and values in an order of our own: many servers turn theirs with each answer. Addresses are left out, since
    /// those of large hosts change by the minute, and nobody's work at DNS shows in them.
    fn gist(&self, edge_addresses: &[IpAddr]) -> Option<String> {
        let state = self.verdict(edge_addresses).state;
        let said: BTreeSet<&str> = self
            .answers
            .iter()
            .flat_map(|answer| answer.reply.records())
            .filter(|found| !matches!(found.rtype, RecordType::A | RecordType::Aaaa))
            .map(|found| found.value.as_str())
            .collect();
        let said: Vec<&str> = said.into_iter().collect();
        let gist = format!("{}:{}", state.word(), said.join(","));
        (state != RecordState::Unknown).then(|| gist.chars().take(GIST_CHARS).collect())
    }

    /// The verdict: a record counts only when every server that answered has it.
    #[must_use]
    pub fn verdict(&self, edge_addresses: &[IpAddr]) -> Verdict {
        let heard: Vec<&Reply> =
            self.answers.iter().map(|answer| &answer.reply).filter(|reply| reply.is_heard()).collect();
        let agreeing = heard.iter().filter(|reply| satisfies(reply, &self.wanted, edge_addresses)).count();
        let mut found: Vec<String> = Vec::new();
        for value in heard.iter().flat_map(|reply| reply.records()).map(|record| &record.value) {
            if found.len() < FOUND_VALUES && !found.contains(value) {
                found.push(value.clone());
            }
        }
        let state = match (heard.len(), agreeing) {
            (0, _) => RecordState::Unknown,
            (heard, agreeing) if heard == agreeing => RecordState::Detected,
            _ if heard
                .iter()
                .any(|reply| !reply.records().is_empty() && !satisfies(reply, &self.wanted, edge_addresses)) =>
            {
                RecordState::Wrong
            }
            _ => RecordState::Missing,
        };
        Verdict { purpose: self.wanted.purpose, state, found, agreeing, heard: heard.len(), asked: self.answers.len() }
    }
}

impl Reply {
    /// Whether the server gave an answer that says something about the record.
    #[must_use]
    pub const fn is_heard(&self) -> bool {
        matches!(self, Self::Records(_) | Self::NoData | Self::NxDomain)
    }

    /// The records in it.
    #[must_use]
    pub fn records(&self) -> &[Found] {
        match self {
            Self::Records(records) => records,
            Self::NoData | Self::NxDomain | Self::Failed(_) | Self::Silent => &[],
        }
    }
}

fn satisfies(reply: &Reply, wanted: &Wanted, edge_addresses: &[IpAddr]) -> bool {
    let records = reply.records();
    let of_type = |rtype: RecordType| records.iter().filter(move |record| record.rtype == rtype);
    match wanted.rtype {
        // Other texts at the name do no harm (RFC 8555 §8.4 allows several; so do we).
        RecordType::Txt => of_type(RecordType::Txt).any(|record| record.value == wanted.value),
        RecordType::Cname if of_type(RecordType::Cname).next().is_some() => {
            of_type(RecordType::Cname).all(|record| same_name(&record.value, &wanted.value))
        }
        RecordType::Cname => wanted.purpose == Purpose::Routing && flattened(records, edge_addresses),
        RecordType::A | RecordType::Aaaa => of_type(wanted.rtype).any(|record| record.value == wanted.value),
    }
}

/// An alias that the DNS host shows as addresses: good when all of them are the edge's.
fn flattened(records: &[Found], edge_addresses: &[IpAddr]) -> bool {
    let addresses: Vec<IpAddr> = records
        .iter()
        .filter(|record| matches!(record.rtype, RecordType::A | RecordType::Aaaa))
        .filter_map(|record| record.value.parse().ok())
        .collect();
    !addresses.is_empty() && addresses.iter().all(|address| edge_addresses.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(purpose: Purpose, rtype: RecordType, value: &str, replies: &[Reply]) -> RecordSeen {
        let address = "192.0.2.1".parse().expect("an address");
        RecordSeen {
            wanted: Wanted { purpose, rtype, host: "x.court.gov".into(), value: value.into() },
            answers: replies
                .iter()
                .map(|reply| ServerAnswer { server: "ns".into(), address, reply: reply.clone() })
                .collect(),
            resolver: None,
        }
    }

    fn has(rtype: RecordType, values: &[&str]) -> Reply {
        Reply::Records(values.iter().map(|v| Found { rtype, value: (*v).into(), ttl: 60 }).collect())
    }

    #[track_caller]
    fn check(seen: &RecordSeen, want: RecordState) {
        assert_eq!(seen.verdict(&["203.0.113.9".parse().expect("an address")]).state, want, "{seen:?}");
    }

    #[test]
    fn a_text_record_counts_at_every_server_that_answers() {
        let txt = |replies: &[Reply]| seen(Purpose::Validation, RecordType::Txt, "v", replies);
        let (right, other) = (has(RecordType::Txt, &["spf", "v"]), has(RecordType::Txt, &["spf"]));
        check(&txt(&[]), RecordState::Unknown);
        check(&txt(&[Reply::Silent, Reply::Failed("REFUSED".into())]), RecordState::Unknown);
        check(&txt(&[Reply::NxDomain]), RecordState::Missing);
        check(&txt(std::slice::from_ref(&right)), RecordState::Detected);
        check(&txt(&[right.clone(), Reply::Silent]), RecordState::Detected);
        check(&txt(&[right.clone(), Reply::NoData]), RecordState::Missing);
        check(&txt(&[right, other]), RecordState::Wrong);
    }

    #[test]
    fn an_alias_counts_by_name_or_for_routing_by_the_edges_addresses() {
        let routing = |reply: Reply| seen(Purpose::Routing, RecordType::Cname, "edge.padlock.net", &[reply]);
        check(&routing(has(RecordType::Cname, &["Edge.Padlock.NET."])), RecordState::Detected);
        check(&routing(has(RecordType::Cname, &["www.other.net"])), RecordState::Wrong);
        check(&routing(has(RecordType::A, &["203.0.113.9"])), RecordState::Detected);
        check(&routing(has(RecordType::A, &["203.0.113.9", "198.51.100.1"])), RecordState::Wrong);
        check(&routing(Reply::NoData), RecordState::Missing);
        let dcv = seen(Purpose::Dcv, RecordType::Cname, "l.dcv.padlock.net", &[has(RecordType::A, &["203.0.113.9"])]);
        check(&dcv, RecordState::Wrong);
        let text =
            seen(Purpose::Dcv, RecordType::Cname, "l.dcv.padlock.net", &[has(RecordType::Txt, &["l.dcv.padlock.net"])]);
        check(&text, RecordState::Wrong);
    }
}

//! The Monitoring Report: everything that can be seen of a domain from outside, in lines that say how they are meant.
//!
//! Pure, so that page, printed document and mail hold the same lines. Every text may hold strangers' words.

use super::diagnose::baseline;
use super::finding::{Finding, printable};
use super::observation::{
    Answer, Handshake, Kind, Leaf, Listed, Met, Observation, Path, Reputation, SecurePage, Shown, Survey, Transport,
};
use super::time::{DAY_MS, Millis};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Headers by which a site tells browsers to be careful, and what each does.
const HEADERS: &[(&str, &str)] = &[
    ("strict-transport-security", "browsers insist on HTTPS"),
    ("content-security-policy", "limits what a page may load"),
    ("x-content-type-options", "files are taken for what they say they are"),
    ("x-frame-options", "other sites can't frame it"),
    ("referrer-policy", "limits what other sites learn"),
];
/// Lines of one section: those of a name with every server and address that is asked.
const LINES: usize = 60;
/// A stranger's value is cut behind this.
const VALUE_CHARS: usize = 200;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// As it should be.
    Good,
    /// Somebody should look.
    Attention,
    /// Worth knowing.
    Note,
    /// It could not be asked.
    Unknown,
}

impl Mark {
    /// The words that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Attention => "Look at this",
            Self::Note => "Note",
            Self::Unknown => "Could not ask",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How it is meant.
    pub mark: Mark,
    /// What it is about.
    pub what: String,
    /// What was seen.
    pub words: String,
}

/// Lines about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// At least one.
    pub lines: Vec<Line>,
}

/// The report's sections; one that has nothing to say is left out.
#[must_use]
pub fn report(seen: &Observation, survey: &Survey) -> Vec<Section> {
    let sections = [
        ("DNS", dns(seen)),
        ("Certificate", seen.handshakes.iter().map(|one| certificate(seen, one)).collect()),
        ("HTTP", seen.visits.iter().filter(|visit| visit.path == Path::Challenge).map(http).collect()),
        ("HTTPS", survey.pages.iter().map(https).collect()),
        ("Security headers", headers(&survey.pages)),
        ("Reputation", survey.reputation.iter().map(reputation).collect()),
    ];
    let said = sections.into_iter().filter(|(_, lines)| !lines.is_empty());
    said.map(|(title, mut lines): (_, Vec<Line>)| {
        lines.truncate(LINES);
        Section { title: title.to_owned(), lines }
    })
    .collect()
}

/// The report as the text of a mail; `link` leads to the domain's page.
#[must_use]
pub fn letter(
    name: &str,
    headline: &str,
    findings: &[Finding],
    sections: &[Section],
    at: Millis,
    link: &str,
) -> String {
    let mut text = format!("Monitoring Report for {name}, {}\n\n{headline}\n", at.date_time());
    for Finding { title, explanation, fix, .. } in findings {
        text.push_str(&format!("\n- {title}. {explanation} {fix}\n"));
    }
    for Section { title, lines } in sections {
        text.push_str(&format!("\n{title}\n"));
        for Line { mark, what, words } in lines {
            text.push_str(&format!("  [{}] {what}: {words}\n", mark.word()));
        }
    }
    text.push_str(&format!("\nThe report of now: {link}/report\nWho gets it, and how often: {link}/settings\n"));
    text
}

fn line(mark: Mark, what: impl Into<String>, words: impl Into<String>) -> Line {
    Line { mark, what: what.into(), words: words.into() }
}

fn good(is: bool) -> Mark {
    if is { Mark::Good } else { Mark::Attention }
}

fn dns(seen: &Observation) -> Vec<Line> {
    let Ok(zone) = &seen.delegation.zone else {
        return vec![line(Mark::Attention, &seen.subject.registered, "Its zone could not be found.")];
    };
    let now = baseline(seen);
    let mut lines: Vec<Line> = seen
        .delegation
        .servers
        .iter()
        .flat_map(|server| server.addresses.iter().map(move |at| (server, *at)))
        .map(|(server, address)| name_server(seen, zone, &server.name, address))
        .collect();
    for wanted in &seen.subject.wanted {
        let there = now.in_place.contains(&wanted.purpose);
        let words = if there { "In place at every name server." } else { "Not in place at every name server." };
        lines.push(line(good(there), format!("{}: {}", wanted.purpose.label(), wanted.host), words));
    }
    let signed = if now.signed { "The zone is signed." } else { "The zone is not signed." };
    lines.push(line(Mark::Note, "DNSSEC", signed));
    for address in seen.addresses() {
        let ours = seen.delegation.edge_addresses.contains(&address);
        let words = if ours { "Leads here." } else { "Leads elsewhere." };
        lines.push(line(good(ours), address.to_string(), words));
    }
    lines
}

fn name_server(seen: &Observation, zone: &str, server: &str, address: IpAddr) -> Line {
    let answers = |transport| {
        let mut asked =
            seen.authorities(zone, Kind::Soa).filter(|one| one.address == address && one.transport == transport);
        asked.any(|answer: &Answer| answer.heard().is_some())
    };
    let (udp, tcp) = (answers(Transport::Udp), answers(Transport::Tcp));
    let words = match (udp, tcp) {
        (true, true) => "Answers over UDP and TCP.",
        (true, false) => "Answers over UDP, and not over TCP.",
        (false, true) => "Answers over TCP, and not over UDP.",
        (false, false) => "Does not answer.",
    };
    line(good(udp && tcp), format!("{} ({address})", printable(server)), words)
}

fn certificate(seen: &Observation, handshake: &Handshake) -> Line {
    let edge = seen.delegation.edge_addresses.contains(&handshake.address);
    let what = format!("{}{}", handshake.address, if edge { ", our edge" } else { "" });
    match &handshake.shown {
        Shown::Certificate(leaf) => {
            let held = seen.subject.held.as_ref();
            let expected = held.is_none_or(|held| held.fingerprint_sha256 == leaf.fingerprint_sha256);
            let valid =
                leaf.not_before <= seen.at && seen.at < leaf.not_after && leaf.chain_len > 1 && !leaf.self_signed;
            line(good(expected && valid), what, leaf_words(seen, leaf, expected))
        }
        Shown::Nothing(why) => line(Mark::Attention, what, format!("Shows no certificate: {}.", printable(why))),
        Shown::Unreachable(why) => line(Mark::Attention, what, format!("No secure connection: {}.", printable(why))),
        Shown::Private => line(Mark::Unknown, what, "Not asked: the address is not public."),
    }
}

fn leaf_words(seen: &Observation, leaf: &Leaf, expected: bool) -> String {
    let left = leaf.not_after.since(seen.at) / DAY_MS;
    let until = leaf.not_after.date_time();
    let ends = match left {
        ..0 => format!("it expired on {until}"),
        0 => format!("it expires within a day, on {until}"),
        days => format!("valid until {until}, {days} more days"),
    };
    let chain = match (leaf.self_signed, leaf.chain_len) {
        (true, _) => "signed by itself".to_owned(),
        (false, 1) => "sent without its issuer's certificate".to_owned(),
        (false, length) => format!("sent with its chain of {length}"),
    };
    let other = if expected { "" } else { " It is not the one that should be served." };
    format!("Issued by {}; {ends}; {chain}.{other}", printable(&leaf.issuer))
}

fn http(visit: &super::observation::Visit) -> Line {
    let (mark, words) = match &visit.met {
        Met::Page { redirects, status, .. } if redirects.is_empty() => (Mark::Good, format!("Answers with {status}.")),
        Met::Page { redirects, status, .. } => (Mark::Good, format!("Leads by {} to {status}.", path(redirects))),
        Met::Astray { redirects, why } => {
            (Mark::Attention, format!("Leads by {}: {}.", path(redirects), printable(why)))
        }
        Met::Refused => (Mark::Attention, "Nothing listens on port 80.".to_owned()),
        Met::TimedOut => (Mark::Attention, "No answer in time.".to_owned()),
        Met::Reset => (Mark::Attention, "The connection was cut.".to_owned()),
        Met::NotHttp => (Mark::Attention, "What answers is no HTTP.".to_owned()),
        Met::Private => (Mark::Unknown, "Not asked: the address is not public.".to_owned()),
        Met::Failed(why) => (Mark::Attention, format!("No answer: {}.", printable(why))),
    };
    line(mark, visit.address.to_string(), words)
}

fn path(redirects: &[String]) -> String {
    redirects.iter().map(|to| short(to)).collect::<Vec<_>>().join(", then ")
}

fn short(value: &str) -> String {
    printable(&value.chars().take(VALUE_CHARS).collect::<String>())
}

fn https(page: &SecurePage) -> Line {
    let what = page.address.to_string();
    match &page.answered {
        Ok(answered) if answered.location.is_empty() => {
            line(good(answered.status < 500), what, format!("Answers with {}.", answered.status))
        }
        Ok(answered) => {
            let words = format!("Answers with {}, which leads to {}.", answered.status, short(&answered.location));
            line(good(answered.status < 500), what, words)
        }
        Err(why) => line(Mark::Attention, what, format!("No answer: {}.", printable(why))),
    }
}

/// Those of the first address that answers: all of one site send the same.
fn headers(pages: &[SecurePage]) -> Vec<Line> {
    let Some(answered) = pages.iter().find_map(|page| page.answered.as_ref().ok()) else { return Vec::new() };
    let one = |(name, means): &(&str, &str)| {
        let sent = answered.headers.iter().find(|(sent, _)| sent == name);
        match sent {
            Some((_, value)) => line(Mark::Good, *name, format!("{}: {means}.", short(value))),
            None => line(Mark::Note, *name, format!("Not sent; with it, {means}.")),
        }
    };
    HEADERS.iter().map(one).collect()
}

fn reputation(one: &Reputation) -> Line {
    let what = format!("{} at {}", one.about, one.list);
    match &one.said {
        Listed::No => line(Mark::Good, what, "Not listed."),
        Listed::Yes(codes) => line(Mark::Attention, what, format!("Listed, by the code {}.", codes.join(", "))),
        Listed::Unknown => line(Mark::Unknown, what, "The list gave no usable answer."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose::healthy;
    use super::super::observation::{Answered, Held, Visit};
    use super::*;

    fn leaf(at: Millis) -> Leaf {
        Leaf {
            fingerprint_sha256: "aa".into(),
            names: vec!["portal.court.test".into()],
            issuer: "CN=CA".into(),
            self_signed: false,
            not_before: at.plus(-DAY_MS),
            not_after: at.plus(40 * DAY_MS),
            chain_len: 2,
        }
    }

    fn lines<'a>(sections: &'a [Section], title: &str) -> &'a [Line] {
        sections.iter().find(|section| section.title == title).map_or(&[], |section| &section.lines)
    }

    #[test]
    fn a_healthy_name_has_nothing_to_look_at() {
        let mut seen = healthy();
        let address = seen.delegation.edge_addresses[0];
        seen.subject.held = Some(Held { fingerprint_sha256: "aa".into(), not_after: seen.at.plus(40 * DAY_MS) });
        seen.handshakes = vec![Handshake { address, at: seen.at, shown: Shown::Certificate(leaf(seen.at)) }];
        let header = ("strict-transport-security".to_owned(), "max-age=1\u{202e}".to_owned());
        let answered = Ok(Answered { status: 200, location: String::new(), headers: vec![header] });
        let survey = Survey {
            pages: vec![SecurePage { address, at: seen.at, answered }],
            reputation: vec![Reputation { list: "bl.test".into(), about: address.to_string(), said: Listed::No }],
        };
        let sections = report(&seen, &survey);
        let marks = sections.iter().flat_map(|section| &section.lines).map(|line| line.mark);
        assert!(marks.clone().all(|mark| matches!(mark, Mark::Good | Mark::Note)), "{sections:#?}");
        assert_eq!(lines(&sections, "DNS").len(), 2 + 3 + 1, "servers, records, DNSSEC: {sections:#?}");
        assert!(lines(&sections, "Certificate")[0].words.contains("40 more days"), "{sections:#?}");
        assert!(lines(&sections, "Security headers")[0].words.contains("\\u{202e}"), "strangers' words: {sections:#?}");
    }

    #[test]
    fn what_is_wrong_is_marked() {
        let mut seen = healthy();
        let address = "192.0.2.77".parse().expect("an address");
        seen.subject.held = Some(Held { fingerprint_sha256: "bb".into(), not_after: seen.at });
        let mut bad = |shown: Shown| {
            seen.handshakes = vec![Handshake { address, at: seen.at, shown }];
            lines(&report(&seen, &Survey::default()), "Certificate")[0].clone()
        };
        let at = healthy().at;
        let other = bad(Shown::Certificate(leaf(at)));
        assert!(
            other.mark == Mark::Attention && other.words.contains("not the one that should be served"),
            "{other:?}"
        );
        let old =
            bad(Shown::Certificate(Leaf { not_after: at.plus(-DAY_MS), fingerprint_sha256: "bb".into(), ..leaf(at) }));
        assert!(old.mark == Mark::Attention && old.words.contains("it expired on"), "{old:?}");
        let alone = bad(Shown::Certificate(Leaf { chain_len: 1, fingerprint_sha256: "bb".into(), ..leaf(at) }));
        assert!(alone.mark == Mark::Attention && alone.words.contains("without its issuer"), "{alone:?}");
        assert_eq!(bad(Shown::Private).mark, Mark::Unknown);
        seen.visits = vec![Visit { address, path: Path::Challenge, at: seen.at, met: Met::Refused }];
        let survey = Survey {
            pages: vec![SecurePage { address, at: seen.at, answered: Err("no answer in time".into()) }],
            reputation: vec![
                Reputation { list: "bl.test".into(), about: "x".into(), said: Listed::Yes(vec!["127.0.0.2".into()]) },
                Reputation { list: "bl.test".into(), about: "y".into(), said: Listed::Unknown },
            ],
        };
        let sections = report(&seen, &survey);
        assert_eq!(lines(&sections, "HTTP")[0].mark, Mark::Attention);
        assert_eq!(lines(&sections, "HTTPS")[0].mark, Mark::Attention);
        let marks: Vec<Mark> = lines(&sections, "Reputation").iter().map(|line| line.mark).collect();
        assert_eq!(marks, [Mark::Attention, Mark::Unknown]);
    }
}

//! Registry and delegation: whether the zone exists, and whether each of its servers serves it.

use super::words::{answer_words, listed};
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, Severity};
use crate::domain::observation::{Answer, Kind, Observation, Said, Transport};
use crate::domain::observed::ZoneTrouble;
use std::collections::BTreeSet;

/// Findings on registry and delegation.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let zone = match &seen.delegation.zone {
        Ok(zone) => zone.as_str(),
        Err(trouble) => return trouble_finding(seen, trouble),
    };
    let mut found = Vec::new();
    let servers: Vec<Server<'_>> = servers(seen, zone);
    if let Some(failing) = all_failing(zone, &servers) {
        found.push(failing);
    } else {
        found.extend(servers.iter().filter_map(|server| lame(zone, server)));
    }
    found.extend(unreachable(seen, zone, &servers));
    found.extend(stale(zone, &servers));
    found.extend(mismatch(seen, zone, &servers));
    found.extend(servers.iter().filter_map(|server| drops(seen, zone, server)));
    found.extend(loses_case(seen));
    found.extend(denies_parents(seen));
    found
}

fn trouble_finding(seen: &Observation, trouble: &ZoneTrouble) -> Vec<Finding> {
    match trouble {
        ZoneTrouble::Unregistered(zone) if !holds(seen).is_empty() => vec![on_hold(seen, zone)],
        ZoneTrouble::Unregistered(zone) => vec![
            Finding::new(
                Code::DomainUnregistered,
                format!("{zone} does not exist"),
                format!("The registry's own servers answer that {zone} is not registered, or it was suspended."),
                format!("Renew {zone} with its registrar (.gov names: get.gov), or correct the domain's spelling."),
            )
            .seen(seen.answers.iter().map(answer_words)),
        ],
        ZoneTrouble::Failing(zone) => vec![
            Finding::new(
                Code::NsServfail,
                format!("DNS for {zone} is failing"),
                format!("No name server of {zone} could be reached through its delegation."),
                format!("Ask whoever hosts {zone} to repair its name servers, or correct them at the registrar."),
            )
            .seen(seen.answers.iter().map(answer_words)),
        ],
        ZoneTrouble::CouldNotAsk(words) => vec![
            Finding::new(
                Code::CouldNotAsk,
                format!("We could not ask about {}", seen.subject.name),
                "Our own resolvers did not answer, which says nothing about your domain. We try again by ourselves."
                    .into(),
                String::new(),
            )
            .seen([words.clone()]),
        ],
    }
}

/// What keeps a registered domain out of DNS (RFC 8056 §2).
const HOLDS: &[&str] = &["client hold", "server hold", "redemption period", "pending delete"];

fn holds(seen: &Observation) -> Vec<&str> {
    let statuses = seen.registry.iter().flatten().map(String::as_str);
    statuses.filter(|status| HOLDS.contains(&status.to_ascii_lowercase().as_str())).collect()
}

fn on_hold(seen: &Observation, zone: &str) -> Finding {
    let statuses = listed(holds(seen));
    Finding::new(
        Code::DomainOnHold,
        format!("{zone} is registered, and switched off"),
        format!("Its registry says: {statuses}. Until that is lifted nobody finds {zone} in DNS."),
        format!("Ask the registrar of {zone} to lift it: often a fee or a confirmed address is missing."),
    )
    .seen(seen.answers.iter().map(answer_words))
}

/// One address of one server of the zone, and what it said of the zone itself.
struct Server<'a> {
    name: &'a str,
    udp: &'a Answer,
    tcp: Option<&'a Answer>,
}

impl Server<'_> {
    fn is_silent(&self) -> bool {
        let silent = |answer: &Answer| matches!(answer.said, Said::Silent);
        silent(self.udp) && self.tcp.is_none_or(silent)
    }

    fn any(&self) -> &Answer {
        self.tcp.filter(|tcp| self.udp.message().is_none() && tcp.message().is_some()).unwrap_or(self.udp)
    }

    fn evidence(&self) -> Vec<String> {
        std::iter::once(self.udp).chain(self.tcp).map(answer_words).collect()
    }
}

fn servers<'a>(seen: &'a Observation, zone: &'a str) -> Vec<Server<'a>> {
    let over = |transport| seen.authorities(zone, Kind::Soa).filter(move |answer| answer.transport == transport);
    over(Transport::Udp)
        .map(|udp| {
            let tcp = over(Transport::Tcp).find(|tcp| tcp.address == udp.address && tcp.server() == udp.server());
            Server { name: udp.server(), udp, tcp }
        })
        .collect()
}

/// Every server that answers fails.
fn all_failing(zone: &str, servers: &[Server<'_>]) -> Option<Finding> {
    let spoke: Vec<&Server<'_>> = servers.iter().filter(|server| server.any().message().is_some()).collect();
    let failing = |server: &&Server<'_>| server.any().message().is_some_and(|message| message.rcode == "SERVFAIL");
    (!spoke.is_empty() && spoke.iter().all(failing)).then(|| {
        Finding::new(
            Code::NsServfail,
            format!("The name servers of {zone} are failing"),
            format!("Every one that answers says SERVFAIL: it can't load {zone}, or can't read it."),
            format!("Ask whoever hosts {zone} to repair it."),
        )
        .seen(spoke.iter().flat_map(|server| server.evidence()))
    })
}

fn lame(zone: &str, server: &Server<'_>) -> Option<Finding> {
    let answer = server.any();
    let message = answer.message()?;
    if answer.heard().is_some() && message.at(zone, Kind::Soa).next().is_some() {
        return None;
    }
    let (name, address) = (server.name, answer.address);
    Some(
        Finding::new(
            Code::NsLame,
            format!("{name} is listed for {zone} but does not serve it"),
            format!(
                "Asked for {zone} itself, {name} ({address}) gives no answer of its own: {}.",
                told(&message.rcode)
            ),
            format!("Let {name} serve {zone}, or take it out of the name servers at the registrar and in the zone."),
        )
        .seen(server.evidence()),
    )
}

fn told(rcode: &str) -> String {
    if rcode == "NOERROR" { "it knows nothing of the zone".into() } else { format!("it says {rcode}") }
}

/// Servers that do not answer: a warning as long as others do.
fn unreachable(seen: &Observation, zone: &str, servers: &[Server<'_>]) -> Vec<Finding> {
    let silent: Vec<&Server<'_>> = servers.iter().filter(|server| server.is_silent()).collect();
    let severity = if silent.len() < servers.len() { Severity::Warning } else { Severity::Blocking };
    let one = |server: &&Server<'_>| {
        let (name, address) = (server.name, server.udp.address);
        Finding::new(
            Code::NsUnreachable,
            format!("{name} does not answer"),
            format!("{name} ({address}), a name server of {zone}, answered neither over UDP nor over TCP."),
            format!("Check that {name} is up, and that UDP and TCP port 53 are open to the internet."),
        )
        .at(severity)
        .seen(server.evidence())
    };
    let homeless = seen.delegation.servers.iter().filter(|server| server.addresses.is_empty()).map(|server| {
        let severity = if servers.is_empty() { Severity::Blocking } else { Severity::Warning };
        Finding::new(
            Code::NsUnreachable,
            format!("{} has no address", server.name),
            format!("{} is listed as a name server of {zone}, and its own name does not resolve.", server.name),
            format!("Publish an address for {}, or take it out of the name servers of {zone}.", server.name),
        )
        .at(severity)
        .by(Owner::Dns)
    });
    silent.iter().map(one).chain(homeless).collect()
}

fn stale(zone: &str, servers: &[Server<'_>]) -> Option<Finding> {
    let serial = |server: &Server<'_>| -> Option<u32> {
        let soa = server.any().heard()?.at(zone, Kind::Soa).next()?;
        soa.value.split(' ').nth(2)?.parse().ok()
    };
    let known: Vec<(&str, u32)> = servers.iter().filter_map(|server| Some((server.name, serial(server)?))).collect();
    // Serials wrap around (RFC 1982): the newest is the one that no other is ahead of.
    let newest =
        known.iter().map(|(_, serial)| *serial).reduce(|a, b| if b.wrapping_sub(a) < 1 << 31 { b } else { a })?;
    let behind: BTreeSet<&str> = known.iter().filter(|(_, serial)| *serial != newest).map(|(name, _)| *name).collect();
    (!behind.is_empty()).then(|| {
        let names = listed(behind);
        Finding::new(
            Code::NsStale,
            format!("{names} still has an old copy of {zone}"),
            format!("The name servers of {zone} hold different versions of it; the newest is {newest}. Some checks will fail."),
            "Wait a few minutes; if it stays so, repair the zone transfer between the name servers.".into(),
        )
        .seen(servers.iter().flat_map(Server::evidence))
    })
}

fn mismatch(seen: &Observation, zone: &str, servers: &[Server<'_>]) -> Option<Finding> {
    // A server of both zones answers for the lower one, and says nothing of what stands above it.
    let mut above = seen.parents(zone, Kind::Ns).filter_map(Answer::message).filter(|message| !message.authoritative);
    let parents = above.find_map(|message| {
        let all = message.authority.iter().chain(&message.records);
        let names: BTreeSet<&str> = all
            .filter(|record| record.kind == Kind::Ns && record.name == zone)
            .map(|record| record.value.as_str())
            .collect();
        (!names.is_empty()).then_some(names)
    })?;
    let own: BTreeSet<&str> = seen.values(zone, Kind::Ns).into_iter().collect();
    if own.is_empty() || own == parents {
        return None;
    }
    // Where all that either side names serve the zone, whoever asks gets an answer: then it is only untidy.
    let serves = |name: &&&str| {
        servers
            .iter()
            .any(|server| server.name == **name && lame(zone, server).is_none() && server.any().heard().is_some())
    };
    let harmless = own.symmetric_difference(&parents).all(|name| serves(&name));
    let (above, inside) = (listed(parents), listed(own));
    Some(
        Finding::new(
            Code::NsMismatch,
            format!("The registrar and {zone} name different name servers"),
            format!(
                "Above the zone stand {above}; the zone itself lists {inside}. Which ones are asked is left to chance."
            ),
            format!("Set the same name servers at the registrar and in the NS records of {zone}."),
        )
        .at(if harmless { Severity::Warning } else { Severity::Blocking })
        .seen(seen.parents(zone, Kind::Ns).chain(seen.authorities(zone, Kind::Ns)).map(answer_words)),
    )
}

/// A server that answers for the zone and never for some types, or never over TCP.
fn drops(seen: &Observation, zone: &str, server: &Server<'_>) -> Option<Finding> {
    server.any().heard()?;
    let address = server.udp.address;
    let of_this = |answer: &&Answer| answer.address == address && answer.server() == server.name;
    let unanswered: Vec<&Answer> = seen
        .answers
        .iter()
        .filter(of_this)
        .filter(|answer| answer.kind != Kind::Soa && answer.said == Said::Silent)
        .collect();
    let no_tcp = server.udp.message().is_some() && server.tcp.is_some_and(|tcp| tcp.said == Said::Silent);
    let mut dropped: BTreeSet<&str> = unanswered.iter().map(|answer| answer.kind.mnemonic()).collect();
    if no_tcp {
        dropped.insert("TCP");
    }
    (!dropped.is_empty()).then(|| {
        let what = dropped.into_iter().collect::<Vec<_>>().join(", ");
        Finding::new(
            Code::NsDropsTypes,
            format!("Questions of some kinds get no answer from {}", server.name),
            format!(
                "{} ({address}) answers for {zone}, and gives no answer at all to: {what}. A firewall before it drops them.",
                server.name
            ),
            "Let DNS questions of every type through, TXT and CAA among them, over UDP and TCP.".into(),
        )
        .seen(server.evidence().into_iter().chain(unanswered.into_iter().map(answer_words)))
    })
}

fn loses_case(seen: &Observation) -> Option<Finding> {
    let lost = |answer: &&Answer| answer.message().is_some_and(|message| message.case_lost);
    let lost: Vec<&Answer> = seen.answers.iter().filter(lost).collect();
    let server = lost.first()?.server();
    Some(
        Finding::new(
            Code::NsCase,
            format!("{server} mishandles capital letters"),
            "Certificate authorities ask in mixed capital and small letters, against forgery; this server gives the question back changed.".into(),
            format!("Update the DNS software of {server}, so that it copies the question as it came."),
        )
        .seen(lost.into_iter().map(answer_words)),
    )
}

/// A name that exists only because others lie below it must not be denied (RFC 8020).
fn denies_parents(seen: &Observation) -> Option<Finding> {
    let zone = seen.zone();
    let with_records = |answer: &&Answer| answer.heard().is_some_and(|message| !message.records.is_empty());
    for below in seen.answers.iter().filter(with_records).filter(|answer| answer.who_is_authority()) {
        let Some((_, parent)) = below.name.split_once('.') else { continue };
        let denied = |answer: &&Answer| {
            answer.name == parent
                && answer.address == below.address
                // With an alias in the answer the code is about where it leads (RFC 6604 §3).
                && answer.heard().is_some_and(|message| message.rcode == "NXDOMAIN" && message.records.is_empty())
        };
        if let Some(denial) = seen.answers.iter().find(denied).filter(|_| parent.len() > zone.len()) {
            return Some(
                Finding::new(
                    Code::NsEnt,
                    format!("{} denies {parent}, though records lie below it", denial.server()),
                    format!(
                        "{} exists, and the server says that {parent} does not: resolvers then stop looking below it.",
                        below.name
                    ),
                    format!(
                        "Update the DNS software of {}, which answers such names against RFC 8020.",
                        denial.server()
                    ),
                )
                .seen([answer_words(denial), answer_words(below)]),
            );
        }
    }
    None
}

//! Domain Routing: whether visitors arrive at the edge, by an alias or by addresses that stand in for it.

use super::records::{cached, lacking, not_alone, tally};
use super::words::{answer_words, listed, to_paste};
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Severity};
use crate::domain::observation::{Answer, Kind, Met, Observation};
use crate::domain::record::{Purpose, Wanted, relative_host, same_name};
use crate::domain::time::HOUR_MS;
use std::net::IpAddr;

/// Header values and target names by which content networks are known.
const NETWORKS: &[(&str, &[&str])] = &[
    ("Cloudflare", &["cloudflare", "cdn.cloudflare.net"]),
    ("Akamai", &["akamaighost", "edgekey.net", "edgesuite.net", "akamaiedge.net"]),
    ("Fastly", &["fastly", "fastly.net"]),
    ("CloudFront", &["cloudfront", "cloudfront.net"]),
    ("Azure Front Door", &["azurefd.net", "azureedge.net"]),
    ("Sucuri", &["sucuri"]),
    ("Imperva", &["imperva", "incapdns.net"]),
];

/// Findings on routing.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let chain = in_circles(seen).into_iter();
    let Some(wanted) = routing(seen) else {
        return chain.chain(reserved(seen)).chain(unclaimed(seen)).collect();
    };
    let mut found: Vec<Finding> = chain.collect();
    let by_alias = !tally(seen, wanted).having.is_empty() && tally(seen, wanted).lacking.is_empty();
    if by_alias {
        found.extend([cached(seen, wanted), not_alone(seen, &wanted.host), dead(seen, wanted)].into_iter().flatten());
    } else if found.is_empty() {
        found.extend(by_addresses(seen, wanted));
        found.extend(slow(seen, wanted));
    }
    found.extend(advertised(seen, wanted));
    found.into_iter().map(|finding| moved(seen, wanted, finding)).collect()
}

/// A name that is in no Console, and leads to the edge all the same: whoever adds it here next would be reached by it.
fn unclaimed(seen: &Observation) -> Option<Finding> {
    let (name, edge) = (&seen.subject.name, &seen.subject.place.edge_hostname);
    let (hops, _) = seen.chain(&seen.subject.visited());
    hops.iter().any(|hop| same_name(hop, edge)).then(|| {
        Finding::new(
            Code::TakeoverRisk,
            format!("{name} leads here, and nobody has it here"),
            format!("Its alias points to {edge}, and no web domain of that name is in the Console: it was removed, or never added."),
            format!("Remove the alias at {name}, or add the web domain."),
        )
    })
}

fn routing(seen: &Observation) -> Option<&Wanted> {
    seen.subject.wanted.iter().find(|wanted| wanted.purpose == Purpose::Routing)
}

/// Whether visitors arrive here: by the alias, or because all addresses are the edge's.
pub(in crate::domain) fn arrives(seen: &Observation) -> bool {
    let Some(wanted) = routing(seen) else { return false };
    let tally = tally(seen, wanted);
    (!tally.having.is_empty() && tally.lacking.is_empty()) || {
        let addresses = typed_in(seen, &wanted.host);
        !addresses.is_empty() && addresses.iter().all(|address| is_ours(seen, *address))
    }
}

pub(super) fn is_ours(seen: &Observation, address: IpAddr) -> bool {
    seen.delegation.edge_addresses.contains(&address)
}

/// Addresses at the name itself.
fn typed_in(seen: &Observation, host: &str) -> Vec<IpAddr> {
    let values = [Kind::A, Kind::Aaaa].into_iter().flat_map(|kind| seen.values(host, kind));
    values.filter_map(|value| value.parse().ok()).collect()
}

/// No alias of ours: what its absence, another alias, or addresses mean.
fn by_addresses(seen: &Observation, wanted: &Wanted) -> Vec<Finding> {
    let addresses = typed_in(seen, &wanted.host);
    if addresses.is_empty() || seen.alias(&wanted.host).is_some() {
        return lacking(seen, wanted).map(|finding| behind_network(seen, wanted, finding)).into_iter().collect();
    }
    let all = || {
        let answers = [Kind::A, Kind::Aaaa].into_iter().flat_map(|kind| seen.authorities(&wanted.host, kind));
        answers.filter(|answer| answer.heard().is_some_and(|message| !message.records.is_empty())).map(answer_words)
    };
    if seen.is_by_wildcard(&wanted.host, Kind::A) && !addresses.iter().all(|address| is_ours(seen, *address)) {
        return vec![by_wildcard(seen, wanted, &addresses).seen(all())];
    }
    let found = judged(seen, wanted, &addresses).or_else(|| reserved(seen));
    let found = found.unwrap_or_else(|| behind_network(seen, wanted, elsewhere(seen, wanted, &addresses)));
    vec![found.seen(all())]
}

fn told(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    listed(words.iter().map(String::as_str))
}

fn by_wildcard(seen: &Observation, wanted: &Wanted, addresses: &[IpAddr]) -> Finding {
    let (_, parent) = wanted.host.split_once('.').unwrap_or_else(|| ("", seen.zone()));
    Finding::new(
        Code::WildcardShadow,
        format!("A wildcard answers for {}", wanted.host),
        format!("There is no record at {}; *.{parent} answers in its place, with {}.", wanted.host, told(addresses)),
        format!("Add the record itself, beside the wildcard: {}", to_paste(wanted, seen.zone())),
    )
}

/// Addresses of which some at least are ours.
fn judged(seen: &Observation, wanted: &Wanted, addresses: &[IpAddr]) -> Option<Finding> {
    let (ours, strays): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| is_ours(seen, **address));
    let (host, paste) = (&wanted.host, to_paste(wanted, seen.zone()));
    if ours.is_empty() {
        return None;
    }
    if strays.is_empty() {
        let whole = seen.delegation.edge_addresses.iter().all(|address| ours.contains(address));
        return Some(if whole {
            Finding::new(
                Code::CnameFlattened,
                format!("{host} shows our addresses in place of the alias"),
                "That works. If your DNS host makes them from an ALIAS, they follow us by themselves; if they were typed in, they don't.".into(),
                String::new(),
            )
        } else {
            let words = format!(
                "{host} has {}, typed in. That works today, and breaks when our addresses change.",
                told(&ours)
            );
            Finding::new(
                Code::ANotCname,
                format!("{host} has addresses in place of the alias"),
                words,
                format!("Replace them by a CNAME: {paste}"),
            )
        });
    }
    let only_v6 = strays.iter().all(IpAddr::is_ipv6) && ours.iter().any(IpAddr::is_ipv4);
    let (strays, kind) = (told(&strays), if only_v6 { "AAAA" } else { "A" });
    let fix = format!("Delete the {kind} record of {strays} at host {}.", relative_host(host, seen.zone()));
    Some(if only_v6 {
        let words = format!(
            "Its IPv4 address is ours; its IPv6 address {strays} is not. Most visitors, and CAs, try IPv6 first."
        );
        Finding::new(Code::AaaaStray, format!("IPv6 of {host} goes to another server"), words, fix)
    } else {
        let words = format!("{} is ours, {strays} is not; visitors reach one or the other by chance.", told(&ours));
        Finding::new(Code::AddrMixed, format!("Two servers share {host}"), words, fix)
    })
}

fn elsewhere(seen: &Observation, wanted: &Wanted, addresses: &[IpAddr]) -> Finding {
    Finding::new(
        Code::RecWrongValue,
        format!("{} has a different value", wanted.purpose.label()),
        format!("Found {} at {}, expected a CNAME to {}.", told(addresses), wanted.host, wanted.value),
        format!("Replace it: {}", to_paste(wanted, seen.zone())),
    )
}

/// The same, where a content network stands before the site.
fn behind_network(seen: &Observation, wanted: &Wanted, finding: Finding) -> Finding {
    let theirs = seen.visits.iter().filter(|visit| !is_ours(seen, visit.address));
    let servers = theirs.filter_map(|visit| match &visit.met {
        Met::Page { server, .. } => Some(server.to_ascii_lowercase()),
        _ => None,
    });
    let words: Vec<String> = servers.chain(seen.alias(&wanted.host).map(str::to_owned)).collect();
    let known = |(_, marks): &&(&str, &[&str])| {
        words.iter().any(|word| marks.iter().any(|mark| word == mark || word.ends_with(&format!(".{mark}"))))
    };
    let Some((network, _)) = NETWORKS.iter().find(known).filter(|_| finding.code == Code::RecWrongValue.word()) else {
        return finding;
    };
    Finding::new(
        Code::Proxied,
        format!("{} goes through {network}", wanted.host),
        format!("{network} answers in place of the alias, so that it can't be seen and our certificate is not what visitors get."),
        format!("Set the record to \"DNS only\" at {network}, as a CNAME: {}", to_paste(wanted, seen.zone())),
    )
    .seen(finding.evidence)
}

/// Addresses that work inside somebody's network only.
fn reserved(seen: &Observation) -> Option<Finding> {
    let guarded = seen.visits.iter().find(|visit| visit.met == Met::Private)?;
    let (name, address) = (&seen.subject.name, guarded.address);
    let fix = routing(seen).map_or_else(
        || "Publish a public address.".into(),
        |wanted| format!("Use the alias: {}", to_paste(wanted, seen.zone())),
    );
    Some(Finding::new(
        Code::AddrReserved,
        format!("{name} leads to {address}, which works only inside a network"),
        format!(
            "{address} is not a public address: visitors from outside, and certificate authorities, can't reach it."
        ),
        fix,
    ))
}

/// Aliases that never come to an end.
fn in_circles(seen: &Observation) -> Option<Finding> {
    let name = seen.subject.visited();
    let (hops, ends) = seen.chain(&name);
    (!ends).then(|| {
        let target = &seen.subject.place.edge_hostname;
        Finding::new(
            Code::CnameChain,
            format!("The alias of {name} goes round in circles"),
            format!("{name} leads to {}, and so on without an end.", listed(hops.iter().copied())),
            format!("Point {name} straight to {target}."),
        )
        .seen(seen.authorities(&name, Kind::Cname).chain(seen.resolvers(&name, Kind::A)).map(answer_words))
    })
}

/// The alias is right, and the edge's own name does not resolve.
fn dead(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let denied = |answer: &&Answer| {
        answer.heard().is_some_and(|message| message.rcode == "NXDOMAIN" || message.records.is_empty())
    };
    let denials: Vec<&Answer> = seen.resolvers(&wanted.value, Kind::A).filter(denied).collect();
    (seen.delegation.edge_addresses.is_empty() && !denials.is_empty()).then(|| {
        Finding::new(
            Code::TargetDead,
            format!("{} is right; our end is missing", wanted.purpose.label()),
            format!("{} leads to {}, which has no address at present.", wanted.host, wanted.value),
            String::new(),
        )
        .seen(denials.into_iter().map(answer_words))
    })
}

/// What is there now will be remembered for long after it is changed.
fn slow(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let kinds = [Kind::Cname, Kind::A, Kind::Aaaa];
    let ttl_s = kinds.into_iter().flat_map(|kind| seen.records(&wanted.host, kind)).map(|record| record.ttl).max()?;
    let ttl_ms = i64::from(ttl_s) * 1_000;
    (ttl_ms > HOUR_MS).then(|| {
        let (hours, until) = ((ttl_ms + HOUR_MS - 1) / HOUR_MS, seen.at.plus(ttl_ms).date_time());
        Finding::new(
            Code::TtlHigh,
            format!("A change of {} takes up to {hours} hours to be seen everywhere", wanted.host),
            format!("Its time to live is {ttl_s} seconds: changed now, some visitors are led to the old place until {until}."),
            format!("Lower the time to live to 300 before you change it, host {}.", relative_host(&wanted.host, seen.zone())),
        )
    })
}

/// An HTTPS record tells browsers of another place than the addresses do (RFC 9460).
fn advertised(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let stale = |value: &&str| {
        let target = value.split(' ').nth(1).unwrap_or_default().trim_end_matches('.');
        let elsewhere = !target.is_empty() && !same_name(target, &wanted.value) && !same_name(target, &wanted.host);
        let hinted =
            |hints: &str| hints.split(',').filter_map(|hint| hint.parse().ok()).any(|hint| !is_ours(seen, hint));
        let hints = value
            .split(' ')
            .filter_map(|part| part.strip_prefix("ipv4hint=").or_else(|| part.strip_prefix("ipv6hint=")));
        elsewhere || hints.map(|hints| hints.trim_matches('"')).any(hinted)
    };
    let values = seen.values(&wanted.host, Kind::Https);
    let value = values.iter().copied().find(stale)?;
    Some(
        Finding::new(
            Code::HttpsRrStale,
            format!("An HTTPS record of {} still advertises another server", wanted.host),
            format!("Browsers read it before the addresses: {value}."),
            format!("Delete the HTTPS record (type 65) at host {}.", relative_host(&wanted.host, seen.zone())),
        )
        .seen(seen.authorities(&wanted.host, Kind::Https).map(answer_words)),
    )
}

/// It led here before: what was done then is undone.
fn moved(seen: &Observation, wanted: &Wanted, finding: Finding) -> Finding {
    match seen.subject.moved_since {
        Some(since) if finding.severity == Severity::Blocking && !arrives(seen) => Finding::new(
            Code::Moved,
            format!("{} no longer leads here", wanted.host),
            format!("{} It has been so since {}.", finding.explanation, since.date_time()),
            finding.fix,
        )
        .seen(finding.evidence),
        _ => finding,
    }
}

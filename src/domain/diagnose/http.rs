//! Reaching the site over plain HTTP, as a CA does on the challenge's path: each address for itself.
//!
//! While DNS validates and the name leads elsewhere, another site's port 80 is nobody's trouble: then it only warns.

use super::routing::is_ours;
use super::words::listed;
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, Severity, printable};
use crate::domain::observation::{Met, Observation, Path, Visit};
use crate::domain::setup::SslValidation;
use std::collections::BTreeSet;

/// What bots are asked to prove, as the page that asks says it.
const BOT_CHECKS: &[&str] = &[
    "captcha",
    "challenge-platform",
    "cf-chl",
    "_incapsula_",
    "are you human",
    "enable javascript and cookies",
    "testcookie",
    "access denied",
];
/// What home routers and firewalls call themselves.
const ROUTERS: &[&str] = &[
    "mikrotik",
    "routeros",
    "fritz!box",
    "tp-link",
    "netgear",
    "dd-wrt",
    "openwrt",
    "luci",
    "edgeos",
    "unifi",
    "draytek",
    "zyxel",
    "rompager",
    "router login",
    "sonicwall",
];

/// Findings on HTTP.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let mut found: Vec<Finding> = of(seen, Path::Challenge).filter_map(|visit| one(seen, visit)).collect();
    found.dedup_by(|a, b| a.code == b.code);
    found.extend(differ(seen));
    found.extend(of(seen, Path::Plain).find_map(|visit| application(seen, visit)));
    found
}

fn of(seen: &Observation, path: Path) -> impl Iterator<Item = &Visit> {
    seen.visits.iter().filter(move |visit| visit.path == path)
}

fn one(seen: &Observation, visit: &Visit) -> Option<Finding> {
    let (name, address) = (&seen.subject.name, visit.address);
    let (code, title, words, fix) = match &visit.met {
        Met::Private => return None,
        Met::Refused => (
            Code::HttpRefused,
            format!("Nothing listens on port 80 at {address}"),
            format!("{name} leads to {address}, which refuses connections on port 80."),
            format!("Let {address} accept connections on port 80."),
        ),
        Met::TimedOut | Met::Failed(_) => (
            Code::HttpTimeout,
            format!("{address} does not answer on port 80"),
            format!("{name} leads to {address}, where a firewall seems to drop connections: none came about in time."),
            "Allow ports 80 and 443 from all addresses: certificate authorities check from several places.".into(),
        ),
        Met::Reset => cut(seen, visit),
        Met::NotHttp => (
            Code::HttpWrongProto,
            format!("Port 80 at {address} does not speak HTTP"),
            format!("What {address} sent on port 80 is no HTTP: another service, or TLS, listens there."),
            "Serve plain HTTP on port 80.".into(),
        ),
        Met::Astray { redirects, why } => (
            Code::HttpRedirect,
            format!("{name} redirects to where no certificate authority follows"),
            format!(
                "From the challenge's path redirects lead to {}: {why}.",
                listed(redirects.iter().map(String::as_str))
            ),
            "Take /.well-known/acme-challenge/ out of the redirects.".into(),
        ),
        Met::Page { status, server, body, .. } => return page(seen, visit, *status, server, body),
    };
    Some(weighed(seen, visit, Finding::new(code, title, words, fix)))
}

type Words = (Code, String, String, String);

/// The connection was cut: only on the challenge's path, or on every path.
fn cut(seen: &Observation, visit: &Visit) -> Words {
    let address = visit.address;
    let plain = of(seen, Path::Plain)
        .any(|other| other.address == address && matches!(other.met, Met::Page { .. } | Met::Astray { .. }));
    if plain {
        let words = "Other paths answer, and the challenge's path is cut off: a firewall tells it by its type (Palo Alto calls it acme-protocol).";
        let fix = "Allow the application \"acme-protocol\" in the firewall, or except /.well-known/acme-challenge/.";
        return (
            Code::HttpFwAcme,
            format!("A firewall at {address} cuts off certificate checks"),
            words.into(),
            fix.into(),
        );
    }
    let words = format!("{address} takes connections on port 80 and cuts them before it answers.");
    (
        Code::HttpTimeout,
        format!("{address} cuts connections on port 80"),
        words,
        "Let the web server answer on port 80, and the firewall let it through.".into(),
    )
}

/// A page came: whose is it?
fn page(seen: &Observation, visit: &Visit, status: u16, server: &str, body: &str) -> Option<Finding> {
    let (name, address) = (&seen.subject.name, visit.address);
    let text = format!("{server} {body}").to_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let said = format!(
        "{address} answered {status}{}.",
        if server.is_empty() { String::new() } else { format!(" (server {})", printable(server)) }
    );
    let new = |code, title: String, more: &str, fix: &str| {
        Finding::new(code, title, format!("{said} {more}"), fix.to_owned())
    };
    let ours = is_ours(seen, address);
    let found = match status {
        _ if ours => return None,
        _ if has(ROUTERS) => new(
            Code::HttpRouter,
            format!("A router answers for {name}"),
            "It looks like a router's own page.",
            "Forward port 80 on the router to the web server.",
        ),
        401 | 403 | 429 => new(
            Code::HttpWaf,
            format!("A bot check answers for {name}"),
            "A certificate authority's check is turned away.",
            "Exempt /.well-known/acme-challenge/ from it.",
        ),
        _ if has(BOT_CHECKS) => new(
            Code::HttpWaf,
            format!("A bot check answers for {name}"),
            "It asks for what only browsers do.",
            "Exempt /.well-known/acme-challenge/ from it.",
        ),
        200..=299 => new(
            Code::HttpBody,
            format!("A page is served for every path of {name}"),
            "A made-up token was answered with a page.",
            "Stop rewriting /.well-known/acme-challenge/.",
        ),
        _ => new(
            Code::Http404,
            format!("Another web server answers for {name}"),
            "It is not ours.",
            "Put the Domain Routing record right.",
        ),
    };
    // Another site that does not know a made-up token does what it should, as long as nobody asked it to.
    let plain = matches!(found.code, "http_404" | "http_body");
    match seen.subject.validation {
        Some(SslValidation::Dns) if plain => None,
        None if plain => Some(found.at(Severity::Info).seen([words(visit)])),
        _ => Some(weighed(seen, visit, found)),
    }
}

/// Our edge answers, and reaches nothing behind it.
fn application(seen: &Observation, visit: &Visit) -> Option<Finding> {
    let (name, Met::Page { status: status @ (502 | 504), .. }) = (&seen.subject.name, &visit.met) else { return None };
    is_ours(seen, visit.address).then(|| {
        let title = format!("The application behind {name} does not answer");
        let said = format!("{} answered {status}: our edge reached no application there.", visit.address);
        Finding::new(Code::AppOrigin, title, said, String::new()).seen([words(visit)])
    })
}

/// How much it matters here, and to whom.
fn weighed(seen: &Observation, visit: &Visit, finding: Finding) -> Finding {
    let finding = finding.seen([words(visit)]);
    if is_ours(seen, visit.address) {
        return finding.by(Owner::Padlock);
    }
    let elsewhere = seen.subject.validation == Some(SslValidation::Dns);
    if elsewhere { finding.at(Severity::Warning) } else { finding }
}

fn words(visit: &Visit) -> String {
    let path = match visit.path {
        Path::Challenge => "the challenge's path",
        Path::Plain => "/",
    };
    let met = match &visit.met {
        Met::Page { redirects, status, server, .. } if redirects.is_empty() => {
            format!("status {status}, server {}", printable(server))
        }
        Met::Page { redirects, status, .. } => {
            format!("status {status} after {}", listed(redirects.iter().map(String::as_str)))
        }
        Met::Astray { redirects, why } => format!("{why} after {}", listed(redirects.iter().map(String::as_str))),
        Met::Refused => "connection refused".into(),
        Met::TimedOut => "no answer in time".into(),
        Met::Reset => "connection cut".into(),
        Met::NotHttp => "no HTTP".into(),
        Met::Private => "not visited".into(),
        Met::Failed(words) => printable(words),
    };
    format!("{} on {path}: {met}, {}", visit.address, visit.at.clock())
}

/// Several addresses that are not alike.
fn differ(seen: &Observation) -> Option<Finding> {
    let kinds: BTreeSet<String> = of(seen, Path::Challenge)
        .filter_map(|visit| match &visit.met {
            Met::Page { status, server, redirects, .. } => Some(format!("{status} {server} {}", redirects.len())),
            Met::Private => None,
            Met::Failed(_) => Some("failed".into()),
            other => Some(format!("{other:?}").chars().take(8).collect()),
        })
        .collect();
    (kinds.len() > 1).then(|| {
        let name = &seen.subject.name;
        Finding::new(
            Code::HttpMulti,
            format!("The addresses of {name} behave differently"),
            "Which of them visitors and certificate authorities reach is left to chance.".into(),
            "Remove the address that should not be there.".into(),
        )
        .seen(of(seen, Path::Challenge).map(words))
    })
}

/// Browsers that insist on HTTPS let nobody click through what blocks.
pub(super) fn hsts(seen: &Observation, found: &[Finding]) -> Option<Finding> {
    let policy = seen.visits.iter().find_map(|visit| match &visit.met {
        Met::Page { hsts, .. } if !hsts.is_empty() => Some(hsts),
        _ => None,
    })?;
    let name = &seen.subject.name;
    found.iter().any(|finding| finding.severity == Severity::Blocking).then(|| {
        Finding::new(
            Code::HstsLocked,
            format!("Browsers insist on HTTPS for {name}"),
            format!("The present site sends Strict-Transport-Security: {}. Visitors can't click through a certificate error.", printable(policy)),
            "Put everything else right before you switch over.".into(),
        )
    })
}

//! Findings on a web domain by its facts alone: its standing, the quick look's records, the CA and the certificate.

use crate::domain::catalogue::Code;
use crate::domain::certificate::Certificate;
use crate::domain::facts::{Facts, Setback, Standing};
use crate::domain::finding::{Finding, Owner, Severity, in_order, printable, reply_words};
use crate::domain::limits;
use crate::domain::observed::{Observation, RecordSeen, RecordState, Verdict, ZoneTrouble};
use crate::domain::problem::{NOT_ON_SHOW, ProblemKind};
use crate::domain::record::{Purpose, RecordType, relative_host};
use crate::domain::renewal;
use crate::domain::schedule;
use crate::domain::setup::Setup;
use crate::domain::time::{DAY_MS, Millis};

/// Findings on a domain, cause first: name, zone, records, CA, certificate, routing.
#[must_use]
pub fn of_facts(setup: &Setup, facts: &Facts, now: Millis) -> Vec<Finding> {
    match facts.standing {
        Standing::Live => {}
        Standing::Disabled => return vec![disabled(setup)],
        Standing::Removed(_) => return vec![removed(setup)],
        Standing::Blocked => return vec![claimed(setup)],
    }
    let Some(seen) = &facts.observation else { return vec![first_look(setup)] };
    let mut findings = Vec::new();
    match (facts.examined_now(), &seen.zone) {
        // A full pass says more closely what the quick look saw. The CA and the certificate have moved on since: what the
        // facts say of them stands below.
        (Some(pass), _) => {
            // What it saw at the edges counts for the certificate that it knew.
            let knew = facts.is_served() && facts.uploaded.is_none() && Some(pass.at) >= facts.issued_at;
            let concerns = |finding: &&Finding| {
                (is_of_dns(finding) || knew && is_of_edges(finding))
                    && !(facts.uploaded.is_some() && is_for_orders(finding))
            };
            findings.extend(pass.findings.iter().filter(concerns).cloned());
        }
        (None, Err(trouble)) => findings.push(zone_trouble(setup, trouble)),
        (None, Ok(_)) => findings.extend(record_findings(seen, facts)),
    }
    findings.extend(super::ownership::file_finding(setup, facts, seen));
    findings.extend(super::ownership::approval_finding(setup, facts));
    if facts.uploaded.is_some() {
        // Nothing is ordered for now: what a CA said once concerns nobody.
    } else if let Some(setback) = facts.setback() {
        findings.push(ca_finding(setup, facts, setback, now));
    } else if facts.order.as_ref().is_some_and(|order| !order.renewal || is_late(setup, facts, now)) {
        findings.push(issuing(setup));
    }
    findings.extend(super::ownership::hand_finding(setup, facts, now));
    if let Some(new) = certificate_finding(setup, facts, now)
        && !findings.iter().any(|known| known.code == new.code)
    {
        findings.push(new);
    }
    findings.extend(recalled(setup, facts, now));
    findings.extend(super::validity::exposed(setup, facts));
    in_order(&mut findings);
    findings
}

/// Whether it is about the name and the way to it.
fn is_of_dns(finding: &Finding) -> bool {
    Code::from_word(finding.code).is_none_or(|code| !(Code::CaPolicy..=Code::TlsHandshake).contains(&code))
}

/// Whether it is about what edges show.
fn is_of_edges(finding: &Finding) -> bool {
    Code::from_word(finding.code).is_some_and(|code| (Code::TlsNotEverywhere..=Code::TlsHandshake).contains(&code))
}

/// Whether it is only about what a CA would ask for.
fn is_for_orders(finding: &Finding) -> bool {
    Code::from_word(finding.code).is_some_and(|code| {
        (Code::CaaForbids..=Code::CaaTarget).contains(&code) || matches!(code, Code::DcvRemoved | Code::CaaAdded)
    })
}

pub(super) fn finding(
    code: &'static str,
    severity: Severity,
    owner: Owner,
    title: String,
    explanation: String,
    fix: String,
) -> Finding {
    Finding { code, severity, owner, title, explanation, fix, evidence: Vec::new() }
}

/// A window that ended before it could have been planned for is how a CA says that it takes a certificate back (RFC 9773 §4.2).
/// One that came of such advice is not told of again: then the CA says so of all; nor is one that we had it take back.
fn recalled(setup: &Setup, facts: &Facts, now: Millis) -> Option<Finding> {
    let certificate =
        facts.certificate.as_ref().filter(|held| now < held.not_after && !facts.hastened && !facts.is_revoked())?;
    let advice = facts.advice.as_ref().filter(|said| certificate.ari_id.as_ref() == Some(&said.ari_id))?;
    let window = advice.window.as_ref().filter(|window| window.end <= advice.since)?;
    let words = "It says that the time to renew it is past, long before its end: it was revoked, or will be. We order the next one at once.";
    let title = format!("The certificate authority takes the certificate of {} back", setup.hostname);
    let found = Finding::new(Code::TlsRevoked, title, words.into(), String::new());
    Some(found.seen(window.explanation_url.iter().map(|url| format!("Its explanation: {}", printable(url)))))
}

fn disabled(setup: &Setup) -> Finding {
    let name = &setup.hostname;
    finding(
        "disabled",
        Severity::Blocking,
        Owner::Agency,
        format!("{name} is switched off"),
        "Its certificate and settings are kept, and nothing is checked meanwhile.".into(),
        "Switch the domain on again in its settings.".into(),
    )
}

fn removed(setup: &Setup) -> Finding {
    finding(
        "removed",
        Severity::Blocking,
        Owner::Agency,
        format!("{} was removed", setup.hostname),
        "It is kept for 30 days.".into(),
        "Remove its DNS records, or add the domain again.".into(),
    )
}

fn claimed(setup: &Setup) -> Finding {
    finding(
        "name_claimed",
        Severity::Blocking,
        Owner::Padlock,
        format!("{} is held by another customer", setup.hostname),
        "Somebody else proved control of this name first. A name is served for one customer only.".into(),
        "Ask the Help Center to settle who should hold it.".into(),
    )
}

fn first_look(setup: &Setup) -> Finding {
    finding(
        "first_check",
        Severity::Info,
        Owner::Padlock,
        format!("{} is being checked for the first time", setup.hostname),
        "The first look at its DNS takes a few seconds.".into(),
        String::new(),
    )
}

fn zone_trouble(setup: &Setup, trouble: &ZoneTrouble) -> Finding {
    match trouble {
        ZoneTrouble::Unregistered(zone) => finding(
            "domain_unregistered",
            Severity::Blocking,
            Owner::Dns,
            format!("{zone} does not exist"),
            format!("The registry's own servers answer that {zone} is not registered, or it was suspended."),
            format!("Renew {zone} with its registrar (.gov names: get.gov), or correct the domain's spelling."),
        ),
        ZoneTrouble::Failing(zone) => finding(
            "ns_servfail",
            Severity::Blocking,
            Owner::Dns,
            format!("DNS for {zone} is failing"),
            format!("Resolvers can't get a valid answer about {zone}: its name servers or its DNSSEC signatures fail."),
            "Ask whoever hosts the zone to repair its name servers or DNSSEC.".into(),
        ),
        ZoneTrouble::CouldNotAsk(_) => finding(
            "could_not_ask",
            Severity::Warning,
            Owner::Padlock,
            format!("We could not ask about {}", setup.hostname),
            "Our own resolvers did not answer, which says nothing about your domain. We try again by ourselves.".into(),
            String::new(),
        ),
    }
}

fn record_findings(seen: &Observation, facts: &Facts) -> Vec<Finding> {
    let zone = seen.zone.as_ref().map_or("", |zone| zone.apex.as_str());
    let needed = |purpose: Purpose| match purpose {
        // Consent is needed for the first certificate; a renewal follows the challenge's alias alone.
        Purpose::Validation => facts.certificate.is_none() && facts.verified_at.is_none() || facts.in_use().is_none(),
        // What is uploaded needs no proof for a CA.
        Purpose::Dcv => facts.uploaded.is_none(),
        Purpose::Routing => true,
    };
    seen.records
        .iter()
        .map(|record| (record, record.verdict(&seen.edge_addresses)))
        .filter(|(record, verdict)| needed(record.wanted.purpose) && verdict.state != RecordState::Detected)
        .map(|(record, verdict)| record_finding(record, &verdict, zone, facts))
        .collect()
}

fn record_finding(record: &RecordSeen, verdict: &Verdict, zone: &str, facts: &Facts) -> Finding {
    let wanted = &record.wanted;
    let (host, kind, label) = (relative_host(&wanted.host, zone), wanted.rtype.mnemonic(), wanted.purpose.label());
    let add = format!("Add a {kind} record: host {host} (in zone {zone}), value {}", wanted.value);
    let found = verdict.found.iter().map(|value| printable(value)).collect::<Vec<_>>().join(", ");
    let moved = wanted.purpose == Purpose::Routing && facts.moved_since.is_some();
    let (severity, code) = match (wanted.purpose, facts.certificate.is_some()) {
        _ if moved => (Severity::Blocking, Some("moved")),
        (Purpose::Dcv, true) => (Severity::Warning, Some("dcv_removed")),
        _ => (Severity::Blocking, None),
    };
    let (plain_code, owner, title, explanation, fix) = match verdict.state {
        RecordState::Unknown => (
            "ns_unreachable",
            Owner::Network,
            format!("The name servers of {zone} do not answer"),
            format!(
                "None of the {} name servers that we asked about {} gave a usable answer over UDP or TCP.",
                verdict.asked, wanted.host
            ),
            format!(
                "Check that the name servers of {zone} are up, and that UDP and TCP port 53 are open to the internet."
            ),
        ),
        RecordState::Wrong if has_value_in_other_type(record) => (
            "type_wrong",
            Owner::Dns,
            format!("{label} was added with the wrong type"),
            format!("{} holds the right value in a record of another type; it must be {kind}.", wanted.host),
            format!("Delete it and recreate it as {kind}: host {host}, value {}", wanted.value),
        ),
        RecordState::Wrong => (
            "rec_wrong_value",
            Owner::Dns,
            format!("{label} has a different value"),
            format!("Found {found} at {}, expected {}.", wanted.host, wanted.value),
            format!("Replace the value of the {kind} record at host {host} by {}", wanted.value),
        ),
        _ if verdict.agreeing > 0 => (
            "ns_stale",
            Owner::Dns,
            format!("{label} is not on all name servers yet"),
            format!(
                "{} of {} name servers of {zone} have it; the others still serve an older copy.",
                verdict.agreeing, verdict.heard
            ),
            "Wait a few minutes; if it stays so, repair the zone transfer between the name servers.".into(),
        ),
        _ => (
            "rec_missing",
            Owner::Dns,
            format!("{label} is not there yet"),
            format!("We cannot find a {kind} record at {}.", wanted.host),
            add,
        ),
    };
    let title = if moved { format!("{} no longer leads here", wanted.host) } else { title };
    let evidence = record
        .answers
        .iter()
        .map(|answer| format!("{} ({}) {}", answer.server, answer.address, reply_words(&answer.reply)))
        .collect();
    Finding { code: code.unwrap_or(plain_code), severity, owner, title, explanation, fix, evidence }
}

fn has_value_in_other_type(record: &RecordSeen) -> bool {
    let wanted = &record.wanted;
    record.answers.iter().flat_map(|answer| answer.reply.records()).any(|found| {
        found.rtype != wanted.rtype
            && matches!(found.rtype, RecordType::Txt | RecordType::Cname)
            && found.value.trim_end_matches('.').eq_ignore_ascii_case(&wanted.value)
    })
}

fn ca_finding(setup: &Setup, facts: &Facts, setback: &Setback, now: Millis) -> Finding {
    let name = &setup.hostname;
    let (kind, ours) = (setback.problem.kind, limits::is_ours(&setback.problem.name));
    let (owner, title, fix): (_, _, &str) = match kind {
        ProblemKind::Outage if setback.problem.name == NOT_ON_SHOW => {
            (Owner::Padlock, "Our own servers do not show the challenge's answer".to_owned(), "")
        }
        ProblemKind::Outage => (Owner::Ca, "The certificate authority has trouble".to_owned(), ""),
        ProblemKind::RateLimited if ours => (Owner::Nobody, "The certificate authority's limit is reached".into(), ""),
        ProblemKind::RateLimited => (Owner::Padlock, "The certificate authority's limit is reached".into(), ""),
        ProblemKind::Validation => (
            Owner::Dns,
            format!("The certificate authority could not validate {name}"),
            "Compare the DCV record with what the certificate authority says.",
        ),
        ProblemKind::CaaForbids => (
            Owner::Dns,
            format!("A CAA record forbids our certificate authority for {name}"),
            "Add our certificate authority to the CAA record.",
        ),
        ProblemKind::Policy => (
            Owner::Ca,
            format!("The certificate authority declines {name}"),
            "Ask the certificate authority to review the name.",
        ),
        ProblemKind::Expired => (Owner::Padlock, "The request lapsed".into(), ""),
        ProblemKind::Account => (Owner::Padlock, "Our account at the certificate authority needs attention".into(), ""),
        ProblemKind::BadCertificate => (Owner::Padlock, "The certificate that we got failed our checks".into(), ""),
    };
    // A renewal that failed takes nothing away before it is late.
    let in_time = facts.is_served() && facts.in_use().is_some() && !is_late(setup, facts, now);
    let harmless = setback.retry_at <= now || in_time;
    let severity = if harmless { Severity::Warning } else { Severity::Blocking };
    let explanation = if ours {
        format!(
            "{}. We keep to that by our own count, and order by ourselves then.",
            printable(&setback.problem.detail)
        )
    } else {
        "No certificate was issued at the last try; the certificate authority's own words stand below. We try again by ourselves.".into()
    };
    let mut found = finding(super::ca::code(&setback.problem).word(), severity, owner, title, explanation, fix.into());
    if ours {
        return found;
    }
    found.evidence = vec![format!("{}: {}", printable(&setback.problem.name), printable(&setback.problem.detail))];
    found
}

/// Whether the certificate should have been renewed by now.
fn is_late(setup: &Setup, facts: &Facts, now: Millis) -> bool {
    renewal::late_at(setup, facts).is_some_and(|late| now >= late)
}

fn issuing(setup: &Setup) -> Finding {
    finding(
        "issuing",
        Severity::Info,
        Owner::Ca,
        format!("A certificate for {} is being made", setup.hostname),
        "The certificate authority is checking the domain.".into(),
        String::new(),
    )
}

fn certificate_finding(setup: &Setup, facts: &Facts, now: Millis) -> Option<Finding> {
    let certificate = facts.in_use()?;
    let name = &setup.hostname;
    if facts.uploaded.is_some() && now >= schedule::expiring_at(certificate) && !facts.has_relief(certificate.not_after)
    {
        return Some(lapsing(setup, certificate, now));
    }
    if now >= certificate.not_after {
        return Some(finding(
            "tls_expired",
            Severity::Blocking,
            Owner::Padlock,
            format!("The certificate of {name} has expired"),
            "Visitors see an error and may not be able to click through.".into(),
            "A new one is issued as soon as the records above are right.".into(),
        ));
    }
    if facts.is_revoked() {
        return Some(super::validity::revoked(setup, facts));
    }
    if let Some(found) = super::validity::distrusted(setup, facts) {
        return Some(found);
    }
    if facts.is_served() || facts.serves_predecessor() {
        return None;
    }
    let mut found = finding(
        "tls_not_everywhere",
        Severity::Blocking,
        Owner::Padlock,
        format!("The certificate of {name} is being installed"),
        "It is issued and stored; our servers do not show it yet.".into(),
        String::new(),
    );
    found.evidence = match facts.served.as_ref().map(|last| &last.outcome) {
        Some(Ok(fingerprint)) => vec![format!("our server shows another certificate: {fingerprint}")],
        Some(Err(words)) => vec![printable(words)],
        None => Vec::new(),
    };
    Some(found)
}

/// An uploaded certificate that ends, with nothing to take over.
fn lapsing(setup: &Setup, certificate: &Certificate, now: Millis) -> Finding {
    let (name, left) = (&setup.hostname, certificate.not_after.since(now));
    let fix =
        "Upload its successor; or add the two SSL records, and we obtain certificates and renew them by ourselves.";
    let (severity, title) = if left <= 0 {
        (Severity::Blocking, format!("The uploaded certificate of {name} has expired"))
    } else {
        (Severity::Warning, format!("The uploaded certificate of {name} expires in {}", days(left)))
    };
    let explanation = "It was uploaded, so that we can't renew it.".into();
    finding("tls_expired", severity, Owner::Agency, title, explanation, fix.into())
}

fn days(ms: i64) -> String {
    match ms / DAY_MS {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}

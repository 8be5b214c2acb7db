//! What changed since an earlier pass: the difference that a finding comes from.

use super::caa::caa_tree;
use super::records::tally;
use super::routing::arrives;
use super::words::{count, listed};
use crate::domain::catalogue::Code;
use crate::domain::finding::Finding;
use crate::domain::observation::{Answer, Baseline, Kind, Observation};
use crate::domain::provider::Provider;
use crate::domain::record::Purpose;

/// How things stand at this pass, for later ones to be compared with.
#[must_use]
pub fn baseline(seen: &Observation) -> Baseline {
    let mut servers: Vec<String> = seen.delegation.servers.iter().map(|server| server.name.clone()).collect();
    servers.sort_unstable();
    let in_place = seen.subject.wanted.iter().filter(|wanted| {
        let tally = tally(seen, wanted);
        let by_address = wanted.purpose == Purpose::Routing && arrives(seen);
        by_address || (!tally.having.is_empty() && tally.lacking.is_empty())
    });
    Baseline {
        at: seen.at,
        servers,
        caa: rule(seen),
        signed: seen
            .answers
            .iter()
            .filter(|answer| answer.kind == Kind::Ds)
            .filter_map(Answer::heard)
            .any(|message| message.records.iter().any(|record| record.kind == Kind::Ds)),
        in_place: in_place.map(|wanted| wanted.purpose).collect(),
    }
}

/// The CAA rule in force.
fn rule(seen: &Observation) -> Vec<String> {
    let tree = caa_tree(seen);
    tree.iter()
        .find(|level| level.in_force)
        .map_or_else(Vec::new, |level| level.lines.iter().map(|line| (*line).to_owned()).collect())
}

/// Findings on drift.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    migrated(seen).into_iter().collect()
}

/// Adds to each finding how it was before, where that differs.
pub(super) fn tell(seen: &Observation, findings: &mut [Finding]) {
    let Some(before) = &seen.subject.before else { return };
    let when = before.at.date_time();
    for finding in findings {
        let words = match Code::from_word(finding.code) {
            Some(Code::CaaAdded | Code::CaaForbids) if rule(seen) != before.caa => {
                let rule = listed(before.caa.iter().map(String::as_str));
                if before.caa.is_empty() {
                    format!("On {when} there was no rule.")
                } else {
                    format!("On {when} it was: {rule}.")
                }
            }
            Some(Code::DcvRemoved) if before.in_place.contains(&Purpose::Dcv) => format!("It was in place on {when}."),
            Some(code) if (Code::DnssecBogus..=Code::DnssecDenial).contains(&code) && !before.signed => {
                format!("On {when} the zone was not signed.")
            }
            _ => continue,
        };
        finding.explanation = format!("{} {words}", finding.explanation);
    }
}

/// Who runs the zone now and who did before, when none of its servers is the same.
pub(super) fn moved_servers(seen: &Observation) -> Option<(String, String)> {
    let before: Vec<&str> = seen.subject.before.as_ref()?.servers.iter().map(String::as_str).collect();
    let now: Vec<&str> = seen.delegation.servers.iter().map(|server| server.name.as_str()).collect();
    if before.is_empty() || now.is_empty() || now.iter().any(|server| before.contains(server)) {
        return None;
    }
    let told = |servers: Vec<&str>| {
        Provider::of(servers.iter().copied())
            .map_or_else(|| listed(servers.iter().copied()), |provider| provider.name.to_owned())
    };
    Some((told(now), told(before)))
}

/// The zone moved while its certificate is served, and not all of its records came along.
fn migrated(seen: &Observation) -> Option<Finding> {
    seen.subject.held.as_ref()?;
    let (now, before) = moved_servers(seen)?;
    let (zone, all) = (seen.zone(), seen.subject.wanted.len());
    let along = seen.subject.wanted.iter().filter(|wanted| !tally(seen, wanted).having.is_empty()).count();
    (along < all).then(|| {
        Finding::new(
            Code::NsMigrated,
            format!("{zone} moved to {now}"),
            format!("It was run by {before} before; {along} of its {} came along.", count(all, "record")),
            format!("Add at {now} what is missing."),
        )
    })
}

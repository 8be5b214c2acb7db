//! What changed since the name was last looked at.

use super::records::tally;
use super::words::{count, listed};
use crate::domain::catalogue::Code;
use crate::domain::finding::Finding;
use crate::domain::observation::Observation;
use crate::domain::provider::Provider;

/// Findings on drift.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    migrated(seen).into_iter().collect()
}

/// Who runs the zone now and who did before, when none of its servers is the same.
pub(super) fn moved_servers(seen: &Observation) -> Option<(String, String)> {
    let before: Vec<&str> = seen.subject.known_servers.iter().map(String::as_str).collect();
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

/// The zone moved while its certificate is served.
fn migrated(seen: &Observation) -> Option<Finding> {
    seen.subject.held.as_ref()?;
    let (now, before) = moved_servers(seen)?;
    let (zone, all) = (seen.zone(), seen.subject.wanted.len());
    let along = seen.subject.wanted.iter().filter(|wanted| !tally(seen, wanted).having.is_empty()).count();
    Some(Finding::new(
        Code::NsMigrated,
        format!("{zone} moved to {now}"),
        format!("It was run by {before} before; {along} of its {} came along.", count(all, "record")),
        format!("Add at {now} what is missing."),
    ))
}

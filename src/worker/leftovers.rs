//! Records that removed domains have left behind: looked at once a day for as long as the domain is kept, so that somebody
//! is told of an alias that leads to nobody.

use super::clock::Clock;
use super::perform::Tools;
use crate::domain::observed::{RecordSeen, RecordState};
use crate::domain::record::Wanted;
use crate::domain::setup::Setup;
use crate::store::{Scope, StoreError, Stored};
use futures::future::join_all;

/// Domains of one pass, looked at side by side: some 28,000 a day, which nobody removes.
const AT_ONCE: u32 = 20;

/// Looks at what is due.
pub(super) async fn pass(tools: &Tools, clock: &Clock) -> Result<(), StoreError> {
    let due = tools.store.take_leftovers(clock.now(), AT_ONCE).await?;
    let looked = join_all(due.iter().map(|stored| look(tools, clock, stored))).await;
    looked.into_iter().collect()
}

async fn look(tools: &Tools, clock: &Clock, stored: &Stored) -> Result<(), StoreError> {
    let (setup, now) = (&stored.setup, clock.now());
    let wanted = setup.wanted(&tools.place);
    let seen = tools.lookup.look(&setup.hostname, &wanted, &tools.place.edge_hostname, now).await;
    let state = |one: &RecordSeen| one.verdict(&seen.edge_addresses).state;
    let there = seen.records.iter().filter(|one| state(one) == RecordState::Detected);
    let mut left: Vec<Wanted> = there.map(|one| one.wanted.clone()).collect();
    // What could not be asked is not gone.
    if left.is_empty() && seen.records.iter().any(|one| state(one) == RecordState::Unknown) {
        return Ok(());
    }
    let needed = needed(tools, setup).await?;
    left.retain(|one| !needed.contains(one));
    tools.store.note_leftovers(stored, &left, now).await
}

/// A name and its wildcard share two of their records: what the other one needs was not left behind.
async fn needed(tools: &Tools, setup: &Setup) -> Result<Vec<Wanted>, StoreError> {
    let theirs = Scope::Customer(setup.customer.clone());
    let twins = tools.store.domain_by_hostname(&theirs, &setup.hostname.twin()).await?;
    Ok(twins.iter().flat_map(|twin| twin.setup.wanted(&tools.place)).collect())
}

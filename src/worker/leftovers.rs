//! Records that removed domains have left behind: looked at once a day for as long as the domain is kept, so that somebody
//! is told of an alias that leads to nobody.

use super::clock::Clock;
use super::perform::Tools;
use crate::domain::observed::{RecordSeen, RecordState};
use crate::store::{StoreError, Stored};
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
    // What could not be asked says nothing new.
    if seen.records.iter().all(|one| state(one) == RecordState::Unknown) {
        return Ok(());
    }
    let there = seen.records.iter().filter(|one| state(one) == RecordState::Detected);
    let found: Vec<String> = there.map(|one| one.wanted.host.clone()).collect();
    tools.store.note_leftovers(&setup.id, &found, now).await
}

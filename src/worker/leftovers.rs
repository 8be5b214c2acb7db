//! Records that removed domains have left behind: looked at once a day for as long as the domain is kept, so that somebody
//! is told of an alias that leads to nobody.

use super::clock::Clock;
use super::perform::Tools;
use super::run::chain;
use crate::domain::observed::{RecordSeen, RecordState};
use crate::store::{StoreError, Stored};
use futures::future::join_all;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Domains of one pass, looked at side by side.
const AT_ONCE: u32 = 20;
/// Some 28,000 domains a day, which nobody removes.
const EVERY: Duration = Duration::from_mins(1);

/// Looks until `shutdown`.
pub(super) async fn keep_looking(tools: &Tools, clock: &Clock, shutdown: CancellationToken) {
    loop {
        if let Err(error) = pass(tools, clock).await {
            tracing::warn!(error = %chain(&error), "what removed domains left behind could not be looked at");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

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

//! This process as the others see it: written down every few seconds while it runs, taken away first thing when it stops.

use super::clock::Clock;
use crate::domain::errors::chain;
use crate::store::{Node, Store};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Others wait for three of these before they count a process as gone.
const BEAT_EVERY: Duration = Duration::from_secs(5);

/// Keeps this process's row until `shutdown`.
pub async fn keep(store: Store, clock: Clock, node: Node, shutdown: CancellationToken) {
    loop {
        if let Err(error) = store.beat(&node, clock.now()).await {
            tracing::debug!(error = %chain(&error), "other nodes could not be told that this one is alive");
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = tokio::time::sleep(BEAT_EVERY) => {}
        }
    }
    if let Err(error) = store.leave().await {
        tracing::debug!(error = %chain(&error), "other nodes could not be told that this one ends");
    }
}

//! What other processes changed, told to this one's listeners: at once where the database calls, by polling in any case;
//! and the call to the others.

use super::clock::Clock;
use super::mirror::Mirror;
use crate::domain::errors::chain;
use crate::store::{Relayed, Store, StoreError, Tail};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Other processes' changes are looked for this often, called or not.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Commits within this are one call, and calls within this are answered by one reading.
const GATHERED: Duration = Duration::from_millis(10);
/// A lost connection for calls is made again after this, doubling.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// See [`LISTEN_AGAIN`]; polling goes on meanwhile.
const LISTEN_AGAIN_MOST: Duration = Duration::from_secs(30);
/// The database's clock is read this often.
const AGREE_EVERY: Duration = Duration::from_secs(10);
/// Old notices and sessions are dropped once in so many of these.
const PRUNE_EVERY: u32 = 30;

/// The way of other processes' changes into this one.
pub struct Relay {
    /// Where they are read.
    pub store: Store,
    /// Loaded anew when changes were missed.
    pub mirror: Mirror,
    /// Kept equal to the database's.
    pub clock: Clock,
}

impl Relay {
    /// Relays until `shutdown`. The tail begins before the mirror was loaded, so that nothing falls between.
    pub async fn run(self, tail: Tail, shutdown: CancellationToken) {
        let called = Notify::new();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.call() => {}
            () = self.listen(&called) => {}
            () = self.read(tail, &called) => {}
            () = self.keep() => {}
        }
    }

    /// Calls the others when this process has written something.
    async fn call(&self) {
        loop {
            if let Err(error) = self.store.call().await {
                tracing::debug!(error = %chain(&error), "other nodes could not be called");
            }
            tokio::time::sleep(GATHERED).await;
        }
    }

    /// Waits for the database's calls, for ever.
    async fn listen(&self, called: &Notify) {
        let (mut pause, mut lost) = (LISTEN_AGAIN, false);
        loop {
            let trouble = match self.store.calls().await {
                Ok(None) => return std::future::pending().await,
                Ok(Some(mut calls)) => {
                    if lost {
                        tracing::info!("changes of other nodes are heard at once again");
                    }
                    (pause, lost) = (LISTEN_AGAIN, false);
                    loop {
                        // Once at the start: for what was written before this connection listened.
                        called.notify_one();
                        if let Err(error) = calls.next().await {
                            break error;
                        }
                    }
                }
                Err(error) => error,
            };
            if !lost {
                tracing::warn!(error = %chain(&trouble), "changes of other nodes are polled for until the database calls again");
            }
            lost = true;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LISTEN_AGAIN_MOST);
        }
    }

    /// Reads what was written elsewhere, when called and from time to time.
    async fn read(&self, mut tail: Tail, called: &Notify) {
        let mut polls = tokio::time::interval(POLL_EVERY);
        polls.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tokio::select! {
                () = called.notified() => {}
                _ = polls.tick() => {}
            }
            let outcome = match self.store.relay(&mut tail, self.clock.now()).await {
                Ok(Relayed::Told(_)) => Ok(()),
                Ok(Relayed::Missed) => self.mirror.load().await,
                Err(error) => Err(error),
            };
            match &outcome {
                Err(error) if !failing => {
                    tracing::warn!(error = %chain(error), "changes of other nodes can't be read")
                }
                Ok(()) if failing => tracing::info!("changes of other nodes are read again"),
                _ => {}
            }
            failing = outcome.is_err();
            tokio::time::sleep(GATHERED).await;
        }
    }

    /// Keeps the clock equal to the database's, and the database free of what has had its time.
    async fn keep(&self) {
        let mut rounds = 0_u32;
        loop {
            tokio::time::sleep(AGREE_EVERY).await;
            rounds = rounds.wrapping_add(1);
            let outcome = match agree(&self.store, &self.clock).await {
                Ok(()) if rounds.is_multiple_of(PRUNE_EVERY) => self.store.prune(self.clock.now()).await,
                outcome => outcome,
            };
            if let Err(error) = outcome {
                tracing::debug!(error = %chain(&error), "the database's upkeep waits for the next round");
            }
        }
    }
}

/// Sets the clock by the database's, which nodes on several machines share.
///
/// # Errors
/// When the database does not answer.
pub async fn agree(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let before = clock.now();
    let Some(theirs) = store.time().await? else { return Ok(()) };
    if let Some(ahead_ms) = clock.agree(theirs, before, clock.now()) {
        tracing::warn!(ahead_ms, "this machine's clock is not the database's, which counts from now on");
    }
    Ok(())
}

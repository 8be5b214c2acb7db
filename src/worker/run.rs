//! The worker's loop: claim what is due, walk many domains side by side, sleep until something is due or somebody asks.

use super::clock::Clock;
use super::leftovers;
use super::perform::Tools;
use super::sharing;
use super::walk::{LEASE_MS, WalkError, walk};
use crate::domain::errors::chain;
use crate::domain::time::Millis;
use crate::store::{Changed, StoreError, What};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Domains that one node walks side by side: most of them wait for DNS or the CA.
const SIDE_BY_SIDE: usize = 256;
/// Domains claimed by one statement.
const CLAIM_ROWS: u32 = 64;
/// Walks that end within this are one reason to look for what is due: more may have been asked of their domains meanwhile.
const ENDED_MS: u64 = 20;
/// The store is asked at least this often, in case a wake-up was lost.
const LONGEST_SLEEP_MS: i64 = 1_000;
/// What is done beside the walks is done this often.
const CHORES_EVERY: Duration = Duration::from_mins(1);

/// The reconciler of one node.
#[derive(Clone)]
pub struct Worker {
    tools: Arc<Tools>,
    clock: Clock,
    owner: String,
}

impl Worker {
    /// A worker that signs its leases as `owner`.
    #[must_use]
    pub fn new(tools: Tools, clock: Clock, owner: String) -> Self {
        Self { tools: Arc::new(tools), clock, owner }
    }

    /// Works until `shutdown`, then lets walks in hand end; a walk that can't is taken up by its lease's end.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut walks = JoinSet::new();
        let (mut changes, mut filled, mut due) = (self.tools.store.changes(), false, true);
        let mut look_at = Instant::now();
        loop {
            if due {
                // Listening starts before the store is asked, so that nothing falls between.
                changes = self.tools.store.changes();
                filled = self.fill(&mut walks).await;
                if filled && walks.len() < SIDE_BY_SIDE {
                    continue;
                }
                look_at = Instant::now() + self.pause().await;
            }
            due = tokio::select! {
                () = shutdown.cancelled() => break,
                () = woken(&mut changes), if !filled => true,
                () = tokio::time::sleep_until(look_at), if !filled => true,
                Some(_) = walks.join_next(), if !walks.is_empty() => {
                    look_at = look_at.min(Instant::now() + Duration::from_millis(ENDED_MS));
                    // Room for another is no news while nothing waits.
                    filled
                }
            };
        }
        while walks.join_next().await.is_some() {}
    }

    /// Claims everything that is due and walks it, one domain after the other: for stories on a clock turned by hand.
    ///
    /// # Errors
    /// The first walk's that did not rest.
    pub async fn pass(&self) -> Result<usize, WalkError> {
        let mut walked = 0;
        loop {
            let claimed = self.tools.store.claim(&self.owner, CLAIM_ROWS, self.clock.now(), LEASE_MS).await?;
            if claimed.is_empty() {
                return Ok(walked);
            }
            for one in claimed {
                walked += 1;
                walk(&self.tools, &self.clock, one).await?;
            }
        }
    }

    /// Looks at what removed domains left behind, as far as it is due.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn look_at_leftovers(&self) -> Result<(), StoreError> {
        leftovers::pass(&self.tools, &self.clock).await
    }

    /// Brings wide uploads to the domains that a process which ended left out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn share_uploads(&self) -> Result<(), StoreError> {
        sharing::pass(&self.tools.store, self.clock.now()).await
    }

    /// What is done beside the walks, once a minute until `shutdown`.
    pub async fn do_chores(&self, shutdown: CancellationToken) {
        loop {
            let done = [
                ("what removed domains left behind could not be looked at", self.look_at_leftovers().await),
                ("an uploaded certificate could not be shared", self.share_uploads().await),
            ];
            for (what, done) in done {
                if let Err(error) = done {
                    tracing::warn!(error = %chain(&error), "{what}");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(CHORES_EVERY) => {}
            }
        }
    }

    /// Starts walks for what is due; true when there may be more.
    async fn fill(&self, walks: &mut JoinSet<()>) -> bool {
        let free = SIDE_BY_SIDE.saturating_sub(walks.len());
        let limit = CLAIM_ROWS.min(u32::try_from(free).unwrap_or(CLAIM_ROWS));
        if limit == 0 {
            return true;
        }
        let claimed = match self.tools.store.claim(&self.owner, limit, self.clock.now(), LEASE_MS).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(error = %chain(&error), "due domains could not be claimed");
                return false;
            }
        };
        let full = claimed.len() == limit as usize;
        for one in claimed {
            let (tools, clock) = (Arc::clone(&self.tools), self.clock.clone());
            walks.spawn(async move {
                let (id, name) = (one.stored.setup.id.clone(), one.stored.setup.hostname.to_string());
                match walk(&tools, &clock, one).await {
                    Ok(()) => {}
                    Err(WalkError::LeaseLost) => tracing::info!(domain.id = %id, "another worker took over"),
                    Err(error) => {
                        tracing::error!(domain.id = %id, domain.name = %name, error = %chain(&error), "a walk ended early");
                    }
                }
            });
        }
        full
    }

    async fn pause(&self) -> Duration {
        let due = self.tools.store.next_due().await.ok().flatten();
        let ms = due.map_or(LONGEST_SLEEP_MS, |Millis(at)| at.saturating_sub(self.clock.now().0));
        Duration::from_millis(u64::try_from(ms.clamp(5, LONGEST_SLEEP_MS)).unwrap_or(5))
    }
}

/// Until somebody asked for something.
async fn woken(changes: &mut broadcast::Receiver<Changed>) {
    loop {
        match changes.recv().await {
            Ok(Changed { what: What::Recorded, .. }) => {}
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            // The store is gone, and so is this process soon: the sleep beside this decides.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

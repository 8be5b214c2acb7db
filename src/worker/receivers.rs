//! Keeps other servers' certificates equal to the store: each change is written and told at once, and everything is compared
//! at a start. What could not be handed over is tried again until it could.

use crate::domain::errors::chain;
use crate::domain::id::DomainId;
use crate::store::{Installable, Site, SiteRange, Store, StoreError};
use crate::targets::{Handover, Target, TargetProblem};
use futures::future::join_all;
use futures::stream::TryStreamExt as _;
use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex as Turn;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// Names read at once while everything is compared.
const PAGE_NAMES: u32 = 100;
/// The first try again comes after this; each pause after another failure is twice as long.
const AGAIN: Duration = Duration::from_secs(5);
/// The longest pause.
const AGAIN_AT_MOST: Duration = Duration::from_mins(5);
/// More domains than this behind are caught up with by comparing everything.
const BEHIND: usize = 1_000;

/// The servers that receive each certificate from this node; clones share them.
#[derive(Clone)]
pub struct Receivers(Arc<Inner>);

struct Inner {
    store: Store,
    targets: Vec<Target>,
    /// Whoever reads the store and writes files has the turn, so that what was read last is written last.
    turn: Turn<()>,
    behind: Mutex<Behind>,
}

/// What has to be handed over still.
#[derive(Default)]
struct Behind {
    all: bool,
    domains: HashSet<DomainId>,
}

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Target(#[from] TargetProblem),
    #[error("the certificate of {0} can't be read")]
    Unread(String),
    #[error("files were not written to the end")]
    Unwritten(#[from] JoinError),
}

impl Receivers {
    /// Hands nothing over yet.
    #[must_use]
    pub fn new(store: Store, targets: Vec<Target>) -> Self {
        let behind = Mutex::new(Behind { all: true, domains: HashSet::new() });
        Self(Arc::new(Inner { store, targets, turn: Turn::default(), behind }))
    }

    /// Hands over what the store says of one domain. What fails is logged, and tried again by [`Self::catch_up`].
    pub async fn sync(&self, domain: &DomainId) {
        if let Err(trouble) = self.hand_over(domain).await {
            tracing::warn!(domain.id = %domain, error = %chain(&trouble), "a certificate could not be handed over; it is tried again");
            let mut behind = self.behind();
            behind.all |= behind.domains.len() >= BEHIND;
            behind.domains.insert(domain.clone());
        }
    }

    /// Compares everything, and tries again what failed, until `shutdown`.
    pub async fn catch_up(&self, shutdown: CancellationToken) {
        let mut pause = AGAIN;
        while !shutdown.is_cancelled() {
            let behind = std::mem::take(&mut *self.behind());
            pause = match self.try_again(behind).await {
                Ok(()) => AGAIN,
                Err(trouble) => {
                    tracing::warn!(error = %chain(&trouble), "certificates could not be handed over; it is tried again");
                    (pause * 2).min(AGAIN_AT_MOST)
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Hands over what is behind; what fails stays so.
    async fn try_again(&self, behind: Behind) -> Result<(), Trouble> {
        let Behind { all, domains } = behind;
        if all {
            return self.load().await.inspect_err(|_| self.behind().all = true);
        }
        let mut outcome = Ok(());
        for domain in domains {
            let handed = self.hand_over(&domain).await;
            if handed.is_err() {
                self.behind().domains.insert(domain);
            }
            outcome = outcome.and(handed);
        }
        outcome
    }

    async fn hand_over(&self, domain: &DomainId) -> Result<(), Trouble> {
        {
            let _turn = self.0.turn.lock().await;
            // Another claim of the same name may hold it.
            match self.0.store.site(domain).await? {
                Some(Site { installable: Some(item), .. }) => self.write(item).await?,
                Some(Site { unread: true, hostname, .. }) => return Err(Trouble::Unread(hostname.to_string())),
                Some(site) => {
                    let host = site.hostname.to_string();
                    self.0.targets.iter().try_for_each(|target| target.remove(&host))?;
                }
                None => {}
            }
        }
        self.tell().await
    }

    async fn load(&self) -> Result<(), Trouble> {
        {
            let _turn = self.0.turn.lock().await;
            let (mut hosts, mut unread, mut written) = (HashSet::new(), Vec::new(), Ok(()));
            let mut pages = pin!(self.0.store.site_pages(SiteRange::default(), PAGE_NAMES));
            while let Some(page) = pages.try_next().await? {
                for site in self.0.store.open_sites(&page)? {
                    let host = site.hostname.to_string();
                    if let Some(item) = site.installable {
                        // One that can't be written keeps no other back.
                        written = written.and(self.write(item).await);
                        // A file that is right may not have been told of before a crash.
                        self.0.targets.iter().for_each(|target| target.is_untold(&host));
                    } else if site.unread {
                        unread.extend(site.holder.map(|(domain, _)| domain));
                    } else {
                        continue;
                    }
                    hosts.insert(host);
                }
            }
            written?;
            self.0.targets.iter().try_for_each(|target| target.keep_only(&hosts))?;
            self.behind().domains.extend(unread);
        }
        self.tell().await
    }

    /// Files are small, and flushed to the disk: that waits in a place of its own.
    async fn write(&self, item: Installable) -> Result<(), Trouble> {
        let inner = Arc::clone(&self.0);
        let written = tokio::task::spawn_blocking(move || {
            let host = item.hostname.to_string();
            let certificate = Handover { host: &host, chain_pem: &item.chain_pem, pkcs8: &item.pkcs8 };
            inner.targets.iter().map(|target| target.write(&certificate)).fold(Ok(()), Result::and)
        });
        Ok(written.await??)
    }

    /// Each is told, whatever the others say.
    async fn tell(&self) -> Result<(), Trouble> {
        let told = join_all(self.0.targets.iter().map(Target::tell)).await;
        told.into_iter().fold(Ok(()), Result::and).map_err(Into::into)
    }

    fn behind(&self) -> MutexGuard<'_, Behind> {
        self.0.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What this node answers and serves from memory, kept equal to the store: challenge values in the DCV zone, sites on the
//! edge.
//!
//! An older read never overwrites a newer one ([`Latest`]), and many domains are read side by side. The responder and the
//! edge themselves never wait here and never read SQL.

use super::in_hand::{Hand, InHand};
use super::latest::Latest;
use super::receivers::Receivers;
use crate::domain::errors::chain;
use crate::domain::id::DomainId;
use crate::edge::{Fingerprint, InstallProblem, Sites};
use crate::responder::{Shown, ZoneProblem};
use crate::store::{Changed, Site, SitePage, Store, StoreError, What};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::HashSet;
use std::error::Error;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Names read at once while loading everything.
const PAGE_NAMES: u32 = 500;
/// A store that failed is asked again after this.
const LOAD_AGAIN: Duration = Duration::from_secs(1);
/// A read that was overtaken so often is made alone.
const OVERTAKEN: usize = 8;

/// The node's memory of what it answers and serves.
#[derive(Clone)]
pub struct Mirror {
    pub(super) store: Store,
    shown: Option<Shown>,
    pub(super) sites: Option<Sites>,
    receivers: Option<Receivers>,
    /// Written while everything is loaded: nothing else is read meanwhile.
    pub(super) loading: Arc<RwLock<()>>,
    pub(super) latest: Arc<Latest>,
    in_hand: Arc<InHand>,
}

/// Pages of names on their way to the edge.
struct Installing {
    pages: JoinSet<Result<Vec<String>, StoreError>>,
    /// The names of those that are there.
    held: HashSet<String>,
    /// Whether that is so for each: a page that can't be read harms no other.
    all_known: bool,
}

impl Default for Installing {
    fn default() -> Self {
        Self { pages: JoinSet::new(), held: HashSet::new(), all_known: true }
    }
}

impl Installing {
    /// Waits for a page to be there; false when there is none left.
    async fn next(&mut self) -> bool {
        let Some(page) = self.pages.join_next().await else { return false };
        match page {
            Ok(Ok(hosts)) => self.held.extend(hosts),
            Ok(Err(error)) => self.miss(&error),
            Err(error) => self.miss(&error),
        }
        true
    }

    fn miss(&mut self, error: &dyn Error) {
        tracing::error!(error = %chain(error), "a page of names could not be installed");
        self.all_known = false;
    }
}

impl Mirror {
    /// A mirror for the parts that this node runs.
    #[must_use]
    pub fn new(store: Store, shown: Option<Shown>, sites: Option<Sites>) -> Self {
        Self {
            store,
            shown,
            sites,
            receivers: None,
            loading: Arc::default(),
            latest: Arc::default(),
            in_hand: Arc::default(),
        }
    }

    /// The same, that hands certificates over to other servers besides.
    #[must_use]
    pub fn with_receivers(self, receivers: Option<Receivers>) -> Self {
        Self { receivers, ..self }
    }

    /// The same, that reads one domain after the other by a worker's connections.
    #[must_use]
    pub fn by(&self, store: &Store) -> Self {
        Self { store: store.clone(), ..self.clone() }
    }

    /// The zone that this node answers for, if it does.
    #[must_use]
    pub const fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// Loads everything, and then forgets what is not served any more; one certificate that can't be installed does not
    /// stop the others.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn load(&self) -> Result<(), StoreError> {
        self.load_challenges().await?;
        self.load_answers().await?;
        let Some(sites) = &self.sites else { return Ok(()) };
        let _alone = self.loading.write().await;
        let mut installing = Installing::default();
        let read = self.install_all(sites, &mut installing).await;
        // Whether or not all could be read: what is being installed belongs to this load, and not to the time after it.
        while installing.next().await {}
        read?;
        if installing.all_known {
            sites.keep_only(&installing.held);
        }
        Ok(())
    }

    /// Installs every certificate, page after page: while some are opened and checked, the next ones are fetched.
    async fn install_all(&self, sites: &Sites, installing: &mut Installing) -> Result<(), StoreError> {
        let side_by_side = std::thread::available_parallelism().map_or(1, NonZero::get);
        let ranges = self.store.site_ranges().await?;
        let pages = ranges.into_iter().map(|range| self.store.site_pages(range, PAGE_NAMES).boxed());
        let mut pages = stream::select_all(pages);
        while let Some(page) = pages.try_next().await? {
            if installing.pages.len() >= side_by_side {
                installing.next().await;
            }
            let (store, sites) = (self.store.clone(), sites.clone());
            installing.pages.spawn_blocking(move || restore_all(&store, &sites, &page));
        }
        Ok(())
    }

    async fn load_challenges(&self) -> Result<(), StoreError> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let _alone = self.loading.write().await;
        let rows = self.store.shown_challenges().await?;
        tell(shown.replace_all(rows.iter().map(|row| (row.label.as_str(), row.value.as_str()))));
        Ok(())
    }

    /// Makes the DCV zone show, and the edge answer, what the store says they should for one domain.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn sync_challenge(&self, domain: &DomainId) -> Result<(), StoreError> {
        if let Some(sites) = &self.sites {
            self.sync_answers(sites, domain).await?;
        }
        self.sync_zone(domain).await
    }

    /// Makes the DCV zone show what the store says it should for one domain.
    pub(super) async fn sync_zone(&self, domain: &DomainId) -> Result<(), StoreError> {
        let Some(shown) = &self.shown else { return Ok(()) };
        self.newest(|| async move {
            let read = self.latest.begin();
            let Some((label, values)) = self.store.shown_beside(domain).await? else { return Ok(true) };
            Ok(self.latest.swap(&label, read, || tell(shown.show_at(&label, &values))))
        })
        .await
    }

    /// Makes the edge, and servers that receive certificates, serve what the store says of one domain.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn sync_site(&self, domain: &DomainId) -> Result<(), StoreError> {
        if let Some(receivers) = &self.receivers {
            receivers.sync(domain).await;
        }
        let Some(sites) = &self.sites else { return Ok(()) };
        self.newest(|| async move {
            let read = self.latest.begin();
            let Some(site) = self.store.site(domain).await? else { return Ok(true) };
            let host = site.hostname.to_string();
            Ok(self.latest.swap(&host, read, || show(sites, &host, &site, Sites::install)))
        })
        .await
    }

    /// Reads and swaps until no later read was first.
    pub(super) async fn newest<R>(&self, read: impl Fn() -> R) -> Result<(), StoreError>
    where
        R: Future<Output = Result<bool, StoreError>>,
    {
        for _ in 0..OVERTAKEN {
            let _beside = self.loading.read().await;
            if read().await? {
                return Ok(());
            }
        }
        let _alone = self.loading.write().await;
        read().await.map(drop)
    }

    /// Takes a domain in hand, from before a walk writes down what happened until it has shown and served that itself.
    pub(super) fn take<'a>(&'a self, domain: &'a DomainId) -> Hand<'a> {
        self.in_hand.take(domain)
    }

    /// Follows the store's changes, this process's own and what is relayed of others, until `shutdown`. They were
    /// subscribed to before [`Self::load`], so that nothing falls between.
    pub async fn follow(&self, mut changes: Receiver<Changed>, shutdown: CancellationToken) {
        loop {
            let outcome = tokio::select! {
                () = shutdown.cancelled() => return,
                change = changes.recv() => match change {
                    Ok(changed) if self.is_in_hand(&changed) => Ok(()),
                    Ok(changed) => self.follow_one(&changed).await,
                    Err(RecvError::Lagged(_)) => self.load().await,
                    Err(RecvError::Closed) => return,
                },
                left = self.in_hand.left() => self.sync_all(&left).await,
            };
            if let Err(error) = outcome {
                tracing::warn!(error = %error, "changes could not be followed; everything is read again");
                changes = self.store.changes();
                if !self.load_again(&shutdown).await {
                    return;
                }
            }
        }
    }

    /// Loads everything once the store answers again; false when it is time to stop.
    async fn load_again(&self, shutdown: &CancellationToken) -> bool {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return false,
                () = tokio::time::sleep(LOAD_AGAIN) => {}
            }
            if self.load().await.is_ok() {
                return true;
            }
        }
    }

    /// Whether the walk that wrote this sees to it.
    fn is_in_hand(&self, changed: &Changed) -> bool {
        changed.own && changed.what == What::Recorded && self.in_hand.holds(&changed.domain)
    }

    async fn sync_all(&self, domains: &HashSet<DomainId>) -> Result<(), StoreError> {
        for domain in domains {
            self.sync_challenge(domain).await?;
            self.sync_site(domain).await?;
        }
        Ok(())
    }

    async fn follow_one(&self, changed: &Changed) -> Result<(), StoreError> {
        if changed.challenges {
            self.sync_challenge(&changed.domain).await?;
        }
        if changed.installed {
            self.sync_site(&changed.domain).await?;
        }
        Ok(())
    }
}

fn tell(changed: Result<(), ZoneProblem>) {
    if let Err(problem) = changed {
        tracing::error!(%problem, "the challenge zone could not be changed");
    }
}

/// How a certificate comes onto the edge.
type Put = fn(&Sites, &str, &str, &str, &[u8]) -> Result<Fingerprint, InstallProblem>;

/// Makes the edge serve what was read of a name.
fn show(sites: &Sites, host: &str, site: &Site, put: Put) {
    match (&site.installable, &site.holder) {
        (Some(item), _) => {
            if let Err(problem) = put(sites, host, &item.alias, &item.chain_pem, &item.pkcs8) {
                tracing::error!(domain.name = host, certificate.id = %item.certificate, %problem, "a certificate could not be installed");
                sites.route(host, &item.alias);
            }
        }
        (None, Some((_, alias))) if site.unread => sites.route(host, alias),
        // Whoever held the name before may have had a certificate: it goes with them.
        (None, Some((_, alias))) => sites.route_only(host, alias),
        (None, None) => sites.remove(host),
    }
}

/// Makes the edge serve a page of names; gives them.
fn restore_all(store: &Store, sites: &Sites, page: &SitePage) -> Result<Vec<String>, StoreError> {
    let mut hosts = Vec::new();
    for site in store.open_sites(page)? {
        let host = site.hostname.to_string();
        show(sites, &host, &site, Sites::restore);
        hosts.push(host);
    }
    Ok(hosts)
}

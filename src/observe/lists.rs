//! Certificate revocation lists as CAs publish them: fetched behind the guard, and kept in memory for a while.
//!
//! A list's address stands in a certificate that somebody may have uploaded, so that it is as hostile as a customer's DNS:
//! no private address, no other port, no redirect, and limits on size and time. Nothing of an answer is shown but what
//! rustls makes of it.

use super::Observer;
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use crate::domain::validity::Listed;
use crate::probe::crl;
use crate::probe::page::{self, Got};
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::{Host, Url};

/// The largest that CAs publish for the web have some ten megabytes.
const LIST_BYTES: u64 = 16 << 20;
/// What all that are kept may take.
const KEPT_BYTES: usize = 64 << 20;
/// Lists that are kept.
const KEPT: usize = 256;
/// CAs publish anew every few hours, long before the list before that ends.
const FRESH_MS: i64 = 6 * HOUR_MS;
/// One that could not be had is asked for again after this.
const AGAIN_MS: i64 = 10 * MINUTE_MS;
/// For one address.
const PATIENCE: Duration = Duration::from_secs(20);
/// Questions to resolvers for one list.
const QUESTIONS: usize = 30;
/// Addresses of a host that are tried.
const ADDRESSES: usize = 3;

/// Reads lists; clones share what is kept.
#[derive(Clone)]
pub struct Lists {
    observer: Arc<Observer>,
    kept: Arc<Mutex<HashMap<String, Slot>>>,
}

/// One list's place: whoever fetches it holds the lock, so that it is fetched once for all who wait.
type Slot = Arc<Mutex<Kept>>;

#[derive(Default)]
struct Kept {
    list: Option<Arc<[u8]>>,
    asked_at: Option<Millis>,
    again_at: Millis,
    problem: String,
}

impl Lists {
    /// Nothing is fetched yet.
    #[must_use]
    pub fn new(observer: Arc<Observer>) -> Self {
        Self { observer, kept: Arc::default() }
    }

    /// What the certificate's list says of it: the first of its addresses that has an answer.
    pub async fn look_up(&self, leaf: &CertificateDer<'_>, issuer: &CertificateDer<'_>, now: Millis) -> Listed {
        let mut said = Listed::Nowhere;
        for address in crl::addresses(leaf) {
            said = match self.list(&address, now).await {
                Ok(list) => crl::look_up(&list, leaf, issuer, now),
                Err(problem) => Listed::Unknown(problem),
            };
            if !matches!(said, Listed::Unknown(_)) {
                break;
            }
        }
        said
    }

    async fn list(&self, address: &str, now: Millis) -> Result<Arc<[u8]>, String> {
        let slot = self.slot(address).await;
        let mut kept = slot.lock().await;
        let current = kept.asked_at.is_some_and(|asked| asked <= now && now < kept.again_at);
        if !current {
            kept.asked_at = Some(now);
            match self.fetch(address, now).await {
                Ok(list) => {
                    kept.again_at =
                        now.plus(FRESH_MS).min(crl::next_update(&list).unwrap_or(now)).max(now.plus(AGAIN_MS));
                    (kept.list, kept.problem) = (Some(list.into()), String::new());
                }
                Err(problem) => {
                    // The one before serves until it ends, which rustls looks at.
                    kept.again_at = now.plus(AGAIN_MS);
                    kept.problem = problem;
                }
            }
        }
        kept.list.clone().ok_or_else(|| kept.problem.clone())
    }

    async fn slot(&self, address: &str) -> Slot {
        let mut all = self.kept.lock().await;
        if let Some(slot) = all.get(address) {
            return Arc::clone(slot);
        }
        // Everything is fetched again rather than sorted by age: it happens rarely, and costs a minute.
        let bytes = |slot: &Slot| slot.try_lock().map_or(0, |kept| kept.list.as_ref().map_or(0, |list| list.len()));
        if all.len() >= KEPT || all.values().map(bytes).sum::<usize>() >= KEPT_BYTES {
            all.clear();
        }
        Arc::clone(all.entry(address.to_owned()).or_default())
    }

    async fn fetch(&self, address: &str, now: Millis) -> Result<Vec<u8>, String> {
        let url = Url::parse(address).map_err(|_| "the list's address is none".to_owned())?;
        let (port, secure) = match url.scheme() {
            "http" => (self.observer.http_port, false),
            "https" => (self.observer.https_port, true),
            other => return Err(format!("lists are not fetched by {other}")),
        };
        if url.port().is_some_and(|named| named != port) {
            return Err("the list's address names another port than 80 or 443".into());
        }
        let host = url.host().ok_or("the list's address has no host")?;
        let inquiry = self.observer.inquirer.begin(now, PATIENCE, QUESTIONS);
        let found: Vec<IpAddr> = match host {
            Host::Domain(name) => inquiry.addresses(name).await,
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
        };
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut problem = format!("{host} has no address");
        for ip in found.into_iter().take(ADDRESSES) {
            if !(self.observer.inquirer.allowed())(ip) {
                problem = format!("{host} is at no public address");
                continue;
            }
            let at = SocketAddr::new(ip, port);
            match page::bytes(at, (&host.to_string(), &path), secure, LIST_BYTES, PATIENCE).await {
                Ok((200, list)) => return Ok(list),
                Ok((status, _)) => problem = format!("{host} answers with status {status}"),
                Err(Got::TimedOut) => problem = format!("{host} does not answer in time"),
                Err(_) => problem = format!("{host} can't be reached"),
            }
        }
        Err(problem)
    }
}

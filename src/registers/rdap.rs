//! What a registry says of a domain (RDAP, RFC 9083): whether it was switched off, or is nobody's.
//!
//! Which registry to ask stands in IANA's list (RFC 9224). Both are kept for a day, since registries count their askers. No
//! answer says nothing: some registries have no such service, and some machines no way out.

use super::http::{Allowed, Http};
use super::list::List;
use hyper::StatusCode;
use serde::Deserialize;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// What was heard is kept so long.
const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// That nothing was heard is kept shorter.
const FAILURE_KEPT: Duration = Duration::from_secs(600);
/// Domains kept at once: some 200 bytes each.
const KEPT_DOMAINS: usize = 10_000;
/// The list and the answer together take no longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What it is asked for (RFC 7480 §4.2).
const FORM: &str = "application/rdap+json, application/json";
/// IANA's list has some 60 KB.
const LIST_BYTES: usize = 1 << 20;
/// A domain's answer has some 10 KB.
const DOMAIN_BYTES: usize = 256 << 10;
/// A domain has a handful.
const STATUSES: usize = 20;

/// Asks registries; clones share what was heard.
#[derive(Clone)]
pub struct Registries(Arc<Shared>);

struct Shared {
    http: Http,
    /// Where IANA's list is.
    list: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    list: Option<(Instant, Option<Arc<List>>)>,
    domains: HashMap<String, (Instant, Option<Vec<String>>)>,
}

/// Of the answer about a domain (RFC 9083 §5.3), what is read.
#[derive(Deserialize)]
struct Domain {
    #[serde(default)]
    status: Vec<String>,
}

impl Registries {
    /// By the list at this address; only allowed addresses are connected to.
    ///
    /// # Errors
    /// When TLS has no roots to trust.
    pub fn new(list: String, allowed: Allowed) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared { http: Http::new(allowed)?, list, kept: Mutex::default() })))
    }

    /// The statuses of a registered domain, in the words of RFC 8056; none when no registry said anything of it.
    pub async fn statuses(&self, domain: &str) -> Option<Vec<String>> {
        let known = self.kept(|kept| kept.domains.get(domain).and_then(still));
        if let Some(known) = known {
            return known;
        }
        let heard = timeout(PATIENCE, self.ask(domain)).await.ok().flatten();
        self.kept(|kept| {
            if kept.domains.len() >= KEPT_DOMAINS {
                kept.domains.clear();
            }
            kept.domains.insert(domain.to_owned(), (Instant::now(), heard.clone()));
        });
        heard
    }

    async fn ask(&self, domain: &str) -> Option<Vec<String>> {
        let list = self.list().await?;
        let answer = self.document(&format!("{}domain/{domain}", list.registry(domain)?), DOMAIN_BYTES).await?;
        let mut statuses = serde_json::from_slice::<Domain>(&answer).ok()?.status;
        statuses.truncate(STATUSES);
        Some(statuses)
    }

    async fn list(&self) -> Option<Arc<List>> {
        let known = self.kept(|kept| kept.list.as_ref().and_then(still));
        if let Some(known) = known {
            return known;
        }
        let text = self.document(&self.0.list, LIST_BYTES).await;
        let list = text.and_then(|text| List::read(&text)).map(Arc::new);
        self.kept(|kept| kept.list = Some((Instant::now(), list.clone())));
        list
    }

    /// What is at an address, if something is there.
    async fn document(&self, url: &str, most: usize) -> Option<Vec<u8>> {
        let (status, text) = self.0.http.ask(url, FORM, most).await?;
        (status == StatusCode::OK).then_some(text)
    }

    fn kept<T>(&self, with: impl FnOnce(&mut Kept) -> T) -> T {
        with(&mut self.0.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is kept, unless it is too old.
fn still<T: Clone>((since, heard): &(Instant, Option<T>)) -> Option<Option<T>> {
    let lasts = if heard.is_some() { KEPT } else { FAILURE_KEPT };
    (since.elapsed() < lasts).then(|| heard.clone())
}

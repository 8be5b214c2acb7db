//! How soon a recorded certificate is on show while visitors come, and whether any of them is turned away.
//!
//! A node of its own in this process: a store on a copy of the database, the mirror that follows it, and the edge. A
//! certificate is recorded as a worker does it; then a visitor shakes hands again and again until it sees it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use padlock::edge::{EdgeListeners, Limits, Services, Sites};
use padlock::store::{MasterKey, Store, Then};
use padlock::worker::clock::Clock;
use padlock::worker::mirror::Mirror;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::load::{self, Random};
use super::names::{Ca, Names, host};
use super::upstream;
use crate::fill::{self, Trouble};

/// Names that get a new certificate.
const INSTALLS: u32 = 250;
/// Kept busy meanwhile: half of them shake hands for each request, half keep their connection.
const VISITORS: usize = 8;
const LEASE_MS: i64 = 600_000;
/// Later than the rest that the filler gave to all.
const DUE_MS: i64 = 60 * 24 * 3_600_000;

/// Records, watches, prints.
pub(crate) fn run() -> Result<(), Trouble> {
    let names = Names::ready(10_000)?;
    let upstream = upstream::start()?;
    tokio::runtime::Runtime::new()?.block_on(measure(&names, upstream))
}

async fn measure(names: &Names, upstream: SocketAddr) -> Result<(), Trouble> {
    let (store, address, shutdown) = node(names, upstream).await?;
    let seen = Arc::new(Seen::new(names));
    let visitors = visitors(&seen, address)?;
    let (ca, connector, now) = (Ca::new()?, load::connector()?, Clock::system().now());
    let claimed = store.claim("installs", INSTALLS, now.plus(DUE_MS), DUE_MS + LEASE_MS).await?;
    let (mut from_commit, mut from_call) = (Vec::new(), Vec::new());
    for claimed in &claimed {
        let host = claimed.stored.setup.hostname.to_string();
        let given = ca.issue(&host)?;
        let new = given.fingerprint;
        let old = seen.expect(&host, new);
        let called = Instant::now();
        fill::install(&store, claimed, given, Then::Release { due_at: now.plus(DUE_MS) }).await?;
        let committed = Instant::now();
        loop {
            let (stream, shown) = load::shake(&connector, address, &host).await?;
            if shown == new {
                from_commit.push(committed.elapsed());
                from_call.push(called.elapsed());
                seen.forget(&host, old);
                load::part(stream).await?;
                break;
            }
            load::part(stream).await?;
        }
    }
    seen.stop.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.await?;
    }
    shutdown.cancel();
    let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
    println!(
        "{} certificates recorded under load: to the handshake that shows it {}; with the commit {}",
        from_commit.len(),
        spread(&mut from_commit),
        spread(&mut from_call)
    );
    println!(
        "meanwhile {} handshakes and {} requests, of which {} failed or showed a wrong certificate",
        count(&seen.handshakes),
        count(&seen.requests),
        count(&seen.failures)
    );
    if count(&seen.failures) > 0 { Err("some were dropped".into()) } else { Ok(()) }
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    format!("median {:.1} ms, longest {:.1} ms", ms(times.len() / 2), ms(times.len().saturating_sub(1)))
}

async fn node(names: &Names, upstream: SocketAddr) -> Result<(Store, SocketAddr, CancellationToken), Trouble> {
    let folder = names.folder.join("installs");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let database = folder.join("padlock.db");
    std::fs::copy(names.database(), &database)?;
    let master = MasterKey::load_or_create(&names.master_key())?;
    let store = Store::open(&format!("sqlite://{}", database.display()), master).await?;
    // The database may have been made by an earlier version.
    store.migrate().await?;
    let (sites, shutdown) = (Sites::default(), CancellationToken::new());
    let mirror = Mirror::new(store.clone(), None, Some(sites.clone()));
    let changes = store.changes();
    mirror.load().await?;
    let stop = shutdown.clone();
    tokio::spawn(async move { mirror.follow(changes, stop).await });
    let (http, https) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let address = https.local_addr()?;
    let services = Services::new([("portal".to_owned(), format!("http://{upstream}").parse()?)]);
    let listeners = EdgeListeners { http, https };
    tokio::spawn(padlock::edge::serve(listeners, sites, services, Limits::default(), shutdown.clone()));
    Ok((store, address, shutdown))
}

/// What may be shown for each name just now, and what visitors met.
struct Seen {
    allowed: Mutex<HashMap<String, Vec<[u8; 32]>>>,
    hosts: usize,
    stop: AtomicBool,
    handshakes: AtomicUsize,
    requests: AtomicUsize,
    failures: AtomicUsize,
}

impl Seen {
    fn new(names: &Names) -> Self {
        let allowed = names.fingerprints.iter().enumerate().map(|(number, print)| (host(number), vec![*print]));
        Self {
            allowed: Mutex::new(allowed.collect()),
            hosts: names.len(),
            stop: AtomicBool::default(),
            handshakes: AtomicUsize::default(),
            requests: AtomicUsize::default(),
            failures: AtomicUsize::default(),
        }
    }

    fn allowed(&self, host: &str) -> Vec<[u8; 32]> {
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned().unwrap_or_default()
    }

    /// From now on this one may be shown, too; gives what was shown before.
    fn expect(&self, host: &str, new: [u8; 32]) -> Vec<[u8; 32]> {
        let old = self.allowed(host);
        let both = old.iter().copied().chain([new]).collect();
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), both);
        old
    }

    /// The new one was seen: whoever comes from now on must not see the old one.
    fn forget(&self, host: &str, old: Vec<[u8; 32]>) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prints) = allowed.get_mut(host) {
            prints.retain(|print| !old.contains(print));
        }
    }
}

fn visitors(seen: &Arc<Seen>, address: SocketAddr) -> Result<Vec<JoinHandle<()>>, Trouble> {
    let connector = load::connector()?;
    let start = |number| {
        let (seen, connector) = (seen.clone(), connector.clone());
        tokio::spawn(async move {
            let mut random = Random::new(number);
            while !seen.stop.load(Ordering::Relaxed) {
                // Names that change are among the first ones; half of all visits go there.
                let hosts = if random.below(2) == 0 { INSTALLS as usize } else { seen.hosts };
                let host = host(random.below(hosts));
                if let Err(trouble) = visit(&seen, &connector, address, &host, number).await {
                    eprintln!("a visitor failed: {trouble}");
                    seen.failures.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    };
    Ok((0..VISITORS).map(start).collect())
}

async fn visit(
    seen: &Seen,
    connector: &TlsConnector,
    address: SocketAddr,
    host: &str,
    number: usize,
) -> Result<(), Trouble> {
    /// Of those who stay.
    const REQUESTS: usize = 50;
    let mut allowed = seen.allowed(host);
    let (mut stream, shown) = load::shake(connector, address, host).await?;
    allowed.extend(seen.allowed(host));
    if !allowed.contains(&shown) {
        return Err(format!("{host} shows a certificate that is not its own").into());
    }
    seen.handshakes.fetch_add(1, Ordering::Relaxed);
    for _ in 0..if number.is_multiple_of(2) { 1 } else { REQUESTS } {
        match load::request(&mut stream, host).await? {
            200 => seen.requests.fetch_add(1, Ordering::Relaxed),
            status => return Err(format!("{host}: status {status}").into()),
        };
    }
    load::part(stream).await
}

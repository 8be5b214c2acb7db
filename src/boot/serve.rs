//! `padlock serve`: puts the parts together, runs them until it is told to stop, and lets work in hand end.

use super::cas;
use super::health::{self, Health};
use super::letters;
use super::router::router;
use super::settings::Settings;
use super::{handout, targets, telemetry};
use crate::console::{Console, House};
use crate::domain::hostname::Hostname;
use crate::edge::{EdgeListeners, Limits, Services, Sites};
use crate::observe::{Approvers, Authority, Examiner, Lists, Observer};
use crate::oidc::Provider;
use crate::probe::guard;
use crate::publish::Publisher;
use crate::registers::{KeyList, Registries};
use crate::resolve::{Dns, DnsSettings, Inquirer, Lookup};
use crate::responder::{Rate, Shown, Zone};
use crate::store::{Keyring, MasterKey, Node, Store};
use crate::webhook::Webhooks;
use crate::worker::clock::Clock;
use crate::worker::crowd::Crowd;
use crate::worker::edges::Edges;
use crate::worker::mirror::Mirror;
use crate::worker::perform::Tools;
use crate::worker::presence;
use crate::worker::relay::{Relay, agree};
use crate::worker::run::Worker;
use crate::worker::suffixes::suffixes;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Why the process can't start or had to stop; the chain of causes is printed.
pub type Trouble = Box<dyn Error + Send + Sync>;

/// The alias that is offered when no services are configured: the built-in page.
const BUILT_IN_ALIAS: &str = "portal";

/// Opens the database, migrated.
///
/// # Errors
/// When the master key or the database can't be had.
pub async fn open_store(settings: &Settings) -> Result<Store, Trouble> {
    let current = MasterKey::load_or_create(&settings.master_key_file)?;
    let others = settings.master_key_other_files.iter().map(|file| MasterKey::load(file));
    let keys = Keyring::new(current, others.collect::<Result<_, _>>()?);
    let store = Store::open(&settings.database_url, keys).await?;
    store.migrate().await?;
    Ok(store)
}

/// The Console's use cases over an open store.
#[must_use]
pub fn console(settings: &Settings, store: Store, clock: Clock, examiner: Option<Examiner>) -> Console {
    let approvers = observer(settings).ok().map(|observer| Arc::new(observer) as Arc<dyn Approvers>);
    let aliases: Vec<String> = match settings.services.as_slice() {
        [] => vec![BUILT_IN_ALIAS.to_owned()],
        services => services.iter().map(|(alias, _)| alias.clone()).collect(),
    };
    let house = House {
        place: settings.place.clone(),
        private_suffixes: settings.private_suffixes.clone(),
        aliases,
        brand: settings.brand.clone(),
        export_keys: settings.export_keys,
        help_center: settings.help_center.clone(),
        public_url: settings.public_url.trim_end_matches('/').to_owned(),
    };
    Console {
        store,
        clock,
        approvers,
        examiner,
        house: Arc::new(house),
        mailer: settings.mailer.clone(),
        provider: None,
        publisher: dns_settings(settings).ok().map(|dns| Publisher::new(dns.allowed)),
        webhooks: webhooks(settings).ok(),
        guesses: Arc::default(),
        pace: Arc::new(settings.rates.into()),
    }
}

/// How DNS is looked at, by configuration.
///
/// # Errors
/// When a range does not parse or no resolver is known.
pub fn lookup(settings: &Settings) -> Result<Dns, Trouble> {
    Ok(Dns::new(dns_settings(settings)?)?)
}

/// How names are examined, by configuration.
///
/// # Errors
/// When a range does not parse or no resolver is known.
pub fn examiner(settings: &Settings, store: &Store) -> Result<Examiner, Trouble> {
    let registrable = dns_settings(settings)?.registrable;
    let authority = |ca: &super::authorities::Authority| Authority {
        name: ca.name.clone(),
        directory: ca.directory.clone(),
        caa: ca.caa.clone(),
    };
    Ok(Examiner {
        observer: Arc::new(observer(settings)?),
        authorities: settings.authorities.iter().map(authority).collect(),
        store: store.clone(),
        place: settings.place.clone(),
        blocklists: settings.dnsbl.clone().into(),
        registrable,
    })
}

fn observer(settings: &Settings) -> Result<Observer, Trouble> {
    let (http_port, https_port) = (settings.probe_http_port, settings.probe_https_port);
    let dns = dns_settings(settings)?;
    let registries = settings.rdap.clone().map(|list| Registries::new(list, dns.allowed.clone())).transpose()?;
    Ok(Observer { inquirer: Inquirer::new(dns)?, http_port, https_port, registries })
}

fn key_list(settings: &Settings) -> Result<Option<Arc<KeyList>>, Trouble> {
    let Some(url) = &settings.compromised_keys else { return Ok(None) };
    Ok(Some(Arc::new(KeyList::new(url, dns_settings(settings)?.allowed)?)))
}

/// Plain HTTP is for programs in ranges that the operator allowed, such as this machine's own.
pub(super) fn webhooks(settings: &Settings) -> Result<Webhooks, Trouble> {
    Ok(Webhooks::new(dns_settings(settings)?.allowed, !settings.allow_private.is_empty())?)
}

fn dns_settings(settings: &Settings) -> Result<DnsSettings, Trouble> {
    let ranges = guard::ranges(&settings.allow_private.join(","))
        .map_err(|word| format!("allow_private: {word:?} is not an address range"))?;
    let private = settings.private_suffixes.clone();
    let registrable = move |name: &Hostname| name.registrable(suffixes(&private)).map(str::to_owned);
    Ok(DnsSettings {
        resolvers: settings.dns_resolvers.clone(),
        authority_port: settings.dns_port,
        allowed: Arc::new(move |address| guard::reachable(address, &ranges).is_ok()),
        registrable: Arc::new(registrable),
    })
}

/// Runs until SIGINT or SIGTERM.
///
/// # Errors
/// When a part can't start, or one that must run has ended.
pub async fn serve(settings: Settings) -> Result<(), Trouble> {
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let signals = async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping: work in hand is allowed to end");
        stop.cancel();
    };
    tokio::select! {
        outcome = run(settings, shutdown.clone()) => outcome,
        () = async { signals.await; std::future::pending().await } => Ok(()),
    }
}

/// Runs all parts of this node until `shutdown`.
///
/// # Errors
/// When a part can't start, or one that must run has ended.
pub async fn run(settings: Settings, shutdown: CancellationToken) -> Result<(), Trouble> {
    let clock = Clock::system();
    let counters = telemetry::count()?;
    let store = open_store(&settings).await?;
    agree(&store, &clock).await?;
    let roles = settings.roles;
    let shown = if roles.dns { Some(zone(&settings, &clock)?) } else { None };
    let sites = roles.edge.then(Sites::default);
    let receivers = targets::receivers(&settings, &store);
    let mirror = Mirror::new(store.clone(), shown.clone(), sites.clone()).with_receivers(receivers.clone());
    let (tail, changes) = (store.tail(clock.now()).await?, store.changes());
    mirror.load().await?;
    let mut parts = JoinSet::new();
    if let Some(shown) = shown {
        let bound =
            crate::responder::bind(settings.dcv_addr).await.map_err(|e| at("dcv_addr", settings.dcv_addr, &e))?;
        tracing::info!(address = %settings.dcv_addr, zone = %settings.place.dcv_zone, "answering for the challenge zone");
        let (rate, stop) = (Rate::from(settings.dcv_rate), shutdown.clone());
        parts.spawn(async move {
            crate::responder::serve(bound, shown, rate, stop).await;
            Ok(())
        });
    }
    if let Some(sites) = sites {
        start_edge(&settings, sites, &mut parts, &shutdown).await?;
    }
    if roles.worker {
        let inherited = store.inherit().await?;
        if inherited > 0 {
            tracing::info!(domains = inherited, "an earlier process left work in hand, which is taken up");
        }
        let tools = tools(&settings, &store, &mirror, &clock).await?;
        let worker = Worker::new(tools, clock.clone(), format!("{}-{}", std::process::id(), uuid::Uuid::now_v7()));
        let stop = shutdown.clone();
        parts.spawn(async move {
            tokio::join!(worker.run(stop.clone()), worker.do_chores(stop));
            Ok(())
        });
    }
    receivers.into_iter().for_each(|receivers| drop(parts.spawn(targets::keep(receivers, shutdown.clone()))));
    handout::open(&settings, &store, &mut parts, &shutdown).await?;
    letters::start(&settings, &store, &clock, &mut parts, &shutdown)?;
    let relay = Relay { store: store.clone(), mirror: mirror.clone(), clock: clock.clone() };
    let stop = shutdown.clone();
    parts.spawn(async move {
        tokio::join!(relay.run(tail, stop.clone()), mirror.follow(changes, stop));
        Ok(())
    });
    let health = Health { store: store.clone(), clock: clock.clone(), counters, told: Arc::default() };
    let (node, stop) = (node(&settings, &clock), shutdown.clone());
    let present = presence::keep(store.clone(), clock.clone(), node, stop);
    let provider = settings.oidc.clone().map(Provider::new).transpose()?.map(Arc::new);
    let examiner = examiner(&settings, &store)?;
    let console = Console { provider, ..console(&settings, store, clock, Some(examiner)) };
    open_console(&settings, console, health, &mut parts, &shutdown).await?;
    // Last: everything that others may ask of this node is open.
    parts.spawn(async move {
        present.await;
        Ok(())
    });
    finish(parts, shutdown).await
}

/// Opens the Console, or only health and metrics where another node has it.
async fn open_console(
    settings: &Settings,
    console: Console,
    health: Health,
    parts: &mut JoinSet<Result<(), Trouble>>,
    shutdown: &CancellationToken,
) -> Result<(), Trouble> {
    let address = settings.console_addr;
    let listener = TcpListener::bind(address).await.map_err(|e| at("console_addr", address, &e))?;
    let app = if settings.roles.console {
        tracing::info!(%address, "the Console is open");
        router(settings, console, health)
    } else {
        tracing::info!(%address, "health and metrics are open");
        health::router(health)
    };
    let stop = shutdown.clone().cancelled_owned();
    // Who connects is written down with what they do.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    parts.spawn(async move { Ok(axum::serve(listener, app).with_graceful_shutdown(stop).await?) });
    Ok(())
}

/// This process as other nodes see it.
fn node(settings: &Settings, clock: &Clock) -> Node {
    const NAME: &str = "/proc/sys/kernel/hostname";
    let name = std::fs::read_to_string(NAME).unwrap_or_default();
    let bound = Some(settings.edge_https_addr).filter(|address| !address.ip().is_unspecified());
    let now = clock.now();
    Node {
        name: name.trim().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        roles: settings.roles.to_string(),
        edge: settings.edge_advertise_addr.or(bound).filter(|_| settings.roles.edge),
        started_at: now,
        seen_at: now,
        own: true,
    }
}

/// Waits for all parts; one that ends by itself before it is time is the end of all.
async fn finish(mut parts: JoinSet<Result<(), Trouble>>, shutdown: CancellationToken) -> Result<(), Trouble> {
    /// Open pages hold their streams for minutes: stopping does not wait for them.
    const DRAIN: std::time::Duration = std::time::Duration::from_secs(10);
    tokio::select! {
        // In this order: once it is time, a part that ends is no trouble.
        biased;
        () = shutdown.cancelled() => {}
        Some(ended) = parts.join_next() => {
            shutdown.cancel();
            ended??;
            return Err("a part of the node ended by itself".into());
        }
    }
    let drained = tokio::time::timeout(DRAIN, async { while parts.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::info!("stopped with connections still open");
    }
    Ok(())
}

fn zone(settings: &Settings, clock: &Clock) -> Result<Shown, Trouble> {
    let zone = &settings.place.dcv_zone;
    // The serial grows over restarts because time does.
    let serial = u32::try_from(clock.now().0 / 1_000 % i64::from(u32::MAX)).unwrap_or(1);
    let mut made = Zone::new(zone, settings.dcv_ns.iter().map(String::as_str), serial)?;
    let address = settings.dcv_addr.ip();
    for ns in settings.dcv_ns.iter().filter(|ns| crate::domain::hostname::is_below(ns, zone)) {
        if !address.is_unspecified() {
            made = made.with_address(ns, address)?;
        }
    }
    Ok(Shown::new(made))
}

async fn start_edge(
    settings: &Settings,
    sites: Sites,
    parts: &mut JoinSet<Result<(), Trouble>>,
    shutdown: &CancellationToken,
) -> Result<(), Trouble> {
    let services = match settings.services.as_slice() {
        [] => Services::it_works(),
        named => {
            let parsed: Result<Vec<_>, _> =
                named.iter().map(|(alias, url)| url.parse().map(|upstream| (alias.clone(), upstream))).collect();
            Services::new(parsed?)
        }
    };
    let (http, https) = (settings.edge_http_addr, settings.edge_https_addr);
    let listeners = EdgeListeners {
        http: TcpListener::bind(http).await.map_err(|e| at("edge_http_addr", http, &e))?,
        https: TcpListener::bind(https).await.map_err(|e| at("edge_https_addr", https, &e))?,
    };
    let limits = Limits { public_https_port: https.port(), ..Limits::default() };
    tracing::info!(http = %http, https = %https, "the edge is open");
    let stop = shutdown.clone();
    parts.spawn(async move { Ok(crate::edge::serve(listeners, sites, services, limits, stop).await?) });
    Ok(())
}

async fn tools(settings: &Settings, store: &Store, mirror: &Mirror, clock: &Clock) -> Result<Tools, Trouble> {
    let own = settings.roles.edge.then(|| reachable(settings.edge_https_addr));
    let own_http = settings.roles.edge.then(|| reachable(settings.edge_http_addr));
    let lookup: Arc<dyn Lookup> = Arc::new(lookup(settings)?);
    let working = store.of_worker().await?;
    Ok(Tools {
        lookup,
        cas: cas::clients(&settings.authorities, store, clock).await?,
        mirror: mirror.by(&working),
        store: working,
        place: settings.place.clone(),
        private_suffixes: settings.private_suffixes.clone(),
        edges: Edges {
            own,
            port: settings.probe_https_port,
            own_http,
            http_port: settings.probe_http_port,
            targets: targets::asked(settings),
        },
        site: Some(Arc::new(observer(settings)?)),
        lists: Some(Lists::new(Arc::new(observer(settings)?))),
        key_list: key_list(settings)?,
        ordering: Crowd::default(),
        examiner: Some(examiner(settings, store)?),
    })
}

/// Where a listener is reached from this machine.
const fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

pub(super) fn at(key: &str, address: SocketAddr, error: &std::io::Error) -> Trouble {
    format!("{key}: can't listen on {address}: {error}").into()
}

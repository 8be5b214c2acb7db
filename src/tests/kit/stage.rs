//! A stage for stories: scripted world and CA, a clock turned by hand; the store, the edge and its handshakes are real.

use super::ca::ScriptedCa;
use super::fuse::Fuse;
use super::world::World;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::domains::NewWebDomain;
use padlock::console::{Console, House};
use padlock::domain::record::{Place, Purpose, Wanted};
use padlock::edge::{EdgeListeners, Limits, Services, Sites, serve};
use padlock::responder::{Shown, Zone};
use padlock::store::{MasterKey, Store};
use padlock::wire::domain::DomainView;
use padlock::worker::clock::Clock;
use padlock::worker::mirror::Mirror;
use padlock::worker::perform::{EdgeTarget, Tools};
use padlock::worker::run::Worker;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The zone for challenges on every stage.
pub(crate) const DCV_ZONE: &str = "dcv.platform.test";
const LEASE_OVER_MS: i64 = 31_000;

pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) ca: ScriptedCa,
    pub(crate) fuse: Fuse,
    pub(crate) sites: Sites,
    pub(crate) shown: Shown,
    pub(crate) store: Store,
    folder: TempDir,
    edge: SocketAddr,
    _edge_runs: DropGuard,
}

impl Stage {
    /// A stage with one customer and nothing else.
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (clock, fuse) = (Clock::by_hand(Clock::system().now()), Fuse::default());
        let shown = Shown::new(Zone::new(DCV_ZONE, ["ns1.platform.test"], 1).unwrap());
        let sites = Sites::default();
        let listeners = EdgeListeners {
            http: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            https: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let edge = listeners.https.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve(listeners, sites.clone(), Services::it_works(), Limits::default(), stop.clone()));
        let store = open(&folder).await;
        store.migrate().await.unwrap();
        store.add_customer("County", clock.now()).await.unwrap();
        Self {
            world: World::new(shown.clone(), DCV_ZONE, fuse.clone()),
            ca: ScriptedCa::new(clock.clone(), shown.clone(), fuse.clone()),
            _edge_runs: stop.drop_guard(),
            clock,
            fuse,
            sites,
            shown,
            store,
            folder,
            edge,
        }
    }

    /// A process that starts on what the last one left: store opened anew, memory loaded from it.
    pub(crate) async fn restart(&mut self) {
        self.store = open(&self.folder).await;
        self.shown.replace_all(std::iter::empty::<(&str, &str)>()).unwrap();
    }

    /// A worker of a fresh process.
    pub(crate) async fn worker(&self) -> Worker {
        let mirror = Mirror::new(self.store.clone(), Some(self.shown.clone()), Some(self.sites.clone()));
        mirror.load().await.unwrap();
        let tools = Tools {
            store: self.store.clone(),
            lookup: Arc::new(self.world.clone()),
            cas: vec![Arc::new(self.ca.clone())],
            mirror,
            place: place(),
            private_suffixes: vec!["test".into()],
            edge: EdgeTarget::Own(self.edge),
        };
        Worker::new(tools, self.clock.clone(), format!("worker-{}", uuid::Uuid::now_v7()))
    }

    /// Does everything that is due now.
    pub(crate) async fn pass(&self) {
        self.worker().await.pass().await.unwrap();
    }

    /// Turns the clock and does everything that is due then.
    pub(crate) async fn later(&self, ms: i64) {
        self.clock.turn(ms);
        self.pass().await;
    }

    /// Works until the fuse blows (true) or everything due is done (false); then every lease has lapsed.
    pub(crate) async fn pass_until_killed(&self) -> bool {
        let worker = self.worker().await;
        let killed = tokio::select! {
            done = worker.pass() => { done.unwrap(); false }
            () = self.fuse.blown() => true,
        };
        self.clock.turn(LEASE_OVER_MS);
        killed
    }

    pub(crate) fn desk(&self) -> Desk {
        let house = House {
            place: place(),
            private_suffixes: vec!["test".into()],
            aliases: vec!["portal".into()],
            brand: "Padlock".into(),
            help_center: None,
        };
        let console = Console {
            store: self.store.clone(),
            clock: self.clock.clone(),
            house: Arc::new(house),
            guesses: Arc::default(),
        };
        Desk::new(console, Caller::command_line())
    }

    pub(crate) async fn add(&self, domain: &str) -> DomainView {
        let customer = Some("County".to_owned());
        self.added(NewWebDomain { domain: domain.into(), customer, ..NewWebDomain::default() }).await
    }

    /// A domain of another customer, who is added with it.
    pub(crate) async fn add_for(&self, customer: &str, domain: &str) -> DomainView {
        self.store.add_customer(customer, self.clock.now()).await.unwrap();
        self.added(NewWebDomain { domain: domain.into(), customer: Some(customer.into()), ..NewWebDomain::default() })
            .await
    }

    async fn added(&self, typed: NewWebDomain) -> DomainView {
        let added = self.desk().add_domain(&typed).await.unwrap();
        let target = &added.dns_records[1].value;
        self.ca.look_at(target.strip_suffix(&format!(".{DCV_ZONE}")).unwrap());
        added
    }

    pub(crate) async fn view(&self, id: &str) -> DomainView {
        self.desk().domain(id).await.unwrap()
    }

    /// The owner publishes these records of the domain.
    pub(crate) fn publish(&self, view: &DomainView, purposes: &[Purpose]) {
        for record in wanted(view).iter().filter(|record| purposes.contains(&record.purpose)) {
            self.world.publish(record);
        }
    }

    /// Nothing is left over: no value on show for an order that is gone.
    pub(crate) fn assert_tidy(&self) {
        assert_eq!(self.shown.zone().value_count(), 0, "a challenge's value is still on show");
    }
}

/// The records that a view asks its owner for.
pub(crate) fn wanted(view: &DomainView) -> Vec<Wanted> {
    let one = |record: &padlock::wire::domain::RecordView| Wanted {
        purpose: record.purpose,
        rtype: record.rtype,
        host: record.host.clone(),
        value: record.value.clone(),
    };
    view.dns_records.iter().map(one).collect()
}

fn place() -> Place {
    Place { record_label: "_padlock".into(), dcv_zone: DCV_ZONE.into(), edge_hostname: "edge.platform.test".into() }
}

async fn open(folder: &TempDir) -> Store {
    let master = MasterKey::load_or_create(&folder.path().join("master.key")).unwrap();
    let url = format!("sqlite://{}", folder.path().join("padlock.db").display());
    Store::open(&url, master).await.unwrap()
}

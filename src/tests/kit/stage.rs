//! A stage for stories: scripted world and CA, a clock turned by hand; the store, the edge and its handshakes are real.

use super::ca::ScriptedCa;
use super::fuse::Fuse;
use super::world::World;
use padlock::acme::Ca;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::domains::NewWebDomain;
use padlock::console::{Console, House};
use padlock::domain::record::{Place, Purpose, Wanted};
use padlock::domain::time::Millis;
use padlock::edge::{EdgeListeners, Limits, Services, Sites, serve};
use padlock::responder::{Shown, Zone};
use padlock::store::{MasterKey, Store};
use padlock::wire::domain::DomainView;
use padlock::wire::list::Search;
use padlock::worker::clock::Clock;
use padlock::worker::crowd::Crowd;
use padlock::worker::edges::Edges;
use padlock::worker::mirror::Mirror;
use padlock::worker::perform::Tools;
use padlock::worker::run::Worker;
use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::collections::HashSet;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The zone for challenges on every stage.
pub(crate) const DCV_ZONE: &str = "dcv.platform.test";

pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) ca: ScriptedCa,
    /// CAs to fall back to, in order.
    pub(crate) others: Vec<ScriptedCa>,
    pub(crate) fuse: Fuse,
    pub(crate) sites: Sites,
    pub(crate) shown: Shown,
    pub(crate) store: Store,
    pub(crate) mirror: Mirror,
    database_url: String,
    folder: TempDir,
    edge: SocketAddr,
    edge_http: SocketAddr,
    _edge_runs: DropGuard,
}

impl Stage {
    /// A stage with one customer and nothing else.
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = sqlite(&folder);
        Self::with(folder, url).await
    }

    /// The same on this database; the master key lies in the folder.
    pub(crate) async fn with(folder: TempDir, database_url: String) -> Self {
        let stage = Self::on(folder, database_url, Clock::by_hand(Clock::system().now())).await;
        stage.store.add_customer("County", stage.clock.now()).await.unwrap();
        stage
    }

    /// A stage on what another version left.
    pub(crate) async fn left(left: &Left) -> Self {
        let folder = TempDir::new().unwrap();
        left.write(&folder).await;
        let url = sqlite(&folder);
        Self::on(folder, url, Clock::by_hand(left.at)).await
    }

    /// A stage for long histories, from a fixed moment on: its database lies in memory, where nothing has to be flushed.
    pub(crate) async fn fast() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let url = sqlite(&folder);
        let stage = Self::on(folder, url, Clock::by_hand(Millis(1_800_000_000_000))).await;
        stage.store.add_customer("County", stage.clock.now()).await.unwrap();
        stage
    }

    /// Another CA, after those that are there.
    pub(crate) fn fall_back_to(&mut self, name: &str) -> ScriptedCa {
        let ca = ScriptedCa::named(name, self.clock.clone(), self.shown.clone(), self.fuse.clone());
        self.others.push(ca.clone());
        ca
    }

    async fn on(folder: TempDir, database_url: String, clock: Clock) -> Self {
        let fuse = Fuse::default();
        let shown = Shown::new(Zone::new(DCV_ZONE, ["ns1.platform.test"], 1).unwrap());
        let sites = Sites::default();
        let listeners = EdgeListeners {
            http: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            https: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let edge = listeners.https.local_addr().unwrap();
        let edge_http = listeners.http.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve(listeners, sites.clone(), Services::it_works(), Limits::default(), stop.clone()));
        let store = open(&folder, &database_url).await;
        store.migrate().await.unwrap();
        Self {
            mirror: Mirror::new(store.clone(), Some(shown.clone()), Some(sites.clone())),
            world: World::new(shown.clone(), DCV_ZONE, fuse.clone()),
            ca: ScriptedCa::new(clock.clone(), shown.clone(), fuse.clone()),
            others: Vec::new(),
            _edge_runs: stop.drop_guard(),
            clock,
            fuse,
            sites,
            shown,
            store,
            database_url,
            folder,
            edge,
            edge_http,
        }
    }

    /// A process that starts on what the last one left: store opened anew, memory loaded from it.
    pub(crate) async fn restart(&mut self) {
        self.store = self.another_process().await;
        self.mirror = Mirror::new(self.store.clone(), Some(self.shown.clone()), Some(self.sites.clone()));
        self.shown.replace_all(std::iter::empty::<(&str, &str)>()).unwrap();
        self.sites.keep_only(&HashSet::new());
    }

    /// Another process's way to the database.
    pub(crate) async fn another_process(&self) -> Store {
        open(&self.folder, &self.database_url).await
    }

    /// A worker of a fresh process.
    pub(crate) async fn worker(&self) -> Worker {
        self.mirror.load().await.unwrap();
        self.worker_with(self.tools())
    }

    /// A worker that works with these.
    pub(crate) fn worker_with(&self, tools: Tools) -> Worker {
        Worker::new(tools, self.clock.clone(), format!("worker-{}", uuid::Uuid::now_v7()))
    }

    /// What a worker of this process works with.
    pub(crate) fn tools(&self) -> Tools {
        let ca: Arc<dyn Ca> = Arc::new(self.ca.clone());
        let others = self.others.iter().map(|ca| Arc::new(ca.clone()) as Arc<dyn Ca>);
        Tools {
            store: self.store.clone(),
            lookup: Arc::new(self.world.clone()),
            cas: std::iter::once(ca).chain(others).collect(),
            mirror: self.mirror.clone(),
            place: place(),
            private_suffixes: vec!["test".into()],
            edges: Edges {
                own: Some(self.edge),
                port: self.edge.port(),
                own_http: Some(self.edge_http),
                http_port: self.edge_http.port(),
                targets: Vec::new(),
            },
            site: Some(Arc::new(self.world.clone())),
            lists: None,
            key_list: None,
            ordering: Crowd::default(),
            examiner: None,
        }
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

    /// Where the edge is.
    pub(crate) const fn edge(&self) -> SocketAddr {
        self.edge
    }

    /// Where it answers over plain HTTP.
    pub(crate) const fn edge_http(&self) -> SocketAddr {
        self.edge_http
    }

    /// Which database this is.
    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    pub(crate) fn desk(&self) -> Desk {
        Desk::new(self.console(), Caller::command_line())
    }

    /// The use cases behind every door.
    pub(crate) fn console(&self) -> Console {
        let house = House {
            place: place(),
            private_suffixes: vec!["test".into()],
            aliases: vec!["portal".into()],
            brand: "Padlock".into(),
            export_keys: false,
            help_center: None,
            public_url: "https://console.test".into(),
        };
        Console {
            store: self.store.clone(),
            clock: self.clock.clone(),
            house: Arc::new(house),
            approvers: Some(Arc::new(self.world.clone())),
            examiner: None,
            publisher: None,
            webhooks: None,
            mailer: None,
            provider: None,
            guesses: Arc::default(),
            pace: Arc::default(),
        }
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

    pub(crate) async fn added(&self, typed: NewWebDomain) -> DomainView {
        let added = self.desk().add_domain(&typed).await.unwrap();
        self.validates(&added);
        added
    }

    /// The CA follows this domain's DCV record, or visits the edge, from now on.
    pub(crate) fn validates(&self, view: &DomainView) {
        let Some(dcv) = view.dns_records.iter().find(|record| record.purpose == Purpose::Dcv) else {
            return std::iter::once(&self.ca).chain(&self.others).for_each(|ca| ca.visit_at(self.edge_http));
        };
        let target = &dcv.value;
        let label = target.strip_suffix(&format!(".{DCV_ZONE}")).unwrap();
        std::iter::once(&self.ca).chain(&self.others).for_each(|ca| ca.look_at(label));
    }

    pub(crate) async fn view(&self, id: &str) -> DomainView {
        self.desk().domain(id).await.unwrap()
    }

    /// Every domain that is not removed.
    pub(crate) async fn all(&self) -> Vec<DomainView> {
        let page = self.desk().list(&Search { limit: Some(200), ..Search::default() }).await.unwrap();
        assert!(page.next_cursor.is_none());
        page.items.iter().for_each(|view| self.validates(view));
        page.items
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
        assert_eq!(self.sites.answer_count(), 0, "a challenge is still answered");
    }
}

/// A database that another version wrote.
pub(crate) struct Left {
    /// As SQLite's shell dumps it.
    pub(crate) sql: &'static str,
    /// The master key beside it.
    pub(crate) master_key_hex: &'static str,
    /// What time it was.
    pub(crate) at: Millis,
}

impl Left {
    async fn write(&self, folder: &TempDir) {
        let options = SqliteConnectOptions::new().filename(folder.path().join("padlock.db")).create_if_missing(true);
        let mut database = options.foreign_keys(false).connect().await.unwrap();
        sqlx::raw_sql(self.sql).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
        let hex = self.master_key_hex.trim();
        let key: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        let mut file =
            File::options().write(true).create_new(true).mode(0o600).open(folder.path().join("master.key")).unwrap();
        file.write_all(&key).unwrap();
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

pub(crate) fn place() -> Place {
    Place { record_label: "_padlock".into(), dcv_zone: DCV_ZONE.into(), edge_hostname: "edge.platform.test".into() }
}

fn sqlite(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("padlock.db").display())
}

async fn open(folder: &TempDir, database_url: &str) -> Store {
    let master = MasterKey::load_or_create(&folder.path().join("master.key")).unwrap();
    Store::open(database_url, master).await.unwrap()
}

//! The story of one domain, told by people and workers who are killed, failed or sent to sleep once on the way.

use crate::kit::ca::Call;
use crate::kit::disk::Disk;
use crate::kit::invariants::Invariants;
use crate::kit::stage::Stage;
use crate::kit::trap::{Fault, Trap};
use crate::kit::witness::Witnessed;
use futures::FutureExt as _;
use padlock::acme::Renewal;
use padlock::console::desk::Desk;
use padlock::console::domains::{ChangedSettings, NewWebDomain};
use padlock::domain::limits::Limits;
use padlock::domain::record::Purpose;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use padlock::failpoint::{Act, Moment, Point, watched};
use padlock::store::Store;
use padlock::wire::domain::DomainView;
use padlock::worker::perform::Tools;
use padlock::worker::run::Worker;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const NAME: &str = "portal.court.test";
/// Every chapter of the story is over within this.
const CHAPTER_MS: i64 = 10 * MINUTE_MS;
const STEP_MS: i64 = 10 * SECOND_MS;
/// A CA is first asked within half a day when it would like a certificate renewed.
const ADVICE_MS: i64 = 12 * HOUR_MS;
/// It would like that so long before the end.
const WISHED_MS: i64 = 30 * DAY_MS;
/// After this nobody's lease holds any more.
const LEASE_OVER_MS: i64 = 31 * SECOND_MS;
/// Whoever takes over from a sleeper gets on with it for so long; then the sleeper wakes.
const SLEEP: Duration = Duration::from_millis(150);
/// A process hears of its own writes by itself, at once.
const HEARD_TRIES: usize = 500;
const HEARD_PAUSE: Duration = Duration::from_millis(4);

/// What is refused to whoever does something for the second time.
const OVER: [&str; 4] = ["name_claimed", "too_soon", "not_revocable", "not_found"];

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Add,
    Refresh,
    Renew,
    Revoke,
    Remove,
    /// A worker does everything that is due.
    Work,
}

/// How a telling went.
pub(super) struct Told {
    pub(super) passed: Vec<Point>,
    pub(super) met: Option<Point>,
    pub(super) orders: usize,
    pub(super) checks: usize,
}

/// How a telling on a full disk went.
pub(super) struct Squeezed {
    /// Whether it was too small.
    pub(super) missed: bool,
    /// Pages that the story took.
    pub(super) took: u64,
    pub(super) orders: usize,
}

struct Play {
    stage: Stage,
    trap: Trap,
    fault: Option<Fault>,
    /// The database's own, which may be full.
    disk: Option<Disk>,
    invariants: Invariants,
    id: String,
    /// The one that is revoked.
    certificate: String,
    follows: Option<AbortOnDropHandle<()>>,
}

/// Tells the story on this stage with a fault at one of its points, counted from one, or with none.
pub(super) async fn tell(stage: Stage, set: Option<(Fault, usize)>) -> Told {
    let mut play = Play::of(stage, set, None);
    play.start().await;
    play.story().await;
    play.told()
}

/// Tells the story on a disk that has room for so many more pages, and gets more as soon as somebody misses it.
pub(super) async fn tell_on(stage: Stage, disk: Disk, pages: u64) -> Squeezed {
    let mut play = Play::of(stage, None, Some(disk));
    play.start().await;
    let begun_at = play.disk.as_ref().map_or(0, Disk::pages);
    play.disk.as_ref().into_iter().for_each(|disk| disk.leave(pages));
    play.story().await;
    let disk = play.disk.as_ref().unwrap();
    Squeezed { missed: !disk.is_filled(), took: disk.pages() - begun_at, orders: play.told().orders }
}

impl Play {
    fn of(stage: Stage, set: Option<(Fault, usize)>, disk: Option<Disk>) -> Self {
        let invariants = Invariants::of(&stage);
        let (looker, sees_all) = (invariants.clone(), set.is_none() && disk.is_none());
        let trap = Trap::new(
            set,
            Box::new(move |point, sprung| {
                let looker = looker.clone();
                // What comes before the fault is the same in every telling; the story without one looks at each point.
                let looks = sees_all || sprung || point == at(Act::Record, Moment::After);
                async move {
                    if looks {
                        looker.check().await
                    }
                }
                .boxed()
            }),
        );
        stage.ca.set_limits(Limits::LETS_ENCRYPT);
        stage.ca.set_advice(|made, _| {
            let [start, end] = [WISHED_MS + DAY_MS, WISHED_MS].map(|ms| made.not_after.plus(-ms));
            Some(Renewal { start, end, explanation_url: None, retry_after_ms: None })
        });
        let fault = set.map(|(fault, _)| fault);
        Self { stage, trap, fault, disk, invariants, id: String::new(), certificate: String::new(), follows: None }
    }

    fn told(&self) -> Told {
        assert_eq!(self.stage.ca.overruns(), [""; 0], "an order without a place for it");
        let (passed, met, checks) = (self.trap.passed(), self.trap.met(), self.invariants.checks());
        Told { passed, met, orders: self.stage.ca.orders(), checks }
    }

    async fn story(&mut self) {
        self.trap.stumble(at(Act::Look, Moment::Before));
        self.deed(Deed::Add).await;
        let added = self.view().await;
        self.stage.validates(&added);
        self.stage.publish(&added, &Purpose::ALL);
        let first = self.until("active", |view| view.ready && view.certificates.len() == 1).await;

        self.turn(MINUTE_MS).await;
        self.deed(Deed::Refresh).await;
        self.until("looked at", |view| view.ready).await;

        self.turn(ADVICE_MS).await;
        self.advised().await;

        // So long that an order needs a look of its own.
        self.turn(2 * MINUTE_MS).await;
        let (desk, id) = (self.stage.desk(), self.id.clone());
        self.trap.meanwhile(at(Act::Look, Moment::After), async move {
            let settings = ChangedSettings { name: Some("Court".into()), ..ChangedSettings::default() };
            // Whoever changes settings may meet the fault and leave it at that.
            let _ = desk.change(&id, &settings).await;
        });
        self.deed(Deed::Renew).await;
        let old = first.certificates[0].fingerprint_sha256.clone();
        let renewed = |view: &DomainView| {
            view.ready && view.certificates[0].status == "active" && view.certificates[0].fingerprint_sha256 != old
        };
        let renewed = self.until("renewed", renewed).await;

        // So long that the next certificate is told from this one by its time.
        self.turn(MINUTE_MS).await;
        self.certificate.clone_from(&renewed.certificates[0].id);
        self.deed(Deed::Revoke).await;
        let reissued = |view: &DomainView| {
            let [now, before] = [0, 1].map(|at| view.certificates[at].status.as_str());
            view.ready && (now, before) == ("active", "revoked")
        };
        self.until("revoked and reissued", reissued).await;
        let told = self.stage.ca.calls().iter().filter(|(_, call, _)| *call == Call::Revoke).count();
        assert!((1..=1 + usize::from(self.fault.is_some())).contains(&told), "revoked {told} times");

        self.deed(Deed::Remove).await;
        self.gone().await;
    }

    /// Does something, again by somebody else when whoever did it was killed.
    async fn deed(&mut self, deed: Deed) {
        for _ in 0..3 {
            if self.attempt(deed).await {
                return;
            }
        }
        panic!("{deed:?} can't be done");
    }

    /// False when it has to be done again.
    async fn attempt(&mut self, deed: Deed) -> bool {
        let mut work = Box::pin(watched(self.trap.watch(), self.work(deed, self.stage.store.clone())));
        let outcome = tokio::select! {
            biased;
            outcome = &mut work => Some(outcome),
            () = self.trap.sprung() => None,
            never = self.gets_room() => match never {},
        };
        self.make_room();
        match (outcome, self.fault) {
            // A worker's trouble passes with time; people try again.
            (Some(outcome), _) => outcome.is_ok() || deed == Deed::Work,
            (None, Some(Fault::Stall)) => {
                self.invariants.witness.somebody_slept();
                self.stage.clock.turn(LEASE_OVER_MS);
                let mut others =
                    Box::pin(watched(self.trap.watch(), self.work(deed, self.stage.another_process().await)));
                let over = tokio::time::timeout(SLEEP, &mut others).await;
                self.trap.wake();
                match over {
                    Ok(over) => {
                        let _ = work.await;
                        over.is_ok() || deed == Deed::Work
                    }
                    Err(_) => tokio::join!(work, others).1.is_ok() || deed == Deed::Work,
                }
            }
            (None, _) => {
                drop(work);
                self.restart().await;
                false
            }
        }
    }

    /// Makes room on the disk whenever it is missed.
    async fn gets_room(&self) -> Infallible {
        while self.disk.as_ref().is_some_and(Disk::is_filled) {
            self.make_room();
            tokio::time::sleep(HEARD_PAUSE).await;
        }
        std::future::pending().await
    }

    /// Makes room on the disk if somebody missed it.
    fn make_room(&self) {
        if let Some(disk) = self.disk.as_ref().filter(|disk| disk.is_filled() && self.stage.store.outage().is_some()) {
            disk.clear();
        }
    }

    fn work(&self, deed: Deed, store: Store) -> impl Future<Output = Result<(), String>> + use<> {
        let (desk, worker) = (self.stage.desk(), self.worker(store));
        let (id, certificate) = (self.id.clone(), self.certificate.clone());
        async move {
            let done = match deed {
                Deed::Work => return worker.pass().await.map(|_| ()).map_err(|error| error.to_string()),
                Deed::Add => add(&desk).await,
                Deed::Refresh => desk.refresh(&id).await,
                Deed::Renew => desk.renew(&id).await,
                Deed::Revoke => desk.revoke(&certificate, "key_compromise").await,
                Deed::Remove => desk.remove(&id).await,
            };
            match done {
                Ok(()) => Ok(()),
                // The first try came to its end after all.
                Err(refusal) if OVER.contains(&refusal.code.as_str()) => Ok(()),
                Err(refusal) => Err(refusal.code),
            }
        }
    }

    /// A worker on these connections, with a witness beside the CA.
    fn worker(&self, store: Store) -> Worker {
        let ca = Witnessed { ca: self.stage.ca.clone(), witness: self.invariants.witness.clone() };
        self.stage.worker_with(Tools { store, cas: vec![Arc::new(ca)], ..self.stage.tools() })
    }

    /// As a process starts: memory is loaded, work in hand is taken up, and changes are followed.
    async fn start(&mut self) {
        let Stage { store, mirror, .. } = &self.stage;
        let changes = store.changes();
        mirror.load().await.unwrap();
        store.inherit().await.unwrap();
        let mirror = mirror.clone();
        let follow = tokio::spawn(async move { mirror.follow(changes, CancellationToken::new()).await });
        self.follows = Some(AbortOnDropHandle::new(follow));
    }

    /// The process is gone with all that it knew; another one starts on what it wrote.
    async fn restart(&mut self) {
        if let Some(follows) = self.follows.take() {
            follows.abort();
            let _ = follows.await;
        }
        self.stage.restart().await;
        self.start().await;
        self.turn(LEASE_OVER_MS).await;
    }

    async fn turn(&self, ms: i64) {
        self.stage.clock.turn(ms);
        self.invariants.check().await;
        self.invariants.visit(NAME).await;
    }

    /// Works and lets time pass until the domain is as wanted.
    async fn until(&mut self, what: &str, wanted: impl Fn(&DomainView) -> bool) -> DomainView {
        let begun = self.stage.clock.now();
        loop {
            self.deed(Deed::Work).await;
            let view = self.view().await;
            if wanted(&view) && self.serves(&view.certificates[0].fingerprint_sha256) {
                self.turn(0).await;
                return view;
            }
            assert!(self.stage.clock.now().since(begun) <= CHAPTER_MS, "not {what} within ten minutes: {view:#?}");
            self.turn(STEP_MS).await;
        }
    }

    /// Works until it is written down what the CA said of the renewal, or when to ask again since it could not be asked.
    async fn advised(&mut self) {
        let begun = self.stage.clock.now();
        while !self.invariants.witness.is_advised(NAME).await {
            assert!(self.stage.clock.now().since(begun) <= CHAPTER_MS, "nothing is known of the CA's wish");
            self.deed(Deed::Work).await;
            self.turn(STEP_MS).await;
        }
        let asked = self.stage.ca.calls().iter().filter(|(_, call, _)| *call == Call::Renewal).count();
        assert!(asked <= 1 + usize::from(self.fault.is_some()), "asked {asked} times");
    }

    /// Nobody serves it, shows anything for it, or works on it.
    async fn gone(&mut self) {
        self.deed(Deed::Work).await;
        for _ in 0..HEARD_TRIES {
            if self.stage.sites.fingerprint(NAME).is_none() && self.invariants.nothing_is_left().await {
                return self.turn(CHAPTER_MS).await;
            }
            tokio::time::sleep(HEARD_PAUSE).await;
        }
        panic!("removed, and something is left: {:?}", self.stage.sites);
    }

    fn serves(&self, fingerprint: &str) -> bool {
        let served = self.stage.sites.fingerprint(NAME).unwrap_or_default();
        served.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == fingerprint
    }

    async fn view(&mut self) -> DomainView {
        if self.id.is_empty() {
            let all = self.stage.all().await;
            assert_eq!(all.len(), 1, "added once, whatever happened");
            self.id.clone_from(&all[0].id);
        }
        self.stage.view(&self.id).await
    }
}

async fn add(desk: &Desk) -> Result<(), padlock::wire::error::Refusal> {
    let customer = Some("County".to_owned());
    let typed = NewWebDomain { domain: NAME.into(), customer, ..NewWebDomain::default() };
    desk.add_domain(&typed).await.map(|_| ())
}

fn at(act: Act, moment: Moment) -> Point {
    Point { act, moment }
}

//! A scripted DNS: the test says what stands where, and lookups see it.

use super::fuse::Fuse;
use futures::future::BoxFuture;
use padlock::domain::approver::constructed;
use padlock::domain::hostname::Hostname;
use padlock::domain::observed::{Found, Observation, RecordSeen, Reply, ServerAnswer, ZoneCut};
use padlock::domain::record::{RecordType, Wanted};
use padlock::domain::time::Millis;
use padlock::domain::token_file::{Fetched, FileSeen, WantedFile};
use padlock::observe::{Approvers, Contacts, Visit};
use padlock::resolve::Lookup;
use padlock::responder::Shown;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What everybody's DNS says.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    said: Mutex<HashMap<String, Reply>>,
    served: Mutex<HashMap<String, Fetched>>,
    looks: AtomicUsize,
    shown: Shown,
    dcv_zone: String,
    fuse: Fuse,
    temper: Mutex<Option<Temper>>,
}

/// What the servers answer to a look instead, at a time.
type Temper = Box<dyn FnMut(Millis) -> Option<Reply> + Send>;

impl World {
    pub(crate) fn new(shown: Shown, dcv_zone: &str, fuse: Fuse) -> Self {
        let (said, served, looks) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        let temper = Mutex::default();
        Self(Arc::new(Inner { said, served, looks, shown, dcv_zone: dcv_zone.to_owned(), fuse, temper }))
    }

    /// From now on, this stands at a name.
    pub(crate) fn say(&self, host: &str, reply: Reply) {
        self.0.said.lock().unwrap().insert(host.to_owned(), reply);
    }

    /// From now on, nothing stands there.
    pub(crate) fn forget(&self, host: &str) {
        self.0.said.lock().unwrap().remove(host);
    }

    /// The owner publishes a record just as it was asked for.
    pub(crate) fn publish(&self, wanted: &Wanted) {
        self.say(&wanted.host, record(wanted.rtype, &wanted.value));
    }

    /// From now on, a look may see this instead of what stands there.
    pub(crate) fn set_temper(&self, temper: impl FnMut(Millis) -> Option<Reply> + Send + 'static) {
        *self.0.temper.lock().unwrap() = Some(Box::new(temper));
    }

    /// From now on, this is fetched at an address.
    pub(crate) fn serve(&self, url: &str, fetched: Fetched) {
        self.0.served.lock().unwrap().insert(url.to_owned(), fetched);
    }

    /// How often somebody looked.
    pub(crate) fn looks(&self) -> usize {
        self.0.looks.load(Ordering::SeqCst)
    }
}

/// One record as an answer.
pub(crate) fn record(rtype: RecordType, value: &str) -> Reply {
    Reply::Records(vec![Found { rtype, value: value.to_owned(), ttl: 60 }])
}

impl Visit for World {
    fn file<'a>(&'a self, wanted: &'a WantedFile, _: Millis) -> BoxFuture<'a, FileSeen> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let served = self.0.served.lock().unwrap().get(&wanted.url()).cloned();
            let fetched = served.unwrap_or_else(|| Fetched::Nothing("nothing listens on port 80".into()));
            FileSeen { wanted: wanted.clone(), redirects: Vec::new(), fetched }
        })
    }
}

impl Approvers for World {
    fn contacts<'a>(&'a self, names: &'a [String], _: Millis) -> BoxFuture<'a, Contacts> {
        let addresses = names.iter().flat_map(|name| constructed(name)).collect();
        Box::pin(std::future::ready(Contacts { addresses, without_mail: Vec::new() }))
    }
}

impl Lookup for World {
    fn look<'a>(&'a self, _: &'a Hostname, wanted: &'a [Wanted], _: &'a str, at: Millis) -> BoxFuture<'a, Observation> {
        Box::pin(async move {
            self.0.fuse.point().await;
            self.0.looks.fetch_add(1, Ordering::SeqCst);
            let instead = self.0.temper.lock().unwrap().as_mut().and_then(|temper| temper(at));
            let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
            let seen = |wanted: &Wanted| {
                let stands = || self.0.said.lock().unwrap().get(&wanted.host).cloned().unwrap_or(Reply::NxDomain);
                let reply = instead.clone().unwrap_or_else(stands);
                let answers = vec![ServerAnswer { server: "ns1.court.test".into(), address, reply }];
                RecordSeen { wanted: wanted.clone(), answers, resolver: None }
            };
            let observation = Observation {
                at,
                took_ms: 1,
                zone: Ok(ZoneCut { apex: "court.test".into(), servers: Vec::new() }),
                records: wanted.iter().map(seen).collect(),
                edge_addresses: Vec::new(),
                file: None,
            };
            self.0.fuse.point().await;
            observation
        })
    }

    fn shows<'a>(&'a self, name: &'a str, values: &'a [String]) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            self.0.fuse.point().await;
            let label = name.strip_suffix(&format!(".{}", self.0.dcv_zone)).expect("a name in the challenge zone");
            let zone = self.0.shown.zone();
            values.iter().all(|value| zone.shows(label, value))
        })
    }
}

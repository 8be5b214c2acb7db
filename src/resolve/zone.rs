//! Finds the zone that a name lies in, and the way to its servers.
//!
//! From the registered domain, which the resolver knows, down to the name, by what the authoritative servers say
//! themselves: so a zone that was just delegated counts at once, and an alias at the name misleads nobody.

use super::ask::{Asker, after};
use super::heard::{Delegation, Place, name_servers, place, soa_owner, text_of};
use super::packet::Question;
use super::resolvers::{Resolvers, Trouble};
use crate::domain::observed::{NameServer, ZoneCut, ZoneTrouble};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long the way to a zone's servers is kept; what they say is never kept.
pub(super) const KEPT: Duration = Duration::from_secs(60);
/// Ways kept at once: some 500 bytes each.
const KEPT_WAYS: usize = 20_000;
/// One address of each family is enough to hear a server; both are, to hear it where one family fails.
const ADDRESSES: usize = 2;
/// Steps from the registered domain down to a name: names have at most ten labels, and each may need two questions.
const STEPS: usize = 16;
/// When no server says within this time where a name lies, the records themselves are asked at the zone known so far.
const DESCENT: Duration = Duration::from_secs(3);
/// What a resolver holds in its cache it says at once.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// A zone and the way to its servers.
#[derive(Debug)]
pub(super) struct Cut {
    /// The zone's own name.
    pub(super) apex: Name,
    /// Its servers, with their addresses.
    pub(super) servers: Vec<(Name, Vec<IpAddr>)>,
}

impl Cut {
    /// Every address to ask, with its server's name.
    pub(super) fn doors(&self) -> impl Iterator<Item = (&Name, IpAddr)> {
        self.servers.iter().flat_map(|(name, addresses)| addresses.iter().map(move |address| (name, *address)))
    }

    /// As an observation tells it.
    pub(super) fn told(&self) -> ZoneCut {
        let told =
            |(name, addresses): &(Name, Vec<IpAddr>)| NameServer { name: text_of(name), addresses: addresses.clone() };
        ZoneCut { apex: text_of(&self.apex), servers: self.servers.iter().map(told).collect() }
    }
}

/// Which addresses may be asked at all.
pub type Allowed = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Everything needed to find zones and to ask their servers.
pub(super) struct Zones {
    /// Puts the questions.
    pub(super) asker: Asker,
    /// Knows where servers are.
    pub(super) resolvers: Resolvers,
    /// Guards against zones that name servers inside somebody's network.
    pub(super) allowed: Allowed,
    /// Where authoritative servers listen.
    pub(super) port: u16,
    ways: Mutex<HashMap<Name, (Instant, Arc<Cut>)>>,
}

impl Zones {
    /// Knows no zone yet.
    pub(super) fn new(resolvers: Resolvers, allowed: Allowed, port: u16) -> Self {
        Self { asker: Asker::new(), resolvers, allowed, port, ways: Mutex::default() }
    }

    /// The zone that `name` lies in, found from `start` downwards, which is `name` or above it.
    pub(super) async fn cut(&self, name: &Name, start: &Name, deadline: Instant) -> Result<Arc<Cut>, ZoneTrouble> {
        if let Some(known) = self.kept(name) {
            return Ok(known);
        }
        let top = match self.kept(start) {
            Some(known) => known,
            None => self.top(start, deadline).await?,
        };
        self.keep(start, &top);
        let cut = self.descend(top, name, deadline).await;
        self.keep(name, &cut);
        Ok(cut)
    }

    /// The way to a delegation's servers.
    pub(super) async fn way(&self, delegation: Delegation, deadline: Instant) -> Arc<Cut> {
        let known = self.kept(&delegation.apex).filter(|cut| {
            cut.apex == delegation.apex && cut.servers.iter().map(|(name, _)| name).eq(&delegation.servers)
        });
        if let Some(known) = known {
            return known;
        }
        let located = delegation.servers.into_iter().map(|server| async {
            let addresses = self.resolvers.addresses(&self.asker, &server, deadline).await;
            (server, one_of_each_family(&addresses))
        });
        let cut = Arc::new(Cut { apex: delegation.apex, servers: join_all(located).await });
        self.keep(&cut.apex, &cut);
        cut
    }

    /// Forgets what was kept for these names: a look through it went wrong.
    pub(super) fn forget(&self, names: &[&Name]) {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            ways.remove(*name);
        }
    }

    /// Asks every server of a cut that may be asked, and takes the first authoritative message, or a referral.
    async fn first_word(&self, cut: &Cut, name: &Name, deadline: Instant) -> Option<Message> {
        let question = Question::plain(name, RecordType::NS);
        let mut asked: FuturesUnordered<_> = cut
            .doors()
            .filter(|(_, address)| (self.allowed)(*address))
            .map(|(_, address)| self.asker.ask(SocketAddr::new(address, self.port), question, deadline))
            .collect();
        let deciding = async {
            while let Some(heard) = asked.next().await {
                if let Ok(message) = heard
                    && matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
                    && place(&message, name, &cut.apex) != Place::Unsaid
                {
                    return Some(message);
                }
            }
            None
        };
        timeout(DESCENT, deciding).await.ok().flatten()
    }

    async fn top(&self, start: &Name, deadline: Instant) -> Result<Arc<Cut>, ZoneTrouble> {
        let mut name = start.clone();
        while !name.is_root() {
            let message = match self.resolvers.ask(&self.asker, &name, RecordType::NS, deadline).await {
                Ok(message) => message,
                Err(trouble) => return Err(self.told(trouble, &name).await),
            };
            if message.metadata.response_code == ResponseCode::NXDomain && name == *start {
                return Err(ZoneTrouble::Unregistered(text_of(start)));
            }
            if let Some(delegation) = name_servers(&message.answers, &name) {
                return Ok(self.way(delegation, deadline).await);
            }
            let above = soa_owner(&message, &name).filter(|owner| *owner != name);
            name = above.unwrap_or_else(|| name.base_name());
        }
        Err(ZoneTrouble::CouldNotAsk(format!("no zone above {}", text_of(start))))
    }

    async fn descend(&self, top: Arc<Cut>, name: &Name, deadline: Instant) -> Arc<Cut> {
        let (mut cut, mut asked) = (top, name.clone());
        for _ in 0..STEPS {
            if asked == cut.apex || !cut.apex.zone_of(&asked) {
                break;
            }
            let Some(message) = self.first_word(&cut, &asked, deadline).await else { break };
            match place(&message, &asked, &cut.apex) {
                Place::Delegated(delegation) => {
                    cut = self.way(delegation, deadline).await;
                    asked = name.clone();
                }
                Place::Zone(apex) if apex == asked || !cut.apex.zone_of(&apex) => break,
                Place::Zone(apex) => asked = apex,
                Place::Alias => asked = asked.base_name(),
                Place::Unsaid => break,
            }
        }
        cut
    }

    /// Silence about one name alone is the name's fault: a resolver that is alive knows the root.
    async fn told(&self, trouble: Trouble, name: &Name) -> ZoneTrouble {
        let is_alive =
            async { self.resolvers.ask(&self.asker, &Name::root(), RecordType::NS, after(SIGN_OF_LIFE)).await.is_ok() };
        match trouble {
            Trouble::Failing => ZoneTrouble::Failing(text_of(name)),
            Trouble::Silent if is_alive.await => ZoneTrouble::Failing(text_of(name)),
            Trouble::Silent => ZoneTrouble::CouldNotAsk("no resolver answered".into()),
            Trouble::Unwilling(code) => ZoneTrouble::CouldNotAsk(format!("the resolver answered {code}")),
        }
    }

    fn kept(&self, name: &Name) -> Option<Arc<Cut>> {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.get(name).filter(|(until, _)| until.elapsed().is_zero()).map(|(_, cut)| Arc::clone(cut))
    }

    fn keep(&self, name: &Name, cut: &Arc<Cut>) {
        // A zone without a reachable server is a negative answer, and those are not kept.
        if cut.doors().next().is_none() {
            return;
        }
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if ways.len() >= KEPT_WAYS {
            ways.retain(|_, (until, _)| until.elapsed().is_zero());
        }
        if ways.len() >= KEPT_WAYS {
            ways.clear();
        }
        // Only a fresh entry is dated: one that is used again and again must grow old all the same.
        let fresh = ways.get(name).is_none_or(|(until, known)| !until.elapsed().is_zero() || !Arc::ptr_eq(known, cut));
        if fresh {
            ways.insert(name.clone(), (after(KEPT), Arc::clone(cut)));
        }
    }
}

/// The first IPv4 and the first IPv6 address, or two of the one family that there is.
fn one_of_each_family(addresses: &[IpAddr]) -> Vec<IpAddr> {
    // An IPv4 address in IPv6 clothes is the IPv4 address, to the guard as well.
    let addresses: Vec<IpAddr> = addresses.iter().map(IpAddr::to_canonical).collect();
    let v4 = addresses.iter().find(|address| address.is_ipv4());
    let v6 = addresses.iter().find(|address| address.is_ipv6());
    match (v4, v6) {
        (Some(v4), Some(v6)) => vec![*v4, *v6],
        _ => addresses.into_iter().take(ADDRESSES).collect(),
    }
}

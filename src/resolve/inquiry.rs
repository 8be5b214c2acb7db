//! Single questions for a full pass over a name, each kept with its answer.
//!
//! A look ([`super::dns`]) asks for three records and says what it means; an inquiry asks for whatever its caller wants to
//! know and keeps it all. It has one time limit and one allowance of questions, however many servers a zone names.

use super::ask::{Unheard, after};
use super::dns::{DnsSettings, NoResolvers, system_resolvers};
use super::packet::Question;
use super::resolvers::Resolvers;
use super::told::{name_of, told, type_of};
use super::zone::{Allowed, Zones};
use crate::domain::observation::{Answer, Kind, Said, Transport, Who};
use crate::domain::observed::{ZoneCut, ZoneTrouble};
use crate::domain::time::Millis;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A server that is this slow is passed over by a CA's resolver too.
const PATIENCE: Duration = Duration::from_millis(2_000);
/// What finding the way to a zone's servers may take.
const WAY: Duration = Duration::from_millis(3_000);
/// Resolvers that are compared.
const RESOLVERS: usize = 2;

/// Puts questions for passes.
pub struct Inquirer {
    zones: Zones,
    resolvers: Vec<SocketAddr>,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Who it is.
    pub who: Who,
    /// Where.
    pub address: SocketAddr,
}

/// The questions of one pass.
pub struct Inquiry<'a> {
    of: &'a Inquirer,
    at: Millis,
    began: Instant,
    deadline: Instant,
    left: AtomicUsize,
}

impl Inquirer {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// When no resolvers are given and the system names none.
    pub fn new(settings: DnsSettings) -> Result<Self, NoResolvers> {
        let resolvers = if settings.resolvers.is_empty() { system_resolvers()? } else { settings.resolvers };
        let zones = Zones::new(Resolvers::unchecked(resolvers.clone()), settings.allowed, settings.authority_port);
        Ok(Self { zones, resolvers })
    }

    /// Begins a pass that may take so long and ask so much.
    pub fn begin(&self, at: Millis, lasts: Duration, questions: usize) -> Inquiry<'_> {
        let began = after(Duration::ZERO);
        Inquiry { of: self, at, began, deadline: began + lasts, left: AtomicUsize::new(questions) }
    }

    /// The guard, for what is met beside DNS.
    #[must_use]
    pub fn allowed(&self) -> &Allowed {
        &self.zones.allowed
    }
}

impl Inquiry<'_> {
    /// This moment, by the time that the pass began at.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.at.plus(i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    /// What is left of the pass's time.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(after(Duration::ZERO))
    }

    /// The zone that a name lies in, found from `start` downwards; nothing is believed from an earlier pass.
    ///
    /// # Errors
    /// Why it could not be found.
    pub async fn zone(&self, name: &str, start: &str) -> Result<ZoneCut, ZoneTrouble> {
        let (name, start) = (name_of(name), name_of(start));
        let zones = &self.of.zones;
        zones.forget(&[&name, &start]);
        let cut = zones.cut(&name, &start, self.deadline.min(after(WAY))).await;
        cut.map(|cut| cut.told())
    }

    /// A host's addresses, as a resolver that does not validate knows them.
    pub async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let zones = &self.of.zones;
        let found = zones.resolvers.addresses(&zones.asker, &name_of(host), self.deadline.min(after(WAY))).await;
        found.iter().map(IpAddr::to_canonical).collect()
    }

    /// The door of a zone's server.
    #[must_use]
    pub fn door(&self, who: Who, address: IpAddr) -> Door {
        Door { who, address: SocketAddr::new(address, self.of.zones.port) }
    }

    /// Resolvers that validate, and the same told not to.
    #[must_use]
    pub fn resolvers(&self) -> Vec<Door> {
        let each = self.of.resolvers.iter().take(RESOLVERS);
        each.flat_map(|address| [Who::Resolver, Who::ResolverUnchecked].map(|who| Door { who, address: *address }))
            .collect()
    }

    /// Puts one question, over UDP and, where that leaves it in doubt, over TCP.
    pub async fn ask(&self, door: &Door, name: &str, kind: Kind) -> Answer {
        self.put(door, name, kind, Transport::Udp).await
    }

    /// Puts one question over this transport.
    pub async fn put(&self, door: &Door, name: &str, kind: Kind, transport: Transport) -> Answer {
        let at = self.now();
        let (transport, said) = self.said(door, name, kind, transport, at).await;
        let (who, address) = (door.who.clone(), door.address.ip());
        Answer { who, address, transport, name: name.to_owned(), kind, at, said }
    }

    async fn said(&self, door: &Door, name: &str, kind: Kind, transport: Transport, at: Millis) -> (Transport, Said) {
        let recursion = matches!(door.who, Who::Resolver | Who::ResolverUnchecked);
        // Resolvers are the operator's own choice, wherever they are.
        if !recursion && !(self.of.zones.allowed)(door.address.ip()) {
            return (transport, Said::Private);
        }
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        let patience = PATIENCE.min(self.left());
        if spent || patience.is_zero() {
            return (transport, Said::NotAsked);
        }
        let name = name_of(name);
        let question = Question {
            recursion,
            unchecked: door.who == Who::ResolverUnchecked,
            // Only these are asked with their signatures: they would not fit beside long texts.
            signed: recursion || matches!(kind, Kind::Soa | Kind::Dnskey | Kind::Ds),
            ..Question::plain(&name, type_of(kind))
        };
        let tcp = transport == Transport::Tcp;
        match self.of.zones.asker.once(door.address, question, tcp, patience).await {
            Ok(came) => {
                let over = if came.over_tcp { Transport::Tcp } else { Transport::Udp };
                (over, Said::Message(told(&came.message, came.case_lost, at)))
            }
            Err(Unheard::Silent) => (transport, Said::Silent),
            Err(Unheard::NoRoute) => (transport, Said::NoRoute),
            Err(Unheard::NotAsked) => (transport, Said::NotAsked),
        }
    }
}

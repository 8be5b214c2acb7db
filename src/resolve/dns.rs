//! The real [`Lookup`]: zone cut first, then every record at every server side by side.

use super::Lookup;
use super::ask::{Unheard, after};
use super::heard::{Delegation, Heard, authoritative, recursive, text_of};
use super::packet::Question;
use super::resolvers::Resolvers;
use super::told::name_of;
use super::zone::{Allowed, Cut, KEPT, Zones};
use crate::domain::hostname::Hostname;
use crate::domain::observed::{Found, Observation, RecordSeen, Reply, ServerAnswer};
use crate::domain::record::{Purpose, RecordType as Kept, Wanted};
use crate::domain::time::Millis;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// No look lasts longer, whatever does not answer: two tries of 5 s at a server, and the way there.
const LOOK: Duration = Duration::from_secs(12);
/// What of that finding the zone may take, so that time is left for the records.
const WAY: Duration = Duration::from_secs(5);
/// What caches hold is worth knowing, and not worth waiting for.
const BESIDE: Duration = Duration::from_millis(300);
/// Before the CA is told, a server that is this slow would be passed over by the CA's resolver too.
const SHOW: Duration = Duration::from_secs(3);
/// Zones below one another that are followed for one record.
const REFERRALS: usize = 3;

/// What [`Dns`] needs to know.
pub struct DnsSettings {
    /// Validating resolvers; none: those of the system's configuration.
    pub resolvers: Vec<SocketAddr>,
    /// Where authoritative servers listen: 53, but for sandboxes.
    pub authority_port: u16,
    /// Which addresses may be asked as authoritative servers: zones name any address they like, also inside our network.
    pub allowed: Allowed,
    /// Where the search for a name's zone begins.
    pub registrable: Registrable,
}

/// The registered domain of a name, one label below its public suffix; without one the name itself is looked for.
pub type Registrable = Arc<dyn Fn(&Hostname) -> Option<String> + Send + Sync>;

/// The system names no resolver that could be asked.
#[derive(Debug, thiserror::Error)]
pub enum NoResolvers {
    /// Its configuration could not be read.
    #[error("the system's resolver configuration can't be read")]
    Unreadable(#[source] hickory_resolver::net::NetError),
    /// It was read, and is empty.
    #[error("the system's resolver configuration names no resolver")]
    Empty,
}

/// Looks at DNS over the network.
pub struct Dns {
    zones: Zones,
    registrable: Registrable,
    edges: Mutex<HashMap<Name, (Instant, Vec<IpAddr>)>>,
}

impl Dns {
    /// Opens nothing yet: sockets live as long as a question.
    ///
    /// # Errors
    /// When no resolvers are given and the system names none.
    pub fn new(settings: DnsSettings) -> Result<Self, NoResolvers> {
        let resolvers = if settings.resolvers.is_empty() { system_resolvers()? } else { settings.resolvers };
        let zones = Zones::new(Resolvers::new(resolvers), settings.allowed, settings.authority_port);
        Ok(Self { zones, registrable: settings.registrable, edges: Mutex::default() })
    }

    async fn observe(&self, hostname: &Hostname, wanted: &[Wanted], edge_hostname: &str, at: Millis) -> Observation {
        let deadline = after(LOOK);
        let base = name_of(hostname.base());
        let start = (self.registrable)(hostname).map_or_else(|| base.clone(), |registrable| name_of(&registrable));
        let look = async {
            let zone = self.zones.cut(&base, &start, deadline.min(after(WAY))).await;
            let records = match &zone {
                Ok(cut) => join_all(wanted.iter().map(|wanted| self.record(wanted, cut, deadline))).await,
                Err(_) => wanted.iter().map(unasked).collect(),
            };
            (zone, records)
        };
        let ((zone, records), edge_addresses) = tokio::join!(look, self.edge(edge_hostname, deadline.min(after(WAY))));
        let all_heard = records.iter().flat_map(|seen| &seen.answers).all(|answer| answer.reply.is_heard());
        if let (Ok(cut), false) = (&zone, all_heard) {
            self.zones.forget(&[&base, &start, &cut.apex]);
        }
        let took = (deadline - LOOK).elapsed();
        Observation {
            at,
            took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            zone: zone.map(|cut| cut.told()),
            records,
            edge_addresses,
            file: None,
        }
    }

    async fn record(&self, wanted: &Wanted, cut: &Arc<Cut>, deadline: Instant) -> RecordSeen {
        let name = name_of(&wanted.host);
        let answers = self.answers(&name, plan(wanted), cut, deadline).await;
        let resolver = match answers.iter().find_map(|answer| answer.reply.records().first()) {
            Some(found) => self.beside(&name, found.rtype, deadline).await,
            None => None,
        };
        RecordSeen { wanted: wanted.clone(), answers, resolver }
    }

    /// What every server of the zone says, or those of a zone further down when it leads there.
    async fn answers(&self, name: &Name, plan: Plan, cut: &Arc<Cut>, deadline: Instant) -> Vec<ServerAnswer> {
        let mut answers = Vec::new();
        let mut cut = Arc::clone(cut);
        for depth in 0..=REFERRALS {
            let asked = cut.doors().map(|(server, address)| {
                let zone = &cut.apex;
                async move { (text_of(server), address, self.hear(address, name, plan, zone, deadline).await) }
            });
            let mut below: Option<Delegation> = None;
            for (server, address, heard) in join_all(asked).await {
                let reply = match heard {
                    Heard::Reply(reply) => reply,
                    Heard::Referral(_) if depth == REFERRALS => Reply::Failed("delegated too deep".into()),
                    Heard::Referral(delegation) => {
                        below.get_or_insert(delegation);
                        continue;
                    }
                };
                answers.push(ServerAnswer { server, address, reply });
            }
            let Some(delegation) = below else { break };
            cut = self.zones.way(delegation, deadline).await;
        }
        answers
    }

    /// One server's word on one record, and what stands in its place when it is not there.
    async fn hear(&self, address: IpAddr, name: &Name, plan: Plan, zone: &Name, deadline: Instant) -> Heard {
        if !(self.zones.allowed)(address) {
            return Heard::Reply(Reply::Failed("private address: not asked".into()));
        }
        let server = SocketAddr::new(address, self.zones.port);
        let ask = |rtype| async move {
            match self.zones.asker.ask(server, Question::plain(name, rtype), deadline).await {
                Ok(message) => authoritative(&message, name, zone),
                Err(Unheard::Silent) => Heard::Reply(Reply::Silent),
                Err(Unheard::NoRoute) => Heard::Reply(Reply::Failed("no route from here".into())),
                Err(Unheard::NotAsked) => Heard::Reply(Reply::Failed("not asked: time was up".into())),
            }
        };
        let heard = ask(plan.rtype).await;
        if heard != Heard::Reply(Reply::NoData) {
            return heard;
        }
        let instead: Vec<Found> = join_all(plan.instead.iter().map(|rtype| ask(*rtype)))
            .await
            .iter()
            .flat_map(|heard| match heard {
                Heard::Reply(reply) => reply.records(),
                Heard::Referral(_) => &[],
            })
            .cloned()
            .collect();
        Heard::Reply(if instead.is_empty() { Reply::NoData } else { Reply::Records(instead) })
    }

    /// What a resolver shows of a record that is there, which may be older; `None` when it does not say at once.
    async fn beside(&self, name: &Name, found: Kept, deadline: Instant) -> Option<Reply> {
        let deadline = deadline.min(after(BESIDE));
        let message = self.zones.resolvers.ask(&self.zones.asker, name, type_of(found), deadline).await;
        message.ok().map(|message| recursive(&message, name))
    }

    async fn edge(&self, edge_hostname: &str, deadline: Instant) -> Vec<IpAddr> {
        let name = name_of(edge_hostname);
        let kept = |edges: &HashMap<Name, (Instant, Vec<IpAddr>)>| {
            edges.get(&name).filter(|(until, _)| until.elapsed().is_zero()).map(|(_, addresses)| addresses.clone())
        };
        if let Some(known) = kept(&self.edges.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let addresses = self.zones.resolvers.addresses(&self.zones.asker, &name, deadline).await;
        if !addresses.is_empty() {
            // There is one edge hostname for each operator: this map does not grow.
            let mut edges = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
            edges.insert(name, (after(KEPT), addresses.clone()));
        }
        addresses
    }

    async fn all_show(&self, name: &str, values: &[String]) -> bool {
        let deadline = after(SHOW);
        let name = name_of(name);
        // The name itself may be so new that a resolver must not be asked about it; the zone above it stands.
        let zone = name.base_name();
        let Ok(cut) = self.zones.cut(&zone, &zone, deadline).await else { return false };
        let plan = Plan { rtype: RecordType::TXT, instead: &[] };
        let answers = self.answers(&name, plan, &cut, deadline).await;
        let heard: Vec<&Reply> = answers.iter().map(|answer| &answer.reply).filter(|reply| reply.is_heard()).collect();
        if heard.is_empty() {
            self.zones.forget(&[&zone, &cut.apex]);
        }
        let has = |reply: &Reply, value: &String| {
            reply.records().iter().any(|found| found.rtype == Kept::Txt && found.value == *value)
        };
        !heard.is_empty() && heard.iter().all(|reply| values.iter().all(|value| has(reply, value)))
    }
}

impl Lookup for Dns {
    fn look<'a>(
        &'a self,
        hostname: &'a Hostname,
        wanted: &'a [Wanted],
        edge_hostname: &'a str,
        at: Millis,
    ) -> BoxFuture<'a, Observation> {
        self.observe(hostname, wanted, edge_hostname, at).boxed()
    }

    fn shows<'a>(&'a self, name: &'a str, values: &'a [String]) -> BoxFuture<'a, bool> {
        self.all_show(name, values).boxed()
    }
}

/// The type asked for, and those asked for when the name exists without it.
#[derive(Clone, Copy)]
struct Plan {
    rtype: RecordType,
    instead: &'static [RecordType],
}

/// An alias may have been flattened into addresses, or typed in as a text.
fn plan(wanted: &Wanted) -> Plan {
    let instead: &[RecordType] = match (wanted.rtype, wanted.purpose) {
        (Kept::Cname, Purpose::Routing) => &[RecordType::A, RecordType::AAAA],
        (Kept::Cname, Purpose::Validation | Purpose::Dcv) => &[RecordType::TXT],
        (Kept::Txt | Kept::A | Kept::Aaaa, _) => &[],
    };
    Plan { rtype: type_of(wanted.rtype), instead }
}

const fn type_of(kept: Kept) -> RecordType {
    match kept {
        Kept::A => RecordType::A,
        Kept::Aaaa => RecordType::AAAA,
        Kept::Cname => RecordType::CNAME,
        Kept::Txt => RecordType::TXT,
    }
}

fn unasked(wanted: &Wanted) -> RecordSeen {
    RecordSeen { wanted: wanted.clone(), answers: Vec::new(), resolver: None }
}

pub(super) fn system_resolvers() -> Result<Vec<SocketAddr>, NoResolvers> {
    let (configuration, _) = read_system_conf().map_err(NoResolvers::Unreadable)?;
    let resolvers: Vec<SocketAddr> = configuration
        .name_servers()
        .iter()
        .map(|server| SocketAddr::new(server.ip, server.connections.first().map_or(53, |connection| connection.port)))
        .collect();
    if resolvers.is_empty() { Err(NoResolvers::Empty) } else { Ok(resolvers) }
}

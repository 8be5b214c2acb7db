//! The DNS part of a pass: the way down from the parent, then every server about every name, then what resolvers hold.

use crate::domain::diagnose::misplaced;
use crate::domain::hostname::is_below;
use crate::domain::observation::{Answer, Below, Delegation, Kind, Observation, Said, Subject, Transport, Who};
use crate::domain::observed::{NameServer, ZoneCut, ZoneTrouble};
use crate::domain::record::{Purpose, RecordType, relative_host};
use crate::domain::time::Millis;
use crate::resolve::{Door, Inquiry};
use futures::future::join_all;
use std::collections::BTreeSet;

/// Addresses of a zone's servers that are asked.
const DOORS: usize = 16;
/// Servers of the zone above that are asked: they are the registry's, and alike.
const PARENTS: usize = 2;

/// Steps along an alias that are asked for; resolvers give up at about as many.
const ALIASES: usize = 10;

/// A question.
type Asked = (String, Kind);

/// Gathers all that DNS says.
pub(super) async fn gather(inquiry: &Inquiry<'_>, subject: Subject, at: Millis) -> Observation {
    let (zone, edge_addresses, parents) =
        tokio::join!(way(inquiry, &subject), inquiry.addresses(&subject.place.edge_hostname), above(inquiry, &subject));
    let (zone, mut answers) = match zone {
        Err(ZoneTrouble::Failing(_)) => by_parent(inquiry, &subject, &parents).await,
        found => (found, Vec::new()),
    };
    let delegation = Delegation {
        servers: zone.as_ref().map(|cut| cut.servers.clone()).unwrap_or_default(),
        zone: zone.map(|cut| cut.apex),
        below: Vec::new(),
        edge_addresses,
    };
    let mut seen = Observation {
        at,
        took_ms: 0,
        subject,
        delegation,
        answers: Vec::new(),
        visits: Vec::new(),
        handshakes: Vec::new(),
        registry: None,
    };
    if let Ok(apex) = seen.delegation.zone.clone() {
        let (doors, said) = servers(inquiry, &seen, &apex, &parents).await;
        answers.extend(said);
        answers.extend(everywhere(inquiry, &doors, &questions(&seen.subject, &apex)).await);
        seen.answers = answers;
        along(inquiry, &doors, &mut seen, &apex).await;
        below(inquiry, &mut seen, &apex).await;
        let held = resolvers(inquiry, &seen, &apex).await;
        seen.answers.extend(held);
    } else {
        answers.extend(registry(inquiry, &seen.subject, &parents).await);
        seen.answers = answers;
    }
    seen
}

async fn way(inquiry: &Inquiry<'_>, subject: &Subject) -> Result<ZoneCut, ZoneTrouble> {
    inquiry.zone(&subject.name, &subject.registered).await
}

/// Doors of the zone above the registered domain.
async fn above(inquiry: &Inquiry<'_>, subject: &Subject) -> Vec<Door> {
    let Some((_, parent)) = subject.registered.split_once('.') else { return Vec::new() };
    let Ok(cut) = inquiry.zone(parent, parent).await else { return Vec::new() };
    doors_of(inquiry, &cut.servers, |server| Who::Parent { server }).into_iter().take(PARENTS).collect()
}

fn doors_of(inquiry: &Inquiry<'_>, servers: &[NameServer], who: impl Fn(String) -> Who) -> Vec<Door> {
    let each = servers.iter().flat_map(|server| server.addresses.iter().map(|address| (server.name.clone(), *address)));
    each.take(DOORS).map(|(server, address)| inquiry.door(who(server), address)).collect()
}

/// Resolvers can't get to the zone: the servers that the zone above names are asked all the same.
async fn by_parent(
    inquiry: &Inquiry<'_>,
    subject: &Subject,
    parents: &[Door],
) -> (Result<ZoneCut, ZoneTrouble>, Vec<Answer>) {
    let registered = &subject.registered;
    let said = join_all(parents.iter().map(|door| inquiry.ask(door, registered, Kind::Ns))).await;
    let named =
        said.iter().filter_map(Answer::message).flat_map(|message| message.authority.iter().chain(&message.records));
    let names: BTreeSet<String> = named
        .filter(|record| record.kind == Kind::Ns && record.name == *registered)
        .map(|record| record.value.clone())
        .collect();
    if names.is_empty() {
        return (Err(ZoneTrouble::Failing(registered.clone())), said);
    }
    let located = names.into_iter().take(DOORS).map(|name| async {
        let addresses = inquiry.addresses(&name).await;
        NameServer { name, addresses }
    });
    (Ok(ZoneCut { apex: registered.clone(), servers: join_all(located).await }), Vec::new())
}

/// What the registry says of a domain that was not found.
async fn registry(inquiry: &Inquiry<'_>, subject: &Subject, parents: &[Door]) -> Vec<Answer> {
    join_all(parents.iter().map(|door| inquiry.ask(door, &subject.registered, Kind::Ns))).await
}

/// Asks every server about the zone itself, and the zone above about it; gives the doors behind which somebody is.
async fn servers(inquiry: &Inquiry<'_>, seen: &Observation, apex: &str, parents: &[Door]) -> (Vec<Door>, Vec<Answer>) {
    let who = |server| Who::Authority { server, zone: apex.to_owned() };
    let doors = doors_of(inquiry, &seen.delegation.servers, who);
    let soa = |transport| join_all(doors.iter().map(move |door| inquiry.put(door, apex, Kind::Soa, transport)));
    let pairs = parents.iter().flat_map(|door| [Kind::Ns, Kind::Ds].map(|kind| (door, kind)));
    let delegation = join_all(pairs.map(|(door, kind)| inquiry.ask(door, apex, kind)));
    let (udp, tcp, above) = tokio::join!(soa(Transport::Udp), soa(Transport::Tcp), delegation);
    let speaks = |answer: &Answer| answer.heard().is_some();
    let alive = doors.iter().zip(udp.iter().zip(&tcp)).filter(|(_, (udp, tcp))| speaks(udp) || speaks(tcp));
    let alive: Vec<Door> = alive.map(|(door, _)| door.clone()).collect();
    // What was asked over UDP and settled over TCP is told as it was asked.
    let mut said: Vec<Answer> = udp.into_iter().map(|answer| Answer { transport: Transport::Udp, ..answer }).collect();
    said.extend(tcp);
    said.extend(above);
    (alive, said)
}

async fn everywhere(inquiry: &Inquiry<'_>, doors: &[Door], asked: &[Asked]) -> Vec<Answer> {
    let all = doors.iter().flat_map(|door| asked.iter().map(move |(name, kind)| (door, name, *kind)));
    join_all(all.map(|(door, name, kind)| inquiry.ask(door, name, kind))).await
}

/// Everything that the zone's own servers are asked.
fn questions(subject: &Subject, apex: &str) -> Vec<Asked> {
    let mut asked: BTreeSet<Asked> = BTreeSet::new();
    let mut ask = |name: &str, kinds: &[Kind]| asked.extend(kinds.iter().map(|kind| (name.to_owned(), *kind)));
    let visited = subject.visited();
    ask(apex, &[Kind::Ns, Kind::Caa, Kind::Dnskey]);
    ask(&visited, &[Kind::A, Kind::Aaaa, Kind::Cname, Kind::Https]);
    ask(&subject.name, &[Kind::A, Kind::Cname]);
    let mut level = subject.name.as_str();
    while is_below(level, apex) {
        ask(level, &[Kind::Caa]);
        level = level.split_once('.').map_or("", |(_, above)| above);
    }
    let random = |name: &str| name.split_once('.').map(|(_, parent)| format!("{}.{parent}", subject.random_label));
    if visited != apex
        && let Some(random) = random(&visited)
    {
        ask(&random, &[Kind::A, Kind::Cname]);
    }
    for wanted in &subject.wanted {
        let kind = wanted.rtype.into();
        ask(&wanted.host, &[kind]);
        if wanted.purpose == Purpose::Routing {
            ask(&wanted.host, &[Kind::A, Kind::Aaaa, Kind::Https]);
        }
        ask(&wanted.host, if wanted.rtype == RecordType::Txt { &[Kind::Cname] } else { &[Kind::Txt] });
        for other in misplaced(wanted, apex).iter().chain(random(&wanted.host).as_ref()) {
            // A host that is relative to itself lies outside the zone: nobody here knows it.
            if is_below(other, apex) && relative_host(other, apex) != *other {
                ask(other, &[kind]);
            }
        }
    }
    asked.into_iter().collect()
}

/// Goes along the name's alias inside the zone: not every server does so by itself.
async fn along(inquiry: &Inquiry<'_>, doors: &[Door], seen: &mut Observation, apex: &str) {
    for _ in 0..ALIASES {
        let (hops, ends) = seen.chain(&seen.subject.visited());
        let Some(last) = hops.last().filter(|last| ends && is_below(last, apex)) else { return };
        let next = [Kind::Cname, Kind::A].map(|kind| ((*last).to_owned(), kind));
        if seen.authorities(last, Kind::Cname).next().is_some() {
            return;
        }
        seen.answers.extend(everywhere(inquiry, doors, &next).await);
    }
}

/// Follows wanted records that lie in a zone of their own to that zone's servers.
async fn below(inquiry: &Inquiry<'_>, seen: &mut Observation, apex: &str) {
    let mut found: Vec<Below> = Vec::new();
    for wanted in &seen.subject.wanted {
        let referral =
            seen.authorities(&wanted.host, wanted.rtype.into()).filter_map(Answer::message).find_map(|message| {
                let leads_down =
                    |name: &str| is_below(name, apex) && (name == wanted.host || is_below(&wanted.host, name));
                let named =
                    message.authority.iter().filter(|record| record.kind == Kind::Ns && leads_down(&record.name));
                let mut named = named.filter(|_| !message.authoritative).peekable();
                let apex = named.peek()?.name.clone();
                Some(Below {
                    host: wanted.host.clone(),
                    apex,
                    servers: named.map(|record| record.value.clone()).collect(),
                })
            });
        found.extend(referral);
    }
    let followed = join_all(found.iter().map(|below| async {
        let located = below
            .servers
            .iter()
            .take(DOORS)
            .map(|name| async { NameServer { name: name.clone(), addresses: inquiry.addresses(name).await } });
        let servers = join_all(located).await;
        let who = |server| Who::Authority { server, zone: below.apex.clone() };
        let doors = doors_of(inquiry, &servers, who);
        let kinds = [Kind::Cname, Kind::Txt].map(|kind| (below.host.clone(), kind));
        everywhere(inquiry, &doors, &kinds).await
    }))
    .await;
    seen.answers.extend(followed.into_iter().flatten());
    seen.delegation.below = found;
}

/// What resolvers hold, of names that exist: what does not exist yet would stay in caches that visitors share.
async fn resolvers(inquiry: &Inquiry<'_>, seen: &Observation, apex: &str) -> Vec<Answer> {
    let subject = &seen.subject;
    let mut asked: BTreeSet<Asked> = [Kind::Soa, Kind::Dnskey, Kind::Ns].map(|kind| (apex.to_owned(), kind)).into();
    let mut ask = |name: &str, kinds: &[Kind]| asked.extend(kinds.iter().map(|kind| (name.to_owned(), *kind)));
    let exists = |name: &str| {
        let about = seen.answers.iter().filter(|answer| answer.name == name && answer.who_is_authority());
        about.filter_map(Answer::heard).any(|message| message.rcode == "NOERROR")
    };
    for name in [&subject.name, &subject.visited()] {
        if exists(name) {
            ask(name, &[Kind::A, Kind::Aaaa, Kind::Caa]);
        }
    }
    for wanted in subject.wanted.iter().filter(|wanted| !seen.values(&wanted.host, wanted.rtype.into()).is_empty()) {
        ask(&wanted.host, &[wanted.rtype.into()]);
    }
    let mut level = apex.split_once('.').map_or("", |(_, above)| above);
    ask(apex, &[Kind::Caa]);
    while !level.is_empty() {
        ask(level, &[Kind::Caa]);
        level = level.split_once('.').map_or("", |(_, above)| above);
    }
    ask(&subject.place.dcv_zone, &[Kind::Soa]);
    ask(&subject.place.edge_hostname, &[Kind::A]);
    let said = everywhere(inquiry, &inquiry.resolvers(), &asked.into_iter().collect::<Vec<_>>()).await;
    // An unchecked answer matters only beside a checked one that failed.
    let failed = |name: &str, kind: Kind| {
        said.iter().any(|one| {
            one.who == Who::Resolver
                && one.name == name
                && one.kind == kind
                && matches!(&one.said, Said::Message(message) if !message.is_heard())
        })
    };
    said.iter().filter(|one| one.who == Who::Resolver || failed(&one.name, one.kind)).cloned().collect()
}

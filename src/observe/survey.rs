//! What a Monitoring Report asks beside a full pass, within one time limit and by the same guard.

use super::Observer;
use crate::domain::observation::{
    Answered, Kind, Listed, Observation, Reputation, Said, SecurePage, Survey, blocklist_name, listed,
};
use crate::probe::page::{self, Got};
use crate::resolve::Inquiry;
use futures::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Nothing of it lasts longer.
pub(super) const LASTS: Duration = Duration::from_millis(4_000);
/// Questions to blocklists: so many lists, about each address and the name.
pub(super) const QUESTIONS: usize = 64;
/// One page takes no longer.
const PATIENCE: Duration = Duration::from_millis(3_000);
/// Addresses that are visited and asked about.
const ADDRESSES: usize = 6;
/// Before the zone of a list of names.
const OF_NAMES: &str = "name:";

/// Visits the site over HTTPS at each address, and asks each blocklist.
pub(super) async fn survey(observer: &Observer, inquiry: &Inquiry<'_>, seen: &Observation, lists: &[String]) -> Survey {
    let addresses: Vec<IpAddr> = seen.addresses().into_iter().take(ADDRESSES).collect();
    let host = seen.subject.visited();
    let pages = join_all(addresses.iter().map(|address| secure(observer, inquiry, &host, *address)));
    let asked = lists.iter().flat_map(|list| questions(list, &seen.subject.name, &addresses));
    let reputation = join_all(asked.map(|(list, about, name)| said(inquiry, list, about, name)));
    let (pages, reputation) = tokio::join!(pages, reputation);
    Survey { pages: pages.into_iter().flatten().collect(), reputation }
}

/// One that is not public is not visited: the certificate's line says so.
async fn secure(observer: &Observer, inquiry: &Inquiry<'_>, host: &str, address: IpAddr) -> Option<SecurePage> {
    if !(observer.inquirer.allowed())(address) {
        return None;
    }
    let at = inquiry.now();
    let to = SocketAddr::new(address, observer.https_port);
    let answered = match page::get(to, host, "/", true, PATIENCE.min(inquiry.left())).await {
        Got::Page(page) => Ok(Answered { status: page.status, location: page.location, headers: page.headers }),
        Got::Refused => Err("nothing listens there".to_owned()),
        Got::TimedOut => Err("nothing came in time".to_owned()),
        Got::Reset => Err("the connection was cut".to_owned()),
        Got::NotHttp => Err("what came is no HTTP/1".to_owned()),
        Got::Failed(words) => Err(words),
    };
    Some(SecurePage { address, at, answered })
}

/// The list, what it is asked about, and the name by which.
fn questions(list: &str, name: &str, addresses: &[IpAddr]) -> Vec<(String, String, String)> {
    match list.strip_prefix(OF_NAMES) {
        Some(zone) => vec![(zone.to_owned(), name.to_owned(), format!("{name}.{zone}"))],
        None => addresses
            .iter()
            .map(|address| (list.to_owned(), address.to_string(), blocklist_name(*address, list)))
            .collect(),
    }
}

/// Asked by the first resolver: what a list answers depends on who asks, and twice is no better.
async fn said(inquiry: &Inquiry<'_>, list: String, about: String, name: String) -> Reputation {
    let said = match inquiry.resolvers().first() {
        Some(resolver) => inquiry.ask(resolver, &name, Kind::A).await.said,
        None => Said::NotAsked,
    };
    let said = match &said {
        Said::Message(message) if message.is_heard() => {
            let records = message.records.iter().filter(|record| record.kind == Kind::A);
            listed(&records.map(|record| record.value.as_str()).collect::<Vec<_>>())
        }
        _ => Listed::Unknown,
    };
    Reputation { list, about, said }
}

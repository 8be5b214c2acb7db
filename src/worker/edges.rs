//! Whether our edges show a domain's certificate: a handshake with every one that runs, as a visitor would make it.
//!
//! An edge that does not answer is passed over while another does, as visitors are. One that shows something else is the
//! finding, whatever the others show.

use crate::domain::time::Millis;
use crate::failpoint::{Act, around};
use crate::probe::handshake::{self, HandshakeProblem};
use crate::probe::page::{self, Got};
use crate::store::{Store, StoreError, Stored};
use data_encoding::HEXLOWER;
use futures::future::join_all;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

/// Edges asked at most: an installation has a handful.
const ASKED: usize = 32;
/// Another node's edge hears of a new certificate a moment after it is recorded, and has this long before it counts.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);
/// Our own edges answer from memory.
const PATIENCE: Duration = Duration::from_secs(2);
/// Where a CA fetches answers (RFC 8555 §8.3).
const ACME_CHALLENGES: &str = "/.well-known/acme-challenge/";

/// Where edges are found, beside those that say so in the database.
#[derive(Clone, Debug)]
pub struct Edges {
    /// This process's own, when it runs one.
    pub own: Option<SocketAddr>,
    /// The port at the edge hostname's addresses, which are asked when an edge does not say where it is.
    pub port: u16,
    /// Where this process's own edge answers over plain HTTP.
    pub own_http: Option<SocketAddr>,
    /// The port at which the others do.
    pub http_port: u16,
    /// Servers that receive each certificate: what people call them, and where each is asked.
    pub targets: Vec<(String, SocketAddr)>,
}

type Seen = Result<String, HandshakeProblem>;

impl Edges {
    /// The fingerprint that all of them show, or what one says instead.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn show(
        &self,
        store: &Store,
        stored: &Stored,
        now: Millis,
    ) -> Result<Result<String, String>, StoreError> {
        let host = stored.setup.hostname.to_string();
        let expected = stored.facts.in_use().map(|held| held.fingerprint_sha256.as_str());
        let addresses = self.addresses(store, stored, now).await?;
        let all = async {
            // Without an edge of ours the others alone count.
            if !addresses.is_empty() || self.targets.is_empty() {
                let edges = settled(&addresses, &host, expected).await?;
                if Some(edges.as_str()) != expected {
                    return Ok(edges);
                }
            }
            everywhere(&self.targets, &host, expected).await
        };
        Ok(around(Act::Handshake, all).await)
    }

    /// Whether they answer these challenges under a domain's name. One that can't be reached is passed over while another
    /// does.
    pub(super) async fn answer(&self, store: &Store, stored: &Stored, challenges: &[String], now: Millis) -> bool {
        let host = stored.setup.hostname.to_string();
        let Ok(nodes) = store.nodes(now).await else { return false };
        let others = nodes.iter().filter(|node| node.is_edge() && !node.own).filter_map(|node| node.edge);
        let look = stored.facts.observation.iter().flat_map(|look| &look.edge_addresses);
        let addresses: BTreeSet<SocketAddr> = others
            .map(|edge| edge.ip())
            .chain(look.copied())
            .map(|ip| SocketAddr::new(ip, self.http_port))
            .chain(self.own_http)
            .take(ASKED)
            .collect();
        let asked = addresses.iter().map(|address| answers(*address, &host, challenges));
        let heard = join_all(asked).await;
        heard.contains(&Some(true)) && !heard.contains(&Some(false))
    }

    async fn addresses(&self, store: &Store, stored: &Stored, now: Millis) -> Result<Vec<SocketAddr>, StoreError> {
        let nodes = store.nodes(now).await?;
        let others: Vec<_> = nodes.iter().filter(|node| node.is_edge() && !node.own).collect();
        let mut addresses: Vec<SocketAddr> =
            self.own.into_iter().chain(others.iter().filter_map(|node| node.edge)).collect();
        if addresses.is_empty() || others.iter().any(|node| node.edge.is_none()) {
            let look = stored.facts.observation.iter().flat_map(|look| &look.edge_addresses);
            addresses.extend(look.map(|ip| SocketAddr::new(*ip, self.port)));
        }
        addresses.truncate(ASKED);
        Ok(addresses)
    }
}

/// Asks all of them, and again for a moment while one is not there yet.
async fn settled(addresses: &[SocketAddr], host: &str, expected: Option<&str>) -> Result<String, String> {
    let mut tries = 0;
    loop {
        let asked = addresses.iter().map(|address| async { (*address, seen(*address, host).await) });
        let outcome = judge(join_all(asked).await, expected);
        tries += 1;
        if outcome.as_deref().ok() == expected || addresses.len() < 2 || tries == TRIES {
            return outcome;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks every server that receives certificates. Each counts, also one that is silent: nobody passes it over.
async fn everywhere(targets: &[(String, SocketAddr)], host: &str, expected: Option<&str>) -> Result<String, String> {
    let asked = targets.iter().take(ASKED).map(|(name, address)| async move {
        (name, seen(*address, host).await.map_err(|problem| format!("{name} ({address}): {problem}")))
    });
    for (name, seen) in join_all(asked).await {
        let shown = seen?;
        if Some(shown.as_str()) != expected {
            return Err(format!("{name} shows another certificate: {shown}"));
        }
    }
    expected.map(str::to_owned).ok_or_else(|| "no certificate is expected".to_owned())
}

/// Whether an edge answers all of them; none when it can't be reached.
async fn answers(address: SocketAddr, host: &str, challenges: &[String]) -> Option<bool> {
    for challenge in challenges {
        let token = challenge.split('.').next().unwrap_or_default();
        match page::get(address, host, &format!("{ACME_CHALLENGES}{token}"), false, PATIENCE).await {
            Got::Page(page) if page.status == 200 && page.body == *challenge => {}
            Got::Page(_) | Got::NotHttp => return Some(false),
            _unreachable => return None,
        }
    }
    Some(true)
}

async fn seen(address: SocketAddr, host: &str) -> Seen {
    let served = handshake::served(address, host).await?;
    Ok(HEXLOWER.encode(&served.fingerprint_sha256))
}

fn judge(seen: Vec<(SocketAddr, Seen)>, expected: Option<&str>) -> Result<String, String> {
    let (mut shown, mut silent) = (None, None);
    for (address, seen) in seen {
        match seen {
            Ok(fingerprint) if Some(fingerprint.as_str()) == expected => shown = Some(fingerprint),
            Ok(other) => return Ok(other),
            Err(HandshakeProblem::Refused | HandshakeProblem::TimedOut | HandshakeProblem::Network(_))
                if silent.is_some() => {}
            Err(problem @ (HandshakeProblem::Refused | HandshakeProblem::TimedOut | HandshakeProblem::Network(_))) => {
                silent = Some(format!("{address}: {problem}"));
            }
            Err(problem) => return Err(format!("{address}: {problem}")),
        }
    }
    shown.ok_or_else(|| silent.unwrap_or_else(|| "no address of our servers is known".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_edge_is_passed_over_and_a_stale_one_is_the_finding() {
        let at = |seen: Vec<Seen>| {
            let address = SocketAddr::from(([192, 0, 2, 1], 443));
            judge(seen.into_iter().map(|seen| (address, seen)).collect(), Some("new"))
        };
        let shows = |fingerprint: &str| Ok(fingerprint.to_owned());
        assert_eq!(at(vec![shows("new"), Err(HandshakeProblem::Refused), shows("new")]), Ok("new".into()));
        assert_eq!(at(vec![shows("new"), shows("old")]), Ok("old".into()));
        let refused = at(vec![shows("new"), Err(HandshakeProblem::NoCertificate)]);
        assert_eq!(refused, Err("192.0.2.1:443: the server showed no certificate".into()));
        let all_silent = at(vec![Err(HandshakeProblem::Refused), Err(HandshakeProblem::TimedOut)]);
        assert_eq!(all_silent, Err("192.0.2.1:443: the connection was refused".into()));
        assert_eq!(at(Vec::new()), Err("no address of our servers is known".into()));
    }
}

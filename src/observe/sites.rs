//! HTTP and TLS at each address that the name leads to, and TLS at each edge.

use super::Observer;
use crate::domain::observation::{Handshake, Met, Observation, Path, Shown, Visit};
use crate::probe::handshake::{self, HandshakeProblem};
use crate::probe::leaf;
use crate::probe::page::{self, Got, Most};
use crate::resolve::Inquiry;
use futures::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Addresses of a name that are visited.
const ADDRESSES: usize = 6;
/// A CA follows ten redirects (Boulder's limit), and reads how an answer begins.
const LIKE_A_CA: Limits = Limits { redirects: 10, most: Most::BEGINNING };
/// One answer takes no longer; what is left of the pass may be less.
const PATIENCE: Duration = Duration::from_millis(3_000);

/// Visits every address, and shakes hands with each and with every edge.
pub(super) async fn visit(observer: &Observer, inquiry: &Inquiry<'_>, seen: &mut Observation) {
    let addresses: Vec<IpAddr> = seen.addresses().into_iter().take(ADDRESSES).collect();
    let host = seen.subject.visited();
    let path = format!("/.well-known/acme-challenge/{}", seen.subject.random_label);
    let site = Site { observer, inquiry, host: &host, path: &path, limits: LIKE_A_CA };
    let mut edges = seen.delegation.edge_addresses.clone();
    edges.truncate(ADDRESSES);
    let served = |address: &IpAddr| seen.subject.held.is_some() && seen.delegation.edge_addresses.contains(address);
    let visits = join_all(addresses.iter().map(|address| site.visit(*address, served(address))));
    // Edges are asked under this name only once they have a certificate for it.
    edges.retain(|edge| seen.subject.held.is_some() && !addresses.contains(edge));
    let handshakes = join_all(addresses.iter().chain(&edges).map(|address| site.shake_hands(*address)));
    let (visits, handshakes) = tokio::join!(visits, handshakes);
    seen.visits = visits.into_iter().flatten().collect();
    seen.handshakes = handshakes;
}

/// How far a visit goes.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) redirects: usize,
    pub(super) most: Most,
}

pub(super) struct Site<'a> {
    pub(super) observer: &'a Observer,
    pub(super) inquiry: &'a Inquiry<'a>,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) limits: Limits,
}

/// Where a redirect leads.
struct Target {
    secure: bool,
    host: String,
    path: String,
}

impl Site<'_> {
    fn allows(&self, address: IpAddr) -> bool {
        (self.observer.inquirer.allowed())(address)
    }

    fn patience(&self) -> Duration {
        PATIENCE.min(self.inquiry.left())
    }

    /// The challenge's path; another one beside it when that is cut off, and where an edge of ours answers it by itself:
    /// only then the application behind it is seen.
    async fn visit(&self, address: IpAddr, is_served: bool) -> Vec<Visit> {
        let met = self.follow(address, self.path).await;
        let cut = met == Met::Reset;
        let mut visits = vec![Visit { address, path: Path::Challenge, at: self.inquiry.now(), met }];
        if cut || is_served {
            let met = self.follow(address, "/").await;
            visits.push(Visit { address, path: Path::Plain, at: self.inquiry.now(), met });
        }
        visits
    }

    /// Gets a page and goes where it leads, as far as the limits let it; the guard is asked about every address on the way.
    pub(super) async fn follow(&self, address: IpAddr, path: &str) -> Met {
        let mut redirects: Vec<String> = Vec::new();
        let mut at = address;
        let mut target = Target { secure: false, host: self.host.to_owned(), path: path.to_owned() };
        loop {
            if !self.allows(at) {
                return if redirects.is_empty() {
                    Met::Private
                } else {
                    astray(redirects, "it leads to an address that is not public")
                };
            }
            let port = if target.secure { self.observer.https_port } else { self.observer.http_port };
            let (address, most) = (SocketAddr::new(at, port), self.limits.most);
            let got = page::get_most(address, (&target.host, &target.path), target.secure, most, self.patience()).await;
            let page = match got {
                Got::Page(page) => page,
                failed if redirects.is_empty() => return met(failed),
                _ => return astray(redirects, "nothing answers there"),
            };
            if !(300..400).contains(&page.status) || page.location.is_empty() {
                return Met::Page {
                    redirects,
                    status: page.status,
                    server: page.server,
                    hsts: page.hsts,
                    body: page.body,
                };
            }
            let known = redirects.contains(&page.location);
            redirects.push(page.location.clone());
            if !matches!(page.status, 301 | 302 | 307 | 308) {
                return astray(redirects, &format!("status {} is no redirect that is followed", page.status));
            }
            if known || redirects.len() > self.limits.redirects {
                return astray(
                    redirects,
                    if known { "it goes round in circles" } else { "there are too many of them" },
                );
            }
            target = match self.target(&target, &page.location) {
                Ok(target) => target,
                Err(why) => return astray(redirects, &why),
            };
            if target.host != self.host {
                let Some(next) = self.inquiry.addresses(&target.host).await.first().copied() else {
                    return astray(redirects, "that name has no address");
                };
                at = next;
            }
        }
    }

    /// Reads a `Location`; CAs follow to port 80 or 443 of a name, and nowhere else.
    fn target(&self, from: &Target, location: &str) -> Result<Target, String> {
        let base = format!("{}://{}{}", if from.secure { "https" } else { "http" }, from.host, from.path);
        let url =
            url::Url::parse(&base).and_then(|base| base.join(location)).map_err(|_| "it is no address".to_owned())?;
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(format!("no certificate authority follows {other}:")),
        };
        let own = if secure { self.observer.https_port } else { self.observer.http_port };
        if url.port().is_some_and(|port| port != own) {
            return Err("it leads to another port than 80 or 443".into());
        }
        let Some(url::Host::Domain(host)) = url.host() else {
            return Err("it leads to an address in place of a name".into());
        };
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        Ok(Target { secure, host: host.to_owned(), path: format!("{}{query}", url.path()) })
    }

    async fn shake_hands(&self, address: IpAddr) -> Handshake {
        let at = self.inquiry.now();
        if !self.allows(address) {
            return Handshake { address, at, shown: Shown::Private };
        }
        let served = handshake::served(SocketAddr::new(address, self.observer.https_port), self.host);
        let shown = match tokio::time::timeout(self.patience(), served).await {
            Err(_) => Shown::Unreachable("no answer in time".into()),
            Ok(Ok(served)) => leaf::read(&served.leaf_der, &served.fingerprint_sha256, served.chain_len)
                .map_or_else(|| Shown::Nothing("what it showed is no certificate".into()), Shown::Certificate),
            Ok(Err(problem @ (HandshakeProblem::Refused | HandshakeProblem::TimedOut))) => {
                Shown::Unreachable(problem.to_string())
            }
            Ok(Err(problem)) => Shown::Nothing(problem.to_string()),
        };
        Handshake { address, at, shown }
    }
}

fn astray(redirects: Vec<String>, why: &str) -> Met {
    Met::Astray { redirects, why: why.to_owned() }
}

fn met(failed: Got) -> Met {
    match failed {
        Got::Refused => Met::Refused,
        Got::TimedOut => Met::TimedOut,
        Got::Reset => Met::Reset,
        Got::NotHttp => Met::NotHttp,
        Got::Failed(words) => Met::Failed(words),
        Got::Page(_) => Met::NotHttp,
    }
}

//! Questions to the validating resolvers: who serves a zone, and at which addresses.

use super::ask::{Asker, after};
use super::heard::mnemonic;
use super::packet::Question;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A resolver that works answers sooner, even when it has to find out first; else the next one is asked.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// A single resolver is asked again; of three or more, the others get their turn at the next question.
const ATTEMPTS: usize = 2;

/// The resolvers that the operator, or the system, names.
pub(super) struct Resolvers {
    servers: Vec<SocketAddr>,
    /// Whether they are told not to validate.
    unchecked: bool,
    /// The one that answered last: a dead one costs its wait once, not at every question.
    preferred: AtomicUsize,
}

/// Why the resolvers gave no answer to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// None answered.
    Silent,
    /// They answered that they won't, by this response code.
    Unwilling(String),
    /// They tried and failed (SERVFAIL): the zone's servers or its DNSSEC are broken.
    Failing,
}

impl Resolvers {
    /// Resolvers at these addresses, asked in this order.
    pub(super) const fn new(servers: Vec<SocketAddr>) -> Self {
        Self { servers, unchecked: false, preferred: AtomicUsize::new(0) }
    }

    /// The same, told not to validate: the way to a zone is needed even where its signatures are broken.
    pub(super) const fn unchecked(servers: Vec<SocketAddr>) -> Self {
        Self { servers, unchecked: true, preferred: AtomicUsize::new(0) }
    }

    /// Asks until one resolver answers that it is so, or that it is not.
    pub(super) async fn ask(
        &self,
        asker: &Asker,
        name: &Name,
        rtype: RecordType,
        deadline: Instant,
    ) -> Result<Message, Trouble> {
        let first = self.preferred.load(Ordering::Relaxed);
        let mut trouble = Trouble::Silent;
        for attempt in first..first + ATTEMPTS {
            let index = attempt % self.servers.len().max(1);
            let Some(server) = self.servers.get(index) else { break };
            let question = Question { recursion: true, unchecked: self.unchecked, ..Question::plain(name, rtype) };
            let Ok(message) = asker.ask(*server, question, deadline.min(after(PATIENCE))).await else {
                self.preferred.store((index + 1) % self.servers.len(), Ordering::Relaxed);
                continue;
            };
            match message.metadata.response_code {
                ResponseCode::NoError | ResponseCode::NXDomain => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(message);
                }
                ResponseCode::ServFail => trouble = Trouble::Failing,
                code if trouble != Trouble::Failing => trouble = Trouble::Unwilling(mnemonic(code)),
                _ => {}
            }
        }
        Err(trouble)
    }

    /// A host's addresses, IPv4 first, each family as the resolver gave it; none when it does not resolve.
    pub(super) async fn addresses(&self, asker: &Asker, host: &Name, deadline: Instant) -> Vec<IpAddr> {
        let (v4, v6) = tokio::join!(
            self.ask(asker, host, RecordType::A, deadline),
            self.ask(asker, host, RecordType::AAAA, deadline),
        );
        let messages = [v4, v6];
        let records = messages.iter().flatten().flat_map(|message| &message.answers);
        let mut addresses: Vec<IpAddr> = records
            .filter_map(|record| match record.data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .collect();
        addresses.sort();
        addresses.dedup();
        addresses
    }
}

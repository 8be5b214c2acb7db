//! One full pass over a name: everything that a diagnosis is read from, gathered side by side.
//!
//! A pass has one time limit and one allowance of questions, so that a zone with many dead servers costs no more than any
//! other. Whatever a zone names as an address is asked about at the guard, and the address that was judged is the one that
//! is connected to. This folder judges nothing and keeps nothing.

mod contacts;
mod dns;
mod examiner;
mod file;
mod lists;
mod sites;
mod survey;

#[cfg(test)]
mod tests;

pub use contacts::{Approvers, Contacts};
pub use examiner::{Authority, Examiner};
pub use file::Visit;
pub use lists::Lists;

use crate::domain::observation::{Observation, Subject, Survey};
use crate::domain::observed::ZoneTrouble;
use crate::domain::time::Millis;
use crate::registers::Registries;
use crate::resolve::{Inquirer, Inquiry};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::time::Duration;
use tokio::time::timeout;

/// No pass lasts longer.
const PASS: Duration = Duration::from_millis(10_500);
/// Questions of one pass: enough for eight servers of a name with everything wrong.
const QUESTIONS: usize = 700;

/// Makes full passes; implemented by [`Observer`], and by scripts in tests.
pub trait Observe: Send + Sync {
    /// Gathers the raw facts. Never fails: what could not be asked is said in the observation.
    fn observe(&self, subject: Subject, at: Millis) -> BoxFuture<'_, Observation>;

    /// Asks what a Monitoring Report tells beside a pass: the site over HTTPS, and these blocklists.
    fn survey<'a>(&'a self, seen: &'a Observation, lists: &'a [String], at: Millis) -> BoxFuture<'a, Survey>;
}

/// Makes full passes over the network.
pub struct Observer {
    /// Puts the questions.
    pub inquirer: Inquirer,
    /// Where HTTP is visited.
    pub http_port: u16,
    /// Where TLS handshakes are made.
    pub https_port: u16,
    /// Whom to ask about a domain that is not in DNS, if anybody.
    pub registries: Option<Registries>,
}

impl Observe for Observer {
    fn observe(&self, subject: Subject, at: Millis) -> BoxFuture<'_, Observation> {
        self.pass(subject, at).boxed()
    }

    fn survey<'a>(&'a self, seen: &'a Observation, lists: &'a [String], at: Millis) -> BoxFuture<'a, Survey> {
        let ask = async move {
            let inquiry = self.inquirer.begin(at, survey::LASTS, survey::QUESTIONS);
            survey::survey(self, &inquiry, seen, lists).await
        };
        ask.boxed()
    }
}

impl Observer {
    async fn pass(&self, subject: Subject, at: Millis) -> Observation {
        let inquiry: Inquiry<'_> = self.inquirer.begin(at, PASS, QUESTIONS);
        let mut seen = dns::gather(&inquiry, subject, at).await;
        seen.registry = self.registry(&inquiry, &seen).await;
        sites::visit(self, &inquiry, &mut seen).await;
        seen.took_ms = inquiry.now().since(at);
        seen
    }

    /// Why a domain is not in DNS, if its registry knows.
    async fn registry(&self, inquiry: &Inquiry<'_>, seen: &Observation) -> Option<Vec<String>> {
        let (Some(registries), Err(ZoneTrouble::Unregistered(domain))) = (&self.registries, &seen.delegation.zone)
        else {
            return None;
        };
        timeout(inquiry.left(), registries.statuses(domain)).await.ok().flatten()
    }
}

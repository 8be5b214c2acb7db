//! What is known of a web domain: everything that statuses, steps and findings are derived from.
//!
//! Statuses are never stored as the truth; a copy beside the facts serves the database's indexes and is written in the
//! same statement. Facts change only through [`Facts::apply`](super::event), and what was told of them
//! through [`Facts::tell`](super::notice).

use super::certificate::Certificate;
use super::examined::Examined;
use super::id::{KeyId, OrderId};
use super::observed::{Gist, Observation, RecordState};
use super::problem::Problem;
use super::record::Purpose;
use super::renewal::Advice;
use super::revocation::Revocation;
use super::setup::SslValidation;
use super::time::Millis;
use super::validity::Checked;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// The facts of one web domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Whether people want it served at all.
    pub standing: Standing,
    /// The last look at DNS.
    pub observation: Option<Observation>,
    /// What the last full pass found.
    pub examined: Option<Examined>,
    /// Where the re-check curve stands.
    pub curve: Curve,
    /// What an approver answered who was asked by e-mail.
    pub approval: Option<Approval>,
    /// How far somebody let it go who takes the three steps by hand; none while everything goes by itself.
    pub hand: Option<Hand>,
    /// When ownership was first proven.
    pub verified_at: Option<Millis>,
    /// Since when the name leads to the edge.
    pub routed_since: Option<Millis>,
    /// Since when it leads elsewhere, having been routed before.
    pub moved_since: Option<Millis>,
    /// The order in flight: at most one.
    pub order: Option<Order>,
    /// The certificate that we obtained and renew.
    pub certificate: Option<Certificate>,
    /// A certificate that somebody uploaded: it outranks ours until it lapses or is removed.
    pub uploaded: Option<Certificate>,
    /// The last handshake with the edge.
    pub served: Option<Served>,
    /// The last failure at each CA, until a certificate is issued; the newest last.
    #[serde(alias = "setback", deserialize_with = "one_or_many")]
    pub setbacks: Vec<Setback>,
    /// The CAs in the operator's order, as the worker last knew them.
    pub authorities: Vec<String>,
    /// Which of them issued the certificate.
    pub issued_by: Option<String>,
    /// What that one said of when to renew it.
    pub advice: Option<Advice>,
    /// Whether it came of a renewal that such advice brought forward.
    pub hastened: bool,
    /// When that certificate was stored.
    pub issued_at: Option<Millis>,
    /// A revocation that somebody asked for.
    pub revocation: Option<Revocation>,
    /// The last check of the certificate in use.
    pub checked: Option<Checked>,
    /// When somebody asked for a renewal that did not happen yet.
    pub renew_asked_at: Option<Millis>,
    /// The Refresh that was last answered by a look: told by its own time, since clocks of two nodes differ.
    pub refreshed_for: Option<Millis>,
    /// What people were told of, by cause; none in what an earlier release wrote.
    pub told: Option<BTreeSet<String>>,
    /// Since when the statuses read as they do.
    pub since: Millis,
}

/// How far an order may go that somebody takes by hand, in the order of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// Nothing was asked for.
    Waiting,
    /// Order Certificate: the order is opened and the challenge's answer put on show.
    Order,
    /// Verify Challenge: the CA is told to look.
    Verify,
    /// Issue/Renew Certificate: the certificate is made, stored and installed.
    Issue,
}

/// An approver's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// When it was given.
    pub at: Millis,
    /// The address that was asked.
    pub by: String,
    /// Whether it was yes.
    pub given: bool,
}

/// Whether people want a domain served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Yes.
    #[default]
    Live,
    /// Switched off by a person; everything is kept.
    Disabled,
    /// The name is held by another customer, who proved ownership first.
    Blocked,
    /// Removed at this time; kept for 30 days.
    Removed(Millis),
}

/// Where the re-check curve stands: it starts anew when the domain is added, refreshed, or its DNS changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curve {
    /// When it started.
    pub from: Millis,
    /// Looks since then, not counting those made because a page was open.
    pub attempt: u32,
}

/// An ACME order in flight (RFC 8555 §7.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Our own name for it, written before the CA hears of it.
    pub id: OrderId,
    /// Which CA, by its configured name.
    pub ca: String,
    /// The private key, stored with its signing request before the order was opened.
    pub key: KeyId,
    /// When it was planned.
    pub planned_at: Millis,
    /// Whether it renews a certificate that is served meanwhile.
    pub renewal: bool,
    /// The CA's URL for it, stored as soon as it exists.
    pub url: Option<String>,
    /// The challenge's answers on show for it: TXT values in the DCV zone, or key authorizations on the edge.
    pub shown: Vec<String>,
    /// The CA validated the domain and is making the certificate.
    pub issuing: bool,
    /// Nothing to do before this time.
    pub wait_until: Option<Millis>,
    /// Failures in a row that left the order alive.
    pub stumbles: u32,
    /// It renews sooner than planned, because the CA asked for that.
    #[serde(default)]
    pub hasty: bool,
    /// How the CA validates it: as the domain was set when it was planned.
    #[serde(default)]
    pub validation: SslValidation,
}

/// A handshake with the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// When it was made.
    pub at: Millis,
    /// The served leaf's SHA-256 fingerprint, or why there was none.
    pub outcome: Result<String, String>,
    /// Handshakes in a row that did not show the certificate we want served.
    pub misses: u32,
}

/// A failure at a CA, or a wait by our own accounting of its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setback {
    /// Which CA; empty in what was written when there was only one.
    #[serde(default)]
    pub ca: String,
    /// What the CA said.
    pub problem: Problem,
    /// When.
    pub at: Millis,
    /// Failures in a row, this one included; a wait by our own accounting is none.
    pub tries: u32,
    /// No order before this time.
    pub retry_at: Millis,
    /// The CA's own time, which no change in DNS shortens.
    #[serde(default)]
    pub retry_after: Option<Millis>,
    /// What DNS said then: when it says something else, the wait is over.
    pub gist: Gist,
}

impl Order {
    /// Whether the CA was told to go on, so that it may have made a certificate even when we never heard of it.
    #[must_use]
    pub const fn may_be_issued(&self) -> bool {
        self.issuing || !self.shown.is_empty()
    }
}

impl Facts {
    /// A domain that was just added.
    #[must_use]
    pub fn added(at: Millis) -> Self {
        Self { curve: Curve { from: at, attempt: 0 }, told: Some(BTreeSet::new()), since: at, ..Self::default() }
    }

    /// What the last look said of one record.
    #[must_use]
    pub fn record(&self, purpose: Purpose) -> RecordState {
        self.observation.as_ref().map_or(RecordState::Unknown, |seen| seen.state(purpose))
    }

    /// What last went wrong at any CA.
    #[must_use]
    pub fn setback(&self) -> Option<&Setback> {
        self.setbacks.last()
    }

    /// What last went wrong at this CA.
    #[must_use]
    pub fn setback_at(&self, ca: &str) -> Option<&Setback> {
        self.setbacks.iter().rev().find(|setback| setback.ca == ca || setback.ca.is_empty())
    }

    /// The certificate that the edge should serve.
    #[must_use]
    pub fn in_use(&self) -> Option<&Certificate> {
        self.uploaded.as_ref().or(self.certificate.as_ref())
    }

    /// Whether ours can take over from an uploaded one at a time.
    #[must_use]
    pub fn has_relief(&self, at: Millis) -> bool {
        self.uploaded.is_some() && self.certificate.as_ref().is_some_and(|held| held.not_after > at)
    }

    /// Whether the edge served this certificate's predecessor when it was issued, and was not asked since.
    #[must_use]
    pub fn serves_predecessor(&self) -> bool {
        let unasked = self.served.as_ref().is_some_and(|last| last.outcome.is_ok() && last.misses == 0);
        self.in_use().is_some() && unasked && !self.is_served()
    }

    /// Whether the last handshake showed the certificate that should be served.
    #[must_use]
    pub fn is_served(&self) -> bool {
        match (self.in_use(), &self.served) {
            (Some(certificate), Some(Served { outcome: Ok(fingerprint), .. })) => {
                *fingerprint == certificate.fingerprint_sha256
            }
            _ => false,
        }
    }
}

/// Reads a list; the one setback, or none, of facts that were written when there was only one CA.
fn one_or_many<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Setback>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Many(Vec<Setback>),
        One(Setback),
    }
    Ok(match Option::<Written>::deserialize(source)? {
        None => Vec::new(),
        Some(Written::One(setback)) => vec![setback],
        Some(Written::Many(setbacks)) => setbacks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_the_first_version_are_still_read() {
        let old = r#"{"setback":{"problem":{"kind":"outage","name":"x","detail":"y"},"at":5,"tries":2,"retry_at":9,"gist":[]},
            "since":3}"#;
        let facts: Facts = serde_json::from_str(old).expect("reads");
        assert_eq!(facts.setback_at("any").map(|setback| (setback.tries, setback.retry_at)), Some((2, Millis(9))));
        let none: Facts = serde_json::from_str(r#"{"setback":null,"since":3}"#).expect("reads");
        assert_eq!((none.setbacks.len(), none.since), (0, Millis(3)));
    }
}

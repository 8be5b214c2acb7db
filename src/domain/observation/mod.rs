//! The raw facts of one pass over a name: who was asked what, and what each one said.
//!
//! Nothing here is judged. [`super::diagnose::diagnose`] reads findings from it, now or later by newer rules, on the server
//! or in a browser; so whatever a finding needs must have been written down here. The quick look that every check begins
//! with is a smaller thing of its own ([`super::observed`]).

mod answer;
mod reached;
mod survey;
mod view;

pub use answer::{Answer, ExtendedError, Kind, Message, Record, Said, Signature, Transport, Who};
pub use reached::{Handshake, Leaf, Met, Path, Shown, Visit};
pub use survey::{Answered, Listed, Reputation, SecurePage, Survey, blocklist_name, listed};

use super::observed::{NameServer, ZoneTrouble};
use super::problem::Problem;
use super::record::{Place, Purpose, Wanted};
use super::setup::SslValidation;
use super::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One pass over a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When it began; findings are judged as of this time.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// What it was about.
    pub subject: Subject,
    /// Which zone the name lies in, and who serves it.
    pub delegation: Delegation,
    /// What the registry says of the registered domain (RFC 9083 §10.2.2); asked only of one that is not in DNS.
    #[serde(default)]
    pub registry: Option<Vec<String>>,
    /// Every question and its answer.
    pub answers: Vec<Answer>,
    /// HTTP, to each address.
    pub visits: Vec<Visit>,
    /// TLS, to each address and each edge.
    pub handshakes: Vec<Handshake>,
}

/// What a pass is about: what is known beforehand and wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The name, without a wildcard's star.
    pub name: String,
    /// Whether it stands for every name below.
    pub wildcard: bool,
    /// The registered domain that it lies in.
    pub registered: String,
    /// What its owner must publish; empty for a name that is in no Console.
    pub wanted: Vec<Wanted>,
    /// How the CA validates; none for a name that is in no Console.
    pub validation: Option<SslValidation>,
    /// What customers' records point to.
    pub place: Place,
    /// The CAs that may be asked, the preferred one first.
    pub issuers: Vec<Issuer>,
    /// The certificate that should be served.
    pub held: Option<Held>,
    /// Since when it leads elsewhere, having led here before.
    pub moved_since: Option<Millis>,
    /// How things stood before, to tell what changed; none at the first pass.
    #[serde(default)]
    pub before: Option<Baseline>,
    /// What last went wrong at the CAs, the newest last.
    pub setbacks: Vec<CaWords>,
    /// A label that nobody has, to tell a wildcard's answers from a record's.
    pub random_label: String,
}

/// How things stood at an earlier pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// When.
    pub at: Millis,
    /// The zone's name servers.
    pub servers: Vec<String>,
    /// The CAA rule in force, in a zone file's form; empty without any.
    pub caa: Vec<String>,
    /// Whether the zone above said that the zone is signed.
    pub signed: bool,
    /// The wanted records that were in place.
    pub in_place: Vec<Purpose>,
}

/// A CA, as CAA records name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The names by which CAA allows it (RFC 8659 §4.2).
    pub names: Vec<String>,
    /// Our account there (RFC 8657 §3), if it is known.
    pub account: Option<String>,
}

/// The certificate that should be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// SHA-256 over its DER, hexadecimal.
    pub fingerprint_sha256: String,
    /// End of validity.
    pub not_after: Millis,
}

/// A CA's refusal, or a wait by our own accounting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaWords {
    /// What it said.
    pub problem: Problem,
    /// When.
    pub at: Millis,
    /// No order before this time.
    pub retry_at: Millis,
    /// Nothing is lost yet: a certificate is served and in time.
    pub harmless: bool,
}

/// The zone that a name lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The zone's own name, or why it could not be found.
    pub zone: Result<String, ZoneTrouble>,
    /// Its servers, with the addresses that were asked.
    pub servers: Vec<NameServer>,
    /// Zones of their own at the wanted records' names, below the zone.
    pub below: Vec<Below>,
    /// Addresses of the edge hostname.
    pub edge_addresses: Vec<IpAddr>,
}

/// A zone below the zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Below {
    /// The record's name that lies in it.
    pub host: String,
    /// The zone's own name.
    pub apex: String,
    /// Its servers' names.
    pub servers: Vec<String>,
}

//! What was met at a name's addresses: over HTTP on the challenge's path, and in TLS handshakes.

use crate::domain::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A visit to one address over plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Where.
    pub address: IpAddr,
    /// Which path.
    pub path: Path,
    /// When.
    pub at: Millis,
    /// What came of it.
    pub met: Met,
}

/// The path that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// A made-up token below `/.well-known/acme-challenge/`.
    Challenge,
    /// `/`.
    Plain,
}

/// What an address did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// It answered, after these redirects.
    Page {
        /// Where redirects led, in order.
        redirects: Vec<String>,
        /// The last status.
        status: u16,
        /// `Server`, as sent.
        server: String,
        /// `Strict-Transport-Security`, as sent.
        hsts: String,
        /// How the body begins.
        body: String,
    },
    /// Redirects led where no CA follows.
    Astray {
        /// Where redirects led, in order; the last is the one that was not followed.
        redirects: Vec<String>,
        /// Why it was not followed.
        why: String,
    },
    /// Nothing listens there.
    Refused,
    /// No answer in time.
    TimedOut,
    /// The connection was cut.
    Reset,
    /// What came is no HTTP/1.
    NotHttp,
    /// Not visited: the address is not public.
    Private,
    /// The network said otherwise.
    Failed(String),
}

/// A TLS handshake with one address under the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// Where.
    pub address: IpAddr,
    /// When.
    pub at: Millis,
    /// What was shown.
    pub shown: Shown,
}

/// What a handshake came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// A certificate.
    Certificate(Leaf),
    /// None: why, in words.
    Nothing(String),
    /// Nothing listens there, or nothing answers.
    Unreachable(String),
    /// Not visited: the address is not public.
    Private,
}

/// The certificate that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// SHA-256 over its DER, hexadecimal.
    pub fingerprint_sha256: String,
    /// DNS names in it.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// Whether issuer and subject are the same.
    pub self_signed: bool,
    /// Start of validity.
    pub not_before: Millis,
    /// End of validity.
    pub not_after: Millis,
    /// Certificates sent, this one included.
    pub chain_len: usize,
}

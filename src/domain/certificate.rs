//! A certificate's public facts, as people and the planner need them; the bytes stay in the store.

use super::hostname::Hostname;
use super::id::{CertificateId, KeyId};
use super::time::Millis;
use serde::{Deserialize, Serialize};

/// Where a certificate came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Obtained and renewed by Padlock over ACME.
    Acme,
    /// Uploaded by a person.
    Upload,
}

impl Source {
    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acme => "acme",
            Self::Upload => "upload",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Acme, Self::Upload].into_iter().find(|source| source.word() == word)
    }
}

/// Which domains serve an uploaded certificate, as far as its names cover them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The one that it was uploaded for.
    #[default]
    Domain,
    /// Those of its Default Agency.
    Agency,
    /// Those of its customer.
    Customer,
    /// Every customer's.
    Everyone,
}

impl Reach {
    /// Every reach, the narrowest first.
    pub const ALL: [Self; 4] = [Self::Domain, Self::Agency, Self::Customer, Self::Everyone];

    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Agency => "agency",
            Self::Customer => "customer",
            Self::Everyone => "everyone",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Domain => "This domain",
            Self::Agency => "Every domain of its agency that the certificate covers",
            Self::Customer => "Every domain of its customer that the certificate covers",
            Self::Everyone => "Every customer's domains that the certificate covers",
        }
    }

    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.word() == word)
    }
}

/// What a leaf certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its row.
    pub id: CertificateId,
    /// The private key it belongs to.
    pub key: KeyId,
    /// Where it came from.
    pub source: Source,
    /// DNS names in the subject alternative name (RFC 5280 §4.2.1.6).
    pub names: Vec<String>,
    /// The CA's organisation: the Certificate Authority that people read.
    pub authority: String,
    /// The issuer's distinguished name, as text.
    pub issuer: String,
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// SHA-256 over the certificate's DER, lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub not_before: Millis,
    /// End of validity.
    pub not_after: Millis,
    /// By which the CA is asked when to renew it, and told what a renewal replaces (RFC 9773 §4.1); none when the
    /// certificate does not name its issuer's key.
    #[serde(default)]
    pub ari_id: Option<String>,
}

impl Certificate {
    /// Whether it was made for this name.
    #[must_use]
    pub fn covers(&self, hostname: &Hostname) -> bool {
        covers(&self.names, hostname)
    }

    /// Its length of life in milliseconds, never negative.
    #[must_use]
    pub fn life_ms(&self) -> i64 {
        self.not_after.since(self.not_before).max(0)
    }
}

/// Whether a certificate for these names is good for a name (RFC 9525 §6.3): a wildcard stands for one label.
#[must_use]
pub fn covers(names: &[String], hostname: &Hostname) -> bool {
    let wanted = hostname.to_string();
    names.iter().any(|name| {
        name.eq_ignore_ascii_case(&wanted)
            || (!hostname.is_wildcard()
                && name.strip_prefix("*.").is_some_and(|base| {
                    hostname.base().split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(base))
                }))
    })
}

//! What is settled when a web domain is added, and the settings that only people change.

use super::hostname::Hostname;
use super::id::{AgencyId, CustomerId, DomainId};
use super::record::{Place, Purpose, Wanted, proof, wanted};
use super::time::Millis;
use super::token_file::{FILES, WantedFile};
use serde::{Deserialize, Serialize};

/// Both tokens and labels carry this many random bits: enough that nobody guesses one.
pub const SECRET_BITS: usize = 128;
const SECRET_CHARS: usize = 26;
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

macro_rules! secret_text {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Makes one from fresh random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; SECRET_BITS / 8]) -> Self {
                Self(base32(bytes))
            }

            /// Takes one as it is stored.
            #[must_use]
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text, fit for a DNS label.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

secret_text! {
    /// The ownership token of a customer and domain: never rotates, not even when the domain is removed and added again.
    Token,
    /// The challenge label of one claim (customer, domain, time): unique for ever, never used for another claim.
    DcvLabel,
}

/// 128 bits as 26 lower-case letters and digits of RFC 4648's alphabet, which any DNS label may hold.
fn base32(bytes: [u8; SECRET_BITS / 8]) -> String {
    let bits = u128::from_be_bytes(bytes);
    (1..=SECRET_CHARS)
        .map(|place| {
            // The last character holds the three bits that are left over, padded with zeroes.
            let five = if place == SECRET_CHARS { bits << 2 } else { bits >> (SECRET_BITS - 5 * place) };
            char::from(BASE32[(five & 31) as usize])
        })
        .collect()
}

/// How ownership is proven to Padlock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationMethod {
    /// By the validation TXT record.
    #[default]
    Txt,
    /// By a token file on the present site.
    Http,
    /// By an approver's e-mail.
    Email,
}

impl VerificationMethod {
    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Http => "http",
            Self::Email => "email",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Txt, Self::Http, Self::Email].into_iter().find(|method| method.word() == word)
    }
}

/// How the CA validates the domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SslValidation {
    /// ACME DNS-01 through the DCV record (RFC 8555 §8.4).
    #[default]
    Dns,
    /// ACME HTTP-01 answered by the edge (RFC 8555 §8.3).
    Http,
}

impl SslValidation {
    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Http => "http",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Dns, Self::Http].into_iter().find(|method| method.word() == word)
    }

    /// The record that leads the CA to the answer.
    #[must_use]
    pub const fn record(self) -> Purpose {
        match self {
            Self::Dns => Purpose::Dcv,
            Self::Http => Purpose::Routing,
        }
    }
}

/// A web domain's identity and settings; what was observed of it lies beside, in [`super::facts::Facts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Its row.
    pub id: DomainId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Its Default Agency.
    pub agency: Option<AgencyId>,
    /// What people call it.
    pub name: String,
    /// The parsed name.
    pub hostname: Hostname,
    /// Which service the domain routes to.
    pub alias: String,
    /// How ownership is proven.
    pub verification_method: VerificationMethod,
    /// How the CA validates.
    pub ssl_validation: SslValidation,
    /// The ownership token.
    pub token: Token,
    /// The challenge label of this claim.
    pub dcv_label: DcvLabel,
    /// When it was added.
    pub created_at: Millis,
}

impl Setup {
    /// The records that its owner must publish, by the methods that were chosen.
    #[must_use]
    pub fn wanted(&self, place: &Place) -> Vec<Wanted> {
        let mut records = wanted(&self.hostname, &self.token, &self.dcv_label, place);
        records.retain(|record| match record.purpose {
            Purpose::Validation => self.verification_method == VerificationMethod::Txt,
            Purpose::Dcv => self.ssl_validation == SslValidation::Dns,
            Purpose::Routing => true,
        });
        records
    }

    /// The token file that its owner must publish, where ownership is proven by one.
    #[must_use]
    pub fn wanted_file(&self) -> Option<WantedFile> {
        (self.verification_method == VerificationMethod::Http).then(|| WantedFile {
            host: self.hostname.base().to_owned(),
            path: format!("{FILES}{}", self.token),
            content: proof(&self.token),
        })
    }

    /// A number that is this name's own, to spread checks and renewals over time.
    #[must_use]
    pub fn seed(&self) -> u64 {
        // FNV-1a: stable over versions, and no secret.
        self.hostname
            .to_string()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn labels_are_dns_labels_and_keep_every_bit() {
        let mut seen = HashSet::new();
        for bit in 0..128 {
            let label = DcvLabel::from_random((1_u128 << bit).to_be_bytes());
            assert_eq!(label.as_str().len(), SECRET_CHARS);
            assert!(label.as_str().bytes().all(|b| BASE32.contains(&b)));
            assert!(seen.insert(label), "bit {bit} is lost");
        }
        assert_eq!(DcvLabel::from_random([0xff; 16]).as_str(), "77777777777777777777777774");
    }
}

//! One question that was put to one server, and what it said: the rows that everything else is read from.

use crate::domain::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A record type that a pass asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Alias.
    Cname,
    /// Text.
    Txt,
    /// Which CAs may issue (RFC 8659).
    Caa,
    /// Mail servers (RFC 5321 §5.1).
    Mx,
    /// Name servers.
    Ns,
    /// The zone's start (RFC 1035 §3.3.13).
    Soa,
    /// HTTPS service binding (RFC 9460).
    Https,
    /// Delegation signer (RFC 4034 §5).
    Ds,
    /// Zone key (RFC 4034 §2).
    Dnskey,
}

impl Kind {
    /// The mnemonic, as in a zone file.
    #[must_use]
    pub const fn mnemonic(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Txt => "TXT",
            Self::Caa => "CAA",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Soa => "SOA",
            Self::Https => "HTTPS",
            Self::Ds => "DS",
            Self::Dnskey => "DNSKEY",
        }
    }
}

impl From<crate::domain::record::RecordType> for Kind {
    fn from(rtype: crate::domain::record::RecordType) -> Self {
        use crate::domain::record::RecordType;
        match rtype {
            RecordType::A => Self::A,
            RecordType::Aaaa => Self::Aaaa,
            RecordType::Cname => Self::Cname,
            RecordType::Txt => Self::Txt,
        }
    }
}

/// Who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A name server of the zone.
    Authority {
        /// Its name.
        server: String,
        /// The zone that it was asked as a server of.
        zone: String,
    },
    /// A name server of the zone above.
    Parent {
        /// Its name.
        server: String,
    },
    /// A validating resolver.
    Resolver,
    /// The same, told not to validate (CD, RFC 4035 §3.2.2).
    ResolverUnchecked,
}

/// How it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who was asked.
    pub who: Who,
    /// At which address.
    pub address: IpAddr,
    /// How; after a failure over UDP, how it was asked last.
    pub transport: Transport,
    /// About which name, without trailing dot.
    pub name: String,
    /// For which type.
    pub kind: Kind,
    /// When.
    pub at: Millis,
    /// What came of it.
    pub said: Said,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A message.
    Message(Message),
    /// Nothing usable within the time.
    Silent,
    /// There is no way from here to that address.
    NoRoute,
    /// It was not asked: time or questions were used up.
    NotAsked,
    /// It was not asked: the address is not public.
    Private,
}

/// A DNS message, as far as anything is read from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The response code: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`…
    pub rcode: String,
    /// Authoritative (AA).
    pub authoritative: bool,
    /// The resolver validated it (AD).
    pub authenticated: bool,
    /// Over UDP the question's capital letters came back changed.
    pub case_lost: bool,
    /// The answer section.
    pub records: Vec<Record>,
    /// The authority section's NS and SOA.
    pub authority: Vec<Record>,
    /// Signatures in the answer section (RFC 4034 §3).
    pub signatures: Vec<Signature>,
    /// Extended errors (RFC 8914).
    pub extended: Vec<ExtendedError>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Whose it is, without trailing dot, lower case.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Its time to live, in seconds.
    pub ttl: u32,
    /// Its value in a zone file's form; of a TXT the text alone, of a DNSKEY flags, protocol, algorithm and key tag.
    pub value: String,
}

/// A signature over records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose records.
    pub name: String,
    /// The zone that signed.
    pub signer: String,
    /// The key's tag.
    pub key_tag: u16,
    /// Valid from.
    pub from: Millis,
    /// Valid until.
    pub until: Millis,
}

/// Why a resolver failed, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedError {
    /// The code of RFC 8914 §4.
    pub code: u16,
    /// Text beside it: a stranger's.
    pub text: String,
}

impl Message {
    /// Whether it says that something is so, or is not.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        matches!(self.rcode.as_str(), "NOERROR" | "NXDOMAIN")
    }

    /// Records of this type at this name.
    pub fn at<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |record| record.kind == kind && record.name == name)
    }

    /// How long a resolver keeps that there is nothing: the lesser of the SOA's TTL and its minimum (RFC 2308 §5), in seconds.
    #[must_use]
    pub fn negative_ttl(&self) -> Option<u32> {
        let soa = self.authority.iter().find(|record| record.kind == Kind::Soa)?;
        Some(soa.ttl.min(soa.value.rsplit(' ').next()?.parse().ok()?))
    }
}

impl Answer {
    /// The message, if one came.
    #[must_use]
    pub const fn message(&self) -> Option<&Message> {
        match &self.said {
            Said::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The message, if it says something about the name: an authority must answer with authority.
    #[must_use]
    pub fn heard(&self) -> Option<&Message> {
        self.message().filter(|message| {
            message.is_heard() && (message.authoritative || !matches!(self.who, Who::Authority { .. }))
        })
    }

    /// Whether it came from a server of the zone.
    #[must_use]
    pub const fn who_is_authority(&self) -> bool {
        matches!(self.who, Who::Authority { .. })
    }

    /// The server's name, as people know it.
    #[must_use]
    pub fn server(&self) -> &str {
        match &self.who {
            Who::Authority { server, .. } | Who::Parent { server } => server,
            Who::Resolver => "resolver",
            Who::ResolverUnchecked => "resolver that does not validate",
        }
    }
}

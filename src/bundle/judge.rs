//! Whether what was handed in can be served for a name, and what people should know before it is.

use super::flaw::Flaw;
use super::path::{self, Path, Read};
use super::read::Material;
use crate::acme::chain::{self, Leaf};
use crate::domain::certificate::covers;
use crate::domain::hostname::Hostname;
use crate::domain::time::{DAY_MS, Millis};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_parser::oid_registry::{OID_EC_P256, OID_NIST_EC_P384, OID_NIST_EC_P521};
use x509_parser::prelude::X509Certificate;
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

/// RSA keys are this long at least (CA/Browser Forum, Baseline Requirements §6.1.5).
const RSA_BITS: usize = 2_048;
/// And their exponent is this at least: smaller ones have broken implementations.
const RSA_EXPONENT: u64 = 65_537;
/// Signatures that browsers refuse: RSA with MD5, RSA with SHA-1, ECDSA with SHA-1.
const OLD_SIGNATURES: [&str; 3] = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];
/// A day and an hour over are forgiven: inclusive ends, and authorities that date back.
const SLACK_MS: i64 = DAY_MS;
/// Longest lives by when they begin (Baseline Requirements §6.3.2): from 1 September 2020, 15 March 2026, 2027 and 2029.
const LONGEST_DAYS: [(i64, i64); 4] =
    [(1_598_918_400_000, 398), (1_773_532_800_000, 200), (1_805_068_800_000, 100), (1_868_227_200_000, 47)];

/// What is known of the world.
pub struct World<'a> {
    /// Issuers that were seen before.
    pub known: &'a [CertificateDer<'static>],
    /// Roots that visitors trust.
    pub roots: &'a [CertificateDer<'static>],
    /// The time.
    pub now: Millis,
}

/// A certificate that can be served.
pub struct Judged {
    /// What it says of itself.
    pub leaf: Leaf,
    /// Leaf first, without the root.
    pub chain_pem: String,
    /// The leaf's key as PKCS #8, DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// What people should know.
    pub warnings: Vec<Warning>,
}

/// What speaks against a certificate, and does not forbid it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Valid for longer than browsers accept.
    TooLong {
        /// Its life.
        days: i64,
        /// What is accepted.
        allowed: i64,
    },
    /// Its root is no public one.
    PrivateRoot,
    /// Issuers were missing in the files and added.
    Repaired(usize),
}

/// In one or two sentences.
impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong { days, allowed } => write!(
                f,
                "It is valid for {days} days, and browsers accept {allowed}: they may reject it. Have it reissued for a shorter time."
            ),
            Self::PrivateRoot => f.write_str(
                "It leads to a root of its own that the public does not know: only computers on which that root is installed will trust it.",
            ),
            Self::Repaired(1) => f.write_str("An issuer's certificate was missing in the files. We know it and will send it along."),
            Self::Repaired(count) => write!(f, "{count} issuers' certificates were missing in the files. We know them and will send them along."),
        }
    }
}

/// Judges what was handed in for a name.
///
/// # Errors
/// The first [`Flaw`], cause first.
pub fn judge(material: &Material, hostname: &Hostname, world: &World<'_>) -> Result<Judged, Flaw> {
    let unreadable = || Flaw::Unreadable("certificate");
    let all = material.certificates.iter().map(Read::of).collect::<Option<Vec<_>>>().ok_or_else(unreadable)?;
    let leaf = server(&all)?;
    let facts = chain::leaf_of(leaf.der).map_err(|_| unreadable())?;
    if let Some(why) = weakness(&leaf.certificate) {
        return Err(Flaw::Weak(why));
    }
    let pkcs8 = key_of(&leaf.certificate, material)?;
    if facts.not_after <= world.now || facts.not_before > world.now || facts.not_after <= facts.not_before {
        return Err(Flaw::Dates { from: facts.not_before, to: facts.not_after });
    }
    if !covers(&facts.names, hostname) {
        return Err(Flaw::Names { covered: facts.names, wanted: hostname.to_string() });
    }
    let path = path::find(leaf, &all, world.known, world.roots)?;
    if !std::iter::once(leaf.der).chain(&path.issuers).all(is_strict) {
        return Err(unreadable());
    }
    let chain_pem = std::iter::once(leaf.der).chain(&path.issuers).map(encoded).collect();
    Ok(Judged { warnings: warnings(&facts, &path), leaf: facts, chain_pem, pkcs8 })
}

/// Whether it is DER throughout, and says outside its signature what it says inside (RFC 5280 §4.1.1.2): the signature does not
/// cover those bytes, and visitors refuse certificates in which they are damaged.
fn is_strict(der: &CertificateDer<'_>) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| {
        certificate.signature_algorithm() == certificate.tbs_certificate().signature()
            && certificate.signature().unused_bits() == 0
    })
}

/// The one certificate that is no authority's.
fn server<'a>(all: &'a [Read<'a>]) -> Result<&'a Read<'a>, Flaw> {
    if let [only] = all
        && only.is_self_issued()
    {
        return Err(Flaw::SelfSigned);
    }
    // Roots of the first version do not say that they are authorities.
    let servers: Vec<&Read<'_>> = all.iter().filter(|one| !one.certificate.is_ca() && !one.is_self_issued()).collect();
    match servers.as_slice() {
        [server] => Ok(server),
        several => Err(Flaw::Leafs(several.len())),
    }
}

fn weakness(certificate: &X509Certificate<'_>) -> Option<String> {
    if OLD_SIGNATURES.contains(&certificate.signature_algorithm.algorithm.to_id_string().as_str()) {
        return Some("it is signed with SHA-1 or MD5".into());
    }
    let public = certificate.public_key();
    match public.parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < RSA_BITS => {
            Some(format!("its RSA key has {} bits", key.key_size()))
        }
        Ok(PublicKey::RSA(key)) if key.try_exponent().is_ok_and(|exponent| exponent < RSA_EXPONENT) => {
            Some("its RSA key has a small exponent".into())
        }
        Ok(PublicKey::RSA(_)) => None,
        Ok(PublicKey::EC(_)) => {
            let curve = public.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            let known = curve.is_some_and(|curve| [OID_EC_P256, OID_NIST_EC_P384, OID_NIST_EC_P521].contains(&curve));
            (!known).then(|| "its key is on a curve that browsers do not use".into())
        }
        _ => Some("its key is of a kind that browsers do not use".into()),
    }
}

/// The key that belongs to the certificate.
fn key_of(certificate: &X509Certificate<'_>, material: &Material) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let belongs = |pkcs8: &&Zeroizing<Vec<u8>>| {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.as_slice()));
        let key = any_supported_type(&der);
        key.is_ok_and(|key| key.public_key().is_some_and(|public| public.as_ref() == certificate.public_key().raw))
    };
    if material.keys.is_empty() {
        return Err(Flaw::NoKey);
    }
    material.keys.iter().find(belongs).cloned().ok_or(Flaw::Key)
}

fn warnings(leaf: &Leaf, path: &Path) -> Vec<Warning> {
    let mut found = Vec::new();
    let days = leaf.not_after.since(leaf.not_before) / DAY_MS;
    let allowed = LONGEST_DAYS.iter().rev().find(|(from, _)| leaf.not_before >= Millis(*from)).map(|(_, days)| *days);
    if let Some(allowed) = allowed.filter(|allowed| days > allowed + SLACK_MS / DAY_MS) {
        found.push(Warning::TooLong { days, allowed });
    }
    if !path.public {
        found.push(Warning::PrivateRoot);
    }
    if path.added > 0 {
        found.push(Warning::Repaired(path.added));
    }
    found
}

fn encoded(der: &CertificateDer<'_>) -> String {
    pem::encode(&pem::Pem::new("CERTIFICATE", der.to_vec()))
}

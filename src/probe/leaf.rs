//! What a certificate that was met says of itself; nothing of it is believed.

use crate::domain::observation::Leaf;
use crate::domain::time::Millis;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Names that are kept: shared certificates hold hundreds.
const NAMES: usize = 30;

/// SHA-256 of its public key (`SubjectPublicKeyInfo`), hexadecimal; none when it is no certificate.
#[must_use]
pub fn spki_sha256(der: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(HEXLOWER.encode(digest(&SHA256, certificate.public_key().raw).as_ref()))
}

/// Reads it; none when it is no certificate.
#[must_use]
pub fn read(der: &[u8], fingerprint_sha256: &[u8; 32], chain_len: usize) -> Option<Leaf> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let dns = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.iter().flat_map(|extension| &extension.value.general_names).filter_map(dns).take(NAMES);
    let validity = certificate.validity();
    Some(Leaf {
        fingerprint_sha256: HEXLOWER.encode(fingerprint_sha256),
        names: names.collect(),
        issuer: certificate.issuer().to_string(),
        self_signed: certificate.issuer() == certificate.subject(),
        not_before: Millis(validity.not_before.timestamp().saturating_mul(1_000)),
        not_after: Millis(validity.not_after.timestamp().saturating_mul(1_000)),
        chain_len,
    })
}

//! What every certificate of a stored chain says of itself, for people who want to know.
//!
//! Read and shown, never judged: a chain was checked before it was stored (`chain`).

use super::chain::{Flaw, certificates, cut, parse};
use crate::domain::problem::Problem;
use crate::domain::time::Millis;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use x509_parser::prelude::X509Certificate;
use x509_parser::public_key::PublicKey;

/// One certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The distinguished name of whose it is; empty for leaves that have names in their extension only.
    pub subject: String,
    /// The distinguished name of who signed it.
    pub issuer: String,
    /// SHA-256 over its DER, lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub not_before: Millis,
    /// End of validity.
    pub not_after: Millis,
    /// Kind and size of its public key, such as `ECDSA P-256`.
    pub key_type: String,
}

/// Reads a chain (PEM), leaf first.
///
/// # Errors
/// A [`Problem`] when a part of it can't be read.
pub fn parts(chain_pem: &str) -> Result<Vec<Part>, Problem> {
    let read = || -> Result<Vec<Part>, Flaw> {
        certificates(chain_pem)?.iter().map(|der| parse(der).map(|certificate| part(&certificate))).collect()
    };
    read().map_err(|flaw| flaw.problem())
}

fn part(certificate: &X509Certificate<'_>) -> Part {
    let at = |seconds: i64| Millis(seconds.saturating_mul(1_000));
    Part {
        subject: cut(&certificate.subject().to_string()),
        issuer: cut(&certificate.issuer().to_string()),
        fingerprint_sha256: HEXLOWER.encode(digest(&SHA256, certificate.as_raw()).as_ref()),
        not_before: at(certificate.validity().not_before.timestamp()),
        not_after: at(certificate.validity().not_after.timestamp()),
        key_type: key_type(certificate),
    }
}

fn key_type(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => match point.key_size() {
            // P-521's coordinates fill whole octets.
            521 | 528 => "ECDSA P-521".to_owned(),
            bits => format!("ECDSA P-{bits}"),
        },
        // RFC 8410 §3.
        _ if certificate.public_key().algorithm.algorithm.to_id_string() == "1.3.101.112" => "Ed25519".to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm};

    fn pem(kind: &'static SignatureAlgorithm) -> String {
        let key = KeyPair::generate_for(kind).expect("a key");
        let params = CertificateParams::new(vec!["portal.court.test".to_owned()]).expect("names");
        params.self_signed(&key).expect("a certificate").pem()
    }

    #[test]
    fn every_part_says_whose_it_is_and_what_key_it_has() {
        let chain = [pem(&rcgen::PKCS_ECDSA_P256_SHA256), pem(&PKCS_ECDSA_P384_SHA384), pem(&PKCS_ED25519)].concat();
        let parts = parts(&chain).expect("reads");
        let kinds: Vec<&str> = parts.iter().map(|part| part.key_type.as_str()).collect();
        assert_eq!(kinds, ["ECDSA P-256", "ECDSA P-384", "Ed25519"]);
        for part in &parts {
            assert!(part.not_before < part.not_after && part.fingerprint_sha256.len() == 64, "{part:?}");
            assert_eq!(part.subject, part.issuer);
        }
        assert!(super::parts("<html>").expect("no certificate in it").is_empty());
        assert!(super::parts("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }
}

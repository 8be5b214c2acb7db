//! Whether a delivered chain is the one that was ordered, before anybody serves it.
//!
//! Trust is not judged here: which roots a visitor's browser trusts is the browser's matter, and a test CA is trusted by
//! nobody. What is checked is what would break every visitor's handshake: the wrong key, the wrong name, dates, and a
//! chain that does not hang together. ASN.1 is read by x509-parser alone.

use super::ari;
use super::refusal::problem;
use crate::domain::certificate::{Certificate, Source};
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, KeyId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::time::{MINUTE_MS, Millis};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509CertificationRequest, X509Name};

/// Public chains have two to four certificates, and clients stop following at about ten.
const CERTIFICATES: usize = 10;
/// Ten certificates with large keys fit well.
const CHAIN_BYTES: usize = 64 * 1024;
/// A CA's clock may run ahead of ours by this much; public CAs date certificates back by an hour.
const SKEW_MS: i64 = 10 * MINUTE_MS;
/// Public CAs put no more names into one certificate.
const NAMES: usize = 100;
/// An issuer's name is shown on one line (RFC 5280's upper bounds are 64 characters for each part).
const ISSUER_CHARS: usize = 400;

/// What a leaf certificate says of itself: a [`Certificate`] that has no row yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// DNS names in the subject alternative name, lower case.
    pub names: Vec<String>,
    /// The issuer's organisation, else its common name.
    pub authority: String,
    /// The issuer's distinguished name, as text.
    pub issuer: String,
    /// The serial number, lower-case hexadecimal without a leading zero octet.
    pub serial: String,
    /// SHA-256 over the certificate's DER, lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub not_before: Millis,
    /// End of validity.
    pub not_after: Millis,
    /// The ARI identifier (RFC 9773 §4.1); none when the certificate does not name its issuer's key.
    pub ari_id: Option<String>,
}

impl Leaf {
    /// The same as a row of the store.
    #[must_use]
    pub fn into_certificate(self, id: CertificateId, key: KeyId, source: Source) -> Certificate {
        let Self { names, authority, issuer, serial, fingerprint_sha256, not_before, not_after, ari_id } = self;
        Certificate {
            id,
            key,
            source,
            names,
            authority,
            issuer,
            serial,
            fingerprint_sha256,
            not_before,
            not_after,
            ari_id,
        }
    }
}

/// Checks a chain (PEM, leaf first) against the signing request that it answers, the name and the time.
///
/// # Errors
/// A [`Problem`] of the kind `BadCertificate` that names the first flaw.
pub fn check(chain_pem: &str, csr_der: &[u8], hostname: &Hostname, now: Millis) -> Result<Leaf, Problem> {
    checked(chain_pem, csr_der, hostname, now).map_err(|flaw| flaw.problem())
}

/// Reads what the first certificate of a stored chain says, without judging it.
///
/// # Errors
/// A [`Problem`] of the kind `BadCertificate` when there is no certificate to read.
pub fn read(chain_pem: &str) -> Result<Leaf, Problem> {
    let facts = || leaf(&parse(certificates(chain_pem)?.first().ok_or(Flaw::Empty)?)?);
    facts().map_err(|flaw: Flaw| flaw.problem())
}

/// Reads what one certificate says, without judging it.
///
/// # Errors
/// A [`Problem`] of the kind `BadCertificate` when it can't be read.
pub fn leaf_of(der: &CertificateDer<'_>) -> Result<Leaf, Problem> {
    parse(der).and_then(|certificate| leaf(&certificate)).map_err(|flaw| flaw.problem())
}

/// Whether this is a certificate, and nothing else.
#[must_use]
pub fn is_certificate(der: &CertificateDer<'_>) -> bool {
    parse(der).is_ok()
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    #[error("The CA delivered no certificate.")]
    Empty,
    #[error("The CA delivered more than {CERTIFICATES} certificates or {} kilobytes.", CHAIN_BYTES / 1024)]
    Long,
    #[error("The CA delivered something that is not a certificate.")]
    Unreadable,
    #[error("Our own signing request can't be read.")]
    Request,
    #[error("The certificate belongs to another private key than ours.")]
    Key,
    #[error("The first certificate is a CA's own.")]
    NotALeaf,
    #[error("The certificate is for other names: {0}.")]
    Names(String),
    #[error("The certificate has expired or ends before it begins.")]
    Expired,
    #[error("The certificate is not valid yet.")]
    Future,
    #[error("Certificate {0} of the chain is not signed by the one after it.")]
    Broken(usize),
}

impl Flaw {
    pub(super) fn problem(&self) -> Problem {
        let name = match self {
            Self::Empty | Self::Long | Self::Unreadable => "chain_unreadable",
            Self::Request => "csr_unreadable",
            Self::Key => "chain_key",
            Self::NotALeaf | Self::Broken(_) => "chain_order",
            Self::Names(_) => "chain_names",
            Self::Expired | Self::Future => "chain_dates",
        };
        problem(ProblemKind::BadCertificate, name, &self.to_string())
    }
}

fn checked(chain_pem: &str, csr_der: &[u8], hostname: &Hostname, now: Millis) -> Result<Leaf, Flaw> {
    let ders = certificates(chain_pem)?;
    let chain = ders.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let first = chain.first().ok_or(Flaw::Empty)?;
    let (_, request) = X509CertificationRequest::from_der(csr_der).map_err(|_| Flaw::Request)?;
    if first.public_key().raw != request.certification_request_info.subject_pki.raw {
        return Err(Flaw::Key);
    }
    if first.is_ca() {
        return Err(Flaw::NotALeaf);
    }
    let facts = leaf(first)?;
    if !facts.names.contains(&hostname.to_string()) {
        return Err(Flaw::Names(facts.names.join(", ")));
    }
    if facts.not_after <= now || facts.not_after <= facts.not_before {
        return Err(Flaw::Expired);
    }
    if facts.not_before > now.plus(SKEW_MS) {
        return Err(Flaw::Future);
    }
    match chain.windows(2).position(|pair| !is_signed_by(&pair[0], &pair[1])) {
        Some(at) => Err(Flaw::Broken(at + 1)),
        None => Ok(facts),
    }
}

pub(super) fn certificates(chain_pem: &str) -> Result<Vec<CertificateDer<'static>>, Flaw> {
    if chain_pem.len() > CHAIN_BYTES {
        return Err(Flaw::Long);
    }
    let ders = CertificateDer::pem_slice_iter(chain_pem.as_bytes())
        .take(CERTIFICATES + 1)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Flaw::Unreadable)?;
    if ders.len() > CERTIFICATES { Err(Flaw::Long) } else { Ok(ders) }
}

pub(super) fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Flaw> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(Flaw::Unreadable),
    }
}

fn is_signed_by(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    issuer.is_ca()
        && certificate.issuer().as_raw() == issuer.subject().as_raw()
        && certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

fn leaf(certificate: &X509Certificate<'_>) -> Result<Leaf, Flaw> {
    let names = certificate.subject_alternative_name().map_err(|_| Flaw::Unreadable)?.map_or_else(Vec::new, |san| {
        let dns_names = san.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        dns_names.take(NAMES).collect()
    });
    let serial = certificate.raw_serial();
    let validity = certificate.validity();
    Ok(Leaf {
        names,
        authority: authority(certificate.issuer()),
        issuer: cut(&certificate.issuer().to_string()),
        serial: HEXLOWER.encode(serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial)),
        fingerprint_sha256: HEXLOWER.encode(digest(&SHA256, certificate.as_raw()).as_ref()),
        not_before: Millis(validity.not_before.timestamp().saturating_mul(1_000)),
        not_after: Millis(validity.not_after.timestamp().saturating_mul(1_000)),
        ari_id: ari::identifier(certificate),
    })
}

fn authority(issuer: &X509Name<'_>) -> String {
    let mut said = issuer.iter_organization().chain(issuer.iter_common_name()).filter_map(|part| part.as_str().ok());
    said.next().map_or_else(|| cut(&issuer.to_string()), cut)
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(ISSUER_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acme::key::new_key;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber, date_time_ymd};

    /// Root, intermediate and leaf, all made here, and the signing request that the leaf answers.
    struct World {
        csr_der: Vec<u8>,
        leaf: String,
        intermediate: String,
        root: String,
    }

    fn authority_of(name: &str) -> (CertificateParams, KeyPair) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, "Test Trust");
        params.distinguished_name.push(DnType::CommonName, name);
        (params, KeyPair::generate().expect("a key"))
    }

    fn world(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> World {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let made = new_key(&names).expect("a key");
        let (root_params, root_key) = authority_of("Root");
        let root = root_params.self_signed(&root_key).expect("a root");
        let root_issuer = Issuer::new(root_params, root_key);
        let (intermediate_params, intermediate_key) = authority_of("Intermediate");
        let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer).expect("an intermediate");
        let issuer = Issuer::new(intermediate_params, intermediate_key);
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 4, 1);
        params.serial_number = Some(SerialNumber::from_slice(&[0x8a, 0x01]));
        change(&mut params);
        let key = KeyPair::try_from(made.pkcs8_der.as_slice()).expect("our key");
        let leaf = params.signed_by(&key, &issuer).expect("a leaf");
        World { csr_der: made.csr_der, leaf: leaf.pem(), intermediate: intermediate.pem(), root: root.pem() }
    }

    fn hostname(name: &str) -> Hostname {
        Hostname::parse_form(name).expect("a name")
    }

    /// 2026-02-01.
    const NOW: Millis = Millis(1_769_904_000_000);
    const NAME: &str = "portal.court.gov";

    #[track_caller]
    fn refused(chain: &str, world: &World, want: &str) {
        let got = check(chain, &world.csr_der, &hostname(NAME), NOW).expect_err(want);
        assert_eq!((got.kind, got.name.as_str()), (ProblemKind::BadCertificate, want), "{}", got.detail);
    }

    #[test]
    fn what_was_ordered_is_accepted() {
        let world = world(&[NAME], |_| ());
        let (leaf, chain) = (world.leaf.clone(), format!("{}{}{}", world.leaf, world.intermediate, world.root));
        let got = check(&chain, &world.csr_der, &hostname(NAME), NOW).expect("a good chain");
        assert_eq!(got.names, [NAME]);
        assert_eq!(got.authority, "Test Trust");
        assert!(got.issuer.contains("Test Trust") && got.issuer.contains("CN=Intermediate"), "{}", got.issuer);
        assert_eq!(got.serial, "8a01");
        assert_eq!(got.fingerprint_sha256.len(), 64);
        assert_eq!(got.not_before, Millis(1_767_225_600_000));
        assert_eq!(got.not_after, Millis(1_775_001_600_000));
        assert_eq!(read(&chain).expect("a leaf"), got);
        assert!(check(&leaf, &world.csr_der, &hostname(NAME), NOW).is_ok(), "a root may sign leaves itself");
    }

    #[test]
    fn wildcards_count_only_where_they_were_asked_for() {
        let wild = world(&["*.court.gov"], |_| ());
        assert!(check(&wild.leaf, &wild.csr_der, &hostname("*.court.gov"), NOW).is_ok());
        refused(&wild.leaf, &wild, "chain_names");
    }

    #[test]
    fn another_key_name_or_time_is_refused() {
        let mut good = world(&[NAME], |_| ());
        let other_name = world(&["other.court.gov"], |_| ());
        refused(&other_name.leaf, &good, "chain_key");
        refused(&other_name.leaf, &other_name, "chain_names");
        let expired = world(&[NAME], |params| params.not_after = date_time_ymd(2026, 1, 31));
        refused(&expired.leaf, &expired, "chain_dates");
        let future = world(&[NAME], |params| params.not_before = date_time_ymd(2026, 2, 2));
        refused(&future.leaf, &future, "chain_dates");
        let no_leaf = world(&[NAME], |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
        refused(&no_leaf.leaf, &no_leaf, "chain_order");
        good.csr_der.truncate(9);
        refused(&good.leaf, &good, "csr_unreadable");
    }

    #[test]
    fn a_chain_that_does_not_hang_together_is_refused() {
        let (good, other) = (world(&[NAME], |_| ()), world(&[NAME], |_| ()));
        refused(&format!("{}{}", good.leaf, good.root), &good, "chain_order");
        refused(&format!("{}{}{}", good.leaf, good.root, good.intermediate), &good, "chain_order");
        refused(&format!("{}{}", good.leaf, good.leaf), &good, "chain_order");
        // Same names, another key: only the signature tells.
        refused(&format!("{}{}", good.leaf, other.intermediate), &good, "chain_order");
        refused(&format!("{}{}", good.intermediate, good.leaf), &good, "chain_key");
    }

    #[test]
    fn garbage_and_too_much_are_refused() {
        let good = world(&[NAME], |_| ());
        refused("", &good, "chain_unreadable");
        refused("<html>", &good, "chain_unreadable");
        refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &good, "chain_unreadable");
        refused(&good.leaf.repeat(CERTIFICATES + 1), &good, "chain_unreadable");
        refused(&format!("{}{}", good.leaf, " ".repeat(CHAIN_BYTES)), &good, "chain_unreadable");
        assert_eq!(read("<html>").expect_err("no certificate").kind, ProblemKind::BadCertificate);
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in ".{0,200}", csr in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(check(&text, &csr, &hostname(NAME), NOW).is_err());
        }

        #[test]
        fn no_damage_to_a_chain_is_a_panic(at in 0_usize..2_000, byte in 0x20_u8..0x7f) {
            static WORLD: std::sync::LazyLock<World> = std::sync::LazyLock::new(|| world(&[NAME], |_| ()));
            let chain = format!("{}{}", WORLD.leaf, WORLD.intermediate);
            let mut bytes = chain.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let damaged = String::from_utf8(bytes).expect("ASCII");
            if let Ok(leaf) = check(&damaged, &WORLD.csr_der, &hostname(NAME), NOW) {
                prop_assert_eq!(leaf.names, [NAME]);
            }
        }
    }
}

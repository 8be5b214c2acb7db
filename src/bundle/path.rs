//! From a server's certificate up to a root: which issuers visitors must be sent, found among what is at hand.

use super::flaw::{CERTIFICATES, Flaw};
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Issuers between a server's certificate and its root: public paths have one or two.
const LONGEST: usize = 8;

/// A certificate with its bytes.
pub(super) struct Read<'a> {
    pub(super) der: &'a CertificateDer<'static>,
    pub(super) certificate: X509Certificate<'a>,
}

impl<'a> Read<'a> {
    /// Reads one; none when it is no certificate.
    pub(super) fn of(der: &'a CertificateDer<'static>) -> Option<Self> {
        match X509Certificate::from_der(der) {
            Ok(([], certificate)) => Some(Self { der, certificate }),
            _ => None,
        }
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.certificate.issuer().as_raw() == self.certificate.subject().as_raw()
    }

    fn is_signed_by(&self, issuer: &Read<'_>) -> bool {
        issuer.certificate.is_ca()
            && self.certificate.issuer().as_raw() == issuer.certificate.subject().as_raw()
            && self.certificate.verify_signature(Some(issuer.certificate.public_key())).is_ok()
    }
}

/// A complete path.
pub(super) struct Path {
    /// The issuers below the root, the leaf's own first; the root is known to whoever trusts it.
    pub(super) issuers: Vec<CertificateDer<'static>>,
    /// How many of them were not in the files.
    pub(super) added: usize,
    /// Whether the root is one of those that visitors know.
    pub(super) public: bool,
}

/// Finds the path: among the files' own certificates first, then among known issuers.
pub(super) fn find(
    leaf: &Read<'_>,
    own: &[Read<'_>],
    known: &[CertificateDer<'static>],
    roots: &[CertificateDer<'static>],
) -> Result<Path, Flaw> {
    let named: Vec<Read<'_>> = known.iter().take(CERTIFICATES * LONGEST).filter_map(Read::of).collect();
    let trusted: Vec<Read<'_>> = roots.iter().filter_map(Read::of).collect();
    let mut path = Path { issuers: Vec::new(), added: 0, public: false };
    let mut at = leaf;
    for _ in 0..LONGEST {
        if trusted.iter().any(|root| at.is_signed_by(root)) {
            path.public = true;
            return Ok(path);
        }
        let in_files = own.iter().find(|issuer| at.is_signed_by(issuer));
        let next = in_files.or_else(|| named.iter().find(|issuer| at.is_signed_by(issuer)));
        let Some(next) = next else { break };
        if next.is_self_issued() {
            return Ok(path);
        }
        path.added += usize::from(in_files.is_none());
        path.issuers.push(next.der.clone());
        at = next;
    }
    Err(Flaw::Chain { issuer: at.certificate.issuer().to_string() })
}

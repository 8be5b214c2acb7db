//! A certificate with its key, checked against each other, in as little memory as 100,000 of them allow.
//!
//! rustls wants a whole `CertifiedKey` for each handshake. Keeping one for each name would keep the CA's intermediates
//! as often as there are names, so the chain is interned and the `CertifiedKey` is put together when a visitor comes:
//! a copy of three kilobytes beside a handshake of some 200 µs.
//!
//! A fresh certificate is checked before it replaces anything. At a start there is nothing to replace, and parsing every
//! key would be half of the work and half of the memory; there a key is parsed, and checked, for its first visitor. Either
//! way no handshake is ever made with a key that does not belong to the certificate.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use zeroize::Zeroizing;

/// SHA-256 of a leaf certificate's DER.
pub type Fingerprint = [u8; 32];

/// Certificates in one chain: the longest public ones have four.
const CHAIN_CERTIFICATES: usize = 10;
/// Chains kept by the interner before it looks for unused ones: a CA has a dozen.
const CHAINS_BEFORE_PRUNING: usize = 256;

/// Why a certificate was not installed; nothing of the key is in it.
#[derive(Debug, thiserror::Error)]
pub enum InstallProblem {
    /// The chain is not PEM.
    #[error("the certificate chain is not PEM")]
    NotPem(#[source] rustls::pki_types::pem::Error),
    /// The chain holds no certificate.
    #[error("the certificate chain is empty")]
    Empty,
    /// The chain is longer than anything a CA hands out.
    #[error("the certificate chain has more than {CHAIN_CERTIFICATES} certificates")]
    TooLong,
    /// The private key is not PKCS #8, or of a kind that TLS does not use.
    #[error("the private key cannot be used for TLS")]
    UnusableKey(#[source] rustls::Error),
    /// The key belongs to another certificate, or the leaf cannot be read.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch(#[source] rustls::Error),
}

/// What a handshake needs, and the fingerprint by which the installation is checked afterwards.
pub(super) struct Certified {
    leaf: CertificateDer<'static>,
    chain: Arc<Chain>,
    pkcs8: Zeroizing<Box<[u8]>>,
    /// The key once it was parsed and found to be the leaf's; none when it is not.
    key: OnceLock<Option<Arc<dyn SigningKey>>>,
    pub(super) fingerprint: Fingerprint,
}

impl Certified {
    /// Reads a PEM chain, leaf first, and its PKCS #8 key, and refuses a pair that does not belong together.
    pub(super) fn read(chain_pem: &str, key_pkcs8: &[u8], chains: &Chains) -> Result<Self, InstallProblem> {
        let certified = Self::unchecked(chain_pem, key_pkcs8, chains)?;
        let key = certified.parse()?;
        Ok(Self { key: OnceLock::from(Some(key)), ..certified })
    }

    /// The same, but the pair is checked by [`Certified::assemble`].
    pub(super) fn unchecked(chain_pem: &str, key_pkcs8: &[u8], chains: &Chains) -> Result<Self, InstallProblem> {
        let mut all = CertificateDer::pem_slice_iter(chain_pem.as_bytes())
            .take(CHAIN_CERTIFICATES + 1)
            .collect::<Result<Vec<_>, _>>()
            .map_err(InstallProblem::NotPem)?;
        if all.is_empty() {
            return Err(InstallProblem::Empty);
        }
        if all.len() > CHAIN_CERTIFICATES {
            return Err(InstallProblem::TooLong);
        }
        let leaf = exact(&all.remove(0));
        let (fingerprint, pkcs8) = (fingerprint(&leaf), Zeroizing::new(key_pkcs8.into()));
        Ok(Self { leaf, chain: chains.intern(all), pkcs8, key: OnceLock::new(), fingerprint })
    }

    /// As rustls takes it; none when the key turns out not to be the leaf's.
    pub(super) fn assemble(&self) -> Option<CertifiedKey> {
        let parsed = self.key.get_or_init(|| {
            let complain = |problem: &InstallProblem| tracing::error!(%problem, "a stored certificate can't be served");
            self.parse().inspect_err(complain).ok()
        });
        let key = Arc::clone(parsed.as_ref()?);
        let mut cert = Vec::with_capacity(1 + self.chain.len());
        cert.push(self.leaf.clone());
        cert.extend(self.chain.iter().cloned());
        Some(CertifiedKey::new(cert, key))
    }

    fn parse(&self) -> Result<Arc<dyn SigningKey>, InstallProblem> {
        let pkcs8 = PrivatePkcs8KeyDer::from(&**self.pkcs8);
        let key = any_supported_type(&PrivateKeyDer::Pkcs8(pkcs8)).map_err(InstallProblem::UnusableKey)?;
        let pair = CertifiedKey::new(vec![self.leaf.clone()], key);
        pair.keys_match().map_err(InstallProblem::KeyMismatch)?;
        Ok(pair.key)
    }
}

type Chain = Vec<CertificateDer<'static>>;

/// The intermediates in use, each chain once.
#[derive(Default)]
pub(super) struct Chains(Mutex<HashSet<Arc<Chain>>>);

impl Chains {
    fn intern(&self, chain: Chain) -> Arc<Chain> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(&chain) {
            return Arc::clone(shared);
        }
        if known.len() >= CHAINS_BEFORE_PRUNING {
            known.retain(|chain| Arc::strong_count(chain) > 1);
        }
        let shared = Arc::new(chain.iter().map(exact).collect::<Chain>());
        known.insert(Arc::clone(&shared));
        shared
    }
}

/// A copy without the spare capacity that the PEM reader left.
fn exact(der: &CertificateDer<'_>) -> CertificateDer<'static> {
    CertificateDer::from(der.to_vec())
}

fn fingerprint(leaf: &[u8]) -> Fingerprint {
    let mut out = Fingerprint::default();
    // SHA-256 gives 32 bytes, which is what a `Fingerprint` holds.
    out.copy_from_slice(digest(&SHA256, leaf).as_ref());
    out
}

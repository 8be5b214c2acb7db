//! Files for other servers: a served certificate with its chain, with its key or without, as PEM and as PFX.

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// Rounds of hashing: fifty times OpenSSL's own number, and few enough for readers that set a limit.
const ROUNDS: u32 = 100_000;
/// The same where nothing is secret: OpenSSL's own number, so that a download costs next to nothing.
const PUBLIC_ROUNDS: u32 = 2_048;
/// By this a PFX file's certificate and key find each other.
const KEY_ID: &[u8] = b"padlock";

/// How a PFX file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// AES-256 by PBKDF2 with SHA-256 (RFC 8018): OpenSSL 1.1, Windows Server 2019, and all that is younger.
    Modern,
    /// Triple DES with SHA-1 (RFC 7292 appendix C), for readers that know nothing else.
    Legacy,
}

impl Encoding {
    /// Reads the word of a form.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "" | "modern" => Some(Self::Modern),
            "legacy" => Some(Self::Legacy),
            _ => None,
        }
    }
}

/// A file could not be put together: what is stored is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("the stored certificate can't be written to a file")]
pub struct WriteProblem;

/// The key as PEM (PKCS #8).
#[must_use]
pub fn key_pem(pkcs8: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8)))
}

/// A PFX file of chain (PEM, leaf first) and key (PKCS #8, DER). Takes a second: it hashes the password often.
///
/// # Errors
/// [`WriteProblem`].
pub fn pfx(
    chain_pem: &str,
    pkcs8: &[u8],
    name: &str,
    password: &str,
    encoding: Encoding,
) -> Result<Zeroizing<Vec<u8>>, WriteProblem> {
    let key = PrivateKey::from_der(pkcs8).map_err(|_| WriteProblem)?;
    let chain = PrivateKeyChain::new(KEY_ID, key, certificates(chain_pem)?);
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
    sealed(&store, password, encoding, ROUNDS).map(Zeroizing::new)
}

/// A PFX file of the chain alone, leaf first; each certificate bears the name and its place.
///
/// # Errors
/// [`WriteProblem`].
pub fn chain_pfx(chain_pem: &str, name: &str, password: &str) -> Result<Vec<u8>, WriteProblem> {
    let mut store = KeyStore::new();
    for (at, certificate) in certificates(chain_pem)?.into_iter().enumerate() {
        // They are written in the order of these names.
        store.add_entry(&format!("{name} {:02}", at + 1), KeyStoreEntry::Certificate(certificate));
    }
    sealed(&store, password, Encoding::Modern, PUBLIC_ROUNDS)
}

fn certificates(chain_pem: &str) -> Result<Vec<Certificate>, WriteProblem> {
    CertificateDer::pem_slice_iter(chain_pem.as_bytes())
        .map(|der| Certificate::from_der(&der.map_err(|_| WriteProblem)?).map_err(|_| WriteProblem))
        .collect()
}

fn sealed(store: &KeyStore, password: &str, encoding: Encoding, rounds: u32) -> Result<Vec<u8>, WriteProblem> {
    let (cipher, mac) = match encoding {
        Encoding::Modern => (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
        Encoding::Legacy => (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1),
    };
    let writer = store.writer(password).encryption_algorithm(cipher).encryption_iterations(rounds);
    writer.mac_algorithm(mac).mac_iterations(rounds).write().map_err(|_| WriteProblem)
}

//! Opening by password, once what that costs was looked at.
//!
//! A file says itself how often its password is to be hashed; nobody has to believe that it is worth it.

use super::flaw::Flaw;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use des::TdesEde3;
use pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::AlgorithmIdentifierOwned;
use pkcs12::kdf::{Pkcs12KeyType, derive_key_utf8};
use pkcs12::pbe_params::Pkcs12PbeParams;
use pkcs12::{PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC, PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC};
use rc2::Rc2;
use sha1::Sha1;
use zeroize::Zeroizing;

/// PBKDF2's rounds, as recommended for new files; and the same for the derivation of PKCS #12 (RFC 7292 appendix B).
const ROUNDS: u64 = 600_000;
/// scrypt's memory.
const SCRYPT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes that scrypt writes in about the time of one round.
const SCRYPT_BYTES_A_ROUND: u64 = 256;
/// All that one file may cost: its MAC, its certificates and its key, and the certificates again.
const ROUNDS_OF_FILE: u64 = 4 * ROUNDS;

/// What a file may still cost.
pub(super) struct Purse(u64);

impl Default for Purse {
    fn default() -> Self {
        Self(ROUNDS_OF_FILE)
    }
}

impl Purse {
    /// Pays for one derivation.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<(), Flaw> {
        if rounds > ROUNDS {
            return Err(Flaw::Costly);
        }
        self.0 = self.0.checked_sub(rounds.max(1)).ok_or(Flaw::Costly)?;
        Ok(())
    }
}

/// A way of encrypting by password that is read, and was paid for.
pub(super) enum Scheme {
    /// PBES2 (RFC 8018 §6.2).
    Modern(Box<Parameters>),
    /// Triple DES by PKCS #12's own derivation (RFC 7292 appendix C).
    TripleDes(Pkcs12PbeParams),
    /// RC2 with 40 bits, likewise: Windows and old OpenSSL hide certificates so, which are no secret.
    Rc2(Pkcs12PbeParams),
}

impl Scheme {
    /// Reads what a file says of its encryption, and pays for it.
    pub(super) fn of(algorithm: &AlgorithmIdentifierOwned, purse: &mut Purse) -> Result<Self, Flaw> {
        const PBES2: pkcs8::ObjectIdentifier = pkcs8::ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
        let parameters = algorithm.parameters.as_ref().and_then(|any| any.to_der().ok()).ok_or(Flaw::Legacy)?;
        let scheme = match algorithm.oid {
            PBES2 => Self::Modern(Box::new(Parameters::from_der(&parameters).map_err(|_| Flaw::Legacy)?)),
            PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC => Self::TripleDes(old(&parameters)?),
            PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC => Self::Rc2(old(&parameters)?),
            _ => return Err(Flaw::Legacy),
        };
        purse.spend(scheme.rounds()?)?;
        Ok(scheme)
    }

    fn rounds(&self) -> Result<u64, Flaw> {
        match self {
            Self::Modern(parameters) => match &parameters.kdf {
                Kdf::Pbkdf2(pbkdf2) => Ok(u64::from(pbkdf2.iteration_count)),
                Kdf::Scrypt(scrypt) => {
                    let block = 128 * u64::from(scrypt.block_size);
                    let bytes = block.checked_mul(scrypt.cost_parameter).filter(|bytes| *bytes <= SCRYPT_BYTES);
                    let work = bytes.and_then(|bytes| bytes.checked_mul(u64::from(scrypt.parallelization)));
                    work.map(|work| work / SCRYPT_BYTES_A_ROUND).ok_or(Flaw::Costly)
                }
                _ => Err(Flaw::Legacy),
            },
            Self::TripleDes(old) | Self::Rc2(old) => u64::try_from(old.iterations).map_err(|_| Flaw::Costly),
        }
    }

    /// Opens; the wrong password and a damaged file look the same.
    pub(super) fn open(&self, password: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Flaw> {
        let opened = match self {
            Self::Modern(parameters) => parameters.decrypt(password, sealed).ok(),
            Self::TripleDes(old) => open_old::<TdesEde3>(old, 24, password, sealed),
            Self::Rc2(old) => open_old::<Rc2>(old, 5, password, sealed),
        };
        opened.map(Zeroizing::new).ok_or(Flaw::Password { typed: !password.is_empty() })
    }
}

fn old(parameters: &[u8]) -> Result<Pkcs12PbeParams, Flaw> {
    Pkcs12PbeParams::from_der(parameters).map_err(|_| Flaw::Legacy)
}

fn open_old<C: BlockCipherDecrypt + KeyInit>(
    old: &Pkcs12PbeParams,
    key_bytes: usize,
    password: &str,
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let derive = |what, bytes| {
        let derived = derive_key_utf8::<Sha1>(password, old.salt.as_bytes(), what, old.iterations, bytes);
        derived.ok().map(Zeroizing::new)
    };
    let (key, iv) = (derive(Pkcs12KeyType::EncryptionKey, key_bytes)?, derive(Pkcs12KeyType::Iv, 8)?);
    Decryptor::<C>::new_from_slices(&key, &iv).ok()?.decrypt_padded_vec::<Pkcs7>(sealed).ok()
}

//! Our account's key at a CA: made and stored before the CA hears of us.
//!
//! The key is all there is to store. Registering it again returns the account that already belongs to it
//! (RFC 8555 §7.3.1), so a crash between storing and registering costs nothing.

use instant_acme::Key;
use rustls::pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

/// A P-256 key that signs requests to one CA.
pub struct AccountKey {
    pkcs8_der: Zeroizing<Vec<u8>>,
}

/// These bytes are not a P-256 key in PKCS#8, or no key could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable P-256 account key")]
pub struct AccountKeyError;

impl AccountKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, AccountKeyError> {
        let (_, pkcs8) = Key::generate_pkcs8().map_err(|_| AccountKeyError)?;
        Ok(Self { pkcs8_der: Zeroizing::new(pkcs8.secret_pkcs8_der().to_vec()) })
    }

    /// Takes a key as it was stored.
    ///
    /// # Errors
    /// When these bytes are no such key.
    pub fn from_pkcs8(pkcs8_der: Zeroizing<Vec<u8>>) -> Result<Self, AccountKeyError> {
        let key = Self { pkcs8_der };
        Key::from_pkcs8_der(key.pkcs8()).map_err(|_| AccountKeyError)?;
        Ok(key)
    }

    /// The key's PKCS#8 DER, for the store to seal.
    #[must_use]
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8_der
    }

    /// The key as instant-acme wants it.
    pub(super) fn pkcs8(&self) -> PrivatePkcs8KeyDer<'_> {
        PrivatePkcs8KeyDer::from(self.pkcs8_der.as_slice())
    }
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_key_comes_back_and_never_shows_itself() {
        let key = AccountKey::generate().expect("randomness");
        let again = AccountKey::from_pkcs8(Zeroizing::new(key.pkcs8_der().to_vec())).expect("the same key");
        assert_eq!(again.pkcs8_der(), key.pkcs8_der());
        assert_eq!(format!("{key:?}"), "AccountKey(…)");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(AccountKey::from_pkcs8(Zeroizing::new(vec![0; 138])).expect_err("zeros"), AccountKeyError);
    }
}

//! A signed request for a new account (RFC 8555 §7.3), bound to an account that people have with the CA (§7.3.4).
//!
//! instant-acme signs all other requests. This one it makes only with a key of its own making when there is such a binding,
//! and ours must be stored before the CA hears of it.

use super::account::AccountKey;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_acme::Error;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// An account that people have with a CA, to which a new ACME account is bound.
#[derive(Clone)]
pub struct ExternalAccount {
    /// The key's identifier, as the CA gave it out.
    pub kid: String,
    /// The key for HMAC-SHA-256.
    pub hmac_key: Zeroizing<Vec<u8>>,
}

impl ExternalAccount {
    /// Takes the key in the form in which CAs give it out: base64url, often padded, sometimes plain base64.
    ///
    /// # Errors
    /// When it is nothing of this, or empty.
    pub fn new(kid: String, hmac_key_base64: &str) -> Result<Self, HmacKeyError> {
        let text = Zeroizing::new(hmac_key_base64.trim().trim_end_matches('=').replace('+', "-").replace('/', "_"));
        match URL_SAFE_NO_PAD.decode(text.as_bytes()) {
            Ok(key) if !key.is_empty() => Ok(Self { kid, hmac_key: Zeroizing::new(key) }),
            _ => Err(HmacKeyError),
        }
    }
}

impl std::fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalAccount").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The HMAC key is not what a CA gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an HMAC key in base64url")]
pub struct HmacKeyError;

/// Signs the request with the new account's own key, which it brings along.
pub(super) fn new_account(
    key: &AccountKey,
    url: &str,
    nonce: &str,
    mut payload: Value,
    bound_to: Option<&ExternalAccount>,
) -> Result<Vec<u8>, Error> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.pkcs8_der());
    let pair = pair.map_err(|_| Error::KeyRejected)?;
    let jwk = jwk(&pair);
    if let Some(external) = bound_to {
        let protected = json!({ "alg": "HS256", "kid": external.kid, "url": url });
        let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, &external.hmac_key);
        let binding = jws(&protected, &jwk, |text| Ok(hmac::sign(&hmac_key, text).as_ref().to_vec()))?;
        payload["externalAccountBinding"] = binding;
    }
    let protected = json!({ "alg": "ES256", "jwk": jwk, "nonce": nonce, "url": url });
    let sign = |text: &[u8]| pair.sign(&SystemRandom::new(), text).map(|signature| signature.as_ref().to_vec());
    let signed = jws(&protected, &payload, |text| sign(text).map_err(|_| Error::Crypto))?;
    Ok(serde_json::to_vec(&signed)?)
}

/// The public half, as RFC 7517 and RFC 7518 §6.2.1 write it.
fn jwk(pair: &EcdsaKeyPair) -> Value {
    // An uncompressed point: one octet that says so, and two coordinates of 32.
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    json!({ "crv": "P-256", "kty": "EC", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
}

/// The flattened JSON serialization (RFC 7515 §7.2.2).
fn jws(protected: &Value, payload: &Value, sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>) -> Result<Value, Error> {
    let [protected, payload] = [protected, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signature = sign(format!("{protected}.{payload}").as_bytes())?;
    Ok(json!({ "protected": protected, "payload": payload, "signature": URL_SAFE_NO_PAD.encode(signature) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn part(jws: &Value, name: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(jws[name].as_str().expect("text")).expect("base64url")
    }

    fn read(jws: &Value, name: &str) -> Value {
        serde_json::from_slice(&part(jws, name)).expect("JSON")
    }

    fn signed_text(jws: &Value) -> String {
        format!("{}.{}", jws["protected"].as_str().expect("text"), jws["payload"].as_str().expect("text"))
    }

    #[test]
    fn a_bound_account_is_signed_by_both_keys() {
        let key = AccountKey::generate().expect("randomness");
        let external = ExternalAccount::new("kid-1".into(), "c2VjcmV0LXNlY3JldA").expect("a key");
        let payload = json!({ "termsOfServiceAgreed": true });
        let made = new_account(&key, "https://ca/acct", "n1", payload, Some(&external)).expect("signed");
        let outer: Value = serde_json::from_slice(&made).expect("JSON");
        let (header, payload) = (read(&outer, "protected"), read(&outer, "payload"));
        assert_eq!((&header["nonce"], &header["url"]), (&json!("n1"), &json!("https://ca/acct")));
        let coordinate = |name: &str| part(&header["jwk"], name);
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(signed_text(&outer).as_bytes(), &part(&outer, "signature")).expect("our signature");

        let inner = &payload["externalAccountBinding"];
        assert_eq!(read(inner, "protected"), json!({ "alg": "HS256", "kid": "kid-1", "url": "https://ca/acct" }));
        assert_eq!(read(inner, "payload"), header["jwk"], "the CA learns which key is bound");
        let theirs = hmac::Key::new(hmac::HMAC_SHA256, b"secret-secret");
        hmac::verify(&theirs, signed_text(inner).as_bytes(), &part(inner, "signature")).expect("the CA's key");
    }

    #[test]
    fn keys_are_taken_as_cas_give_them_out_and_never_shown() {
        for text in ["-_-_", "+/+/", " -_-_\n", "-_8", "-_8="] {
            assert!(ExternalAccount::new("k".into(), text).is_ok(), "{text:?}");
        }
        for text in ["", "=", "a b c", "ä"] {
            assert_eq!(ExternalAccount::new("k".into(), text).err(), Some(HmacKeyError), "{text:?}");
        }
        let shown = format!("{:?}", ExternalAccount::new("kid-1".into(), "c2VjcmV0").expect("a key"));
        assert_eq!(shown, r#"ExternalAccount { kid: "kid-1", .. }"#);
    }
}

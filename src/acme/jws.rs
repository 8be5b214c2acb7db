//! A signed request for a new account (RFC 8555 §7.3), bound to an account that people have with the CA (§7.3.4).
//!
//! instant-acme signs all other requests. This one it makes only with a key of its own making when there is such a binding,
//! and ours must be stored before the CA hears of it; so jsonwebtoken signs it.

use super::account::AccountKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_acme::Error;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jws};
use serde_json::Value;
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
    let signer = EncodingKey::from_ec_der(key.pkcs8_der());
    // Its `alg` is left out: CAs compare this key with the one in the binding, and know it by its curve.
    let public =
        Jwk { common: Default::default(), ..Jwk::from_encoding_key(&signer, Algorithm::ES256).map_err(refused)? };
    if let Some(external) = bound_to {
        let header = Header { kid: Some(external.kid.clone()), ..header(Algorithm::HS256, url) };
        let binding = jws::encode(&header, Some(&public), &EncodingKey::from_secret(&external.hmac_key));
        payload["externalAccountBinding"] = serde_json::to_value(binding.map_err(refused)?)?;
    }
    let header = Header { jwk: Some(public), nonce: Some(nonce.to_owned()), ..header(Algorithm::ES256, url) };
    Ok(serde_json::to_vec(&jws::encode(&header, Some(&payload), &signer).map_err(refused)?)?)
}

fn header(algorithm: Algorithm, url: &str) -> Header {
    Header { typ: None, url: Some(url.to_owned()), ..Header::new(algorithm) }
}

fn refused(error: jsonwebtoken::errors::Error) -> Error {
    Error::Other(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::hmac;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::json;

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

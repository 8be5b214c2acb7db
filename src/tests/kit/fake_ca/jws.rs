//! Reading a signed request as strictly as a CA does (RFC 8555 §6.2): signature, URL, nonce and key, each for real.

use super::state::{Refusal, State};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A request that was signed by whom it says.
pub(super) struct Signed {
    /// Whose: an account's number, or the key of a new one.
    pub(super) by: Signer,
    /// Null for a POST-as-GET (RFC 8555 §6.3).
    pub(super) payload: Value,
}

pub(super) enum Signer {
    Account(usize),
    NewKey(Value),
}

impl Signed {
    pub(super) fn read(state: &mut State, url: &str, body: &[u8]) -> Result<Self, Refusal> {
        let jws: Value = serde_json::from_slice(body).map_err(|_| malformed("the request is not JSON"))?;
        let header: Value = json(&jws, "protected")?;
        let nonce = header["nonce"].as_str().unwrap_or_default();
        if !state.spend_nonce(nonce) {
            return Err(Refusal::new(400, "badNonce", "the nonce is not one of ours, or was used"));
        }
        if header["alg"] != "ES256" {
            return Err(Refusal::new(400, "badSignatureAlgorithm", "only ES256"));
        }
        if header["url"] != url {
            return Err(Refusal::new(401, "unauthorized", "the request was meant for another URL"));
        }
        let (by, jwk) = match (header["kid"].as_str(), &header["jwk"]) {
            (Some(kid), Value::Null) => {
                let (number, account) = state.account(kid)?;
                (Signer::Account(number), account.jwk.clone())
            }
            (None, jwk @ Value::Object(_)) => (Signer::NewKey(jwk.clone()), jwk.clone()),
            _ => return Err(malformed("either kid or jwk")),
        };
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(&jwk)?);
        if public.verify(signed_text(&jws).as_bytes(), &bytes(&jws, "signature")?).is_err() {
            return Err(Refusal::new(400, "malformed", "the signature is wrong"));
        }
        let payload = if jws["payload"] == "" { Value::Null } else { json(&jws, "payload")? };
        Ok(Self { by, payload })
    }
}

/// Whether a new account's binding (RFC 8555 §7.3.4) is signed with this key, for this URL and the new account's own key.
pub(super) fn binding_holds(binding: &Value, kid: &str, key: &[u8], url: &str, jwk: &Value) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let holds = || -> Result<bool, Refusal> {
        let (header, bound) = (json(binding, "protected")?, json(binding, "payload")?);
        let signature = bytes(binding, "signature")?;
        Ok(header == serde_json::json!({ "alg": "HS256", "kid": kid, "url": url })
            && bound == *jwk
            && hmac::verify(&key, signed_text(binding).as_bytes(), &signature).is_ok())
    };
    holds().unwrap_or(false)
}

/// RFC 7638, the form in which key authorizations name a key.
pub(super) fn thumbprint(jwk: &Value) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

/// The TXT value that proves control (RFC 8555 §8.4).
pub(super) fn dns_value(token: &str, thumbprint: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{token}.{thumbprint}").as_bytes()))
}

pub(super) fn bytes(of: &Value, name: &str) -> Result<Vec<u8>, Refusal> {
    let text = of[name].as_str().ok_or_else(|| malformed(name))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed(name))
}

fn json(of: &Value, name: &str) -> Result<Value, Refusal> {
    serde_json::from_slice(&bytes(of, name)?).map_err(|_| malformed(name))
}

fn signed_text(jws: &Value) -> String {
    format!("{}.{}", jws["protected"].as_str().unwrap_or_default(), jws["payload"].as_str().unwrap_or_default())
}

fn point(jwk: &Value) -> Result<Vec<u8>, Refusal> {
    Ok([vec![4], bytes(jwk, "x")?, bytes(jwk, "y")?].concat())
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(400, "malformed", what)
}

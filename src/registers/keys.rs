//! Whether strangers have a certificate's private key, as a list of compromised keys says (the v1 API of pwnedkeys.com).
//!
//! It is asked by the SHA-256 of the public key (its `SubjectPublicKeyInfo`), which stands in public logs anyway: 200 is yes,
//! 404 is no, and everything else says nothing.

use super::http::{Allowed, Http};
use crate::domain::validity::KeyListed;
use hyper::{StatusCode, Uri};
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// An answer takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// A proof that somebody has the key: a signature by it.
const PROOF_BYTES: usize = 64 << 10;

/// A list of compromised keys.
pub struct KeyList {
    http: Http,
    url: String,
    /// How it is called in findings.
    name: String,
}

impl KeyList {
    /// The list at this address; only allowed addresses are connected to.
    ///
    /// # Errors
    /// When TLS has no roots to trust.
    pub fn new(url: &str, allowed: Allowed) -> io::Result<Self> {
        let name = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
        Ok(Self { http: Http::new(allowed)?, url: url.trim_end_matches('/').to_owned(), name })
    }

    /// What it says of the key with this fingerprint, in hexadecimal.
    pub async fn look_up(&self, spki_sha256: &str) -> KeyListed {
        let answer = timeout(PATIENCE, self.http.ask(&format!("{}/{spki_sha256}", self.url), "*/*", PROOF_BYTES)).await;
        match answer.ok().flatten() {
            Some((StatusCode::OK, _)) => KeyListed::Yes { by: self.name.clone() },
            Some((StatusCode::NOT_FOUND, _)) => KeyListed::No,
            _ => KeyListed::Unknown,
        }
    }
}

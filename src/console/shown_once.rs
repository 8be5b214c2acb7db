//! A secret on its way to the page that shows it once: a cookie of one minute, which that page takes away again.
//!
//! The form that makes a token or a webhook is answered by a redirect, so that a reload makes no second one, and works without script.
//! Between the two nothing is kept on our side, where only the secret's hash may lie.

use super::Console;
use axum::http::{HeaderMap, HeaderValue, header};

/// Long enough for a redirect over a slow line.
const KEPT_S: u32 = 60;

impl Console {
    /// Hands a secret on to the page at this path, and to no other.
    #[must_use]
    pub fn hand_on(&self, path: &str, secret: &str) -> Option<HeaderValue> {
        self.cookie(path, secret, KEPT_S)
    }

    /// The secret that was handed on, and what takes it away.
    #[must_use]
    pub fn handed_on(&self, path: &str, headers: &HeaderMap) -> Option<(String, HeaderValue)> {
        let name = self.cookie_name();
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, secret) = pairs.find(|(found, secret)| *found == name && !secret.is_empty())?;
        Some((secret.to_owned(), self.cookie(path, "", 0)?))
    }

    fn cookie(&self, path: &str, secret: &str, kept_s: u32) -> Option<HeaderValue> {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let name = self.cookie_name();
        let text = format!("{name}={secret}; Path={path}; Max-Age={kept_s}; HttpOnly; SameSite=Strict{secure}");
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Browsers take the prefix only over HTTPS.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Secure-padlock-made" } else { "padlock-made" }
    }

    fn is_secure(&self) -> bool {
        self.house.public_url.starts_with("https://")
    }
}

//! How a fake CA is, as long as nothing goes wrong.

use super::issuer::Flaw;
use super::proofs::Proofs;
use padlock::domain::time::{DAY_MS, MINUTE_MS};

#[derive(Clone)]
pub(crate) struct Habits {
    /// Where it looks for proofs.
    pub(crate) proofs: Proofs,
    /// How long an order is `processing` after it was finalized.
    pub(crate) processing_ms: i64,
    /// What it says in `Retry-After` meanwhile, and beside windows for renewal.
    pub(crate) retry_after: Option<&'static str>,
    /// Whether it takes signing requests and goes on saying that the order is ready for one.
    pub(crate) forgets_requests: bool,
    /// What is wrong with its chains.
    pub(crate) flaw: Option<Flaw>,
    /// How long its certificates live.
    pub(crate) life_ms: i64,
    /// How far before the present they begin.
    pub(crate) back_dated_ms: i64,
    /// The profiles that it offers.
    pub(crate) profiles: Vec<&'static str>,
    /// When it wants certificates renewed; without one its directory knows no renewal information.
    pub(crate) window: Option<(String, String)>,
    /// The key that new accounts have to be bound with, and its identifier.
    pub(crate) external_account: Option<(&'static str, &'static [u8])>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            proofs: Proofs::Trusted,
            processing_ms: 0,
            retry_after: None,
            forgets_requests: false,
            flaw: None,
            life_ms: 90 * DAY_MS,
            back_dated_ms: MINUTE_MS,
            profiles: Vec::new(),
            window: None,
            external_account: None,
        }
    }
}

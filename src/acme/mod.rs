//! The CA: what is asked of it over ACME (RFC 8555), and what its answers mean for an order.
//!
//! Everything goes by the order's URL and nothing that is remembered between two calls is needed, so that a process that
//! crashed, and another one that takes over, simply call again. Only [`client::AcmeCa`] speaks to the network; the worker's
//! tests put a scripted CA behind the same trait. This folder never reads a clock, stores nothing and publishes nothing in
//! DNS: whoever calls it stores the key and signing request first, the order's URL at once, and shows the proof.

pub mod account;
pub mod anatomy;
mod ari;
pub mod chain;
pub mod client;
mod directory;
mod http;
mod in_hand;
mod jws;
pub mod key;
mod order;
mod pace;
pub mod refusal;
mod registration;
mod retry_after;
mod revocation;

use crate::domain::limits::Limits;
use crate::domain::revocation::Reason;
use crate::domain::setup::SslValidation;
use crate::domain::time::Millis;
use futures::future::BoxFuture;
pub use jws::{ExternalAccount, HmacKeyError};
pub use refusal::CaError;
pub use registration::Standing;

/// One CA, as far as an order needs it.
pub trait Ca: Send + Sync {
    /// The name that the operator gave it; stored with each order.
    fn name(&self) -> &str;

    /// What it lets one account have, as far as that is known.
    fn limits(&self) -> Limits {
        Limits::NONE
    }

    /// Opens an order (RFC 8555 §7.4).
    ///
    /// # Errors
    /// [`CaError`]; called again after any of them, at worst an order that nobody follows is left behind at the CA.
    fn open<'a>(&'a self, order: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>>;

    /// What has to be on show before the order can go on, when the CA validates in this way.
    ///
    /// # Errors
    /// [`CaError`]; `ends_order` when the order lapsed or failed meanwhile.
    fn proof<'a>(&'a self, order_url: &'a str, validation: SslValidation) -> BoxFuture<'a, Result<Proof, CaError>>;

    /// Takes the order as far as the CA lets it go: tells the CA that the proof is on show, finalizes with this signing
    /// request (DER), downloads the chain; without one it only has the domain validated. Waits for the CA no longer than
    /// `patience_ms` in all; one call that hangs adds its own time limit. Every step may be taken again after a crash.
    ///
    /// # Errors
    /// [`CaError`]; `ends_order` when no certificate will come of this order.
    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        validation: SslValidation,
        csr_der: Option<&'a [u8]>,
        patience_ms: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>>;

    /// What the CA says of our account and of itself, once after each time that it said so: whoever hears it writes it down.
    fn news(&self) -> BoxFuture<'_, Option<Standing>> {
        Box::pin(std::future::ready(None))
    }

    /// Revokes a certificate (DER) that was issued to our account (RFC 8555 §7.6); one that is revoked already stays so.
    ///
    /// # Errors
    /// [`CaError`]; the same call may be made again.
    fn revoke<'a>(&'a self, leaf_der: &'a [u8], reason: Reason) -> BoxFuture<'a, Result<(), CaError>>;

    /// When the CA would like a certificate renewed (RFC 9773 §4), by the certificate's ARI identifier; none from a CA that
    /// does not say.
    ///
    /// # Errors
    /// [`CaError`]; never a reason to renew sooner or later than planned.
    fn renewal<'a>(&'a self, _ari_id: &'a str) -> BoxFuture<'a, Result<Option<Renewal>, CaError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder<'a> {
    /// DNS names, all of them in one certificate.
    pub names: &'a [String],
    /// The ARI identifier of the certificate that this one replaces (RFC 9773 §5): such renewals are outside the CA's limits.
    pub replaces: Option<&'a str>,
}

/// An order that the CA knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its URL: stored before anything else happens.
    pub url: String,
    /// When the CA forgets it, if it said so.
    pub expires: Option<Millis>,
}

/// What the CA wants to see of the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// All of them at once: TXT values for `_acme-challenge` (RFC 8555 §8.4), or key authorizations for the site, each of
    /// which begins with its file's name (§8.3).
    Show(Vec<String>),
    /// Nothing: an earlier proof still counts, or the order is already past this point.
    NotNeeded,
}

/// When a CA would like a certificate renewed: at a random moment between these two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Start of the window.
    pub start: Millis,
    /// End of the window.
    pub end: Millis,
    /// Where the CA explains an unusual window; hostile, shown as text only.
    pub explanation_url: Option<String>,
    /// When to ask again, in milliseconds from now (RFC 9773 §4.3).
    pub retry_after_ms: Option<u64>,
}

/// How far an order came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The CA issued; the chain is not checked yet ([`chain::check`]).
    Issued {
        /// The certificates, leaf first, as PEM (RFC 8555 §9.1).
        chain_pem: String,
    },
    /// The CA needs more time than the caller had.
    Waiting {
        /// The domain is validated; the certificate is being made.
        issuing: bool,
        /// The CA's `Retry-After` in milliseconds from now.
        retry_after_ms: Option<u64>,
    },
}

//! Use cases behind every door: who is asking, what they may touch, then act.
//!
//! Pages, REST API and command line all come through here, so that a rule holds at every door. Nothing here knows how a
//! request looked; refusals are words for people, and what failed inside is logged once, here.

pub mod address;
pub mod approvals;
pub mod audit;
pub mod browse;
pub mod caller;
pub mod candidates;
pub mod certificates;
mod choices;
pub mod desk;
pub mod domains;
pub mod examine;
pub mod exports;
pub mod guess;
pub mod import;
pub mod invitations;
pub mod leftovers;
pub mod links;
pub mod list;
pub mod many;
pub mod members;
mod methods;
pub mod notices;
pub mod notify;
pub mod openid;
pub mod pace;
pub mod people;
pub mod publish;
pub mod record_files;
mod report;
pub mod revocations;
pub mod session;
pub mod sharing;
pub mod shown_once;
pub mod steps;
pub mod tokens;
mod triage;
pub mod uploads;
pub mod views;
pub mod webhooks;

use crate::domain::errors::chain;
use crate::domain::record::Place;
use crate::mail::Mailer;
use crate::observe::{Approvers, Examiner};
use crate::oidc::Provider;
use crate::publish::Publisher;
use crate::store::{Store, StoreError};
use crate::webhook::Webhooks;
use crate::wire::error::{Kind, Refusal};
use crate::worker::clock::Clock;
use std::sync::Arc;

/// What every use case works with; clones share it.
#[derive(Clone)]
pub struct Console {
    /// Where everything is kept.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// What the provider calls things, and what is offered.
    pub house: Arc<House>,
    /// Sends mail; none where no mail server is configured.
    pub mailer: Option<Mailer>,
    /// Where people sign in besides; none where no OpenID provider is configured.
    pub provider: Option<Arc<Provider>>,
    /// Finds whom to ask for approval by e-mail; none where nobody can be asked.
    pub approvers: Option<Arc<dyn Approvers>>,
    /// Puts records into customers' zones; none where nobody may ask for it.
    pub publisher: Option<Publisher>,
    /// Sends messages to webhooks; none where nobody may ask for it.
    pub webhooks: Option<Webhooks>,
    /// Makes full passes over names; none where nobody may ask for one.
    pub examiner: Option<Examiner>,
    /// Slows down whoever guesses passwords.
    pub guesses: Arc<guess::Guesses>,
    /// Slows down whoever asks too often.
    pub pace: Arc<pace::Paces>,
}

/// The provider's own settings, as far as people see them.
#[derive(Clone, Debug)]
pub struct House {
    /// What customers' records point to.
    pub place: Place,
    /// Suffixes accepted beside the public list.
    pub private_suffixes: Vec<String>,
    /// Services that a domain may route to; the first is the default.
    pub aliases: Vec<String>,
    /// Base of the addresses that are handed on, without a slash at its end.
    pub public_url: String,
    /// The provider's own name.
    pub brand: String,
    /// Whether keys of certificates that are obtained here may be exported.
    pub export_keys: bool,
    /// Where people find help beyond these pages.
    pub help_center: Option<String>,
}

/// Logs what failed inside and says only that something did; what the caller did wrong is said to them.
pub(crate) fn broken(error: &StoreError) -> Refusal {
    match error {
        StoreError::BadCursor => {
            let words = "The cursor is not one that a list gave out. Start without one.";
            return Refusal::field("bad_value", "cursor", words);
        }
        StoreError::UnstorableText => {
            let words = "The text holds a character that can't be kept. Take it out and try again.";
            return Refusal::new(Kind::Invalid, "bad_input", words);
        }
        _ => {}
    }
    tracing::error!(error = %chain(error), "a use case failed");
    Refusal::broken()
}

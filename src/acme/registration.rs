//! Our account at the CA: registered when the first call needs it, and again if the CA forgets us.
//!
//! Not at start-up: a CA that is down must not keep the rest of the house from starting, and then is an ordinary outage.

use super::account::AccountKey;
use super::client::CaSettings;
use super::http::{Heard, Http};
use super::refusal::{CaError, Subject, is_bad_nonce};
use instant_acme::{Account, Error};
use serde::Deserialize;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// A CA names a few identities at most; more is no list to check CAA records against.
const CAA_IDENTITIES: usize = 50;
/// instant-acme tries a refused nonce three times; the whole call is then made again this often. A CA that refuses 30 %
/// of all nonces, as Pebble can, stops a call of ten requests about once in a hundred thousand.
const NONCE_ROUNDS: usize = 8;

/// What a CA says of us and of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Our account's URL: the `accounturi` of CAA records (RFC 8657).
    pub account_uri: String,
    /// The names by which CAA records allow this CA (RFC 8555 §7.1.1); none when it does not say.
    pub caa_identities: Vec<String>,
}

#[derive(Default)]
pub(super) struct Registration {
    slot: Mutex<Slot>,
    attempts: AtomicU64,
}

#[derive(Default)]
struct Slot {
    open: Option<(Account, Standing)>,
    failed: Option<CaError>,
}

impl Registration {
    /// The account, registered now if it is not yet.
    pub(super) async fn account(
        &self,
        settings: &CaSettings,
        key: &AccountKey,
        http: &Http,
    ) -> Result<(Account, Standing), CaError> {
        let attempts_seen = self.attempts.load(Ordering::Acquire);
        let mut slot = self.slot.lock().await;
        if let Some(open) = &slot.open {
            return Ok(open.clone());
        }
        // Whoever waited while somebody else tried shares the outcome: a hundred domains must not queue for a hundred
        // time-outs of a CA that is down.
        if self.attempts.load(Ordering::Acquire) != attempts_seen
            && let Some(failed) = &slot.failed
        {
            return Err(failed.clone());
        }
        let outcome = past_nonces(Subject::Account, || register(settings, key, http)).await;
        self.attempts.fetch_add(1, Ordering::Release);
        match &outcome {
            Ok(open) => slot.open = Some(open.clone()),
            Err(failed) => slot.failed = Some(failed.clone()),
        }
        outcome
    }

    /// The CA does not know this account any more: the next call registers its key again.
    pub(super) async fn forget(&self, account_uri: &str) {
        self.slot.lock().await.open.take_if(|(account, _)| account.id() == account_uri);
    }
}

/// Makes a call, again from its start as long as the CA refuses nothing but nonces.
pub(super) async fn past_nonces<T, C>(subject: Subject, call: impl Fn() -> C) -> Result<T, CaError>
where
    C: Future<Output = Result<T, Stop>>,
{
    Heard::during(async {
        let mut round = 1;
        loop {
            match call().await {
                Ok(done) => return Ok(done),
                Err(Stop::Call(error)) if is_bad_nonce(&error) && round < NONCE_ROUNDS => round += 1,
                Err(Stop::Call(error)) => return Err(CaError::of_call(&error, &Heard::last(), subject)),
                Err(Stop::Said(error)) => return Err(error),
            }
        }
    })
    .await
}

/// Why a call stopped.
pub(super) enum Stop {
    /// A request failed.
    Call(Error),
    /// The answers were read already.
    Said(CaError),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

async fn register(settings: &CaSettings, key: &AccountKey, http: &Http) -> Result<(Account, Standing), Stop> {
    let builder = Account::builder_with_http(Box::new(http.clone()));
    let (account, _) = builder.create_from_key(key.signer()?, settings.directory_url.clone()).await?;
    if let Some(contact) = &settings.contact {
        account.update_contacts(&[&contact_uri(contact)]).await?;
    }
    let standing =
        Standing { account_uri: account.id().to_owned(), caa_identities: caa_identities(&Heard::last().directory) };
    Ok((account, standing))
}

/// A contact as RFC 8555 §7.3 wants it; people write a bare mail address.
fn contact_uri(contact: &str) -> String {
    if contact.contains(':') { contact.to_owned() } else { format!("mailto:{contact}") }
}

/// Reads the one field of the directory that instant-acme leaves out.
fn caa_identities(directory: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Directory {
        meta: Meta,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta {
        #[serde(default)]
        caa_identities: Vec<String>,
    }
    let mut identities =
        serde_json::from_slice::<Directory>(directory).map_or_else(|_| Vec::new(), |read| read.meta.caa_identities);
    identities.truncate(CAA_IDENTITIES);
    identities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::ProblemKind;
    use std::cell::Cell;

    #[test]
    fn caa_identities_are_read_where_the_ca_names_them() {
        let directory = br#"{"newNonce":"x","meta":{"caaIdentities":["letsencrypt.org","example.net"]}}"#;
        assert_eq!(caa_identities(directory), ["letsencrypt.org", "example.net"]);
        assert!(caa_identities(br#"{"meta":{}}"#).is_empty());
        assert!(caa_identities(br#"{"newNonce":"x"}"#).is_empty());
        assert!(caa_identities(b"").is_empty());
    }

    #[test]
    fn a_bare_mail_address_is_a_contact() {
        assert_eq!(contact_uri("ops@court.test"), "mailto:ops@court.test");
        assert_eq!(contact_uri("mailto:ops@court.test"), "mailto:ops@court.test");
    }

    fn refused(word: &str) -> Stop {
        let document = format!(r#"{{"type":"urn:ietf:params:acme:error:{word}"}}"#);
        Stop::Call(Error::Api(serde_json::from_str(&document).expect("a problem document")))
    }

    #[tokio::test]
    async fn only_refused_nonces_are_tried_again() {
        let calls = Cell::new(0);
        let count = |outcome: fn(usize) -> Result<usize, Stop>| {
            calls.set(calls.get() + 1);
            std::future::ready(outcome(calls.get()))
        };
        let third = |n| if n < 3 { Err(refused("badNonce")) } else { Ok(n) };
        assert_eq!(past_nonces(Subject::Order, || count(third)).await, Ok(3));

        calls.set(0);
        let never =
            past_nonces(Subject::Order, || count(|_| Err(refused("badNonce")))).await.expect_err("always refused");
        assert_eq!((calls.get(), never.problem.kind, never.ends_order), (NONCE_ROUNDS, ProblemKind::Outage, false));

        calls.set(0);
        let other = past_nonces(Subject::Order, || count(|_| Err(refused("badCSR")))).await.expect_err("refused");
        assert_eq!((calls.get(), other.ends_order), (1, true));
    }
}

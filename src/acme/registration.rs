//! Our account at the CA: registered when the first call needs it, and again if the CA forgets us.
//!
//! Not at start-up: a CA that is down must not keep the rest of the house from starting, and then is an ordinary outage.

use super::account::AccountKey;
use super::client::CaSettings;
use super::directory::Directory;
use super::http::{Heard, Http};
use super::jws::{self, ExternalAccount};
use super::refusal::{CaError, Subject, is_bad_nonce, is_lost_account};
use crate::domain::problem::ProblemKind;
use hyper::{Method, StatusCode};
use instant_acme::{Account, Error};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The directory is read anew this often: CAs add profiles and endpoints.
const READ_AGAIN: Duration = Duration::from_secs(24 * 3_600);
/// instant-acme tries a refused nonce three times; the whole call is then made again this often. A CA that refuses 30 %
/// of all nonces, as Pebble can, stops a call of ten requests about once in a hundred thousand.
const NONCE_ROUNDS: usize = 8;

/// What a CA says of us and of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The directory's URL.
    pub directory: String,
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
    open: Option<Open>,
    failed: Option<CaError>,
    /// Somebody took down what the open account's CA said.
    noted: bool,
}

/// An account that is ready for calls, and what its CA offers.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) account: Account,
    pub(super) standing: Standing,
    pub(super) directory: Arc<Directory>,
    read_again_at: Instant,
}

impl Registration {
    /// The account, registered now if it is not yet.
    pub(super) async fn open(&self, settings: &CaSettings, key: &AccountKey, http: &Http) -> Result<Open, CaError> {
        let attempts_seen = self.attempts.load(Ordering::Acquire);
        let mut slot = self.slot.lock().await;
        if let Some(open) = &slot.open
            && Instant::now() < open.read_again_at
        {
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
            Ok(open) => *slot = Slot { open: Some(open.clone()), failed: None, noted: false },
            Err(failed) => slot.failed = Some(failed.clone()),
        }
        outcome
    }

    /// What the CA said when the account was opened, to the first that asks.
    pub(super) async fn news(&self) -> Option<Standing> {
        let mut slot = self.slot.lock().await;
        let standing = slot.open.as_ref()?.standing.clone();
        (!std::mem::replace(&mut slot.noted, true)).then_some(standing)
    }

    /// The CA does not know this account any more, or has moved: the next call reads the directory and registers anew,
    /// unless somebody did meanwhile.
    pub(super) async fn forget(&self, outdated: &Open) {
        self.slot.lock().await.open.take_if(|open| Arc::ptr_eq(&open.directory, &outdated.directory));
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

async fn register(settings: &CaSettings, key: &AccountKey, http: &Http) -> Result<Open, Stop> {
    let directory = Directory::read(http, &settings.directory_url).await?;
    let contact: Vec<String> = settings.contact.iter().map(|contact| contact_uri(contact)).collect();
    let ours = json!({ "termsOfServiceAgreed": true, "contact": contact });
    let ask = async |payload: Value, bound_to: Option<&ExternalAccount>| -> Result<Heard, Stop> {
        let (url, nonce) = (&directory.new_account, http.nonce(&directory.new_nonce).await?);
        let body = jws::new_account(key, url, &nonce, payload, bound_to)?;
        Ok(http.ask(Method::POST, url, body).await?)
    };
    let heard = match &settings.external_account {
        None => ask(ours, None).await?,
        // CAs take some bindings only once, and an account that is there already needs none.
        Some(external) => match ask(json!({ "onlyReturnExisting": true }), None).await {
            Err(Stop::Call(error)) if is_lost_account(&error) => ask(ours, Some(external)).await?,
            found => found?,
        },
    };
    let account_uri = heard.location.ok_or(Error::Str("the account's URL"))?;
    let kept: Kept = serde_json::from_slice(&heard.body).map_err(Error::from)?;
    if kept.status != "valid" {
        let detail = format!("The CA says that our account {account_uri} is {}.", kept.status);
        return Err(Stop::Said(CaError::over(ProblemKind::Account, "account_not_valid", &detail)));
    }
    let builder = Account::builder_with_http(Box::new(http.clone()));
    let account = builder.from_parts(account_uri.clone(), key.pkcs8(), settings.directory_url.clone()).await?;
    // An account that was there already may have been made with another contact. CAs that keep none do not show it.
    if heard.status == Some(StatusCode::OK) && !contact.is_empty() && kept.contact != contact {
        account.update_contacts(&contact.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    }
    let caa_identities =
        if settings.caa_identities.is_empty() { directory.caa_identities() } else { settings.caa_identities.clone() };
    Ok(Open {
        account,
        standing: Standing { directory: settings.directory_url.clone(), account_uri, caa_identities },
        directory: Arc::new(directory),
        read_again_at: Instant::now() + READ_AGAIN,
    })
}

/// What a CA keeps of an account (RFC 8555 §7.1.2).
#[derive(Deserialize)]
struct Kept {
    status: String,
    #[serde(default)]
    contact: Vec<String>,
}

/// A contact as RFC 8555 §7.3 wants it; people write a bare mail address.
fn contact_uri(contact: &str) -> String {
    if contact.contains(':') { contact.to_owned() } else { format!("mailto:{contact}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::ProblemKind;
    use std::cell::Cell;

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

//! The real CA: instant-acme behind the [`Ca`] trait.

use super::account::AccountKey;
use super::http::{Http, TrustError};
use super::refusal::{CaError, Subject};
use super::registration::{Registration, Standing, Stop, past_nonces};
use super::{Ca, NewOrder, Opened, Progress, Proof, order};
use futures::future::BoxFuture;
use instant_acme::Account;
use std::time::Duration;

/// Where a CA is and how to speak to it.
#[derive(Clone, Debug)]
pub struct CaSettings {
    /// The operator's name for it.
    pub name: String,
    /// Its directory's URL (RFC 8555 §7.1.1); https only.
    pub directory_url: String,
    /// Where the CA may write to about our account: a mail address, with or without `mailto:`.
    pub contact: Option<String>,
    /// Roots to trust besides the platform's when calling it, as PEM: what a test CA needs.
    pub roots_pem: Option<Vec<u8>>,
}

/// A CA that speaks ACME.
pub struct AcmeCa {
    settings: CaSettings,
    key: AccountKey,
    http: Http,
    registration: Registration,
}

impl AcmeCa {
    /// Prepares to speak to a CA; no request is made before one is needed. By calling it one agrees to the CA's terms
    /// of service: they are accepted when the account is registered.
    ///
    /// # Errors
    /// When there is nothing to trust: no roots on this machine, or unreadable extra ones.
    pub fn new(settings: CaSettings, key: AccountKey) -> Result<Self, TrustError> {
        let http = Http::new(settings.roots_pem.as_deref())?;
        Ok(Self { settings, key, http, registration: Registration::default() })
    }

    /// What the CA says of our account and of itself; registers the account if that did not happen yet.
    ///
    /// # Errors
    /// [`CaError`], as every call.
    pub async fn standing(&self) -> Result<Standing, CaError> {
        Ok(self.registration.account(&self.settings, &self.key, &self.http).await?.1)
    }

    async fn call<T, C>(&self, subject: Subject, call: impl Fn(Account) -> C) -> Result<T, CaError>
    where
        C: Future<Output = Result<T, Stop>>,
    {
        let (account, standing) = self.registration.account(&self.settings, &self.key, &self.http).await?;
        let outcome = past_nonces(subject, || call(account.clone())).await;
        if outcome.as_ref().is_err_and(CaError::lost_account) {
            self.registration.forget(&standing.account_uri).await;
        }
        outcome
    }
}

impl Ca for AcmeCa {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn open<'a>(&'a self, wanted: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>> {
        Box::pin(self.call(Subject::Account, move |account| order::open(account, wanted)))
    }

    fn proof<'a>(&'a self, order_url: &'a str) -> BoxFuture<'a, Result<Proof, CaError>> {
        Box::pin(self.call(Subject::Order, move |account| order::proof(account, order_url)))
    }

    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        csr_der: &'a [u8],
        patience_ms: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>> {
        Box::pin(async move {
            // The one way to learn a time to come without reading a clock.
            let deadline = tokio::time::sleep(Duration::from_millis(patience_ms)).deadline();
            self.call(Subject::Order, |account| order::advance(account, order_url, csr_der, deadline)).await
        })
    }
}

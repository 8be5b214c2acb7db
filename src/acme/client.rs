//! The real CA: instant-acme behind the [`Ca`] trait.

use super::account::AccountKey;
use super::http::{Http, TrustError};
use super::in_hand::InHand;
use super::order::Pursued;
use super::pace::Paces;
use super::refusal::{CaError, Subject};
use super::registration::{Open, Registration, Standing, Stop, past_nonces};
use super::{Ca, ExternalAccount, NewOrder, Opened, Progress, Proof, Renewal, ari, order, revocation};
use crate::domain::limits::Limits;
use crate::domain::problem::ProblemKind;
use crate::domain::revocation::Reason;
use crate::domain::setup::SslValidation;
use futures::future::BoxFuture;
use std::time::Duration;

/// Where a CA is and how to speak to it.
#[derive(Clone, Debug, Default)]
pub struct CaSettings {
    /// The operator's name for it.
    pub name: String,
    /// Its directory's URL (RFC 8555 §7.1.1); https only.
    pub directory_url: String,
    /// Where the CA may write to about our account: a mail address, with or without `mailto:`.
    pub contact: Option<String>,
    /// Roots to trust besides the platform's when calling it, as PEM: what a test CA needs.
    pub roots_pem: Option<Vec<u8>>,
    /// What it lets one account have, by the operator's word; else what is known of the directory's host.
    pub limits: Option<Limits>,
    /// The profile to order by, one of those that its directory offers; the CA's own choice when none is named.
    pub profile: Option<String>,
    /// The account that people have with it, where it wants one (RFC 8555 §7.3.4).
    pub external_account: Option<ExternalAccount>,
    /// The names by which CAA records allow it, where its directory does not say so.
    pub caa_identities: Vec<String>,
    /// How long one request and its whole answer may take; ten seconds when nobody says.
    pub call_limit: Option<Duration>,
}

/// A CA that speaks ACME.
pub struct AcmeCa {
    settings: CaSettings,
    key: AccountKey,
    http: Http,
    registration: Registration,
    in_hand: InHand,
    paces: Paces,
}

impl AcmeCa {
    /// Prepares to speak to a CA; no request is made before one is needed. By calling it one agrees to the CA's terms
    /// of service: they are accepted when the account is registered.
    ///
    /// # Errors
    /// When there is nothing to trust: no roots on this machine, or unreadable extra ones.
    pub fn new(settings: CaSettings, key: AccountKey) -> Result<Self, TrustError> {
        let http = Http::new(settings.roots_pem.as_deref(), settings.call_limit)?;
        let (registration, in_hand, paces) = Default::default();
        Ok(Self { settings, key, http, registration, in_hand, paces })
    }

    /// What the CA says of our account and of itself; registers the account if that did not happen yet.
    ///
    /// # Errors
    /// [`CaError`], as every call.
    pub async fn standing(&self) -> Result<Standing, CaError> {
        Ok(self.registration.open(&self.settings, &self.key, &self.http).await?.standing)
    }

    /// Makes a call, and once more when the CA has moved or forgotten us since we read its directory: then nothing has
    /// happened yet. An order of an account that is gone is gone with it.
    async fn call<T, C>(&self, subject: Subject, call: impl Fn(Open) -> C) -> Result<T, CaError>
    where
        C: Future<Output = Result<T, Stop>>,
    {
        let mut again = true;
        loop {
            let open = self.open_account(subject).await?;
            let outcome = past_nonces(subject, || call(open.clone())).await;
            let Err(error) = &outcome else { return outcome };
            if !error.has_moved() && !error.lost_account() {
                return outcome;
            }
            self.registration.forget(&open).await;
            let forgotten_order = subject == Subject::Order && error.lost_account();
            if forgotten_order || !std::mem::take(&mut again) {
                return outcome;
            }
        }
    }

    async fn open_account(&self, subject: Subject) -> Result<Open, CaError> {
        self.registration.open(&self.settings, &self.key, &self.http).await.map_err(|error| {
            // A limit on accounts only delays an order that the CA knows.
            let goes_on = subject == Subject::Order && error.problem.kind == ProblemKind::RateLimited;
            CaError { ends_order: error.ends_order && !goes_on, ..error }
        })
    }
}

impl Ca for AcmeCa {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn limits(&self) -> Limits {
        let directory = self.settings.directory_url.parse::<hyper::Uri>().ok();
        let host = directory.as_ref().and_then(hyper::Uri::host).unwrap_or_default();
        self.settings.limits.unwrap_or_else(|| Limits::of_host(host))
    }

    fn news(&self) -> BoxFuture<'_, Option<Standing>> {
        Box::pin(self.registration.news())
    }

    fn open<'a>(&'a self, wanted: NewOrder<'a>) -> BoxFuture<'a, Result<Opened, CaError>> {
        Box::pin(self.call(Subject::Account, move |open| {
            order::open(open, &self.in_hand, self.settings.profile.as_deref(), wanted)
        }))
    }

    fn proof<'a>(&'a self, order_url: &'a str, validation: SslValidation) -> BoxFuture<'a, Result<Proof, CaError>> {
        Box::pin(
            self.call(Subject::Order, move |open| order::proof(open.account, &self.in_hand, order_url, validation)),
        )
    }

    fn advance<'a>(
        &'a self,
        order_url: &'a str,
        validation: SslValidation,
        csr_der: Option<&'a [u8]>,
        patience_ms: u64,
    ) -> BoxFuture<'a, Result<Progress, CaError>> {
        Box::pin(async move {
            // The one way to learn a time to come without reading a clock.
            let deadline = tokio::time::sleep(Duration::from_millis(patience_ms)).deadline();
            let pursued = Pursued { url: order_url, validation, csr_der, paces: &self.paces };
            let advance = |open: Open| order::advance(open.account, &self.in_hand, pursued, deadline);
            self.call(Subject::Order, advance).await
        })
    }

    fn revoke<'a>(&'a self, leaf_der: &'a [u8], reason: Reason) -> BoxFuture<'a, Result<(), CaError>> {
        Box::pin(self.call(Subject::Account, move |open| revocation::revoke(open.account, leaf_der, reason)))
    }

    fn renewal<'a>(&'a self, ari_id: &'a str) -> BoxFuture<'a, Result<Option<Renewal>, CaError>> {
        Box::pin(async move {
            let ask = async |open: Open| ari::renewal(&self.http, &open.directory, ari_id).await;
            self.call(Subject::Order, ask).await.map_err(|error| CaError { ends_order: false, ..error })
        })
    }
}

//! Revoking a certificate: why, and how far that came.
//!
//! Asked for by a person, written down, told to the CA by a worker until it has said yes or the certificate has ended. What
//! is revoked is served until its successor is there, which is ordered at once: many visitors' browsers look at no
//! revocation, and none of them can use a site without a certificate.

use super::facts::{Facts, Hand};
use super::id::CertificateId;
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use serde::{Deserialize, Serialize};

/// The CA is asked again after this, doubling, at most every hour.
const AGAIN_MS: i64 = MINUTE_MS;
/// So long a domain is not removed while its CA is to be told: nobody would tell it afterwards.
const HOLDS_MS: i64 = DAY_MS;

/// Why a certificate is revoked: those of RFC 5280 §5.3.1 that a CA lets the certificate's holder give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// None is given.
    #[default]
    Unspecified,
    /// Somebody else may have the key.
    KeyCompromise,
    /// Another certificate has taken its place.
    Superseded,
    /// The name is not used any more.
    CessationOfOperation,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Unspecified, Self::KeyCompromise, Self::Superseded, Self::CessationOfOperation];

    /// The word in the REST API and in forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key_compromise",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation_of_operation",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unspecified => "No particular reason",
            Self::KeyCompromise => "Somebody else may have the private key",
            Self::Superseded => "Another certificate has taken its place",
            Self::CessationOfOperation => "The name is not used any more",
        }
    }

    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// A revocation that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Which certificate.
    pub certificate: CertificateId,
    /// The CA that issued it.
    pub ca: String,
    /// Why.
    pub reason: Reason,
    /// Since when it is asked for.
    pub asked_at: Millis,
    /// Calls that failed.
    pub tries: u32,
    /// When the CA is asked next.
    pub due_at: Millis,
    /// When the certificate ends: nobody need be told of it after that.
    pub until: Millis,
    /// When the CA said yes.
    pub done_at: Option<Millis>,
}

impl Facts {
    /// The revocation that a CA is to be told of, and when.
    #[must_use]
    pub fn revocation_due(&self) -> Option<Millis> {
        let open = |revocation: &&Revocation| revocation.done_at.is_none() && revocation.due_at < revocation.until;
        self.revocation.as_ref().filter(open).map(|revocation| revocation.due_at)
    }

    /// Whether the domain has to stay, since its CA is being told.
    #[must_use]
    pub fn holds_for_revocation(&self, now: Millis) -> bool {
        let fresh = |revocation: &Revocation| now.since(revocation.asked_at) < HOLDS_MS;
        self.revocation_due().is_some() && self.revocation.as_ref().is_some_and(fresh)
    }

    /// Whether this certificate can be revoked: ours, held now, once, and one at a time.
    #[must_use]
    pub fn is_revocable(&self, certificate: &CertificateId) -> bool {
        let held = self.certificate.as_ref().is_some_and(|held| held.id == *certificate) && self.issued_by.is_some();
        held && self.revocation_due().is_none() && self.revocation_of_ours().is_none()
    }

    /// What is being done about the certificate that is held now.
    pub(super) fn revocation_of_ours(&self) -> Option<&Revocation> {
        let held = self.certificate.as_ref()?;
        self.revocation.as_ref().filter(|revocation| revocation.certificate == held.id)
    }

    pub(super) fn ask_revocation(&mut self, at: Millis, certificate: &CertificateId, reason: Reason) {
        let ours = self.certificate.as_ref().filter(|_| self.is_revocable(certificate));
        let (Some(ours), Some(ca)) = (ours, &self.issued_by) else { return };
        self.revocation = Some(Revocation {
            certificate: ours.id.clone(),
            ca: ca.clone(),
            reason,
            asked_at: at,
            tries: 0,
            due_at: at,
            until: ours.not_after,
            done_at: None,
        });
        self.replace_revoked(at);
    }

    /// Has a successor ordered at once; whoever takes the steps by hand is not waited for.
    pub(super) fn replace_revoked(&mut self, at: Millis) {
        self.renew_asked_at.get_or_insert(at);
        self.hand = self.hand.map(|_| Hand::Issue);
    }

    pub(super) fn revoke(&mut self, at: Millis, certificate: &CertificateId) {
        if let Some(revocation) = self.revocation.as_mut().filter(|one| one.certificate == *certificate) {
            revocation.done_at.get_or_insert(at);
        }
        self.forget_revocation();
    }

    pub(super) fn put_off_revocation(&mut self, at: Millis, certificate: &CertificateId, retry_after: Option<Millis>) {
        let told = |one: &&mut Revocation| one.certificate == *certificate && one.due_at <= at;
        if let Some(revocation) = self.revocation.as_mut().filter(told) {
            let wait_ms = (AGAIN_MS << revocation.tries.min(6)).min(HOUR_MS);
            revocation.tries = revocation.tries.saturating_add(1);
            let own = at.plus(wait_ms);
            revocation.due_at = retry_after.map_or(own, |named| named.max(own));
        }
    }

    /// What is done and replaced is over.
    pub(super) fn forget_revocation(&mut self) {
        let held = self.certificate.as_ref().map(|held| held.id.clone());
        self.revocation.take_if(|one| one.done_at.is_some() && held.as_ref() != Some(&one.certificate));
    }
}

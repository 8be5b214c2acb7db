//! The periodic check of a certificate in use: whether its CA has revoked it, and whether visitors still trust its chain.
//!
//! What could not be asked is never read as good or bad: what was known before stands. A revoked certificate that we obtained
//! is replaced at once, but not again for what came of that, so that a CA whose list is wrong makes no loop.

use super::facts::{Facts, Standing};
use super::id::CertificateId;
use super::schedule;
use super::setup::Setup;
use super::time::{HOUR_MS, Millis};
use serde::{Deserialize, Serialize};

/// A certificate is checked twice a day; CAs' lists are at most a day old.
const EVERY_MS: i64 = 12 * HOUR_MS;
/// One whose list could not be had is checked again after this.
const AGAIN_MS: i64 = HOUR_MS;

/// What a CA's list says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// It is not on the list.
    No,
    /// It is.
    Yes {
        /// Since when, as the list says.
        since: Option<Millis>,
        /// Why, in the list's words.
        reason: Option<String>,
    },
    /// It names no list.
    Nowhere,
    /// The list could not be had, or not be believed.
    Unknown(String),
}

impl Listed {
    /// How programs read it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::No => "not_listed",
            Self::Yes { .. } => "listed",
            Self::Nowhere => "no_list",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Whether visitors trust a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It leads to a root that visitors know.
    Public,
    /// It leads to none of those.
    Private,
    /// One of the certificates in it has ended: whose.
    Ended(String),
}

impl Trust {
    /// How programs read it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Ended(_) => "ended",
        }
    }
}

/// What a list of compromised keys says of a certificate's key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyListed {
    /// No list was asked, or it did not say.
    #[default]
    Unknown,
    /// It is not on the list.
    No,
    /// It is.
    Yes {
        /// On whose.
        by: String,
    },
}

/// The last check of one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Which.
    pub certificate: CertificateId,
    /// When.
    pub at: Millis,
    /// When the next one is due.
    pub next_at: Millis,
    /// What its CA's list says; [`Listed::Unknown`] only while nothing else was ever heard.
    pub listed: Listed,
    /// How far its chain is trusted.
    pub trust: Trust,
    /// Whether it was trusted by the public before.
    pub was_public: bool,
    /// What a list of compromised keys says; [`KeyListed::Unknown`] only while nothing else was ever heard.
    #[serde(default)]
    pub key: KeyListed,
}

/// When the certificate in use is checked next; none while there is none, or nobody wants it served.
#[must_use]
pub fn check_at(setup: &Setup, facts: &Facts, now: Millis) -> Option<Millis> {
    let held = facts.in_use().filter(|held| facts.standing == Standing::Live && now < held.not_after)?;
    match &facts.checked {
        // One of the future was noted before the clock was set back.
        Some(last) if last.certificate == held.id && last.at <= now.plus(HOUR_MS) => Some(last.next_at),
        Some(last) if last.certificate == held.id => Some(now),
        // Many that were issued together are not checked together.
        _ => Some(facts.issued_at.unwrap_or_default().plus(HOUR_MS + schedule::share(EVERY_MS / 2, setup.seed()))),
    }
}

impl Facts {
    /// Whether the certificate in use was revoked: somebody asked for that, or its CA's list says so.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        let Some(held) = self.in_use() else { return false };
        let asked = self.revocation.as_ref().filter(|one| one.certificate == held.id);
        asked.is_some_and(|one| one.done_at.is_some()) || self.listed().is_some()
    }

    /// The last check of the certificate in use, when its CA's list has it.
    #[must_use]
    pub fn listed(&self) -> Option<&Checked> {
        self.checked_now().filter(|last| matches!(last.listed, Listed::Yes { .. }))
    }

    /// Whether the certificate that we obtained is in use, and stands on its CA's list.
    #[must_use]
    pub fn ours_is_listed(&self) -> bool {
        self.uploaded.is_none() && self.listed().is_some()
    }

    /// The last check of the certificate in use.
    #[must_use]
    pub fn checked_now(&self) -> Option<&Checked> {
        let held = self.in_use()?;
        self.checked.as_ref().filter(|last| last.certificate == held.id)
    }

    /// Whose list has the key of the certificate in use.
    #[must_use]
    pub fn key_listed_by(&self) -> Option<&str> {
        match &self.checked_now()?.key {
            KeyListed::Yes { by } => Some(by),
            KeyListed::No | KeyListed::Unknown => None,
        }
    }

    pub(super) fn check(
        &mut self,
        at: Millis,
        certificate: &CertificateId,
        (listed, trust, key): (&Listed, &Trust, &KeyListed),
    ) {
        if self.in_use().is_none_or(|held| held.id != *certificate) {
            return;
        }
        let before = self.checked.take().filter(|last| last.certificate == *certificate);
        let unheard = matches!(listed, Listed::Unknown(_));
        let known = before.as_ref().filter(|_| unheard).map(|last| last.listed.clone());
        let known_key = before.as_ref().filter(|_| *key == KeyListed::Unknown).map(|last| last.key.clone());
        self.checked = Some(Checked {
            key: known_key.unwrap_or_else(|| key.clone()),
            certificate: certificate.clone(),
            at,
            next_at: at.plus(if unheard { AGAIN_MS } else { EVERY_MS }),
            listed: known.unwrap_or_else(|| listed.clone()),
            trust: trust.clone(),
            was_public: *trust == Trust::Public || before.as_ref().is_some_and(|last| last.was_public),
        });
        let is_news = before.is_none_or(|last| !matches!(last.listed, Listed::Yes { .. }));
        if is_news && self.ours_is_listed() && !self.hastened {
            self.replace_revoked(at);
        }
    }
}

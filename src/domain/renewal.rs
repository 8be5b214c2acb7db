//! When a certificate is renewed: inside the window that its CA names (RFC 9773), else at a share of its life.
//!
//! A CA's advice is heeded but never trusted: it can bring a renewal forward at once (the certificate will be revoked), yet
//! not again for what came of that; and it can't put one off past the backstop. So a CA that fails, lies or dates its
//! certificates back makes no loop and lets nothing expire.

use super::certificate::Certificate;
use super::facts::Facts;
use super::schedule;
use super::setup::Setup;
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use serde::{Deserialize, Serialize};

/// A CA that names no time is asked twice a day.
const ASK_EVERY_MS: i64 = 12 * HOUR_MS;
/// A CA that could not be asked is asked again after this.
const ASK_AGAIN_MS: i64 = 6 * HOUR_MS;
/// Whatever the CA says, it is asked no more often and no more rarely than this (RFC 9773 §4.3.2).
const ASK_LEAST_MS: i64 = MINUTE_MS;
const ASK_MOST_MS: i64 = DAY_MS;

/// What a CA said of when to renew one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// The certificate's ARI identifier: a window of the predecessor says nothing of its successor.
    pub ari_id: String,
    /// The window; none when the CA names none.
    pub window: Option<Window>,
    /// Since when the CA says so.
    pub since: Millis,
    /// When to ask again.
    pub ask_at: Millis,
}

/// A CA's window: renewal is asked for at a random moment in it (RFC 9773 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Start.
    pub start: Millis,
    /// End.
    pub end: Millis,
    /// Where the CA explains it; hostile, shown as text only.
    #[serde(default)]
    pub explanation_url: Option<String>,
}

impl Window {
    /// This certificate's own moment in it.
    fn moment(&self, seed: u64) -> Millis {
        let width = self.end.since(self.start).max(0);
        self.start.plus(schedule::share(width, seed))
    }
}

/// When the certificate should be renewed; none while there is none.
#[must_use]
pub fn moment(setup: &Setup, facts: &Facts) -> Option<Millis> {
    let certificate = facts.certificate.as_ref()?;
    let soonest = soonest(certificate, facts);
    let planned = schedule::renew_at(certificate, setup.seed()).max(soonest);
    let Some((advice, window)) = window(facts) else { return Some(planned) };
    // A window in the past means now: at the moment when that was heard.
    let wished = window.moment(setup.seed()).max(advice.since);
    let wished = if facts.hastened { wished.max(soonest) } else { wished };
    Some(wished.min(schedule::backstop(certificate).max(planned)))
}

/// From when a renewal that did not happen reads "Renewal Failing": a day late, or a tenth of life for short ones. None
/// while an uploaded certificate is served, and ours rests.
#[must_use]
pub fn late_at(setup: &Setup, facts: &Facts) -> Option<Millis> {
    let life = facts.certificate.as_ref().filter(|_| facts.uploaded.is_none())?.life_ms();
    Some(moment(setup, facts)?.plus(DAY_MS.min(life / 10)))
}

/// Whether a renewal at this time happens only because the CA's advice brought it forward.
#[must_use]
pub fn is_hasty(facts: &Facts, at: Millis) -> bool {
    let soon = |certificate: &Certificate| at < soonest(certificate, facts);
    facts.renew_asked_at.is_none() && window(facts).is_some() && facts.certificate.as_ref().is_some_and(soon)
}

/// Whether the CA's window for the certificate has begun: a renewal that names what it replaces then counts against none of
/// its limits.
#[must_use]
pub fn window_is_open(facts: &Facts, now: Millis) -> bool {
    window(facts).is_some_and(|(_, window)| window.start <= now)
}

/// When to ask the CA about the certificate; none when it can't be asked or there is no point.
#[must_use]
pub fn ask_at(setup: &Setup, facts: &Facts, now: Millis) -> Option<Millis> {
    let certificate = facts.certificate.as_ref().filter(|held| now < held.not_after)?;
    let ari_id = certificate.ari_id.as_ref()?;
    facts.issued_by.as_ref()?;
    match &facts.advice {
        Some(advice) if advice.ari_id == *ari_id => Some(advice.ask_at),
        // The first time somewhere in the first half day, so that many that were issued together don't ask together.
        _ => Some(facts.issued_at?.plus(every_ms(certificate) / 2 + schedule::share(ASK_EVERY_MS / 2, setup.seed()))),
    }
}

/// When to ask again after an answer, by the CA's `Retry-After`.
#[must_use]
pub fn ask_again_at(certificate: &Certificate, retry_after_ms: Option<u64>, now: Millis) -> Millis {
    let named = retry_after_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
    now.plus(named.unwrap_or_else(|| every_ms(certificate)).clamp(ASK_LEAST_MS, ASK_MOST_MS))
}

/// When to ask again after a failure.
#[must_use]
pub fn ask_after_failure_at(certificate: &Certificate, retry_after_ms: Option<u64>, now: Millis) -> Millis {
    let named = retry_after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX));
    now.plus(named.clamp(ASK_AGAIN_MS.min(every_ms(certificate)), ASK_MOST_MS))
}

/// A certificate of few days is asked about more often.
fn every_ms(certificate: &Certificate) -> i64 {
    ASK_EVERY_MS.min(certificate.life_ms() / 10).max(ASK_LEAST_MS)
}

/// Unless its CA brings it forward, a certificate is not renewed before this.
fn soonest(certificate: &Certificate, facts: &Facts) -> Millis {
    facts.issued_at.map_or_else(Millis::default, |at| schedule::renewed_never_before(certificate, at))
}

/// The window that the CA names for the certificate that is held now.
#[must_use]
pub fn advised(facts: &Facts) -> Option<&Window> {
    window(facts).map(|(_, window)| window)
}

/// What the CA said of the certificate that is held now, if it makes sense.
fn window(facts: &Facts) -> Option<(&Advice, &Window)> {
    let advice = facts.advice.as_ref()?;
    let ours = facts.certificate.as_ref()?.ari_id.as_deref() == Some(advice.ari_id.as_str());
    let window = advice.window.as_ref().filter(|window| ours && window.start <= window.end)?;
    Some((advice, window))
}

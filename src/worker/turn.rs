//! The next order's place: at which CA, what it counts for there, and the wait when the CA has none for it.

use super::perform::{Outcome, PerformError, Tools};
use crate::acme::{Ca, Standing};
use crate::domain::authority;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::limits::{Counted, PAUSED};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::renewal;
use crate::domain::schedule;
use crate::domain::setup::Setup;
use crate::domain::time::{MINUTE_MS, Millis};
use crate::failpoint::{Act, around};
use crate::store::{AccountStanding, Extra, StoreError, Stored, Terms, Wait};
use crate::wire::when::When;

impl Tools {
    /// The CAs' names in the operator's order.
    pub(super) fn authorities(&self) -> Vec<String> {
        self.cas.iter().map(|ca| ca.name().to_owned()).collect()
    }

    /// The CA that is free for an order now, by the CAs that are configured now.
    pub(super) fn ca_in_turn(&self, facts: &Facts, now: Millis) -> Option<&dyn Ca> {
        let names = self.authorities();
        let turn = authority::turn(&names, facts, now, now);
        self.ca_named(turn.ca.filter(|_| turn.at <= now)?)
    }

    /// The CA of this name.
    pub(super) fn ca_named(&self, name: &str) -> Option<&dyn Ca> {
        self.cas.iter().find(|ca| ca.name() == name).map(AsRef::as_ref)
    }

    /// The registered domain, which CAs count by.
    pub(super) fn registrable(&self, setup: &Setup) -> String {
        let suffixes = super::suffixes::suffixes(&self.private_suffixes);
        setup.hostname.registrable(suffixes).unwrap_or_else(|| setup.hostname.base()).to_owned()
    }

    /// Asks our own accounting before anything else is done for an order: a look at DNS, a key. Its wait, if there is one.
    pub(super) async fn waits_for_place(&self, stored: &Stored, now: Millis) -> Result<Option<Outcome>, PerformError> {
        let (setup, facts) = (&stored.setup, &stored.facts);
        let Some(ca) = self.ca_in_turn(facts, now) else { return Ok(None) };
        let (registrable, terms) = (self.registrable(setup), terms(ca, facts, now));
        let hostname = setup.hostname.to_string();
        let wait = self.store.order_waits(ca.name(), &hostname, &registrable, &terms, now);
        let wait: Result<_, StoreError> = around(Act::OrderWaits, wait).await;
        Ok(wait?.map(|wait| postponed(ca.name(), &wait, setup, &registrable, facts, now).into()))
    }
}

/// What the CA said of our account since it was last asked, to be written down.
pub(super) async fn heard(ca: &dyn Ca) -> Option<Extra> {
    let Standing { directory, account_uri, caa_identities } = ca.news().await?;
    Some(Extra::AccountKnown(AccountStanding { ca: ca.name().to_owned(), directory, account_uri, caa_identities }))
}

/// What an order counts for at a CA, and what that CA allows.
pub(super) fn terms(ca: &dyn Ca, facts: &Facts, now: Millis) -> Terms {
    let again = facts.issued_by.as_deref() == Some(ca.name());
    let counted = match replaced(ca, facts) {
        Some(_) if renewal::window_is_open(facts, now) => Counted::Replacement,
        _ if again => Counted::Renewal,
        _ => Counted::New,
    };
    Terms { counted, limits: ca.limits() }
}

/// What an order at this CA replaces: only its own certificates mean anything to it.
pub(super) fn replaced<'a>(ca: &dyn Ca, facts: &'a Facts) -> Option<&'a str> {
    let held = facts.certificate.as_ref().filter(|_| facts.issued_by.as_deref() == Some(ca.name()))?;
    held.ari_id.as_deref()
}

/// The wait as an event. The soonest to expire come back first, each at a full minute and its own distance after it.
pub(super) fn postponed(ca: &str, wait: &Wait, setup: &Setup, registrable: &str, facts: &Facts, now: Millis) -> Event {
    let Millis(free_at) = wait.until();
    let minute = Millis(free_at - free_at.rem_euclid(MINUTE_MS) + MINUTE_MS);
    let until = minute.plus(schedule::queue_ms(facts.certificate.as_ref(), now));
    let (kind, name, rule) = match wait {
        Wait::Paused { kind, .. } => (*kind, PAUSED, format!("{ca} takes no orders from us for now")),
        Wait::Limited { rule, limit, .. } => {
            let words = rule.words(*limit, ca, &setup.hostname.to_string(), registrable);
            (ProblemKind::RateLimited, rule.problem_name(), words)
        }
    };
    let detail = format!("{rule}; the next place is free at {}", When(until).date_time());
    Event::OrderPostponed { ca: ca.to_owned(), problem: Problem { kind, name: name.to_owned(), detail }, until }
}

/// The same for an order that was planned and found no place when it was to be written.
pub(super) fn refused_place(extras: &[Extra], wait: &Wait, stored: &Stored, now: Millis) -> Option<Event> {
    extras.iter().find_map(|extra| match extra {
        Extra::OrderBegun { ca, registrable, .. } => {
            Some(postponed(ca, wait, &stored.setup, registrable, &stored.facts, now))
        }
        _ => None,
    })
}

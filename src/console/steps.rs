//! Use cases of the three steps by hand: Order Certificate, Verify Challenge, Issue/Renew Certificate.
//!
//! They are the worker's own steps: a person only says how far it may go.

use super::broken;
use super::desk::Desk;
use crate::domain::facts::Hand;
use crate::domain::id::DomainId;
use crate::domain::role::Act;
use crate::domain::step::next_by_hand;
use crate::wire::error::{Kind, Refusal};

/// The word of a step in the REST API and in forms.
#[must_use]
pub const fn word(step: Hand) -> &'static str {
    match step {
        Hand::Waiting => "wait",
        Hand::Order => "order",
        Hand::Verify => "verify",
        Hand::Issue => "issue",
    }
}

impl Desk {
    /// Leaves the three steps to whoever presses their buttons, or to us again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn hand_over(&self, id: &str, by_hand: bool) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let words = if by_hand { "Steps are taken by hand from now on" } else { "Steps go by themselves again" };
        let entry = self.entry("steps.handed", words.into());
        let (id, now) = (DomainId::new(id), self.console.clock.now());
        let done = self.console.store.hand_over(&self.caller.scope(), &id, by_hand, Some(entry), now).await;
        if done.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Takes the next of the three steps.
    ///
    /// # Errors
    /// `not_by_hand` while they go by themselves, `not_the_next_step` with the one that is.
    pub async fn take_step(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let steps = [
            (Hand::Order, "Order Certificate"),
            (Hand::Verify, "Verify Challenge"),
            (Hand::Issue, "Issue/Renew Certificate"),
        ];
        let wanted = steps.into_iter().find(|(step, _)| word(*step) == typed);
        let (step, label) = wanted
            .ok_or_else(|| Refusal::field("bad_value", "step", "The step is \"order\", \"verify\" or \"issue\"."))?;
        if stored.facts.hand.is_none() {
            let words = "The steps of this domain go by themselves. Take them by hand first.";
            return Err(Refusal::new(Kind::Conflict, "not_by_hand", words));
        }
        let now = self.console.clock.now();
        let next = next_by_hand(&stored.setup, &stored.facts, now);
        if next != Some(step) {
            let words = match next {
                Some(next) => format!("The next step is \"{}\".", word(next)),
                None => "Nothing is left to be done by hand now: we are at work, or a record is missing.".to_owned(),
            };
            return Err(Refusal::new(Kind::Conflict, "not_the_next_step", words));
        }
        let entry = self.entry("steps.taken", label.to_owned());
        let taken = self.console.store.take_step(&self.caller.scope(), &stored.setup.id, step, Some(entry), now).await;
        if taken.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }
}

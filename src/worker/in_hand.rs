//! Domains whose walks are just writing down what this node then shows or serves: they do so themselves, and what follows
//! the store's changes need not read the same again.
//!
//! Only a shortcut: what a walk did not bring to its end, whatever stopped it, is left to the one that follows.

use crate::domain::id::DomainId;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Domains in walks' hands, and those that were left.
#[derive(Default)]
pub(super) struct InHand {
    domains: Mutex<Domains>,
    left: Notify,
}

#[derive(Default)]
struct Domains {
    held: HashSet<DomainId>,
    left: HashSet<DomainId>,
}

/// One domain in a walk's hand, from before the write until it is shown and served.
pub(super) struct Hand<'a> {
    of: &'a InHand,
    domain: &'a DomainId,
    done: bool,
}

impl InHand {
    /// Takes a domain in hand.
    pub(super) fn take<'a>(&'a self, domain: &'a DomainId) -> Hand<'a> {
        self.domains().held.insert(domain.clone());
        Hand { of: self, domain, done: false }
    }

    /// Whether a walk will show and serve this domain, or leave it.
    pub(super) fn holds(&self, domain: &DomainId) -> bool {
        self.domains().held.contains(domain)
    }

    /// The domains that walks have left, as soon as there are any.
    pub(super) async fn left(&self) -> HashSet<DomainId> {
        loop {
            let left = std::mem::take(&mut self.domains().left);
            if !left.is_empty() {
                return left;
            }
            self.left.notified().await;
        }
    }

    fn domains(&self) -> MutexGuard<'_, Domains> {
        self.domains.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hand<'_> {
    /// It is shown and served as it was written.
    pub(super) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        let mut domains = self.of.domains();
        domains.held.remove(self.domain);
        if !self.done {
            domains.left.insert(self.domain.clone());
            self.of.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn what_a_walk_did_not_end_is_left_to_others() {
        let (in_hand, domain) = (InHand::default(), DomainId::new("one"));
        let hand = in_hand.take(&domain);
        assert!(in_hand.holds(&domain));
        hand.done();
        assert!(!in_hand.holds(&domain));
        assert_eq!(in_hand.left().now_or_never(), None);
        drop(in_hand.take(&domain));
        assert!(!in_hand.holds(&domain));
        assert_eq!(in_hand.left().now_or_never(), Some(HashSet::from([domain])));
        assert_eq!(in_hand.left().now_or_never(), None);
    }
}

//! The triage queue: what is not Ready, in heaps of one cause.

use super::list::Count;
use super::people::CustomerView;
use super::when::When;
use crate::domain::finding::Owner;
use serde::{Deserialize, Serialize};

/// What a queue is narrowed to; empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TriageSearch {
    /// Customer, by id or name.
    pub customer: String,
    /// Who can act: a word of [`Owner::word`].
    pub owner: String,
}

/// The queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageView {
    /// How many domains are in it.
    pub total: Count,
    /// The one that waits longest first.
    pub heaps: Vec<HeapView>,
    /// Whose domains it can be narrowed to.
    pub customers: Vec<CustomerView>,
}

/// Domains that wait for the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeapView {
    /// What they wait for, as addresses have it.
    pub cause: String,
    /// What that means, in one line.
    pub title: String,
    /// Who can act.
    pub owner: Owner,
    /// How many.
    pub domains: Count,
    /// Since when the oldest waits.
    pub oldest: When,
    /// How long that is, in words.
    pub waits: String,
    /// A reply to any of their customers, with words in brackets where it differs; none when the oldest went on meanwhile.
    pub reply: Option<String>,
}

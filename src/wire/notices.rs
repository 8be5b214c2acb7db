//! What people choose to be written about.

use serde::{Deserialize, Serialize};

/// A topic, and whether mails about it are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceView {
    /// Its word.
    pub topic: String,
    /// What people choose by.
    pub label: String,
    /// Whether it is wanted.
    pub wanted: bool,
}

/// What the link in a mail offers to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeView {
    /// The topic; none when all mails are meant.
    pub topic: Option<String>,
}

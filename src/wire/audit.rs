//! The audit log as pages and scripts see it.

use super::when::When;
use serde::{Deserialize, Serialize};

/// An act of a person or token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// Its place in the log, counted from one without gaps.
    pub seq: i64,
    /// When.
    pub at: When,
    /// Who, as the timeline names them.
    pub actor: String,
    /// The person's or the token's id; none at the command line.
    pub actor_id: Option<String>,
    /// Where their connection came from.
    pub address: Option<String>,
    /// What they did, as a stable word.
    pub act: String,
    /// Id of the customer whose thing it was; none for the provider's.
    pub customer: Option<String>,
    /// Id of the thing.
    pub subject: String,
    /// The web domain's name, if it was about one.
    pub domain: Option<String>,
    /// One plain sentence.
    pub summary: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// SHA-256 over the entry before and this one, in hexadecimal.
    pub hash: String,
}

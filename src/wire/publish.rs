//! Publish for me: the key that may change a zone, and what it would change.

use super::when::When;
use crate::domain::publishing::Step;
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishView {
    /// The web domain's name.
    pub domain: String,
    /// The zone that its records lie in; none before the first look.
    pub zone: Option<String>,
    /// Addresses of the zone's own name servers, to choose from.
    pub servers: Vec<String>,
    /// The key that may change the zone.
    pub key: Option<UpdateKeyView>,
    /// What would be done with each record.
    pub plan: Vec<PlannedView>,
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateKeyView {
    /// Where the zone is changed.
    pub server: String,
    /// The key's name.
    pub name: String,
    /// How it signs.
    pub algorithm: String,
    /// Who stored it.
    pub created_by: String,
    /// When.
    pub created_at: When,
}

/// What would be done with a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedView {
    /// Its label.
    pub label: String,
    /// Its full name.
    pub host: String,
    /// Its type.
    pub rtype: String,
    /// Its value.
    pub value: String,
    /// What would be done.
    pub step: Step,
}

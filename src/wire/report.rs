//! A Monitoring Report as it crosses the wire.

use super::domain::FindingView;
use super::when::When;
use crate::domain::monitoring::Section;
use crate::domain::reach::Outside;
use serde::{Deserialize, Serialize};

/// Everything that was seen of a domain from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportView {
    /// The name.
    pub domain: String,
    /// When it was looked at.
    pub made_at: When,
    /// The state in one sentence.
    pub headline: String,
    /// What was found, cause first.
    pub findings: Vec<FindingView>,
    /// What a visitor's browser reaches is compared with this.
    pub outside: Outside,
    /// What such a browser asks our edge.
    pub question: String,
    /// What was seen.
    pub sections: Vec<Section>,
}

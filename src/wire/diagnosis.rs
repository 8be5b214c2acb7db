//! A diagnosis as pages and scripts see it: findings, what was wanted, what was seen, and what a CA sees.

use super::domain::{DomainView, FindingView};
use super::when::When;
use crate::domain::observed::RecordState;
use crate::domain::record::{Purpose, RecordType};
use serde::{Deserialize, Serialize};

/// Why a name is not Active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisView {
    /// The name.
    pub domain: String,
    /// The cause in one sentence.
    pub headline: String,
    /// Cause first: the first blocking one.
    pub findings: Vec<FindingView>,
    /// What its owner must publish; empty for a name that is in no Console.
    pub required: Vec<RequiredView>,
    /// What was seen of it.
    pub observed: Vec<ObservedView>,
    /// Each question a CA asks, with everybody's answer; empty before the first full pass.
    pub grid: Vec<QuestionView>,
    /// The climb to the CAA rule in force; empty before the first full pass.
    pub caa: Vec<CaaView>,
    /// When the full pass was made.
    pub examined_at: Option<When>,
}

impl DiagnosisView {
    /// What a domain's view says of it; the full pass is not told there.
    #[must_use]
    pub fn of(view: &DomainView) -> Self {
        let required = view.dns_records.iter().map(|record| RequiredView {
            purpose: record.purpose,
            rtype: record.rtype,
            host: record.host.clone(),
            value: record.value.clone(),
        });
        let observed = view.dns_records.iter().map(|record| ObservedView {
            purpose: record.purpose,
            state: record.state,
            found: record.found.clone(),
            servers: record.servers.clone(),
            checked_at: record.checked_at,
        });
        Self {
            domain: view.domain.clone(),
            headline: view.headline.clone(),
            findings: view.findings.clone(),
            required: required.collect(),
            observed: observed.collect(),
            grid: Vec::new(),
            caa: Vec::new(),
            examined_at: None,
        }
    }
}

/// A record that the owner must publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredView {
    /// What it is for.
    pub purpose: Purpose,
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// Its full name.
    pub host: String,
    /// Its value.
    pub value: String,
}

/// What was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedView {
    /// What it is for.
    pub purpose: Purpose,
    /// What holds.
    pub state: RecordState,
    /// What was found at its name.
    pub found: Vec<String>,
    /// What each server answered, in words.
    pub servers: Vec<String>,
    /// When it was looked at.
    pub checked_at: Option<When>,
}

/// A question that a CA asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionView {
    /// About which name.
    pub name: String,
    /// For which type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// Everybody's answer.
    pub answers: Vec<CellView>,
}

/// One server's answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellView {
    /// Who answered.
    pub server: String,
    /// At which address.
    pub address: String,
    /// What, in words.
    pub words: String,
    /// Whether it differs from what most of the zone's own servers say.
    pub differs: bool,
}

/// One step of the climb to the CAA rule in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaaView {
    /// The name that was asked about.
    pub name: String,
    /// Where the records stand, when an alias leads elsewhere.
    pub at: Option<String>,
    /// The records there.
    pub lines: Vec<String>,
    /// Whether the question failed.
    pub failed: bool,
    /// Whether this is the rule in force.
    pub in_force: bool,
}

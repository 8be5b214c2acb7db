//! Approval by e-mail, as those who ask for it and those who are asked see it.

use super::when::When;
use serde::{Deserialize, Serialize};

/// Whom a domain's owner can have asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproversView {
    /// The name in DNS.
    pub domain: String,
    /// Addresses that can be asked, the closest to the domain first.
    pub addresses: Vec<String>,
    /// Names at which no mail is taken.
    pub without_mail: Vec<String>,
    /// The last request.
    pub request: Option<ApprovalView>,
}

/// A request to approve a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalView {
    /// The Approver's Email.
    pub address: String,
    /// Who asked.
    pub requested_by: String,
    /// When the mail was sent.
    pub sent_at: When,
    /// Until when its link works.
    pub expires_at: When,
    /// `waiting`, `expired`, `approved`, `declined` or `replaced`.
    pub state: String,
}

/// What the approver sees who opens the mail's link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedView {
    /// The name in DNS.
    pub domain: String,
    /// The customer that asks.
    pub customer: String,
    /// The agency that the domain is for.
    pub agency: Option<String>,
    /// Who sent the request.
    pub requested_by: String,
    /// The address that was asked.
    pub address: String,
    /// Until when it can be answered.
    pub expires_at: When,
}

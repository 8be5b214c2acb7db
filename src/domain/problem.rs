//! What a CA says when it does not issue, in the planner's terms.

use serde::{Deserialize, Serialize};

/// The kind of a CA's problem, by what can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The CA could not be reached, was slow, or failed by itself: try again.
    Outage,
    /// Too many requests: wait until the CA's time (RFC 8555 §6.6).
    RateLimited,
    /// The CA could not validate the domain: look at DNS.
    Validation,
    /// A CAA record forbids this CA (RFC 8659).
    CaaForbids,
    /// The CA declines this name by policy.
    Policy,
    /// The order or its authorizations lapsed.
    Expired,
    /// Our account, key or request was refused: an operator's matter.
    Account,
    /// What the CA delivered failed our own checks.
    BadCertificate,
}

impl ProblemKind {
    /// The code that stands for all of its kind where numbers are counted; the CA's words may name a closer one.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outage => "ca_outage",
            Self::RateLimited => "ca_rate_domain",
            Self::Validation => "ca_token",
            Self::CaaForbids => "caa_forbids",
            Self::Policy => "ca_policy",
            Self::Expired => "ca_expired",
            Self::Account => "ca_account",
            Self::BadCertificate => "ca_csr",
        }
    }
}

/// The name of a problem of our own: our name servers do not show the challenge's answer.
pub const NOT_ON_SHOW: &str = "dcv_not_on_show";

/// A CA's refusal or failure, with its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What can be done about it.
    pub kind: ProblemKind,
    /// The CA's problem type, such as `urn:ietf:params:acme:error:caa`, or our own word.
    pub name: String,
    /// The CA's own text: hostile, shown as text only.
    pub detail: String,
}

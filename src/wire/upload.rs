//! An upload as people check it before it is served.

use super::when::When;
use crate::domain::certificate::Reach;
use serde::{Deserialize, Serialize};

/// An upload that waits for a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadView {
    /// Its id.
    pub id: String,
    /// Where it was uploaded.
    pub domain_id: String,
    /// That domain's name.
    pub domain: String,
    /// Certificate Name.
    pub name: String,
    /// Scope.
    pub reach: Reach,
    /// Every DNS name that it covers.
    pub names: Vec<String>,
    /// Certificate Authority.
    pub certificate_authority: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The serial number.
    pub serial: String,
    /// SHA-256 over the certificate.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub issued_at: When,
    /// End of validity.
    pub expires_at: When,
    /// Certificates that visitors are sent, this one included.
    pub chain: usize,
    /// What people should know before they say yes.
    pub warnings: Vec<String>,
    /// Whether control of the domain is proven, without which nothing is served.
    pub verified: bool,
    /// Until when it waits.
    pub waits_until: When,
}

//! All certificates by expiry, and one of them with everything that is known of it.

use super::domain::CertificateView;
use super::when::When;
use serde::{Deserialize, Serialize};

/// Days within which a certificate counts as expiring.
pub const EXPIRING_DAYS: i64 = super::list::View::EXPIRING_DAYS;

/// Opens the PFX file of a public chain. It protects nothing; some programs open no file without a password.
pub const CHAIN_PASSWORD: &str = "padlock";

/// What the list of certificates is narrowed to; empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateSearch {
    /// `expiring`: ends within [`EXPIRING_DAYS`] days.
    pub view: String,
    /// `acme` or `upload`.
    pub source: String,
    /// Default Agency, by id or name.
    pub agency: String,
    /// Rows.
    pub limit: Option<u32>,
    /// Where to start.
    pub cursor: String,
}

/// A certificate in use, as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRow {
    /// Its id.
    pub id: String,
    /// Id of its web domain.
    pub domain_id: String,
    /// Name of its web domain.
    pub domain: String,
    /// The Default Agency's name, or the customer's.
    pub agency: String,
    /// Where it came from: `acme` or `upload`.
    pub source: String,
    /// Certificate Authority.
    pub certificate_authority: String,
    /// End of validity.
    pub expires_at: When,
    /// When it will be renewed; none for one that was uploaded.
    pub renew_at: Option<When>,
    /// See [`CertificateView::status`].
    pub status: String,
}

/// A certificate that may be exported with its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportableView {
    /// The certificate.
    pub certificate: CertificateView,
    /// Whether the person has a password to type once more; else a fresh sign-in counts.
    pub has_password: bool,
}

/// A page of the Console's list of certificates, with the coming renewals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateList {
    /// The rows, the first to expire first.
    pub items: Vec<CertificateRow>,
    /// Leads to the page before; none on the first.
    pub prev_cursor: Option<String>,
    /// Leads to the page after; none on the last.
    pub next_cursor: Option<String>,
    /// Renewals in each of the coming weeks, whatever the list is narrowed to.
    pub weeks: Vec<Week>,
}

/// How many certificates are renewed in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// When it begins.
    pub begins_at: When,
    /// How many; the first week has those that are due already.
    pub renewals: u32,
}

/// A certificate with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateDetails {
    /// What its web domain's page shows too.
    #[serde(flatten)]
    pub certificate: CertificateView,
    /// Id of its web domain.
    pub domain_id: String,
    /// Name of its web domain.
    pub domain: String,
    /// DNS names that it is for.
    pub names: Vec<String>,
    /// Kind and size of its key, such as `ECDSA P-256`.
    pub key_type: String,
    /// The chain as it is served, the certificate itself first.
    pub chain: Vec<ChainPart>,
    /// When its CA wants it renewed (RFC 9773); none when the CA names no time, or it is not in use.
    pub renewal_window: Option<RenewalWindow>,
    /// Its last validity check; none before the first, or when it is not in use.
    pub last_check: Option<LastCheck>,
}

/// What a validity check of a certificate in use came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When.
    pub at: When,
    /// When the next one is due.
    pub next_at: When,
    /// What its CA's list of revoked certificates says: `not_listed`, `listed`, `no_list` or `unknown`.
    pub revocation: String,
    /// Who trusts its chain: `public`, `private`, or `ended` for nobody any more.
    pub trust: String,
}

/// One certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainPart {
    /// The distinguished name of whose it is.
    pub subject: String,
    /// The distinguished name of who signed it.
    pub issuer: String,
    /// SHA-256 over its DER, hexadecimal.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub issued_at: When,
    /// End of validity.
    pub expires_at: When,
    /// Kind and size of its key.
    pub key_type: String,
}

/// When a CA wants a certificate renewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalWindow {
    /// Not before then.
    pub from: When,
    /// Not after then.
    pub until: When,
    /// Where the CA explains it; a stranger's text.
    pub explanation_url: Option<String>,
}

/// What the page of one certificate shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePage {
    /// The certificate.
    pub details: CertificateDetails,
    /// Every certificate of its web domain, this one among them, newest first.
    pub history: Vec<CertificateView>,
    /// Whether the person may export it with its key.
    pub exportable: bool,
    /// Whether the person may have it revoked.
    pub revocable: bool,
}

//! A web domain as pages and scripts see it; the field names are the REST API's.

use super::when::When;
use crate::domain::changes::DnsChange;
use crate::domain::finding::{Owner, Severity};
use crate::domain::observed::RecordState;
use crate::domain::recipe::{Line, Sheet};
use crate::domain::record::{Purpose, RecordType};
use crate::domain::report::Reports;
use crate::domain::setup::{SslValidation, VerificationMethod};
use crate::domain::status::{DomainStatus, SslStatus};
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; none on the last.
    pub next_cursor: Option<String>,
}

/// A web domain with everything that its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainView {
    /// Its id.
    pub id: String,
    /// The name in DNS, with the star of a wildcard.
    pub domain: String,
    /// What people call it.
    pub name: String,
    /// Its customer's id.
    pub customer: String,
    /// Its Default Agency's id.
    pub agency: Option<String>,
    /// Ids of the Enabled Agencies, which use it beside the Default Agency.
    pub enabled_agencies: Vec<String>,
    /// Monitoring Reports.
    pub monitoring_reports: Reports,
    /// Which service it routes to.
    pub alias: String,
    /// Wildcard Support.
    pub wildcard: bool,
    /// How ownership is proven.
    pub verification_method: VerificationMethod,
    /// How the CA validates.
    pub ssl_validation: SslValidation,
    /// Domain Status.
    pub domain_status: DomainStatus,
    /// SSL Status.
    pub ssl_status: SslStatus,
    /// Everything is in place and served.
    pub ready: bool,
    /// The cause's code; `ok` when all is well.
    pub status_code: String,
    /// What to do now, in one sentence.
    pub headline: String,
    /// Since when the statuses read so.
    pub since: When,
    /// When the next check or step is due.
    pub next_check_at: When,
    /// Looks since the re-check curve started.
    pub attempt: u32,
    /// When DNS was last looked at.
    pub checked_at: Option<When>,
    /// When it was added.
    pub created_at: When,
    /// Who hosts its zone, if its name servers tell.
    pub dns_provider: Option<ProviderView>,
    /// The DNS Records panel.
    pub dns_records: Vec<RecordView>,
    /// The token file, where ownership is proven by one.
    pub token_file: Option<FileView>,
    /// Whether somebody takes the three steps by hand.
    pub by_hand: bool,
    /// The step that is theirs to take now: `order`, `verify` or `issue`.
    pub next_step: Option<String>,
    /// Its certificates, newest first.
    pub certificates: Vec<CertificateView>,
    /// How the next renewal would go if it were made now; none before it is near.
    pub renewal_rehearsal: Option<RehearsalView>,
    /// Why it is not Ready, cause first.
    pub findings: Vec<FindingView>,
    /// The facts' revision, to notice changes.
    pub revision: i64,
}

/// What recipes are made of; none before the zone is known.
#[must_use]
pub fn sheet(domain: &str, provider: Option<&ProviderView>, records: &[RecordView]) -> Option<Sheet> {
    let zone = records.iter().find_map(|record| record.zone.clone())?;
    let provider = provider.map(|provider| provider.name.clone());
    Some(Sheet { domain: domain.to_owned(), zone, provider, lines: lines(records) })
}

/// The records, as recipes are made of them.
#[must_use]
pub fn lines(records: &[RecordView]) -> Vec<Line> {
    let line = |record: &RecordView| Line {
        rtype: record.rtype,
        host: record.host.clone(),
        relative: record.relative_host.clone(),
        value: record.value.clone(),
    };
    records.iter().map(line).collect()
}

/// Who hosts a zone, and how records are added there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Its name.
    pub name: String,
    /// Where the zone's records are edited.
    pub console_url: String,
    /// What to do there, step by step.
    pub steps: Vec<String>,
}

/// A row of the DNS Records panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordView {
    /// What it is for.
    pub purpose: Purpose,
    /// Its label.
    pub label: String,
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// Its full name.
    pub host: String,
    /// Its name relative to the zone.
    pub relative_host: String,
    /// The zone that it lies in, once known.
    pub zone: Option<String>,
    /// Its value.
    pub value: String,
    /// What holds.
    pub state: RecordState,
    /// What was found at its name.
    pub found: Vec<String>,
    /// Servers that have it, of those that answered.
    pub agreeing: u32,
    /// Servers that answered.
    pub heard: u32,
    /// What each server answered, in words.
    pub servers: Vec<String>,
    /// When it was looked at.
    pub checked_at: Option<When>,
}

/// A token file, and what was found in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// Its label.
    pub label: String,
    /// Where it is fetched.
    pub url: String,
    /// Its path on the site.
    pub path: String,
    /// Its whole text.
    pub content: String,
    /// What holds.
    pub state: RecordState,
    /// How the page begins that stands in its place.
    pub found: Option<String>,
    /// What was found, in one sentence.
    pub seen: Option<String>,
    /// When it was fetched.
    pub checked_at: Option<When>,
}

/// A certificate's details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// Its id.
    pub id: String,
    /// `acme` or `upload`.
    pub source: String,
    /// Hostname.
    pub hostname: String,
    /// Certificate Authority.
    pub certificate_authority: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// Wildcard Support.
    pub wildcard: bool,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 over its DER, hexadecimal.
    pub fingerprint_sha256: String,
    /// Start of validity.
    pub issued_at: When,
    /// End of validity.
    pub expires_at: When,
    /// When it will be renewed, if it is the one in use.
    pub renew_at: Option<When>,
    /// `active`, `pending_deployment`, `superseded`, `expired` or `revoked`.
    pub status: String,
}

/// How a renewal would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalView {
    /// When it is due.
    pub due_at: When,
    /// When the records were looked at.
    pub looked_at: When,
    /// Whether it would succeed.
    pub would_renew: bool,
    /// What it would fail by.
    pub because: Option<FindingView>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// The catalogue's code.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who can act.
    pub owner: Owner,
    /// One line.
    pub title: String,
    /// What is the matter.
    pub explanation: String,
    /// The one fix.
    pub fix: String,
    /// Who answered what.
    pub evidence: Vec<String>,
    /// Where the Console explains the code.
    pub help: String,
}

/// A removed domain whose records still point here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftoverView {
    /// Its id.
    pub id: String,
    /// The name in DNS.
    pub domain: String,
    /// When it was removed.
    pub removed_at: When,
    /// When its records were looked at.
    pub checked_at: Option<When>,
    /// Those that still stand.
    pub records: Vec<LeftRecord>,
}

/// A record that somebody has to delete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftRecord {
    /// Its full name.
    pub host: String,
    /// Its type.
    pub rtype: RecordType,
    /// Its value.
    pub value: String,
}

/// A row of the domain list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRow {
    /// Its id.
    pub id: String,
    /// The name in DNS.
    pub domain: String,
    /// What people call it.
    pub name: String,
    /// Its Default Agency's name, or its customer's.
    pub agency: String,
    /// Domain Status.
    pub domain_status: DomainStatus,
    /// SSL Status.
    pub ssl_status: SslStatus,
    /// Everything is in place and served.
    pub ready: bool,
    /// What comes next, in a few words.
    pub next: String,
}

/// An entry of a domain's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its id.
    pub id: String,
    /// When.
    pub at: When,
    /// Its kind, such as `dns.changed`.
    pub kind: String,
    /// Who or what did it.
    pub actor: String,
    /// One sentence.
    pub summary: String,
    /// What changed in DNS; empty where it is about something else, or was written by an earlier release.
    pub changes: Vec<DnsChange>,
}

/// "Look again": carries no state, so that every page reads through one door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The domain that changed.
    pub domain: String,
    /// Its facts' revision.
    pub revision: i64,
}

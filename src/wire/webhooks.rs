//! Webhooks as their pages see them, and the messages that are sent to them.

use super::when::When;
use crate::domain::certificate::Certificate;
use crate::domain::notice::{Deed, Notice, Trouble};
use serde::{Deserialize, Serialize};

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Its id.
    pub id: String,
    /// The customer's name.
    pub customer: String,
    /// Where messages are sent.
    pub url: String,
    /// What they are about, such as `certificate.renewed`.
    pub events: Vec<String>,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: When,
    /// Since when nothing is sent.
    pub disabled_at: Option<When>,
    /// Why not.
    pub disabled_why: Option<String>,
    /// When it was last tested.
    pub tested_at: Option<When>,
    /// What came of that; hostile.
    pub tested: Option<String>,
}

/// Webhooks, and the secret of one that was added a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhooksView {
    /// Those that the person sees.
    pub items: Vec<WebhookView>,
    /// Every event that there is.
    pub events: Vec<String>,
    /// Shown once.
    pub made: Option<String>,
}

/// A message and what came of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// The message's id, as the receiver knows it.
    pub message: String,
    /// What it is about.
    pub event: String,
    /// The web domain's name.
    pub domain: String,
    /// When that happened.
    pub at: When,
    /// Tries so far.
    pub attempts: i64,
    /// `delivered`, `waiting` or `given_up`.
    pub state: String,
    /// When it is tried next, while it waits.
    pub next_at: Option<When>,
    /// What the receiver said last; hostile.
    pub detail: Option<String>,
}

/// The body of a message.
#[derive(Clone, Debug, Serialize)]
pub struct Message<'a> {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// When.
    pub timestamp: When,
    /// To what.
    pub data: Data<'a>,
}

/// What a message tells.
#[derive(Clone, Debug, Serialize)]
pub struct Data<'a> {
    /// The web domain; none in a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainOf<'a>>,
    /// The certificate, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateOf<'a>>,
    /// What has to be done, where something has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'a Trouble>,
    /// What somebody did, where it is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deed: Option<&'a Deed>,
}

/// The web domain of a message.
#[derive(Clone, Debug, Serialize)]
pub struct DomainOf<'a> {
    /// Its id in the REST API.
    pub id: &'a str,
    /// Its name in DNS.
    pub domain: &'a str,
    /// The customer's id.
    pub customer: &'a str,
}

/// The certificate of a message, in the REST API's words.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateOf<'a> {
    id: &'a str,
    source: &'a str,
    certificate_authority: &'a str,
    serial: &'a str,
    fingerprint_sha256: &'a str,
    issued_at: When,
    expires_at: When,
}

impl<'a> Message<'a> {
    /// The message about a notice.
    #[must_use]
    pub fn of(notice: &'a Notice, domain: &'a str, customer: &'a str, at: When) -> Self {
        let data = Data {
            domain: Some(DomainOf { id: domain, domain: &notice.domain, customer }),
            certificate: notice.certificate.as_ref().map(CertificateOf::of),
            problem: notice.problem.as_ref(),
            deed: notice.deed.as_ref(),
        };
        Self { kind: notice.kind.word(), timestamp: at, data }
    }

    /// A message that only tries the way.
    #[must_use]
    pub const fn test(at: When) -> Self {
        let data = Data { domain: None, certificate: None, problem: None, deed: None };
        Self { kind: "webhook.test", timestamp: at, data }
    }
}

impl<'a> CertificateOf<'a> {
    fn of(held: &'a Certificate) -> Self {
        Self {
            id: held.id.as_str(),
            source: held.source.word(),
            certificate_authority: &held.authority,
            serial: &held.serial,
            fingerprint_sha256: &held.fingerprint_sha256,
            issued_at: held.not_before.into(),
            expires_at: held.not_after.into(),
        }
    }
}

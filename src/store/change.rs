//! What a worker writes down in one transaction, and why it may be refused.

use super::accounts::AccountStanding;
use super::derived::Derived;
use super::error::{Constraint, StoreError, violated};
use super::timeline::Entry;
use crate::domain::cause::Cause;
use crate::domain::certificate::{Certificate, Source};
use crate::domain::facts::{Facts, Standing};
use crate::domain::id::{CertificateId, KeyId, OrderId, UploadId};
use crate::domain::limits::{Counted, Limit, Limits, Rule};
use crate::domain::notice::Notice;
use crate::domain::problem::ProblemKind;
use crate::domain::renewal;
use crate::domain::setup::Setup;
use crate::domain::status::{Attention, DomainStatus, Reading, SslStatus};
use crate::domain::step::Asked;
use crate::domain::time::Millis;
use crate::failpoint::Injected;
use zeroize::Zeroizing;

/// A domain's next facts and all that goes with them.
#[derive(Debug)]
pub struct Change {
    /// The revision that the facts were computed from.
    pub revision: u64,
    /// The facts of that revision.
    pub before: Facts,
    /// What its derived columns hold, where that is known: then only those are written that change.
    pub derived: Option<Derived>,
    /// What is known now. Challenge values on show follow `facts.order`, and an open order that is no longer in it ends.
    pub facts: Facts,
    /// What is derived from them.
    pub index: Index,
    /// Rows beside the domain's own.
    pub extras: Vec<Extra>,
    /// Lines for the timeline, oldest first.
    pub entries: Vec<Entry>,
    /// What people are to be told.
    pub notices: Vec<Notice>,
    /// Whether the worker goes on.
    pub then: Then,
}

/// What statements ask of a domain: derived from its facts, stored with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Domain Status.
    pub domain_status: DomainStatus,
    /// SSL Status.
    pub ssl_status: SslStatus,
    /// The cause's code.
    pub code: String,
    /// Whether all is well.
    pub ready: bool,
    /// Who goes on from here.
    pub attention: Attention,
    /// What it waits for, for whoever helps; none when there is nothing to help with.
    pub cause: Option<Cause>,
    /// Since when the statuses read so.
    pub since: Millis,
    /// When there is work next.
    pub due_at: Millis,
    /// End of the current certificate's validity.
    pub expires_at: Option<Millis>,
    /// When it will be renewed.
    pub renews_at: Option<Millis>,
    /// Where it came from.
    pub source: Option<Source>,
    /// Whether this claim is verified and live, and so holds its name against every other.
    pub held: bool,
}

impl Index {
    /// Derives it.
    #[must_use]
    pub fn of(setup: &Setup, facts: &Facts, asked: Asked, now: Millis) -> Self {
        let reading = Reading::of(setup, facts, asked, now);
        Self {
            domain_status: reading.domain_status,
            ssl_status: reading.ssl_status,
            code: reading.code().to_owned(),
            ready: reading.ready,
            attention: reading.attention(),
            cause: reading.trouble(),
            since: facts.since,
            due_at: reading.next_check_at,
            expires_at: facts.in_use().map(|certificate| certificate.not_after),
            renews_at: renewal::moment(setup, facts).filter(|_| facts.uploaded.is_none()),
            source: facts.in_use().map(|certificate| certificate.source),
            held: Self::holds(facts),
        }
    }

    /// Whether a claim with these facts holds its name.
    pub(super) fn holds(facts: &Facts) -> bool {
        facts.verified_at.is_some() && facts.standing == Standing::Live
    }
}

/// Whether the worker keeps its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It goes on at once, within the time that its lease has left.
    Keep,
    /// It is done for now.
    Release {
        /// When there is work next; overruled by `now` when somebody asked for a look meanwhile.
        due_at: Millis,
    },
}

/// A row beside the domain's own, written in the same transaction, in the order given.
#[derive(Clone)]
pub enum Extra {
    /// A private key, sealed on its way in, and the signing request made from it.
    NewKey {
        /// Its id.
        id: KeyId,
        /// PKCS #8, DER.
        pkcs8: Zeroizing<Vec<u8>>,
        /// RFC 2986, DER.
        csr_der: Vec<u8>,
    },
    /// A certificate that passed our checks.
    NewCertificate {
        /// Its facts.
        certificate: Certificate,
        /// PEM, leaf first.
        chain_pem: String,
    },
    /// An upload that waited is served from now on.
    UploadServed {
        /// Which.
        id: UploadId,
        /// As this certificate.
        certificate: CertificateId,
    },
    /// The CA has revoked a certificate.
    CertificateRevoked {
        /// Which.
        id: CertificateId,
    },
    /// An uploaded certificate is not served any more.
    UploadEnded {
        /// Which.
        certificate: CertificateId,
    },
    /// An order will be opened: written before the CA hears of it.
    OrderBegun {
        /// Our own name for it.
        id: OrderId,
        /// The CA's configured name.
        ca: String,
        /// The registered domain, which CAs count by.
        registrable: String,
        /// Whether a certificate is served meanwhile.
        renewal: bool,
        /// What the CA allows.
        terms: Terms,
    },
    /// The CA named the order.
    OrderUrl {
        /// Which order.
        id: OrderId,
        /// The CA's URL for it.
        url: String,
    },
    /// A CA said who we are there, and by which names CAA records allow it.
    AccountKnown(AccountStanding),
    /// The CA wants no order from us for a while.
    AuthorityPaused {
        /// The CA's configured name.
        ca: String,
        /// Whether it limits us or has trouble.
        kind: ProblemKind,
        /// Until when.
        until: Millis,
    },
    /// The order is over.
    OrderEnded {
        /// Which order.
        id: OrderId,
        /// How.
        outcome: OrderOutcome,
    },
}

impl Extra {
    /// Whether it says how this order ended.
    pub(super) fn ends(&self, order: &OrderId) -> bool {
        matches!(self, Self::OrderEnded { id, .. } if id == order)
    }
}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NewKey { id, .. } => write!(f, "NewKey({id})"),
            Self::NewCertificate { certificate, .. } => write!(f, "NewCertificate({})", certificate.id),
            Self::UploadServed { id, certificate } => write!(f, "UploadServed({id}, {certificate})"),
            Self::CertificateRevoked { id } => write!(f, "CertificateRevoked({id})"),
            Self::UploadEnded { certificate } => write!(f, "UploadEnded({certificate})"),
            Self::OrderBegun { id, .. } => write!(f, "OrderBegun({id})"),
            Self::OrderUrl { id, .. } => write!(f, "OrderUrl({id})"),
            Self::AccountKnown(standing) => write!(f, "AccountKnown({})", standing.ca),
            Self::AuthorityPaused { ca, .. } => write!(f, "AuthorityPaused({ca})"),
            Self::OrderEnded { id, outcome } => write!(f, "OrderEnded({id}, {outcome:?})"),
        }
    }
}

/// What an order counts for at its CA, and what that CA allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How the CA counts it.
    pub counted: Counted,
    /// The CA's limits.
    pub limits: Limits,
}

/// Why there is no place for an order now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The CA wants no orders from us.
    Paused {
        /// Whether it limits us or has trouble.
        kind: ProblemKind,
        /// Until when, by its own words.
        until: Millis,
    },
    /// A limit of the CA is reached.
    Limited {
        /// Which.
        rule: Rule,
        /// How much it allows.
        limit: Limit,
        /// When the next place is free.
        until: Millis,
    },
}

impl Wait {
    /// Until when.
    #[must_use]
    pub const fn until(&self) -> Millis {
        match self {
            Self::Paused { until, .. } | Self::Limited { until, .. } => *until,
        }
    }
}

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderOutcome {
    /// With a certificate, whether we could use it or not.
    Issued,
    /// The CA said no.
    Failed,
    /// The CA could not validate the name: such failures are limited.
    Invalid,
    /// Nobody wants it any more.
    Dropped,
}

impl OrderOutcome {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Failed | Self::Invalid => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// Why a worker's change was not written.
#[derive(Debug, thiserror::Error)]
pub enum RecordProblem {
    /// The domain changed meanwhile: reload it and apply the event again.
    #[error("the domain changed meanwhile")]
    Stale,
    /// Another worker has the domain: drop it.
    #[error("the lease is lost")]
    LeaseLost,
    /// The CA leaves no place for the order that was planned.
    #[error("the CA's limit is reached")]
    NoPlace(Wait),
    /// Another claim of this name is verified.
    #[error("the name is held by another claim")]
    NameHeld,
    /// The database failed.
    #[error("the change could not be written")]
    Store(#[source] StoreError),
}

impl From<Injected> for RecordProblem {
    fn from(injected: Injected) -> Self {
        Self::Store(injected.into())
    }
}

impl From<sqlx::Error> for RecordProblem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

/// Statements that wait fail with whatever sends them: what a failure means is the same wherever it is heard.
impl From<StoreError> for RecordProblem {
    fn from(error: StoreError) -> Self {
        let StoreError::Database(cause) = &error else { return Self::Store(error) };
        match (cause, violated(cause)) {
            (sqlx::Error::RowNotFound, _) => Self::Stale,
            (_, Some(Constraint::HeldHostname | Constraint::OneLiveOrder)) => Self::NameHeld,
            _ => Self::Store(error),
        }
    }
}

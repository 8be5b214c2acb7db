//! The two statuses and what stands beside them, derived from facts and the time; never typed in, never stored as truth.

use super::catalogue::Code;
use super::cause::Cause;
use super::diagnose::of_facts;
use super::facts::{Facts, Standing};
use super::finding::{Finding, Owner, Severity};
use super::observed::RecordState;
use super::problem::ProblemKind;
use super::record::Purpose;
use super::renewal;
use super::schedule;
use super::setup::Setup;
use super::step::{Asked, Step, consents, next_step};
use super::time::Millis;
use serde::{Deserialize, Serialize};

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $(#[doc = $meaning:literal] $variant:ident = $word:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $(#[doc = $meaning] $variant,)* }

        impl $name {
            /// Every status.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the REST API, in the database and in `data-status`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The words that people read.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// What it means, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning.trim(),)* }
            }

            /// Reads a word of [`Self::word`].
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|status| status.word() == word)
            }
        }
    };
}

statuses! {
    /// Whether the domain is proven and leads here.
    DomainStatus {
        /// Ownership is not proven yet.
        VerificationPending = "verification_pending", "Verification Pending";
        /// Ownership is proven; visitors still go elsewhere.
        VerifiedNotRouted = "verified_not_routed", "Verified, Not Routed";
        /// Proven, and visitors come here.
        Active = "active", "Active";
        /// Visitors came here and now go elsewhere.
        Moved = "moved", "Moved";
        /// Seven days of tries are spent.
        ActionNeeded = "action_needed", "Action Needed";
        /// Held by another customer.
        Blocked = "blocked", "Blocked";
        /// Switched off.
        Disabled = "disabled", "Disabled";
    }
}

statuses! {
    /// How far the certificate is.
    SslStatus {
        /// None of the SSL records was seen.
        NotStarted = "not_started", "Not Started";
        /// The records or the CA's validation are under way.
        PendingValidation = "pending_validation", "Pending Validation";
        /// The CA makes the certificate.
        PendingIssuance = "pending_issuance", "Pending Issuance";
        /// The certificate is stored and not yet seen on the edge.
        PendingDeployment = "pending_deployment", "Pending Deployment";
        /// The edge serves it.
        Active = "active", "Active";
        /// The edge serves it while its successor is made.
        Renewing = "renewing", "Renewing";
        /// The edge serves it, and its successor is late.
        RenewalFailing = "renewal_failing", "Renewal Failing";
        /// The last tenth of its life has begun.
        ExpiringSoon = "expiring_soon", "Expiring Soon";
        /// It has expired.
        Expired = "expired", "Expired";
        /// The CA revoked it.
        Revoked = "revoked", "Revoked";
        /// The CA's limit holds us until a time.
        RateLimited = "rate_limited", "Rate Limited";
    }
}

statuses! {
    /// Who goes on from here, in one word: what the list's quick views go by.
    Attention {
        /// The customer, its agency or whoever runs its DNS or network.
        NeedsYou = "needs_you", "Needs you";
        /// Padlock, the CA, or nobody for now.
        Waiting = "waiting", "Waiting";
        /// Nobody: all is well.
        Active = "active", "Active";
    }
}

/// Everything that a page or the API says of a domain's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Domain Status.
    pub domain_status: DomainStatus,
    /// SSL Status.
    pub ssl_status: SslStatus,
    /// Both are Active, DNS is on target, and the edge shows this certificate.
    pub ready: bool,
    /// Cause first.
    pub findings: Vec<Finding>,
    /// Whether nobody can go on before somebody acts or time passes: when work is next due.
    pub next_check_at: Millis,
    /// Looks since the re-check curve started.
    pub attempt: u32,
}

impl Reading {
    /// Reads a domain's facts at a time.
    #[must_use]
    pub fn of(setup: &Setup, facts: &Facts, asked: Asked, now: Millis) -> Self {
        let (domain_status, ssl_status) = (domain_status(facts), ssl_status(setup, facts, now));
        let mut findings = of_facts(setup, facts, now);
        let on_target = facts.record(Purpose::Routing) == RecordState::Detected;
        let serving = matches!(ssl_status, SslStatus::Active | SslStatus::Renewing);
        let next_check_at = match next_step(setup, facts, asked, now) {
            Step::Rest { until, .. } => until,
            _ => now,
        };
        let ready = domain_status == DomainStatus::Active
            && serving
            && on_target
            && (facts.is_served() || facts.serves_predecessor());
        // What would block a certificate takes nothing from one that is served.
        for finding in findings.iter_mut().filter(|finding| ready && finding.severity == Severity::Blocking) {
            finding.severity = Severity::Warning;
        }
        Self { domain_status, ssl_status, ready, findings, next_check_at, attempt: facts.curve.attempt }
    }

    /// The cause: the first blocking finding, else the first of any kind; none when all is well.
    #[must_use]
    pub fn cause(&self) -> Option<&Finding> {
        let of = |severity| self.findings.iter().find(|finding| finding.severity == severity);
        // What is merely worth knowing is no cause once all is well.
        let informs = || self.findings.first().filter(|_| !self.ready);
        of(Severity::Blocking).or_else(|| of(Severity::Warning)).or_else(informs)
    }

    /// Who goes on from here; a domain that was switched off waits until somebody wants it again.
    #[must_use]
    pub fn attention(&self) -> Attention {
        let theirs = |cause: &Finding| {
            cause.severity == Severity::Blocking && matches!(cause.owner, Owner::Dns | Owner::Network | Owner::Agency)
        };
        match self.cause() {
            _ if self.ready => Attention::Active,
            Some(cause) if theirs(cause) && self.domain_status != DomainStatus::Disabled => Attention::NeedsYou,
            _ => Attention::Waiting,
        }
    }

    /// What it waits for, for whoever helps; none for one that is Ready, or that nobody wants served.
    #[must_use]
    pub fn trouble(&self) -> Option<Cause> {
        if self.ready || self.domain_status == DomainStatus::Disabled {
            return None;
        }
        let ours = Cause { code: Code::Issuing, owner: Owner::Padlock };
        let of = |finding: &Finding| Some(Cause { code: Code::from_word(finding.code)?, owner: finding.owner });
        // Without a finding we are between two steps.
        Some(self.cause().map_or(Some(ours), of).unwrap_or(ours))
    }

    /// The cause's code, `ok` when all is well.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.cause().map_or("ok", |finding| finding.code)
    }
}

/// Derives the Domain Status.
#[must_use]
pub fn domain_status(facts: &Facts) -> DomainStatus {
    match facts.standing {
        Standing::Disabled | Standing::Removed(_) => return DomainStatus::Disabled,
        Standing::Blocked => return DomainStatus::Blocked,
        Standing::Live => {}
    }
    let spent =
        facts.observation.as_ref().is_some_and(|seen| seen.at.since(facts.curve.from) >= schedule::CURVE_LASTS_MS);
    match (facts.verified_at.is_some(), facts.routed_since.is_some(), facts.moved_since.is_some()) {
        (true, true, _) => DomainStatus::Active,
        (true, false, true) => DomainStatus::Moved,
        _ if spent && facts.in_use().is_none() => DomainStatus::ActionNeeded,
        (true, false, false) => DomainStatus::VerifiedNotRouted,
        (false, _, _) => DomainStatus::VerificationPending,
    }
}

/// Derives the SSL Status.
#[must_use]
pub fn ssl_status(setup: &Setup, facts: &Facts, now: Millis) -> SslStatus {
    let limited = facts
        .setback()
        .is_some_and(|setback| setback.problem.kind == ProblemKind::RateLimited && setback.retry_at > now);
    let Some(certificate) = facts.in_use() else {
        let begun = consents(setup, facts) || facts.record(Purpose::Dcv) == RecordState::Detected;
        return match &facts.order {
            Some(order) if order.issuing => SslStatus::PendingIssuance,
            Some(_) => SslStatus::PendingValidation,
            // Nothing is under way for a domain that is switched off or held by somebody else.
            None if facts.standing != Standing::Live => SslStatus::NotStarted,
            None if limited => SslStatus::RateLimited,
            None if begun => SslStatus::PendingValidation,
            None => SslStatus::NotStarted,
        };
    };
    let late = renewal::late_at(setup, facts).is_some_and(|at| now >= at);
    // What is uploaded ends without harm when ours takes over.
    let relieved = facts.has_relief(certificate.not_after);
    let failing = facts.uploaded.is_none() && facts.setback().is_some_and(|setback| setback.tries >= 2);
    if now >= certificate.not_after {
        SslStatus::Expired
    } else if facts.is_revoked() {
        SslStatus::Revoked
    } else if facts.serves_predecessor() {
        SslStatus::Renewing
    } else if !facts.is_served() {
        SslStatus::PendingDeployment
    } else if now >= schedule::expiring_at(certificate) && !relieved {
        SslStatus::ExpiringSoon
    } else if late || failing {
        SslStatus::RenewalFailing
    } else if facts.order.is_some() && facts.uploaded.is_none() {
        SslStatus::Renewing
    } else {
        SslStatus::Active
    }
}

//! What a CA's refusals and failures mean for an order.
//!
//! The same word means two things: `unauthorized` as the outcome of a validation speaks of the domain's DNS, and as the
//! answer to a request it speaks of our account. So there are two readings: [`CaError::of_call`] and
//! [`CaError::of_validation`].

use super::http::{Fault, Heard};
use crate::domain::problem::{Problem, ProblemKind};
use crate::failpoint::Injected;
use hyper::StatusCode;
use instant_acme::{Error, Problem as Document};
use std::error::Error as _;

/// A CA's own words are kept up to this length; they are hostile text and go into every timeline.
const DETAIL_CHARS: usize = 1_000;
/// Problem types are URNs of about 50 characters.
const NAME_CHARS: usize = 200;

/// The name of a problem of our own: the directory that we read is out of date.
const MOVED: &str = "directory_outdated";
const LOST_ACCOUNT: &str = "accountDoesNotExist";

/// Why a call did not bring the order further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the CA did not go on ({})", problem.name)]
pub struct CaError {
    /// What it was, in the planner's terms and the CA's words.
    pub problem: Problem,
    /// The CA's `Retry-After` in milliseconds from now.
    pub retry_after_ms: Option<u64>,
    /// Whether the order is over; otherwise the same call may be made again.
    pub ends_order: bool,
}

/// What a request was about: what is missing when the CA answers 404.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Our account, or an order that does not exist yet.
    Account,
    /// An order that the CA knew.
    Order,
}

impl CaError {
    /// Reads a failed request.
    pub(super) fn of_call(error: &Error, heard: &Heard, subject: Subject) -> Self {
        if let Some(status) = heard.status.filter(|status| is_elsewhere(*status, heard, subject)) {
            let detail = format!("The CA answered with {status} where its directory had sent us.");
            let problem = problem(ProblemKind::Outage, MOVED, &detail);
            return Self { problem, retry_after_ms: heard.retry_after_ms, ends_order: false };
        }
        let (kind, name, detail) = match error {
            Error::Api(document) => {
                let (kind, document) = kind_of_refusal(document, heard.status, subject);
                (kind, document.name, document.detail)
            }
            Error::Crypto | Error::KeyRejected => (ProblemKind::Account, "account_key".to_owned(), error.to_string()),
            other => unspoken(other, heard.status, subject),
        };
        // A limit on new orders ends what is not begun; a limit on requests only delays what is.
        let ends_order = match kind {
            ProblemKind::Outage => false,
            ProblemKind::RateLimited => subject == Subject::Account,
            _ => true,
        };
        Self { problem: problem(kind, &name, &detail), retry_after_ms: heard.retry_after_ms, ends_order }
    }

    /// Reads why the CA made an order or an authorization invalid.
    pub(super) fn of_validation(document: &Document) -> Self {
        let (kind, said) = loudest(document, kind_of_validation, ProblemKind::Validation);
        Self::over(kind, &said.name, &said.detail)
    }

    /// Whether the CA no longer knows our account, as after a test CA's restart.
    pub(super) fn lost_account(&self) -> bool {
        word(Some(&self.problem.name)) == LOST_ACCOUNT
    }

    /// Whether the CA's directory should be read anew, since its endpoints are not where they were.
    pub(super) fn has_moved(&self) -> bool {
        self.problem.name == MOVED
    }

    /// The order is over.
    pub(super) fn over(kind: ProblemKind, name: &str, detail: &str) -> Self {
        Self { problem: problem(kind, name, detail), retry_after_ms: None, ends_order: true }
    }
}

/// What a call is like that a test made fail: nothing was heard of the CA.
impl From<Injected> for CaError {
    fn from(injected: Injected) -> Self {
        let problem = problem(ProblemKind::Outage, "injected", &injected.to_string());
        Self { problem, retry_after_ms: None, ends_order: false }
    }
}

/// A problem with hostile text cut to size.
pub(super) fn problem(kind: ProblemKind, name: &str, detail: &str) -> Problem {
    let cut = |text: &str, chars: usize| text.chars().take(chars).collect::<String>();
    Problem { kind, name: cut(name, NAME_CHARS), detail: cut(detail, DETAIL_CHARS) }
}

/// Whether the CA refused only the nonce, so that the same call may be made again at once (RFC 8555 §6.5).
pub(super) fn is_bad_nonce(error: &Error) -> bool {
    matches!(error, Error::Api(document) if word(document.r#type.as_deref()) == "badNonce")
}

/// Whether the CA does not know our account (RFC 8555 §7.3.1).
pub(super) fn is_lost_account(error: &Error) -> bool {
    matches!(error, Error::Api(document) if word(document.r#type.as_deref()) == LOST_ACCOUNT)
}

/// Whether an endpoint that the directory named is gone. Orders are not in the directory: one that is gone has expired.
fn is_elsewhere(status: StatusCode, heard: &Heard, subject: Subject) -> bool {
    let gone = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::GONE].contains(&status);
    (gone || status.is_redirection()) && (heard.of_nonce || subject == Subject::Account)
}

struct Said {
    name: String,
    detail: String,
}

fn kind_of_refusal(document: &Document, status: Option<StatusCode>, subject: Subject) -> (ProblemKind, Said) {
    let by_status = match status {
        Some(StatusCode::SERVICE_UNAVAILABLE) => Some(ProblemKind::Outage),
        Some(StatusCode::TOO_MANY_REQUESTS) => Some(ProblemKind::RateLimited),
        Some(StatusCode::NOT_FOUND) if subject == Subject::Order => Some(ProblemKind::Expired),
        _ => None,
    };
    let otherwise =
        if status.is_some_and(|status| status.is_server_error()) { ProblemKind::Outage } else { ProblemKind::Account };
    let (kind, said) = loudest(document, kind_of_word, otherwise);
    (by_status.unwrap_or(kind), said)
}

/// The kind of a problem document, or of the first of its subproblems that says more (RFC 8555 §6.7.1).
fn loudest(
    document: &Document,
    kind_of: fn(&str) -> Option<ProblemKind>,
    otherwise: ProblemKind,
) -> (ProblemKind, Said) {
    let said = |kind: Option<&str>, detail: Option<&str>| Said {
        name: kind.unwrap_or("unnamed").to_owned(),
        detail: detail.unwrap_or_default().to_owned(),
    };
    let own = kind_of(word(document.r#type.as_deref()));
    let inner = document.subproblems.iter().find_map(|sub| {
        let kind = kind_of(word(sub.r#type.as_deref()))?;
        Some((kind, said(sub.r#type.as_deref(), sub.detail.as_deref())))
    });
    match (own, inner) {
        (None, Some(inner)) => inner,
        (own, _) => (own.unwrap_or(otherwise), said(document.r#type.as_deref(), document.detail.as_deref())),
    }
}

/// The last part of `urn:ietf:params:acme:error:…` (RFC 8555 §6.7).
fn word(kind: Option<&str>) -> &str {
    kind.and_then(|kind| kind.strip_prefix("urn:ietf:params:acme:error:")).unwrap_or_default()
}

fn kind_of_word(word: &str) -> Option<ProblemKind> {
    match word {
        "badNonce" | "serverInternal" | "orderNotReady" => Some(ProblemKind::Outage),
        "rateLimited" => Some(ProblemKind::RateLimited),
        "rejectedIdentifier" | "unsupportedIdentifier" => Some(ProblemKind::Policy),
        "caa" => Some(ProblemKind::CaaForbids),
        "badCSR" | "badPublicKey" => Some(ProblemKind::BadCertificate),
        "dns" | "connection" | "tls" | "incorrectResponse" => Some(ProblemKind::Validation),
        "unauthorized" | "accountDoesNotExist" | "externalAccountRequired" | "userActionRequired" => {
            Some(ProblemKind::Account)
        }
        _ => None,
    }
}

fn kind_of_validation(word: &str) -> Option<ProblemKind> {
    match word {
        "unauthorized" => Some(ProblemKind::Validation),
        _ => kind_of_word(word),
    }
}

/// A failure without a problem document: the network's, a proxy's, or a CA that says no more than a status.
fn unspoken(error: &Error, status: Option<StatusCode>, subject: Subject) -> (ProblemKind, String, String) {
    let detail = with_causes(error);
    let fault = match error {
        Error::Other(inner) => inner.downcast_ref::<Fault>(),
        _ => None,
    };
    match (status, fault) {
        (Some(StatusCode::NOT_FOUND), _) if subject == Subject::Order => {
            (ProblemKind::Expired, "http_404".to_owned(), "The CA does not know this order.".to_owned())
        }
        (Some(StatusCode::TOO_MANY_REQUESTS), _) => (ProblemKind::RateLimited, "http_429".to_owned(), detail),
        // The head of an answer may have come before the rest was lost.
        (_, Some(Fault::TimedOut)) => (ProblemKind::Outage, "timeout".to_owned(), detail),
        (_, Some(Fault::Connection(_) | Fault::Body(_))) | (None, _) => {
            (ProblemKind::Outage, "network".to_owned(), detail)
        }
        (Some(status), _) if !status.is_success() => {
            (ProblemKind::Outage, format!("http_{}", status.as_u16()), format!("The CA answered with {status}."))
        }
        (Some(_), _) => (ProblemKind::Outage, "unreadable_answer".to_owned(), detail),
    }
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(json: &str) -> Document {
        serde_json::from_str(json).expect("a problem document")
    }

    fn named(word: &str) -> Document {
        document(&format!(r#"{{"type":"urn:ietf:params:acme:error:{word}","detail":"CA words"}}"#))
    }

    fn heard(status: u16) -> Heard {
        let status = StatusCode::from_u16(status).expect("a status");
        Heard { status: Some(status), retry_after_ms: Some(7_000), ..Heard::default() }
    }

    #[track_caller]
    fn check_call(word: &str, status: u16, subject: Subject, kind: ProblemKind, ends_order: bool) {
        let got = CaError::of_call(&Error::Api(named(word)), &heard(status), subject);
        assert_eq!((got.problem.kind, got.ends_order), (kind, ends_order), "{word} {status}");
        assert_eq!(got.problem.detail, "CA words");
        assert_eq!(got.retry_after_ms, Some(7_000));
    }

    #[test]
    fn refused_requests_are_told_apart() {
        use ProblemKind::{Account, BadCertificate, CaaForbids, Expired, Outage, Policy, RateLimited};
        check_call("badNonce", 400, Subject::Order, Outage, false);
        check_call("serverInternal", 500, Subject::Order, Outage, false);
        check_call("orderNotReady", 403, Subject::Order, Outage, false);
        check_call("rateLimited", 429, Subject::Account, RateLimited, true);
        check_call("rateLimited", 429, Subject::Order, RateLimited, false);
        check_call("rateLimited", 503, Subject::Account, Outage, false);
        check_call("rejectedIdentifier", 400, Subject::Account, Policy, true);
        check_call("caa", 403, Subject::Order, CaaForbids, true);
        check_call("malformed", 404, Subject::Order, Expired, true);
        check_call("malformed", 400, Subject::Order, Account, true);
        check_call("unauthorized", 403, Subject::Account, Account, true);
        check_call("accountDoesNotExist", 400, Subject::Account, Account, true);
        check_call("badCSR", 400, Subject::Order, BadCertificate, true);
        check_call("somethingNew", 400, Subject::Order, Account, true);
        check_call("somethingNew", 502, Subject::Order, Outage, false);
    }

    #[test]
    fn an_endpoint_that_is_gone_means_another_directory() {
        let read = |status, of_nonce, subject| {
            let heard = Heard { of_nonce, ..heard(status) };
            CaError::of_call(&Error::Api(named("malformed")), &heard, subject)
        };
        for (status, of_nonce, subject) in
            [(404, false, Subject::Account), (405, true, Subject::Order), (302, false, Subject::Account)]
        {
            let got = read(status, of_nonce, subject);
            assert!(got.has_moved() && !got.ends_order, "{got:?}");
        }
        assert!(!read(404, false, Subject::Order).has_moved(), "an order that is gone has expired");
        assert!(!read(400, false, Subject::Account).has_moved());
    }

    #[track_caller]
    fn check_validation(word: &str, kind: ProblemKind) {
        let got = CaError::of_validation(&named(word));
        assert_eq!((got.problem.kind, got.ends_order), (kind, true), "{word}");
    }

    #[test]
    fn failed_validations_are_told_apart() {
        check_validation("dns", ProblemKind::Validation);
        check_validation("unauthorized", ProblemKind::Validation);
        check_validation("incorrectResponse", ProblemKind::Validation);
        check_validation("somethingNew", ProblemKind::Validation);
        check_validation("caa", ProblemKind::CaaForbids);
        check_validation("rejectedIdentifier", ProblemKind::Policy);
        check_validation("rateLimited", ProblemKind::RateLimited);
    }

    #[test]
    fn a_subproblem_speaks_when_the_problem_itself_says_little() {
        let compound = document(
            r#"{"type":"urn:ietf:params:acme:error:compound","detail":"several",
               "subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids a.test"}]}"#,
        );
        let got = CaError::of_validation(&compound);
        assert_eq!((got.problem.kind, got.problem.detail.as_str()), (ProblemKind::CaaForbids, "CAA forbids a.test"));
    }

    #[test]
    fn answers_without_words_are_read_by_their_status() {
        let unreadable = || Error::Json(serde_json::from_str::<u8>("<html>").expect_err("not JSON"));
        let read = |status, subject| CaError::of_call(&unreadable(), &heard(status), subject);
        assert_eq!(read(404, Subject::Order).problem.kind, ProblemKind::Expired);
        assert!(read(404, Subject::Order).ends_order);
        assert_eq!(read(429, Subject::Order).problem.kind, ProblemKind::RateLimited);
        assert_eq!(read(502, Subject::Account).problem.name, "http_502");
        assert!(!read(502, Subject::Account).ends_order);
        assert_eq!(read(200, Subject::Order).problem.name, "unreadable_answer");
    }

    #[test]
    fn the_network_never_ends_an_order() {
        let timed_out = Error::Other(Box::new(Fault::TimedOut));
        let got = CaError::of_call(&timed_out, &Heard::default(), Subject::Order);
        assert_eq!((got.problem.name.as_str(), got.ends_order), ("timeout", false));
        assert_eq!(got.problem.detail, "no answer in time");
    }

    #[test]
    fn long_words_are_cut() {
        let long = document(&format!(r#"{{"type":"x","detail":"{}"}}"#, "ä".repeat(5_000)));
        assert_eq!(CaError::of_validation(&long).problem.detail.chars().count(), DETAIL_CHARS);
    }
}

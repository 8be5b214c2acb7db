//! What is left to people beside records: a token file, an approver's e-mail, the steps that somebody takes by hand.

use super::facts::finding;
use crate::domain::facts::{Facts, Hand};
use crate::domain::finding::{Finding, Owner, Severity, printable};
use crate::domain::observed::{Observation, RecordState};
use crate::domain::setup::{Setup, VerificationMethod};
use crate::domain::step::next_by_hand;
use crate::domain::time::Millis;
use crate::domain::token_file::Fetched;

/// What keeps the token file from proving ownership; a renewal needs no file.
pub(super) fn file_finding(setup: &Setup, facts: &Facts, seen: &Observation) -> Option<Finding> {
    let wanted = setup.wanted_file().filter(|_| facts.certificate.is_none())?;
    let file = seen.file.as_ref()?;
    let (code, title) = match file.state() {
        RecordState::Missing => ("file_missing", "The token file is not on the site yet"),
        RecordState::Wrong => ("file_wrong", "Another page stands where the token file should be"),
        RecordState::Detected | RecordState::Unknown => return None,
    };
    let fix = format!("Put a file with the text {} at {}", wanted.content, wanted.url());
    let mut found = finding(code, Severity::Blocking, Owner::Agency, title.into(), printable(&file.words()), fix);
    found.evidence = file.redirects.iter().map(|target| format!("redirected to {}", printable(target))).collect();
    if let Fetched::Page { text, .. } = &file.fetched
        && !text.is_empty()
    {
        found.evidence.push(format!("it begins: {}", printable(text)));
    }
    Some(found)
}

/// What keeps an approver from having approved.
pub(super) fn approval_finding(setup: &Setup, facts: &Facts) -> Option<Finding> {
    if setup.verification_method != VerificationMethod::Email || facts.certificate.is_some() {
        return None;
    }
    let name = &setup.hostname;
    let (code, title, explanation, fix) = match &facts.approval {
        Some(answer) if answer.given => return None,
        Some(answer) => (
            "approval_declined",
            format!("{} declined to approve {name}", answer.by),
            "Whoever reads that mailbox does not agree to a certificate for this domain.".to_owned(),
            "Ask them why; then send another request, or prove ownership by the TXT record.".to_owned(),
        ),
        None => (
            "approval_pending",
            format!("{name} is not approved by e-mail yet"),
            "Ownership is proven when whoever reads the Approver's Email opens its link and approves.".to_owned(),
            "Choose the Approver's Email on the domain's page, and have the mail answered there.".to_owned(),
        ),
    };
    Some(finding(code, Severity::Blocking, Owner::Agency, title, explanation, fix))
}

/// What somebody has to do who takes the three steps by hand; a renewal that is in time blocks nothing.
pub(super) fn hand_finding(setup: &Setup, facts: &Facts, now: Millis) -> Option<Finding> {
    let step = match next_by_hand(setup, facts, now)? {
        Hand::Order if facts.certificate.is_some() => return None,
        Hand::Order => "Order Certificate",
        Hand::Verify => "Verify Challenge",
        Hand::Issue | Hand::Waiting => "Issue/Renew Certificate",
    };
    let severity = if facts.certificate.is_some() { Severity::Info } else { Severity::Blocking };
    Some(finding(
        "by_hand",
        severity,
        Owner::Agency,
        format!("The next step is yours: {step}"),
        "The certificate of this domain is taken through its steps by hand.".into(),
        format!("Press {step} on the domain's page, or leave the steps to us again."),
    ))
}

//! Findings of the periodic check of a certificate in use: revoked, or no longer trusted.

use crate::domain::catalogue::Code;
use crate::domain::facts::Facts;
use crate::domain::finding::{Finding, Owner, Severity, printable};
use crate::domain::setup::Setup;
use crate::domain::validity::{Listed, Trust};

/// The certificate in use was revoked.
pub(super) fn revoked(setup: &Setup, facts: &Facts) -> Finding {
    let title = format!("The certificate of {} was revoked", setup.hostname);
    let listed = facts.listed();
    let by_whom = if listed.is_some() {
        "Its certificate authority says so in its list."
    } else {
        "Somebody asked for that in the Console."
    };
    let refused = "Browsers that look at revocations refuse it.";
    let seen = listed.and_then(|last| evidence(&last.listed));
    let found = if facts.uploaded.is_some() {
        let fix = "Upload its successor; or remove it, and we serve one that we obtain.";
        Finding::new(Code::TlsRevoked, title, format!("{by_whom} {refused}"), fix.into()).by(Owner::Agency)
    } else if listed.is_some() && facts.hastened {
        let words = "Its predecessor was revoked as well, so that we order the next one in its time, and not at once.";
        Finding::new(
            Code::TlsRevoked,
            title,
            format!("{by_whom} {refused} {words}"),
            "Renew it by hand if that helps.".into(),
        )
    } else {
        Finding::new(
            Code::TlsRevoked,
            title,
            format!("{by_whom} {refused} Its successor is being obtained."),
            String::new(),
        )
    };
    found.seen(seen)
}

fn evidence(listed: &Listed) -> Option<String> {
    let Listed::Yes { since, reason } = listed else { return None };
    let since = since.map_or_else(String::new, |at| format!(" since {}", at.date()));
    let reason = reason.as_deref().map_or_else(String::new, |reason| format!(": {}", printable(reason)));
    Some(format!("revoked{since}{reason}"))
}

/// Strangers may have the key of the certificate in use. Nothing is done about it by itself: a list that is wrong, or whoever
/// answers in its place, must not take a site's certificate away.
pub(super) fn exposed(setup: &Setup, facts: &Facts) -> Option<Finding> {
    // Once somebody has it revoked there is nothing left to do: its successor is on its way.
    let is_seen_to = facts.is_revoked() || facts.revocation_of_ours().is_some();
    let by = printable(facts.key_listed_by().filter(|_| !is_seen_to)?);
    let title = format!("Strangers may have the private key of {}", setup.hostname);
    let words = "Whoever has it can pose as this site, and visitors see no difference.";
    let fix = if facts.uploaded.is_some() {
        "Upload a certificate with a new key, and have the authority revoke this one."
    } else {
        "Revoke the certificate, for the reason that somebody else may have the private key: its successor has a new one."
    };
    let found = Finding::new(Code::KeyExposed, title, words.into(), fix.into());
    Some(found.seen([format!("the list of compromised keys at {by} has it")]))
}

/// Visitors do not trust its chain any more.
pub(super) fn distrusted(setup: &Setup, facts: &Facts) -> Option<Finding> {
    let last = facts.checked_now()?;
    let why = match &last.trust {
        Trust::Public => return None,
        // One of a private authority was never trusted by strangers, and its owner knows.
        Trust::Private if !last.was_public => return None,
        Trust::Private => "Its chain led to a root that browsers trusted, and does no longer.".to_owned(),
        Trust::Ended(whose) => format!("The certificate of its issuer {} has ended.", printable(whose)),
    };
    let title = format!("Browsers no longer trust the chain of {}", setup.hostname);
    let (fix, owner) = if facts.uploaded.is_some() {
        ("Upload it again with a chain that is trusted; or remove it, and we serve one that we obtain.", Owner::Agency)
    } else {
        ("Renew it: the certificate authority sends its present chain.", Owner::Padlock)
    };
    Some(Finding::new(Code::TlsChain, title, why, fix.into()).at(Severity::Blocking).by(owner))
}

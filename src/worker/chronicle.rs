//! What an event says in a domain's timeline; most looks say nothing.

use crate::domain::event::Event;
use crate::domain::facts::{Facts, Standing};
use crate::domain::finding::printable;
use crate::domain::observed::{Observation, RecordState};
use crate::domain::problem::ProblemKind;
use crate::domain::record::Purpose;
use crate::domain::setup::SslValidation;
use crate::store::Entry;
use crate::wire::when::When;

/// Who writes what nobody asked for.
const ACTOR: &str = "padlock";

/// The timeline's entry for an event, if people would want to read it.
#[must_use]
pub fn entry(before: &Facts, event: &Event, after: &Facts) -> Option<Entry> {
    if before == after {
        return None;
    }
    let (kind, summary) = match event {
        Event::Looked { observation, .. } => return looked(before.observation.as_ref(), observation),
        Event::OrderPlanned { order, .. } if after.order.as_ref().is_none_or(|open| open.id != *order) => return None,
        Event::OrderPlanned { ca, .. } => ("order.planned", format!("Asking {ca} for a certificate")),
        Event::OrderPostponed { problem, .. } => {
            ("order.postponed", format!("Waiting: {}", printable(&problem.detail)))
        }
        Event::RenewalAdvised { .. } => return advised(before, after),
        Event::Examined { .. } | Event::AuthoritiesNamed { .. } | Event::AdviceFailed { .. } => return None,
        Event::ProofShown { values, .. } if values.is_empty() => return None,
        Event::ProofShown { .. } => match after.order.as_ref().map(|order| order.validation) {
            Some(SslValidation::Http) => ("order.proof", "Our servers answer the challenge".into()),
            _ => ("order.proof", "The challenge's answer is on show in our DNS".into()),
        },
        Event::OrderOpened { .. } | Event::OrderWaits { .. } => return None,
        Event::OrderStumbled { problem, .. } if after.order.is_none() => {
            ("order.failed", format!("No certificate, after several tries: {}", printable(&problem.detail)))
        }
        Event::OrderStumbled { problem, .. } => {
            ("order.stumbled", format!("A call to the certificate authority failed: {}", printable(&problem.detail)))
        }
        Event::OrderFailed { problem, .. } if problem.kind == ProblemKind::RateLimited => {
            ("order.limited", format!("The certificate authority's limit is reached: {}", printable(&problem.detail)))
        }
        Event::OrderFailed { problem, .. } => {
            ("order.failed", format!("No certificate: {}", printable(&problem.detail)))
        }
        Event::Issued { certificate, .. } if after.certificate.as_ref() != Some(certificate) => {
            ("order.failed", format!("Certificate {} is not used: the one in use lasts longer", certificate.serial))
        }
        Event::Issued { certificate, .. } => (
            "certificate.issued",
            format!("Certificate {} issued by {}", certificate.serial, printable(&certificate.issuer)),
        ),
        Event::Revoked { .. } => {
            ("certificate.revoked", "The certificate authority has revoked the certificate".into())
        }
        // Told once, however often it is tried.
        Event::RevocationFailed { .. } if before.revocation.as_ref().is_some_and(|told| told.tries > 0) => return None,
        Event::RevocationFailed { problem, .. } => (
            "certificate.not_revoked",
            format!("The certificate could not be revoked, and will be tried again: {}", printable(&problem.detail)),
        ),
        Event::Checked { .. } => checked(before, after)?,
        Event::UploadEnded { .. } => {
            ("certificate.upload_ended", "The uploaded certificate has lapsed: ours is served in its place".into())
        }
        Event::Handshaken { .. } if after.is_served() => {
            ("certificate.deployed", "Our servers serve the certificate: a live handshake shows it".into())
        }
        Event::Handshaken { .. } => return None,
        Event::NameHeld if before.standing == Standing::Blocked => return None,
        Event::NameHeld => ("domain.blocked", "Another customer proved control of this name first".into()),
        // Written by the door that was used, with the person's name.
        Event::Uploaded { .. }
        | Event::Answered { .. }
        | Event::Handed { .. }
        | Event::StepTaken { .. }
        | Event::RevocationAsked { .. }
        | Event::RenewAsked
        | Event::Switched { .. }
        | Event::Removed => return None,
    };
    Some(Entry { kind: kind.into(), actor: ACTOR.into(), summary, detail: serde_json::Value::Null })
}

/// What lists say of a certificate and of its key: each word is told once.
fn checked(before: &Facts, after: &Facts) -> Option<(&'static str, String)> {
    if before.listed().is_none() && after.listed().is_some() {
        let words = "The certificate stands on its authority's list of revoked ones";
        return Some(("certificate.found_revoked", words.into()));
    }
    let is_news = before.key_listed_by().is_none() && after.key_listed_by().is_some();
    is_news.then(|| ("certificate.key_exposed", "The certificate's key is on a list of compromised keys".into()))
}

/// What the CA says of when to renew, when it says something new.
fn advised(before: &Facts, after: &Facts) -> Option<Entry> {
    let window = after.advice.as_ref()?.window.as_ref()?;
    if before.advice.as_ref().and_then(|last| last.window.as_ref()) == Some(window) {
        return None;
    }
    let (start, end) = (When(window.start).date_time(), When(window.end).date_time());
    let summary = format!("The certificate authority would like the certificate renewed between {start} and {end}");
    let detail = serde_json::json!({ "explanation": window.explanation_url.as_deref().map(printable) });
    Some(Entry { kind: "certificate.advised".into(), actor: ACTOR.into(), summary, detail })
}

fn looked(before: Option<&Observation>, seen: &Observation) -> Option<Entry> {
    let state = |look: Option<&Observation>, purpose| look.map(|look| look.state(purpose));
    let changed: Vec<String> = Purpose::ALL
        .into_iter()
        .filter(|purpose| seen.records.iter().any(|record| record.wanted.purpose == *purpose))
        .filter(|purpose| state(before, *purpose) != state(Some(seen), *purpose))
        .map(|purpose| format!("{}: {}", purpose.label(), seen.state(purpose).label()))
        .collect();
    let file =
        |look: Option<&Observation>| look.map(|look| look.file_state()).filter(|state| *state != RecordState::Unknown);
    let file_changed = file(Some(seen)).filter(|state| file(before) != Some(*state));
    let changed: Vec<String> =
        changed.into_iter().chain(file_changed.map(|state| format!("Token file: {}", state.label()))).collect();
    let gist_changed = before.is_some_and(|before| before.gist().differs(&seen.gist()));
    let summary = match (before, changed.is_empty()) {
        (None, _) => format!("First look at DNS. {}", changed.join("; ")),
        (Some(_), false) => format!("DNS changed. {}", changed.join("; ")),
        (Some(_), true) if gist_changed => "DNS changed: other values were found".into(),
        (Some(_), true) => return None,
    };
    let found: Vec<serde_json::Value> = seen
        .verdicts()
        .into_iter()
        .map(|verdict| serde_json::json!({ "record": verdict.purpose, "state": verdict.state, "found": verdict.found }))
        .collect();
    Some(Entry { kind: "dns.changed".into(), actor: ACTOR.into(), summary, detail: found.into() })
}

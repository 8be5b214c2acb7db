//! What an event says in a domain's timeline; most looks say nothing.

use crate::domain::changes;
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
    let detail = serde_json::json!({ "changes": changes::between(before, seen) });
    Some(Entry { kind: "dns.changed".into(), actor: ACTOR.into(), summary, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Why;
    use crate::domain::observed::{Found, RecordSeen, Reply, ServerAnswer, ZoneTrouble};
    use crate::domain::record::{RecordType, Wanted};
    use crate::domain::time::Millis;
    use serde_json::json;

    /// A look at the validation record alone, at a server that gives these values, or none at all.
    fn look(at: i64, values: Option<&[&str]>) -> Observation {
        let found = |value: &&str| Found { rtype: RecordType::Txt, value: (*value).into(), ttl: 60 };
        let reply = values.map_or(Reply::Silent, |values| Reply::Records(values.iter().map(found).collect()));
        let address = "192.0.2.1".parse().expect("an address");
        let (host, value) = ("_padlock.x.test".into(), "token".into());
        let record = RecordSeen {
            wanted: Wanted { purpose: Purpose::Validation, rtype: RecordType::Txt, host, value },
            answers: vec![ServerAnswer { server: "ns".into(), address, reply }],
            resolver: None,
        };
        let zone = Err(ZoneTrouble::CouldNotAsk("time-out".into()));
        Observation { at: Millis(at), took_ms: 5, zone, records: vec![record], edge_addresses: Vec::new(), file: None }
    }

    /// What is written of a look that follows these.
    fn told(before: &[Observation], seen: Observation) -> Option<Entry> {
        let looked = |observation: &Observation| Event::Looked { observation: observation.clone(), why: Why::Curve };
        let apply = |facts: Facts, seen: &Observation| facts.apply(seen.at, &looked(seen));
        let facts = before.iter().fold(Facts::added(Millis(0)), apply);
        entry(&facts, &looked(&seen), &apply(facts.clone(), &seen))
    }

    #[test]
    fn a_change_is_told_with_what_was_there_and_what_is() {
        let before = [look(1, Some(&["site=\u{7}"]))];
        let changed = told(&before, look(2, Some(&["token"]))).expect("an entry");
        assert_eq!(changed.summary, "DNS changed. SSL Certificate Validation (TXT): Detected");
        let change = json!({ "host": "_padlock.x.test", "type": "TXT", "before": ["site=\\u{7}"], "now": ["token"] });
        assert_eq!(changed.detail, json!({ "changes": [change] }));
        let other = told(&before, look(2, Some(&["site=8"]))).expect("an entry");
        assert_eq!(other.summary, "DNS changed: other values were found");
        assert_eq!(other.detail["changes"][0]["now"], json!(["site=8"]));
    }

    #[test]
    fn a_first_look_has_nothing_before_it() {
        let first = told(&[], look(1, Some(&["token"]))).expect("an entry");
        assert_eq!(first.summary, "First look at DNS. SSL Certificate Validation (TXT): Detected");
        assert_eq!(first.detail["changes"][0]["before"], json!(null));
        let empty = told(&[], look(1, Some(&[]))).expect("an entry");
        assert_eq!(empty.detail, json!({ "changes": [] }));
    }

    #[test]
    fn silence_and_the_same_again_are_no_difference() {
        let before = [look(1, Some(&["token"]))];
        assert_eq!(told(&before, look(2, Some(&["token"]))), None);
        let silent = told(&before, look(2, None)).expect("an entry");
        assert_eq!(silent.detail, json!({ "changes": [] }));
    }
}

//! DNSSEC: whether a validating resolver, as every CA must use one, can believe the zone.
//!
//! We do not validate ourselves: a resolver that fails, and answers when it is told not to validate (CD), has judged. Why it
//! did is read from its extended errors (RFC 8914), the signatures' times, and the keys on both sides of the delegation.

use super::words::answer_words;
use crate::domain::catalogue::Code;
use crate::domain::finding::Finding;
use crate::domain::observation::{Answer, Kind, Message, Observation, Signature};
use crate::domain::time::DAY_MS;
use std::collections::BTreeSet;

/// Signatures that end within this time are a warning: signers that work renew them earlier.
const EXPIRING_MS: i64 = 3 * DAY_MS;

/// Findings on DNSSEC.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let Ok(zone) = seen.delegation.zone.as_deref() else { return Vec::new() };
    let failing = failing(seen);
    if failing.is_empty() {
        return expiring(seen, zone).into_iter().collect();
    }
    let has = |codes: &[u16]| {
        let errors = failing.iter().filter_map(|(answer, _)| answer.message()).flat_map(|message| &message.extended);
        errors.into_iter().any(|error| codes.contains(&error.code))
    };
    let evidence = failing.iter().flat_map(|(checked, unchecked)| [answer_words(checked), answer_words(unchecked)]);
    let out_of_date = signatures(seen).find(|signature| signature.until < seen.at || signature.from > seen.at);
    let found = if let Some(orphan) = orphan(seen, zone) {
        orphan
    } else if out_of_date.is_some() || has(&[7, 8]) {
        outdated(zone, out_of_date, seen)
    } else if only_absence_fails(seen, &failing) || has(&[12]) {
        denial(zone, &failing)
    } else {
        bogus(zone)
    };
    vec![found.seen(evidence)]
}

/// Questions that a validating resolver fails at and an unchecked one answers.
fn failing(seen: &Observation) -> Vec<(&Answer, &Answer)> {
    let fails = |answer: &&Answer| answer.message().is_some_and(|message| message.rcode == "SERVFAIL");
    let checked = seen.answers.iter().filter(|answer| answer.who == crate::domain::observation::Who::Resolver);
    checked
        .filter(fails)
        .filter_map(|answer| {
            let unchecked = seen.unchecked(&answer.name, answer.kind).find(|other| other.heard().is_some())?;
            Some((answer, unchecked))
        })
        .collect()
}

fn signatures(seen: &Observation) -> impl Iterator<Item = &Signature> {
    let own = seen.answers.iter().filter(|answer| answer.who_is_authority()).filter_map(Answer::message);
    own.flat_map(|message| message.signatures.iter())
}

/// A DS above with no key below that it could mean.
fn orphan(seen: &Observation, zone: &str) -> Option<Finding> {
    let tag = |value: &str, place: usize| value.split(' ').nth(place).and_then(|tag| tag.parse::<u16>().ok());
    let said = |answer: &Answer| answer.heard().map(|message| message.records.clone()).unwrap_or_default();
    let listed: BTreeSet<u16> = seen
        .parents(zone, Kind::Ds)
        .flat_map(said)
        .filter(|record| record.kind == Kind::Ds)
        .filter_map(|record| tag(&record.value, 0))
        .collect();
    let keys_known = seen.heard(zone, Kind::Dnskey).next().is_some();
    let held: BTreeSet<u16> = seen.records(zone, Kind::Dnskey).iter().filter_map(|key| tag(&key.value, 3)).collect();
    if listed.is_empty() || !keys_known || !listed.is_disjoint(&held) {
        return None;
    }
    let tags = |tags: &BTreeSet<u16>| tags.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let below =
        if held.is_empty() { "the zone has no key at all".to_owned() } else { format!("the zone has {}", tags(&held)) };
    Some(
        Finding::new(
            Code::DnssecDsOrphan,
            format!("The registrar still lists a DNSSEC key that {zone} does not have"),
            format!("The DS records above {zone} name key {}; {below}. Every resolver that validates refuses the zone.", tags(&listed)),
            format!("Delete the DS record of {zone} at the registrar, or replace it by one for the key that your DNS host shows."),
        )
        .seen(seen.parents(zone, Kind::Ds).chain(seen.authorities(zone, Kind::Dnskey)).map(answer_words)),
    )
}

fn outdated(zone: &str, signature: Option<&Signature>, seen: &Observation) -> Finding {
    let words = match signature {
        Some(early) if early.from > seen.at => format!("They begin to count on {}.", early.from.date_time()),
        Some(late) => format!("They ended on {}.", late.until.date_time()),
        None => "The resolver says that they are out of date.".into(),
    };
    Finding::new(
        Code::DnssecExpired,
        format!("The DNSSEC signatures of {zone} are out of date"),
        format!("{words} Every resolver that validates refuses the zone, and so does every certificate authority."),
        format!("Restart the signing of {zone} at your DNS host, and check its clock."),
    )
}

/// Whether what is there validates, and only what is not there does not.
fn only_absence_fails(seen: &Observation, failing: &[(&Answer, &Answer)]) -> bool {
    let empty =
        |(_, unchecked): &(&Answer, &Answer)| unchecked.message().is_some_and(|message| message.records.is_empty());
    let valid = |message: &Message| message.authenticated && !message.records.is_empty();
    failing.iter().all(empty) && seen.answers.iter().filter_map(Answer::message).any(valid)
}

fn denial(zone: &str, failing: &[(&Answer, &Answer)]) -> Finding {
    let what = failing
        .first()
        .map_or_else(String::new, |(answer, _)| format!("{} at {}", answer.kind.mnemonic(), answer.name));
    Finding::new(
        Code::DnssecDenial,
        format!("{zone} can't prove what is absent"),
        format!(
            "What is in the zone validates; the proof that there is no {what} does not. A certificate authority has to ask for that."
        ),
        format!("Sign {zone} anew at your DNS host, so that its NSEC or NSEC3 records are right."),
    )
}

fn bogus(zone: &str) -> Finding {
    Finding::new(
        Code::DnssecBogus,
        format!("The DNSSEC signatures of {zone} do not verify"),
        format!(
            "A resolver that validates refuses {zone}; one that does not reads it well. Certificate authorities must validate, so none can read it."
        ),
        format!("Sign {zone} anew at your DNS host, or remove its DS record at the registrar until that is done."),
    )
}

fn expiring(seen: &Observation, zone: &str) -> Option<Finding> {
    let chained = seen.parents(zone, Kind::Ds).filter_map(Answer::heard).any(|message| !message.records.is_empty());
    let first =
        signatures(seen).filter(|signature| signature.signer == zone).min_by_key(|signature| signature.until)?;
    (chained && first.until.since(seen.at) < EXPIRING_MS).then(|| {
        Finding::new(
            Code::DnssecExpiring,
            format!("The DNSSEC signatures of {zone} end soon"),
            format!(
                "From {} on, nobody who validates can read the zone; issuing and renewing fail then.",
                first.until.date_time()
            ),
            format!("Check that {zone} is signed anew by itself at your DNS host."),
        )
        .seen([format!(
            "the signature over {} by key {} ends on {}",
            first.name,
            first.key_tag,
            first.until.date_time()
        )])
    })
}

//! The two records of the challenge: ownership (TXT) and DCV (CNAME). What is wrong with one is said once, as closely as it
//! can be told; Domain Routing has a room of its own, since addresses may stand in for its alias.

use super::mistakes;
use super::words::{answer_words, count, listed, to_paste};
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, Severity};
use crate::domain::observation::{Answer, Kind, Message, Observation};
use crate::domain::record::{Purpose, RecordType, Wanted, relative_host, same_name};

/// Texts at one name that still fit an answer without trouble; some resolvers pass over longer ones.
const TEXTS: usize = 8;

/// Findings on the records of the challenge.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let needed = |wanted: &&Wanted| match wanted.purpose {
        // Consent is needed for the first certificate; a renewal follows the challenge's alias alone.
        Purpose::Validation => seen.subject.held.is_none(),
        Purpose::Dcv => true,
        Purpose::Routing => false,
    };
    seen.subject.wanted.iter().filter(needed).flat_map(|wanted| one(seen, wanted)).collect()
}

fn one(seen: &Observation, wanted: &Wanted) -> Vec<Finding> {
    if let Some(finding) = lacking(seen, wanted) {
        return vec![after_issue(seen, wanted, finding)];
    }
    let beside = [cached(seen, wanted), crowded(seen, wanted), not_alone(seen, &wanted.host)];
    let mut found: Vec<Finding> = beside.into_iter().flatten().collect();
    if wanted.purpose == Purpose::Dcv {
        found.extend(leads_nowhere(seen, wanted));
    }
    found
}

/// The challenge's alias is missed by the next renewal only, once a certificate is held.
fn after_issue(seen: &Observation, wanted: &Wanted, finding: Finding) -> Finding {
    let Some(held) = seen.subject.held.as_ref().filter(|_| wanted.purpose == Purpose::Dcv) else { return finding };
    let words = format!(
        "{} The site works until {}; no renewal can succeed before that is put right.",
        finding.explanation,
        held.not_after.date_time()
    );
    Finding::new(Code::DcvRemoved, finding.title, words, finding.fix).seen(finding.evidence)
}

/// What the zone's servers say of a wanted record.
pub(super) struct Tally<'a> {
    /// Those that have it.
    pub(super) having: Vec<&'a Answer>,
    /// Those that answered otherwise.
    pub(super) lacking: Vec<&'a Answer>,
}

/// Counts who has it.
pub(super) fn tally<'a>(seen: &'a Observation, wanted: &'a Wanted) -> Tally<'a> {
    let heard = seen.heard(&wanted.host, wanted.rtype.into());
    let (having, lacking): (Vec<_>, Vec<_>) = heard.partition(|(_, message)| satisfies(message, wanted));
    let answers = |pairs: Vec<(&'a Answer, &'a Message)>| pairs.into_iter().map(|(answer, _)| answer).collect();
    Tally { having: answers(having), lacking: answers(lacking) }
}

fn satisfies(message: &Message, wanted: &Wanted) -> bool {
    let mut values = message.at(&wanted.host, wanted.rtype.into()).map(|record| record.value.as_str()).peekable();
    match wanted.rtype {
        RecordType::Cname => values.peek().is_some() && values.all(|value| same_name(value, &wanted.value)),
        RecordType::Txt | RecordType::A | RecordType::Aaaa => values.any(|value| value == wanted.value),
    }
}

/// Why it does not count at every server that answers; none when it does, or when nobody could be asked.
pub(super) fn lacking(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let tally = tally(seen, wanted);
    if tally.lacking.is_empty() {
        // Where nobody serves the zone below, there is nobody to lack it.
        return if tally.having.is_empty() { in_a_zone_below(seen, wanted) } else { None };
    }
    let evidence = || tally.lacking.iter().chain(&tally.having).map(|answer| answer_words(answer));
    if !tally.having.is_empty() {
        return Some(partly(seen, wanted, &tally).seen(evidence()));
    }
    let found = in_a_zone_below(seen, wanted)
        .or_else(|| elsewhere_now(seen, wanted))
        .or_else(|| mistakes::told(seen, wanted))
        .unwrap_or_else(|| missing(seen, wanted));
    Some(found.seen(evidence()))
}

fn missing(seen: &Observation, wanted: &Wanted) -> Finding {
    let (label, kind, host) = (wanted.purpose.label(), wanted.rtype.mnemonic(), &wanted.host);
    Finding::new(
        Code::RecMissing,
        format!("{label} is not there yet"),
        format!("We cannot find a {kind} record at {host}: no name server of {} has one.", seen.zone()),
        format!("Add a {kind} record: {}", to_paste(wanted, seen.zone())),
    )
}

/// Some servers have it.
fn partly(seen: &Observation, wanted: &Wanted, tally: &Tally<'_>) -> Finding {
    let (having, all) = (tally.having.len(), tally.having.len() + tally.lacking.len());
    let behind = listed(tally.lacking.iter().map(|answer| answer.server()));
    Finding::new(
        Code::NsStale,
        format!("{} is not on all name servers yet", wanted.purpose.label()),
        format!(
            "{having} of {} of {} have it; {behind} still serves an older copy.",
            count(all, "name server"),
            seen.zone()
        ),
        "Wait a few minutes; if it stays so, repair the zone transfer between the name servers.".into(),
    )
    .at(Severity::Blocking)
}

/// The name lies in a zone of its own: a record that was added one zone higher counts for nobody.
fn in_a_zone_below(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let below = seen.delegation.below.iter().find(|below| below.host == wanted.host)?;
    let (apex, servers) = (&below.apex, listed(below.servers.iter().map(String::as_str)));
    Some(Finding::new(
        Code::SubzoneDelegated,
        format!("{apex} is a zone of its own"),
        format!(
            "{} is answered by {servers}, not by the servers of {}. Records in the zone above have no effect there.",
            wanted.host,
            seen.zone()
        ),
        format!(
            "Add it at whoever runs {servers}: host {}, type {}, value {}",
            relative_host(&wanted.host, apex),
            wanted.rtype.mnemonic(),
            wanted.value
        ),
    ))
}

/// The zone is run elsewhere than when it was last looked at.
fn elsewhere_now(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let (now, before) = super::drift::moved_servers(seen)?;
    if seen.subject.held.is_some() {
        return None;
    }
    let zone = seen.zone();
    Some(Finding::new(
        Code::WrongProvider,
        format!("DNS for {zone} is run by {now} now"),
        format!("It was run by {before} before. Records that were added there have no effect any more."),
        format!("Add it where the zone is run now: {}", to_paste(wanted, zone)),
    ))
}

/// It is there, and a resolver still holds what was there before.
pub(super) fn cached(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let kind: Kind = wanted.rtype.into();
    let behind = |answer: &&Answer| answer.heard().is_some_and(|message| !satisfies(message, wanted));
    let behind: Vec<&Answer> = seen.resolvers(&wanted.host, kind).filter(behind).collect();
    let message = behind.first()?.heard()?;
    let held_s = message.at(&wanted.host, kind).map(|record| record.ttl).max().or_else(|| message.negative_ttl())?;
    let clears = seen.at.plus(i64::from(held_s) * 1_000);
    Some(
        Finding::new(
            Code::RecCached,
            format!("{} is in place; caches clear by {}", wanted.purpose.label(), clears.clock()),
            format!(
                "Every name server has it. A resolver still holds the older answer for {held_s} seconds, until {}.",
                clears.date_time()
            ),
            String::new(),
        )
        .seen(behind.into_iter().map(answer_words)),
    )
}

/// Many texts at one name.
fn crowded(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let texts = seen.values(&wanted.host, Kind::Txt);
    (wanted.rtype == RecordType::Txt && texts.len() > 1).then(|| {
        let words =
            if texts.len() > TEXTS { "That is more than some resolvers pass on." } else { "That does no harm." };
        let others = listed(texts.iter().copied().filter(|text| *text != wanted.value));
        Finding::new(
            Code::TxtMulti,
            format!("{} holds {}", wanted.host, count(texts.len(), "text")),
            format!("Beside ours stand: {others}. {words}"),
            format!("Remove from {} what is not needed any more.", relative_host(&wanted.host, seen.zone())),
        )
        .at(if texts.len() > TEXTS { Severity::Warning } else { Severity::Info })
    })
}

/// An alias must be alone at its name (RFC 1034 §3.6.2).
pub(super) fn not_alone(seen: &Observation, host: &str) -> Option<Finding> {
    seen.alias(host)?;
    let others: Vec<&Answer> = [Kind::A, Kind::Aaaa, Kind::Txt]
        .into_iter()
        .flat_map(|kind| seen.authorities(host, kind))
        .filter(|answer| answer.heard().is_some_and(|message| message.at(host, answer.kind).next().is_some()))
        .collect();
    let mut kinds: Vec<&str> = others.iter().map(|answer| answer.kind.mnemonic()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    (!others.is_empty()).then(|| {
        let kinds = kinds.join(" and ");
        Finding::new(
            Code::CnameWithOthers,
            format!("{host} holds a CNAME and other records"),
            format!("A CNAME must be alone at its name; beside it stands {kinds}. Resolvers answer one or the other, by chance."),
            format!("Delete the {kinds} records at host {}.", relative_host(host, seen.zone())),
        )
        .seen(others.into_iter().map(answer_words))
    })
}

/// The alias is right, and nothing stands where it leads.
fn leads_nowhere(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let zone = &seen.subject.place.dcv_zone;
    let fails = |answer: &&Answer| match answer.message() {
        Some(message) => !message.is_heard() || message.rcode == "NXDOMAIN",
        None => false,
    };
    let failing: Vec<&Answer> = seen.resolvers(zone, Kind::Soa).filter(fails).collect();
    (!failing.is_empty()).then(|| {
        Finding::new(
            Code::TargetDead,
            format!("{} is right; our end is missing", wanted.purpose.label()),
            format!("{} leads to {}, in our zone {zone}, which does not answer at present.", wanted.host, wanted.value),
            String::new(),
        )
        .by(Owner::Padlock)
        .seen(failing.into_iter().map(answer_words))
    })
}

//! CAA: which rule is in force for the name, where it comes from, and whether it lets one of our CAs issue.

use super::words::{answer_words, listed};
use crate::domain::caa::{Property, property};
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, printable};
use crate::domain::observation::{Answer, Kind, Observation, Said, Who};
use crate::domain::setup::SslValidation;

/// One step of the climb from the name towards the root (RFC 8659 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaaLevel<'a> {
    /// The name that was asked about.
    pub name: &'a str,
    /// Where the records stand, when an alias leads elsewhere.
    pub at: Option<&'a str>,
    /// The records there, in a zone file's form.
    pub lines: Vec<&'a str>,
    /// Whether the question failed.
    pub failed: bool,
    /// Whether this is the rule in force.
    pub in_force: bool,
    /// Who answered what.
    pub answers: Vec<&'a Answer>,
}

/// The climb: from the name itself up to the top; the first level that has records is in force.
#[must_use]
pub fn caa_tree(seen: &Observation) -> Vec<CaaLevel<'_>> {
    let mut levels = Vec::new();
    let mut name = seen.subject.name.as_str();
    let mut decided = false;
    while !name.is_empty() {
        let mut level = level(seen, name);
        level.in_force = !decided && !level.lines.is_empty();
        decided |= level.in_force;
        if !level.answers.is_empty() {
            levels.push(level);
        }
        name = name.split_once('.').map_or("", |(_, above)| above);
    }
    levels
}

fn level<'a>(seen: &'a Observation, name: &'a str) -> CaaLevel<'a> {
    let answers: Vec<&Answer> = seen.authorities(name, Kind::Caa).chain(seen.resolvers(name, Kind::Caa)).collect();
    let lines = seen.values(name, Kind::Caa);
    if !lines.is_empty() {
        return CaaLevel { name, at: None, lines, failed: false, in_force: false, answers };
    }
    // A resolver follows an alias: then the records at its target count for the name.
    let told = seen.resolvers(name, Kind::Caa).filter_map(Answer::heard).flat_map(|message| &message.records);
    let followed: Vec<_> = told.filter(|record| record.kind == Kind::Caa).collect();
    let at = followed.first().map(|record| record.name.as_str()).filter(|at| *at != name);
    let mut lines: Vec<&str> = followed.iter().map(|record| record.value.as_str()).collect();
    lines.sort_unstable();
    lines.dedup();
    let failed = lines.is_empty() && fails(&answers);
    CaaLevel { name, at, lines, failed, in_force: false, answers }
}

/// Whoever was asked gave no answer that says something.
fn fails(answers: &[&Answer]) -> bool {
    let asked = |answer: &&&Answer| !matches!(answer.said, Said::NotAsked | Said::NoRoute | Said::Private);
    let mut asked = answers.iter().filter(asked).peekable();
    asked.peek().is_some() && asked.all(|answer| answer.heard().is_none())
}

/// Findings on CAA.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    if seen.delegation.zone.is_err() {
        return Vec::new();
    }
    let tree = caa_tree(seen);
    let mut found: Vec<Finding> = Vec::new();
    for level in &tree {
        if level.failed && !fails_altogether(seen, level.name) {
            found.push(unanswered(level));
        }
        if level.in_force {
            found.extend(rule(seen, level).map(|finding| {
                after_issue(seen, finding).seen(level.answers.iter().map(|answer| answer_words(answer)))
            }));
            break;
        }
    }
    found
}

/// Nothing at all is answered about the name, or its signatures are the reason: another finding says so.
fn fails_altogether(seen: &Observation, name: &str) -> bool {
    let about = |answer: &&Answer| {
        answer.kind != Kind::Caa
            && (answer.name == name || answer.name == seen.zone())
            && !matches!(answer.who, Who::Parent { .. })
    };
    let mut other = seen.answers.iter().filter(about);
    let bogus = seen.unchecked(name, Kind::Caa).any(|answer| answer.heard().is_some());
    bogus || !other.any(|answer| answer.heard().is_some())
}

fn unanswered(level: &CaaLevel<'_>) -> Finding {
    let name = level.name;
    Finding::new(
        Code::CaaLookup,
        format!("The CAA question about {name} fails"),
        format!("Before it issues, a certificate authority must ask for CAA records at {name}; while that fails it must refuse (RFC 8659 §3)."),
        format!("Let the name servers answer questions of type CAA (257) about {name}; that there is none is a good answer."),
    )
    .seen(level.answers.iter().map(|answer| answer_words(answer)))
}

/// What the rule in force bars, if anything.
fn rule(seen: &Observation, level: &CaaLevel<'_>) -> Option<Finding> {
    let properties: Vec<Property> = level.lines.iter().map(|line| property(line)).collect();
    let at = level.at.unwrap_or(level.name);
    if let Some(tag) =
        properties.iter().find_map(|one| if let Property::Critical { tag } = one { Some(tag) } else { None })
    {
        return Some(ours_or_theirs(seen, level, critical(at, tag)));
    }
    let wilds = |one: &&Property| matches!(one, Property::Allows { wild: true, .. });
    let by_wild = seen.subject.wildcard && properties.iter().any(|one| wilds(&one));
    let counts: Vec<&Property> = properties
        .iter()
        .filter(|one| {
            matches!(one, Property::Allows { wild, .. } if *wild == by_wild)
                || matches!(one, Property::Malformed { .. })
        })
        .collect();
    if counts.is_empty() || seen.subject.issuers.is_empty() {
        return None;
    }
    let verdicts: Vec<Bar> = counts.iter().map(|one| bar(seen, one)).collect();
    if verdicts.contains(&Bar::Nothing) {
        return None;
    }
    let nearest = verdicts.iter().min()?;
    Some(ours_or_theirs(seen, level, barred(seen, level, nearest, by_wild)))
}

/// What keeps one line from allowing us: the nearest to allowing first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bar {
    Nothing,
    Account(String),
    Method(String),
    Malformed(String),
    Issuer,
}

fn bar(seen: &Observation, property: &Property) -> Bar {
    let Property::Allows { issuer, account, methods, .. } = property else {
        let Property::Malformed { value } = property else { return Bar::Issuer };
        return Bar::Malformed(value.clone());
    };
    let named = |name: &String| Some(name.trim_end_matches('.').to_ascii_lowercase()).as_ref() == issuer.as_ref();
    let Some(ours) = seen.subject.issuers.iter().find(|ours| ours.names.iter().any(named)) else { return Bar::Issuer };
    let method = if seen.subject.validation == Some(SslValidation::Http) { "http-01" } else { "dns-01" };
    match (account, methods) {
        (Some(account), _) if ours.account.as_ref().is_some_and(|known| known != account) => {
            Bar::Account(account.clone())
        }
        (_, Some(methods)) if !methods.iter().any(|one| one == method) => Bar::Method(methods.join(", ")),
        _ => Bar::Nothing,
    }
}

fn barred(seen: &Observation, level: &CaaLevel<'_>, bar: &Bar, by_wild: bool) -> Finding {
    let (at, ca) = (level.at.unwrap_or(level.name), first_name(seen));
    let tag = if by_wild { "issuewild" } else { "issue" };
    let add = format!("Add a CAA record at {at}: 0 {tag} \"{ca}\"");
    let rule = listed(level.lines.iter().copied());
    let heir = if at == seen.subject.name {
        String::new()
    } else {
        format!(" It counts for {} too, which has none of its own.", seen.subject.name)
    };
    match bar {
        Bar::Account(account) => {
            let ours = seen.subject.issuers.iter().find_map(|issuer| issuer.account.as_deref()).unwrap_or_default();
            let fix = format!("Add a CAA record at {at}: 0 {tag} \"{ca}; accounturi={ours}\"");
            let words = format!("The CAA rule at {at} names the account {}; ours is {ours}.{heir}", printable(account));
            Finding::new(
                Code::CaaAccount,
                format!("Only another account may issue for {}", seen.subject.name),
                words,
                fix,
            )
        }
        Bar::Method(methods) => {
            let words = format!(
                "The CAA rule at {at} allows validation by {} only; we validate by dns-01.{heir}",
                printable(methods)
            );
            Finding::new(Code::CaaMethod, format!("The CAA rule at {at} bars our way of validating"), words, add)
        }
        Bar::Malformed(value) => {
            let words = format!(
                "It says {}, where the name of a certificate authority must stand, such as {ca}. So it allows nobody.{heir}",
                printable(value)
            );
            Finding::new(
                Code::CaaMalformed,
                format!("The CAA rule at {at} names no certificate authority"),
                words,
                format!("Replace it by: 0 {tag} \"{ca}\""),
            )
        }
        Bar::Issuer | Bar::Nothing if by_wild => Finding::new(
            Code::CaaWild,
            format!("A CAA rule at {at} bars wildcards"),
            format!("The rule is: {rule}.{heir}"),
            add,
        ),
        Bar::Issuer | Bar::Nothing => {
            let title = format!("A CAA rule at {at} forbids our certificate authority");
            Finding::new(Code::CaaForbids, title, format!("It allows others only: {rule}. Ours is {ca}.{heir}"), add)
        }
    }
}

fn critical(at: &str, tag: &str) -> Finding {
    Finding::new(
        Code::CaaCritical,
        format!("A critical CAA line at {at} is understood by nobody"),
        format!(
            "The line with the tag {} is marked critical, and no certificate authority knows it: all must refuse.",
            printable(tag)
        ),
        format!("Remove that line from the CAA records of {at}, or take its critical mark (flag 128) away."),
    )
}

/// A rule at our own name is ours to change.
fn ours_or_theirs(seen: &Observation, level: &CaaLevel<'_>, finding: Finding) -> Finding {
    let (place, at) = (&seen.subject.place, level.at.unwrap_or_default());
    let below = |zone: &str| at == zone || crate::domain::hostname::is_below(at, zone);
    if !below(&place.edge_hostname) && !below(&place.dcv_zone) {
        return finding;
    }
    let words = format!("{} leads to {at}, and the CAA rule there counts for it. {}", level.name, finding.explanation);
    Finding::new(Code::CaaTarget, format!("A CAA rule at our own name {at} is in the way"), words, String::new())
        .by(Owner::Padlock)
}

/// What bars only the next renewal.
fn after_issue(seen: &Observation, finding: Finding) -> Finding {
    let Some(held) = &seen.subject.held else { return finding };
    let words = format!(
        "{} The certificate that is served ends on {}, and can't be renewed before that is changed.",
        finding.explanation,
        held.not_after.date_time()
    );
    Finding::new(Code::CaaAdded, finding.title, words, finding.fix).seen(finding.evidence)
}

fn first_name(seen: &Observation) -> &str {
    seen.subject.issuers.iter().flat_map(|issuer| &issuer.names).next().map_or("", String::as_str)
}

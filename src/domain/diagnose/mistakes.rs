//! The usual slips when a record is typed in: what stands in its place, or where it was saved in place of here.

use super::words::{listed, to_paste};
use crate::domain::catalogue::Code;
use crate::domain::difference::{Difference, nearest};
use crate::domain::finding::{Finding, printable};
use crate::domain::observation::{Kind, Observation};
use crate::domain::record::{Purpose, RecordType, Wanted, relative_host, same_name};

/// Letters that may differ while it is still the same value, mistyped.
const TYPOS: usize = 2;

/// What went wrong with a record that is nowhere to be had; none when nothing like it was found.
pub(super) fn told(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let kind = Kind::from(wanted.rtype);
    let here: Vec<String> = seen.values(&wanted.host, kind).into_iter().map(str::to_owned).collect();
    if !here.is_empty() && seen.is_by_wildcard(&wanted.host, kind) {
        return Some(shadowed(seen, wanted, &here));
    }
    nearest(&here, &wanted.value)
        .and_then(|place| here.get(place))
        .map(|value| in_value(seen, wanted, value, &here))
        .or_else(|| wrong_type(seen, wanted))
        .or_else(|| elsewhere(seen, wanted))
        .or_else(|| conflict(seen, wanted))
}

/// The value that stands there, against the one that should.
fn in_value(seen: &Observation, wanted: &Wanted, value: &str, all: &[String]) -> Finding {
    let (label, zone) = (wanted.purpose.label(), seen.zone());
    let paste = || format!("Replace it: {}", to_paste(wanted, zone));
    let difference = || Difference::between(value, &wanted.value).words().unwrap_or_default();
    let found = format!("Found {} at {}, expected {}.", printable(value), wanted.host, wanted.value);
    let of = |code, title: String, words: String, fix: String| Finding::new(code, title, words, fix);
    if wanted.rtype == RecordType::Cname {
        return alias(seen, wanted, value, &found);
    }
    if squeezed(value) == wanted.value && value.trim() != wanted.value && !value.contains('"') {
        return of(Code::TxtSplit, format!("The value of {label} was cut with a space"), found, paste());
    }
    if undressed(value, wanted) == wanted.value {
        let words = format!("{found} {}", difference());
        return of(Code::ValueDressed, format!("{label} has extra characters around its value"), words, paste());
    }
    if is_near(value, &wanted.value) {
        let words = format!("{found} {}", difference());
        return of(
            Code::RecNearMiss,
            format!("{label} was mistyped"),
            words,
            "Paste the value again, with the Copy button. ".to_owned() + &paste(),
        );
    }
    if token_of(value).is_some_and(|token| token_of(&wanted.value).is_some_and(|ours| token.len() == ours.len())) {
        let words = format!("{found} It was issued for another claim, or to another customer.");
        return of(Code::RecOldToken, format!("{label} holds the value of another claim"), words, paste());
    }
    let words =
        format!("Found {} at {}, expected {}.", listed(all.iter().map(String::as_str)), wanted.host, wanted.value);
    of(Code::RecWrongValue, format!("{label} has a different value"), words, paste())
}

/// An alias that leads somewhere else.
fn alias(seen: &Observation, wanted: &Wanted, target: &str, found: &str) -> Finding {
    let (label, zone, place) = (wanted.purpose.label(), seen.zone(), &seen.subject.place);
    let paste = format!("Replace it: {}", to_paste(wanted, zone));
    let ends_in_zone = target.strip_prefix(&wanted.value).and_then(|rest| rest.strip_prefix('.'));
    let new = |code, title: String, more: &str, fix: String| Finding::new(code, title, format!("{found}{more}"), fix);
    if ends_in_zone.is_some_and(|rest| seen.subject.name.ends_with(rest) || rest == zone) {
        let fix = format!("{paste}. Put a dot after the target, where your DNS host asks for it: {}.", wanted.value);
        return new(
            Code::TargetDoubled,
            format!("{label} got {zone} added to its target"),
            " The DNS host added the zone's name.",
            fix,
        );
    }
    if target.contains("http:")
        || target.contains("https:")
        || target.contains('/')
        || undressed(target, wanted) == wanted.value
    {
        return new(Code::ValueDressed, format!("{label} has extra characters around its target"), "", paste);
    }
    if is_near(target, &wanted.value) {
        let words = Difference::between(target, &wanted.value).words().unwrap_or_default();
        return new(Code::RecNearMiss, format!("{label} was mistyped"), &format!(" {words}"), paste);
    }
    if wanted.purpose == Purpose::Dcv {
        if crate::domain::hostname::is_below(target, &place.dcv_zone) {
            return new(
                Code::RecOldToken,
                format!("{label} holds the target of an earlier claim"),
                " Each claim has a target of its own.",
                paste,
            );
        }
        let title = format!("{} is delegated to {}", wanted.host, printable(target));
        return new(Code::CnameElsewhere, title, " Another service answers the challenge there.", paste);
    }
    new(Code::RecWrongValue, format!("{label} has a different value"), "", paste)
}

/// The right value in a record of another type.
fn wrong_type(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let instead = match wanted.rtype {
        RecordType::Txt => Kind::Cname,
        RecordType::Cname | RecordType::A | RecordType::Aaaa => Kind::Txt,
    };
    let value = seen.values(&wanted.host, instead).into_iter().find(|value| {
        let bare = undressed(value, wanted);
        same_name(&bare, &wanted.value) || bare == wanted.value
    })?;
    let (kind, label) = (wanted.rtype.mnemonic(), wanted.purpose.label());
    Some(Finding::new(
        Code::TypeWrong,
        format!("{label} was added with the wrong type"),
        format!("{} holds {} in a {} record; it must be {kind}.", wanted.host, printable(value), instead.mnemonic()),
        format!("Delete it and recreate it as {kind}: {}", to_paste(wanted, seen.zone())),
    ))
}

/// The right value, saved under another name.
fn elsewhere(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let (zone, kind) = (seen.zone(), Kind::from(wanted.rtype));
    let holds = |name: &str| {
        let values = seen.values(name, kind);
        values.iter().any(|value| same_name(value, &wanted.value)) && !seen.is_by_wildcard(name, kind)
    };
    let relative = relative_host(&wanted.host, zone);
    let fix = |old: &str| {
        format!("Delete {old} and add it again: {}. As Host enter only {relative}.", to_paste(wanted, zone))
    };
    let [doubled, on_zone] = misplaced(wanted, zone);
    if holds(&doubled) {
        let words = format!("It was saved as {doubled}: the DNS host adds {zone} to what is entered as Host.");
        return Some(Finding::new(
            Code::NameDoubled,
            format!("{} was saved as {doubled}", wanted.purpose.label()),
            words,
            fix(&doubled),
        ));
    }
    if on_zone != wanted.host && holds(&on_zone) {
        let words = format!("It was saved at {on_zone}, on the zone itself, and is needed at {}.", wanted.host);
        return Some(Finding::new(
            Code::NameMissingSub,
            format!("{} was saved on {zone}", wanted.purpose.label()),
            words,
            fix(&on_zone),
        ));
    }
    None
}

/// Where a record is often saved in place of its host: with the zone's name twice, and on the zone itself.
#[must_use]
pub fn misplaced(wanted: &Wanted, zone: &str) -> [String; 2] {
    let label = wanted.host.split('.').next().unwrap_or_default();
    [format!("{}.{zone}", wanted.host), format!("{label}.{zone}")]
}

/// Another service's text where the challenge's alias must stand.
fn conflict(seen: &Observation, wanted: &Wanted) -> Option<Finding> {
    let texts = seen.values(&wanted.host, Kind::Txt);
    (wanted.purpose == Purpose::Dcv && !texts.is_empty()).then(|| {
        let found = listed(texts.iter().copied());
        Finding::new(
            Code::AcmeTxtConflict,
            format!("Another service's TXT stands at {}", wanted.host),
            format!("Found {found}. A CNAME must be alone at its name, so it can't be added beside a TXT."),
            format!(
                "Delete the TXT (if your DNS host does not show it, ask its support to clear its validation tokens), then add: {}",
                to_paste(wanted, seen.zone())
            ),
        )
    })
}

fn shadowed(seen: &Observation, wanted: &Wanted, here: &[String]) -> Finding {
    let (_, parent) = wanted.host.split_once('.').unwrap_or_else(|| ("", seen.zone()));
    let (kind, found) = (wanted.rtype.mnemonic(), listed(here.iter().map(String::as_str)));
    Finding::new(
        Code::WildcardShadow,
        format!("A wildcard answers for {}", wanted.host),
        format!("There is no record at {}; *.{parent} answers in its place, with {kind} {found}.", wanted.host),
        format!("Add the record itself, beside the wildcard: {}", to_paste(wanted, seen.zone())),
    )
}

/// A value without what people put around it.
fn undressed(value: &str, wanted: &Wanted) -> String {
    let quotes = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{ab}', '\u{bb}'];
    let trimmed = |text: &str| text.trim_matches(|c: char| c.is_whitespace() || quotes.contains(&c)).to_owned();
    let mut bare = trimmed(value);
    for start in
        ["https://", "http://", &format!("{}=", wanted.host), &format!("{} ", wanted.host), "TXT ", "CNAME ", "value="]
    {
        if let Some(rest) = bare.strip_prefix(start) {
            bare = trimmed(rest);
        }
    }
    trimmed(bare.trim_end_matches(['.', '/']))
}

fn squeezed(value: &str) -> String {
    value.chars().filter(|c| !c.is_whitespace()).collect()
}

fn token_of(value: &str) -> Option<&str> {
    value.strip_prefix("padlock-verification=")
}

/// Mistyped: a letter or two differ, are missing or stand too much, or only the case differs.
fn is_near(value: &str, wanted: &str) -> bool {
    if value.eq_ignore_ascii_case(wanted) {
        return true;
    }
    let cut = value.len() >= wanted.len() / 2 && wanted.starts_with(value);
    cut || distance(value, wanted, TYPOS) <= TYPOS
}

/// The edit distance, or more than `most`.
fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(left != right)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_are_counted() {
        for (a, b, want) in
            [("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("abc", "xabcd", 2), ("abc", "wxyz", 4)]
        {
            assert_eq!(distance(a, b, 2), want, "{a} {b}");
        }
    }
}

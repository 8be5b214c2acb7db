//! What changed in DNS between two looks: for each record, what was found there before and what is found now.
//!
//! Both are a stranger's text: few values are kept of it, each made printable and cut.

use super::finding::printable;
use super::observed::{Observation, RecordSeen, Reply};
use super::record::RecordType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Values that are kept of one record at one look: a TXT name may hold dozens.
const VALUES: usize = 8;

/// A record at which another thing is found than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsChange {
    /// Its full name, without trailing dot.
    pub host: String,
    /// The type that is wanted there; a value of another type is kept with its type before it.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// What was found before, and nothing if it is empty; none when nobody had been asked, or could be.
    pub before: Option<Vec<String>>,
    /// What is found now, and nothing if it is empty.
    pub now: Vec<String>,
}

/// Type and value, in an order of our own: many servers turn theirs with each answer.
type Values<'a> = BTreeSet<(RecordType, &'a str)>;

/// What changed since the look before, record by record. What can't be asked says nothing, so it is no change.
#[must_use]
pub fn between(before: Option<&Observation>, now: &Observation) -> Vec<DnsChange> {
    now.records.iter().filter_map(|seen| change(before, now, seen)).collect()
}

fn change(before: Option<&Observation>, now: &Observation, seen: &RecordSeen) -> Option<DnsChange> {
    let (wanted, purpose) = (&seen.wanted, seen.wanted.purpose);
    let found = values(seen)?;
    let last = before.and_then(|look| look.records.iter().find(|record| record.wanted.purpose == purpose));
    let known = last.and_then(values);
    let (is_known, was) = (known.is_some(), known.unwrap_or_default());
    // Addresses of large hosts change by the minute: they count only when something else came of it.
    let is_judged_anew = before.map(|look| look.state(purpose)) != Some(now.state(purpose));
    if was == found || (!is_judged_anew && names(&was) == names(&found)) {
        return None;
    }
    let gone = texts(was.difference(&found), VALUES, wanted.rtype);
    let come = texts(found.difference(&was), VALUES, wanted.rtype);
    // The same ones on both sides, so that nobody takes for gone what was only cut off.
    let stayed = texts(was.intersection(&found), VALUES - gone.len().max(come.len()), wanted.rtype);
    Some(DnsChange {
        host: wanted.host.clone(),
        rtype: wanted.rtype,
        before: is_known.then(|| [gone, stayed.clone()].concat()),
        now: [come, stayed].concat(),
    })
}

/// Everything that the servers gave; none when nobody could be asked.
fn values(seen: &RecordSeen) -> Option<Values<'_>> {
    let mut heard = seen.answers.iter().map(|answer| &answer.reply).filter(|reply| reply.is_heard()).peekable();
    heard.peek()?;
    Some(heard.flat_map(Reply::records).map(|found| (found.rtype, found.value.as_str())).collect())
}

fn names<'a>(values: &Values<'a>) -> Values<'a> {
    values.iter().copied().filter(|(rtype, _)| !matches!(rtype, RecordType::A | RecordType::Aaaa)).collect()
}

/// As text, and so many of them.
fn texts<'a>(values: impl Iterator<Item = &'a (RecordType, &'a str)>, limit: usize, wanted: RecordType) -> Vec<String> {
    let text = |(rtype, value): &(RecordType, &str)| match printable(value) {
        value if *rtype == wanted => value,
        value => format!("{} {value}", rtype.mnemonic()),
    };
    values.take(limit).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::laws::look;
    use super::super::observed::Found;
    use super::*;

    /// Right, wrong, missing and silent, for the validation record.
    const RIGHT: u8 = 0;
    const WRONG: u8 = 1;
    const MISSING: u8 = 2;
    const SILENT: u8 = 3;

    fn gives(rtype: RecordType, values: &[&str]) -> Reply {
        Reply::Records(values.iter().map(|value| Found { rtype, value: (*value).into(), ttl: 60 }).collect())
    }

    /// A look at which this record, by its place in the panel, holds this.
    fn with(place: usize, reply: Reply) -> Observation {
        let mut seen = look(0, RIGHT);
        seen.records[place].answers[0].reply = reply;
        seen
    }

    #[test]
    fn what_was_there_and_what_is_there_stand_side_by_side() {
        let token = look(0, RIGHT).records[0].wanted.value.clone();
        for (before, now, was, is) in [
            (MISSING, RIGHT, vec![], vec![token.clone()]),
            (WRONG, RIGHT, vec!["other.example".to_owned()], vec![token.clone()]),
            (RIGHT, MISSING, vec![token], vec![]),
        ] {
            let [change] = between(Some(&look(0, before)), &look(1, now)).try_into().expect("one change");
            assert_eq!((change.rtype, change.host.as_str()), (RecordType::Txt, "_padlock.portal.court.gov"));
            assert_eq!((change.before, change.now), (Some(was), is));
        }
    }

    #[test]
    fn who_could_not_be_asked_has_changed_nothing() {
        assert_eq!(between(Some(&look(0, RIGHT)), &look(1, SILENT)), []);
        assert_eq!(between(Some(&look(0, RIGHT)), &look(1, RIGHT)), []);
        // What was there before the silence, nobody knows.
        let [change] = between(Some(&look(0, SILENT)), &look(1, WRONG)).try_into().expect("one change");
        assert_eq!((change.before, change.now), (None, vec!["other.example".to_owned()]));
        // At the first look only what is there is worth a word.
        assert_eq!(between(None, &look(1, MISSING)).len(), 2, "the other two are there");
    }

    #[test]
    fn addresses_that_come_to_the_same_are_no_change() {
        let at = |address: &str| with(2, gives(RecordType::A, &[address]));
        assert_eq!(between(Some(&at("192.0.2.7")), &at("192.0.2.8")), []);
        let [change] = between(Some(&look(0, RIGHT)), &at("192.0.2.8")).try_into().expect("one change");
        assert_eq!(change.before, Some(vec!["edge.padlock.net".to_owned()]));
        assert_eq!(change.now, ["A 192.0.2.8"]);
    }

    #[test]
    fn what_differs_is_kept_of_many_and_made_printable() {
        let many: Vec<String> = (0..30).map(|n| format!("a{n:02}")).collect();
        let mut texts: Vec<&str> = many.iter().map(String::as_str).collect();
        let before = with(0, gives(RecordType::Txt, &texts));
        let hostile = format!("z\u{7}\u{202e}{}", "x".repeat(5_000));
        texts.push(&hostile);
        let [change] = between(Some(&before), &with(0, gives(RecordType::Txt, &texts))).try_into().expect("one change");
        assert_eq!(change.now.len(), VALUES);
        assert_eq!(change.before.as_deref(), Some(&change.now[1..]), "what stayed is the same on both sides");
        assert!(change.now[0].starts_with("z\\u{7}\\u{202e}x") && change.now[0].len() < 400, "{:?}", change.now[0]);
    }
}

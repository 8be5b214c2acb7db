//! Which records can be published for a customer, and what that would change: only what is missing is added, and only what
//! we put ourselves is ever replaced.

use super::observed::{Observation, RecordState};
use super::record::{RecordType, Wanted};
use serde::{Deserialize, Serialize};

/// A record that was published by us before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its full name.
    pub host: String,
    /// Its type.
    pub rtype: RecordType,
    /// Its value.
    pub value: String,
}

/// What would happen to one wanted record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The record.
    pub wanted: Wanted,
    /// What would happen.
    pub step: Step,
}

/// What would happen at one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Nothing: it is in place.
    InPlace,
    /// It is added.
    Add,
    /// It takes the place of what we put there before.
    Replace {
        /// What we put.
        old: String,
    },
    /// Nothing: somebody else put something there, which we never touch.
    Occupied {
        /// What was found.
        found: Vec<String>,
    },
}

impl Step {
    /// Whether something is written.
    #[must_use]
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Add | Self::Replace { .. })
    }
}

/// What would happen, by the last look and by what we put before.
#[must_use]
pub fn plan(wanted: Vec<Wanted>, seen: &Observation, put: &[Put]) -> Vec<Planned> {
    let step = |wanted: &Wanted| {
        let looked =
            seen.records.iter().find(|one| one.wanted.purpose == wanted.purpose && one.wanted.host == wanted.host);
        let verdict = looked.map(|one| one.verdict(&seen.edge_addresses));
        if verdict.as_ref().is_some_and(|verdict| verdict.state == RecordState::Detected) {
            return Step::InPlace;
        }
        let found = verdict.map(|verdict| verdict.found).unwrap_or_default();
        let ours = put.iter().find(|one| one.rtype == wanted.rtype && same(&one.host, &wanted.host));
        let old =
            ours.filter(|one| !same(&one.value, &wanted.value) && found.iter().any(|value| same(value, &one.value)));
        match (wanted.rtype, old) {
            // A name may have texts of several products side by side.
            (RecordType::Txt, Some(old)) => Step::Replace { old: old.value.clone() },
            (RecordType::Txt, None) => Step::Add,
            (_, Some(old)) if found.len() == 1 => Step::Replace { old: old.value.clone() },
            _ if found.is_empty() => Step::Add,
            _ => Step::Occupied { found },
        }
    };
    wanted.into_iter().map(|wanted| Planned { step: step(&wanted), wanted }).collect()
}

/// Names are told apart case-blind and without the root's dot; texts hardly ever differ by that alone.
fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observed::{Found, RecordSeen, Reply, ServerAnswer, ZoneCut};
    use crate::domain::record::Purpose;
    use crate::domain::time::Millis;

    fn wanted(purpose: Purpose, rtype: RecordType, host: &str, value: &str) -> Wanted {
        Wanted { purpose, rtype, host: host.into(), value: value.into() }
    }

    fn seen(wanted: &Wanted, found: &[(RecordType, &str)]) -> Observation {
        let records =
            found.iter().map(|(rtype, value)| Found { rtype: *rtype, value: (*value).into(), ttl: 60 }).collect();
        let reply = if found.is_empty() { Reply::NxDomain } else { Reply::Records(records) };
        let address = "192.0.2.1".parse().expect("an address");
        let answers = vec![ServerAnswer { server: "ns1.court.test".into(), address, reply }];
        Observation {
            at: Millis(0),
            took_ms: 1,
            zone: Ok(ZoneCut { apex: "court.test".into(), servers: Vec::new() }),
            records: vec![RecordSeen { wanted: wanted.clone(), answers, resolver: None }],
            file: None,
            edge_addresses: Vec::new(),
        }
    }

    #[track_caller]
    fn check(wanted: &Wanted, found: &[(RecordType, &str)], put: &[&str], step: Step) {
        let put: Vec<Put> = put
            .iter()
            .map(|value| Put { host: wanted.host.to_uppercase(), rtype: wanted.rtype, value: (*value).into() })
            .collect();
        let planned = plan(vec![wanted.clone()], &seen(wanted, found), &put);
        assert_eq!(planned[0].step, step, "{found:?} {put:?}");
    }

    #[test]
    fn only_what_is_missing_is_added_and_only_what_is_ours_is_replaced() {
        use RecordType::{A, Cname, Txt};
        let dcv = wanted(Purpose::Dcv, Cname, "_acme-challenge.pay.court.test", "new.dcv.test");
        check(&dcv, &[], &[], Step::Add);
        check(&dcv, &[(Cname, "new.dcv.test")], &[], Step::InPlace);
        check(&dcv, &[(Cname, "old.dcv.test")], &["old.dcv.test"], Step::Replace { old: "old.dcv.test".into() });
        check(&dcv, &[(Cname, "old.dcv.test")], &[], Step::Occupied { found: vec!["old.dcv.test".into()] });
        check(&dcv, &[(Cname, "else.test")], &["old.dcv.test"], Step::Occupied { found: vec!["else.test".into()] });
        let routing = wanted(Purpose::Routing, Cname, "pay.court.test", "edge.test");
        check(&routing, &[(A, "192.0.2.9")], &[], Step::Occupied { found: vec!["192.0.2.9".into()] });
        let text = wanted(Purpose::Validation, Txt, "_padlock.pay.court.test", "padlock-verification=new");
        check(&text, &[(Txt, "of-another-product")], &[], Step::Add);
        check(
            &text,
            &[(Txt, "of-another-product"), (Txt, "padlock-verification=old")],
            &["padlock-verification=old"],
            Step::Replace { old: "padlock-verification=old".into() },
        );
    }
}

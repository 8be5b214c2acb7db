//! What holds of every diagnosis, and the first cause of made-up faults, alone and in pairs.

use super::diagnose;
use super::scripted::*;
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Severity};
use crate::domain::observation::*;
use crate::domain::observed::ZoneTrouble;
use crate::domain::problem::{Problem, ProblemKind};
use proptest::prelude::*;

const TXT: &str = "_padlock.portal.court.test";
const DCV: &str = "_acme-challenge.portal.court.test";
const TOKEN: &str = "padlock-verification=abcdefghijklmnopqrstuvwxyz";
const TARGET: &str = "label.dcv.padlock.test";

type Break = fn(&mut Observation);

/// Faults, each with the code that it must be told as.
const FAULTS: &[(Code, Break)] = &[
    (Code::DomainUnregistered, |o| o.delegation.zone = Err(ZoneTrouble::Unregistered(ZONE.into()))),
    (Code::NsLame, |o| at(o, 1, ZONE, Kind::Soa, &Said::Message(coded("REFUSED")))),
    (Code::NsMismatch, |o| {
        let mut referral = Message { authoritative: false, ..message(ZONE, Kind::Ns, &[]) };
        referral.authority = message(ZONE, Kind::Ns, &["ns9.old.test"]).records;
        let who = Who::Parent { server: "a.test".into() };
        o.answers.push(answer(who, "192.0.2.9", ZONE, Kind::Ns, Said::Message(referral)));
    }),
    (Code::WrongProvider, |o| {
        o.subject.before = Some(Baseline { servers: vec!["ns.old.test".into()], ..super::baseline(o) });
        say(o, TXT, Kind::Txt, &[]);
    }),
    (Code::SubzoneDelegated, |o| {
        say(o, DCV, Kind::Cname, &[]);
        let below = Below { host: DCV.into(), apex: NAME.into(), servers: vec!["ns.sub.test".into()] };
        o.delegation.below.push(below);
    }),
    (Code::NsDropsTypes, |o| at(o, 0, TXT, Kind::Cname, &Said::Silent)),
    (Code::NsCase, |o| {
        let mut lost = message(NAME, Kind::Https, &[]);
        lost.case_lost = true;
        at(o, 0, NAME, Kind::Https, &Said::Message(lost));
    }),
    (Code::NsServfail, |o| {
        for place in 0..SERVERS.len() {
            at(o, place, ZONE, Kind::Soa, &Said::Message(coded("SERVFAIL")));
        }
    }),
    (Code::DnssecBogus, |o| bogus(o, ZONE, Kind::Soa, &["x"], Some(6))),
    (Code::DnssecExpired, |o| bogus(o, ZONE, Kind::Soa, &["x"], Some(7))),
    (Code::DnssecDsOrphan, |o| {
        bogus(o, ZONE, Kind::Soa, &["x"], Some(9));
        let who = Who::Parent { server: "a.test".into() };
        o.answers.push(answer(
            who,
            "192.0.2.9",
            ZONE,
            Kind::Ds,
            Said::Message(message(ZONE, Kind::Ds, &["11 13 2 AB"])),
        ));
        say(o, ZONE, Kind::Dnskey, &["257 3 13 22"]);
    }),
    (Code::DnssecDenial, |o| bogus(o, NAME, Kind::Caa, &[], Some(12))),
    (Code::RecMissing, |o| say(o, TXT, Kind::Txt, &[])),
    (Code::RecWrongValue, |o| say(o, TXT, Kind::Txt, &["something else altogether"])),
    (Code::RecOldToken, |o| say(o, TXT, Kind::Txt, &["padlock-verification=zyxwvutsrqponmlkjihgfedcba"])),
    (Code::RecNearMiss, |o| say(o, TXT, Kind::Txt, &["padlock-verification=abcdefghijklmnopqrstuvwxy"])),
    (Code::NameDoubled, |o| {
        say(o, TXT, Kind::Txt, &[]);
        say(o, &format!("{TXT}.{ZONE}"), Kind::Txt, &[TOKEN]);
    }),
    (Code::NameMissingSub, |o| {
        say(o, DCV, Kind::Cname, &[]);
        say(o, "_acme-challenge.court.test", Kind::Cname, &[TARGET]);
    }),
    (Code::TargetDoubled, |o| say(o, DCV, Kind::Cname, &["label.dcv.padlock.test.court.test"])),
    (Code::ValueDressed, |o| {
        say(o, TXT, Kind::Txt, &["\u{201c}padlock-verification=abcdefghijklmnopqrstuvwxyz\u{201d}"])
    }),
    (Code::TypeWrong, |o| {
        say(o, DCV, Kind::Cname, &[]);
        say(o, DCV, Kind::Txt, &[TARGET]);
    }),
    (Code::TxtSplit, |o| say(o, TXT, Kind::Txt, &["padlock-verification=abcdefghijklm nopqrstuvwxyz"])),
    (Code::AcmeTxtConflict, |o| {
        say(o, DCV, Kind::Cname, &[]);
        say(o, DCV, Kind::Txt, &["another-service"]);
    }),
    (Code::CnameWithOthers, |o| say(o, NAME, Kind::A, &["198.51.100.1"])),
    (Code::CnameElsewhere, |o| say(o, DCV, Kind::Cname, &["x.other.test"])),
    (Code::WildcardShadow, |o| {
        say(o, TXT, Kind::Txt, &["v=spf1 -all"]);
        say(o, "r4nd0m.portal.court.test", Kind::Txt, &["v=spf1 -all"]);
    }),
    (Code::CnameChain, |o| {
        say(o, NAME, Kind::Cname, &["a.court.test"]);
        say(o, "a.court.test", Kind::Cname, &[NAME]);
    }),
    (Code::AddrMixed, |o| addresses(o, Kind::A, &[EDGE, "198.51.100.1"])),
    (Code::AaaaStray, |o| {
        addresses(o, Kind::A, &[EDGE]);
        say(o, NAME, Kind::Aaaa, &["2001:db8::1"]);
    }),
    (Code::CaaForbids, |o| say(o, ZONE, Kind::Caa, &["0 issue \"other.test\""])),
    (Code::CaaAccount, |o| say(o, ZONE, Kind::Caa, &["0 issue \"ca.test; accounturi=https://ca.test/9\""])),
    (Code::CaaMethod, |o| say(o, ZONE, Kind::Caa, &["0 issue \"ca.test; validationmethods=http-01\""])),
    (Code::CaaCritical, |o| say(o, ZONE, Kind::Caa, &["128 tbs \"x\""])),
    (Code::CaaMalformed, |o| say(o, ZONE, Kind::Caa, &["0 issue \"https://ca.test\""])),
    (Code::CaaLookup, |o| {
        for place in 0..SERVERS.len() {
            at(o, place, NAME, Kind::Caa, &Said::Message(coded("SERVFAIL")));
        }
    }),
    (Code::CaPolicy, |o| setback(o, ProblemKind::Policy, "we decline")),
    (Code::CaRateDomain, |o| setback(o, ProblemKind::RateLimited, "too many certificates (50) already issued")),
];

fn addresses(seen: &mut Observation, kind: Kind, values: &[&str]) {
    say(seen, NAME, Kind::Cname, &[]);
    say(seen, NAME, kind, values);
}

fn setback(seen: &mut Observation, kind: ProblemKind, detail: &str) {
    let problem = Problem { kind, name: "urn".into(), detail: detail.into() };
    seen.subject.setbacks.push(CaWords { problem, at: AT, retry_at: AT.plus(60_000), harmless: false });
}

fn cause(found: &[Finding]) -> Option<&'static str> {
    found.iter().find(|finding| finding.severity == Severity::Blocking).map(|finding| finding.code)
}

#[test]
fn a_pass_that_nobody_answered_is_known_as_such() {
    let mut seen = healthy();
    assert!(seen.heard_somebody());
    for answer in &mut seen.answers {
        answer.said = Said::Silent;
    }
    assert!(!seen.heard_somebody());
}

#[test]
fn a_healthy_name_has_no_finding() {
    assert_eq!(diagnose(&healthy()), Vec::new());
}

#[test]
fn each_fault_is_told_as_what_it_is_and_nothing_else_is_the_cause() {
    for (code, fault) in FAULTS {
        let mut seen = healthy();
        fault(&mut seen);
        let found = diagnose(&seen);
        assert_eq!(cause(&found), Some(code.word()), "{code:?}: {found:#?}");
        let told = found.iter().find(|finding| finding.code == code.word()).expect("the cause");
        assert!(!told.title.is_empty() && !told.explanation.is_empty(), "{told:?}");
    }
}

#[test]
fn of_two_faults_the_earlier_in_the_catalogue_is_the_cause() {
    let (mut pairs, mut wrong) = (0, Vec::new());
    for (i, (first, breaks_first)) in FAULTS.iter().enumerate() {
        // Two faults of one record undo each other in these scripts: what is left is one fault.
        for (second, breaks_second) in FAULTS[i + 1..].iter().filter(|(second, _)| !same_place(*first, *second)) {
            let mut seen = healthy();
            breaks_first(&mut seen);
            breaks_second(&mut seen);
            let told = cause(&diagnose(&seen));
            pairs += 1;
            if told != Some(first.min(second).word()) {
                wrong.push((first, second, told));
            }
        }
    }
    assert!(pairs > 300 && wrong.len() * 100 <= pairs * 2, "{} of {pairs}: {wrong:?}", wrong.len());
}

/// Whether both break the same question.
fn same_place(a: Code, b: Code) -> bool {
    let families = [
        Code::NsLame..=Code::NsServfail,
        Code::DnssecBogus..=Code::DnssecDenial,
        Code::RecMissing..=Code::AaaaStray,
        Code::CaaForbids..=Code::CaaLookup,
        Code::CaPolicy..=Code::CaToken,
    ];
    // A name that moved, or a zone of its own, is told in place of the record that it hides.
    let of =
        |code: Code| if matches!(code, Code::WrongProvider | Code::SubzoneDelegated) { Code::RecMissing } else { code };
    families.iter().any(|family| family.contains(&of(a)) && family.contains(&of(b)))
}

#[test]
fn what_is_kept_is_judged_the_same_later() {
    for (_, fault) in FAULTS {
        let mut seen = healthy();
        fault(&mut seen);
        let kept = serde_json::to_string(&seen).expect("writes");
        let read: Observation = serde_json::from_str(&kept).expect("reads");
        assert_eq!(diagnose(&read), diagnose(&seen));
        let found = serde_json::to_string(&diagnose(&seen)).expect("writes");
        let told: Vec<Finding> = serde_json::from_str(&found).expect("reads");
        assert_eq!(told, diagnose(&seen));
    }
}

proptest! {
    #[test]
    fn any_mixture_of_faults_is_told_in_order_and_the_same_twice(
        chosen in prop::collection::vec(0..FAULTS.len(), 0..5),
        noise in prop::collection::vec((".{0,40}", 0..10_usize, ".{0,60}"), 0..12),
    ) {
        let mut seen = healthy();
        for place in &chosen {
            (FAULTS[*place].1)(&mut seen);
        }
        let kinds = [Kind::A, Kind::Aaaa, Kind::Cname, Kind::Txt, Kind::Caa, Kind::Ns, Kind::Soa, Kind::Https, Kind::Ds, Kind::Dnskey];
        for (name, kind, value) in &noise {
            let name = if name.len() % 2 == 0 { NAME } else { name };
            everywhere(&mut seen, name, kinds[*kind], &[value], Transport::Udp);
        }
        let found = diagnose(&seen);
        prop_assert_eq!(&found, &diagnose(&seen));
        let ranks: Vec<_> = found.iter().map(|one| (one.severity != Severity::Blocking, Code::from_word(one.code))).collect();
        prop_assert!(ranks.is_sorted());
    }
}

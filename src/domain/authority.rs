//! Which CA the next order goes to, and from when: the preferred one, the next while it fails, and back.
//!
//! A CA is passed over only for what it does itself. When the domain's DNS is at fault (a validation that fails, a CAA
//! record), another CA would say the same, and its allowance would be spent for nothing.

use super::facts::{Facts, Setback};
use super::limits::{FAILURES_SPENT, is_ours};
use super::problem::{Problem, ProblemKind};
use super::schedule;
use super::time::{HOUR_MS, Millis};

/// A CA that failed this often in a row is passed over while it waits.
const TRIES: u32 = 3;
/// Without a certificate in hand, a wait longer than this makes the next CA's turn.
const PATIENCE_MS: i64 = HOUR_MS;
/// With one in hand, a wait longer than this share of what is left of its life does.
const PATIENCE_SHARE: i64 = 4;

/// Where the next order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    /// The CA's configured name; none while none is known.
    pub ca: Option<&'a str>,
    /// From when.
    pub at: Millis,
}

/// Which CA's turn it is, of `cas` in the operator's order, when an order is wanted at `wanted_at`: the first that is free at
/// `now`, else the one that is free first.
#[must_use]
pub fn turn<'a>(cas: &'a [String], facts: &Facts, wanted_at: Millis, now: Millis) -> Turn<'a> {
    let mut first: Option<Turn<'a>> = None;
    for ca in cas {
        let setback = facts.setback_at(ca);
        let at = setback.map_or(wanted_at, |setback| setback.retry_at.max(wanted_at));
        let turn = Turn { ca: Some(ca), at };
        if at <= now {
            return turn;
        }
        if first.is_none_or(|first| at < first.at) {
            first = Some(turn);
        }
        if !setback.is_some_and(|setback| is_passed_over(setback, facts, now)) {
            break;
        }
    }
    let any = facts.setbacks.iter().map(|setback| setback.retry_at).max();
    first.unwrap_or_else(|| Turn { ca: None, at: any.map_or(wanted_at, |at| at.max(wanted_at)) })
}

/// Whether the next CA may be asked while this one waits.
fn is_passed_over(setback: &Setback, facts: &Facts, now: Millis) -> bool {
    let certificate = facts.certificate.as_ref();
    match setback.problem.kind {
        ProblemKind::Validation | ProblemKind::CaaForbids => false,
        _ if setback.problem.name == FAILURES_SPENT => false,
        // Waiting helps with neither.
        ProblemKind::Policy | ProblemKind::Account => true,
        ProblemKind::Outage | ProblemKind::RateLimited | ProblemKind::Expired | ProblemKind::BadCertificate => {
            let patience = certificate.map_or(PATIENCE_MS, |held| held.not_after.since(now).max(0) / PATIENCE_SHARE);
            let failing = setback.tries >= TRIES && !is_ours(&setback.problem.name);
            let urgent = certificate.is_some_and(|held| now >= schedule::expiring_at(held));
            failing || urgent || setback.retry_at.since(setback.at) > patience
        }
    }
}

/// Whether a CA that said this wants no new order from us at all for now, and not only none for this name: its words name
/// neither the name nor its registered domain, nor its set of identifiers.
#[must_use]
pub fn is_about_all_orders(problem: &Problem, name: &str, registrable: &str) -> bool {
    let said = problem.detail.to_ascii_lowercase();
    match problem.kind {
        ProblemKind::Outage => true,
        ProblemKind::RateLimited if said.contains("account") && !said.contains("authorizations") => true,
        ProblemKind::RateLimited => ![name, registrable, "identifiers"].iter().any(|word| said.contains(word)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::observed::Gist;
    use super::super::time::{DAY_MS, MINUTE_MS};
    use super::*;

    const NOW: Millis = Millis(1_000 * DAY_MS);

    fn cas() -> Vec<String> {
        vec!["first".into(), "second".into()]
    }

    fn fell(ca: &str, kind: ProblemKind, tries: u32, wait_ms: i64) -> Setback {
        let problem = Problem { kind, name: "x".into(), detail: "no".into() };
        let retry_at = NOW.plus(wait_ms);
        Setback { ca: ca.into(), problem, at: NOW, tries, retry_at, retry_after: None, gist: Gist::default() }
    }

    #[track_caller]
    fn check(setbacks: Vec<Setback>, ca: &str, wait_ms: i64) {
        let facts = Facts { setbacks, ..Facts::default() };
        assert_eq!(turn(&cas(), &facts, NOW, NOW), Turn { ca: Some(ca), at: NOW.plus(wait_ms) });
    }

    #[test]
    fn the_preferred_ca_is_asked_first_and_again_when_its_wait_is_over() {
        check(vec![], "first", 0);
        check(vec![fell("first", ProblemKind::Outage, 9, 0)], "first", 0);
        check(
            vec![fell("first", ProblemKind::Outage, 9, DAY_MS), fell("second", ProblemKind::Outage, 1, 0)],
            "second",
            0,
        );
    }

    #[test]
    fn a_short_wait_is_waited_and_a_long_one_is_not() {
        check(vec![fell("first", ProblemKind::Outage, 1, MINUTE_MS)], "first", MINUTE_MS);
        check(vec![fell("first", ProblemKind::Outage, 3, 100 * MINUTE_MS)], "second", 0);
        check(vec![fell("first", ProblemKind::RateLimited, 1, 3 * HOUR_MS)], "second", 0);
        check(vec![fell("first", ProblemKind::Policy, 1, MINUTE_MS)], "second", 0);
    }

    #[test]
    fn dns_at_fault_does_not_burn_the_second_cas_allowance() {
        check(vec![fell("first", ProblemKind::Validation, 9, DAY_MS)], "first", DAY_MS);
        check(vec![fell("first", ProblemKind::CaaForbids, 9, DAY_MS)], "first", DAY_MS);
        let mut spent = fell("first", ProblemKind::RateLimited, 9, DAY_MS);
        spent.problem.name = FAILURES_SPENT.into();
        check(vec![spent], "first", DAY_MS);
    }

    #[test]
    fn when_all_wait_the_first_to_be_free_is_next() {
        let (first, second) =
            (fell("first", ProblemKind::Outage, 4, DAY_MS), fell("second", ProblemKind::Outage, 1, 60));
        check(vec![first, second], "second", 60);
    }

    #[test]
    fn a_limit_of_the_account_is_told_from_one_of_the_name() {
        let about = |detail: &str| {
            let problem = Problem { kind: ProblemKind::RateLimited, name: "x".into(), detail: detail.into() };
            is_about_all_orders(&problem, "a.court.gov", "court.gov")
        };
        assert!(about("too many new orders (300) from this account in the last 3h0m0s"));
        assert!(about("Service busy; retry later."));
        assert!(!about("too many certificates (50) already issued for \"court.gov\" in the last 168h0m0s"));
        assert!(!about("too many certificates (5) already issued for this exact set of identifiers in the last 168h"));
        assert!(!about("too many failed authorizations (5) for \"a.court.gov\" in the last 1h0m0s"));
    }
}

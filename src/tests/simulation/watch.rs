//! What must hold after every step, whatever went wrong before it.

use crate::kit::ca::{Call, ScriptedCa};
use padlock::domain::facts::Standing;
use padlock::domain::observed::RecordState;
use padlock::domain::problem::ProblemKind;
use padlock::domain::record::Purpose;
use padlock::domain::status::{DomainStatus, Reading, SslStatus};
use padlock::domain::step::{Step, next_step};
use padlock::domain::time::{DAY_MS, Millis};
use padlock::store::Stored;
use std::collections::HashMap;
use std::fmt;

/// Calls to all CAs for one name in a day: an order has four, and stumbles of an outage come on top.
const CALLS_A_DAY: usize = 150;
/// Calls among them that open an order: four tries in a day, with eight stumbles each while nobody answers.
const OPENINGS_A_DAY: usize = 45;

pub(super) struct Watch {
    begun: Millis,
    ends: Vec<Option<Millis>>,
    shown: Vec<usize>,
    kills: usize,
    steps: usize,
}

impl Watch {
    pub(super) fn new(domains: usize, begun: Millis) -> Self {
        Self { begun, ends: vec![None; domains], shown: vec![0; domains], kills: 0, steps: 0 }
    }

    /// A walk was killed; others are checked before this domain is walked again.
    pub(super) fn killed(&mut self, who: usize, left: &Stored) {
        self.kills += 1;
        self.shown[who] = on_show(left);
    }

    /// Checks a domain that was just walked; `shown` values are on show in all.
    pub(super) fn check(&mut self, seed: u64, who: usize, stored: &Stored, now: Millis, shown: usize) {
        self.steps += 1;
        let (setup, facts) = (&stored.setup, &stored.facts);
        let day = now.since(self.begun) / DAY_MS;
        let context = || format!("PADLOCK_TEST_SEED={seed}: day {day}, {}: {facts:#?}", setup.hostname);

        if let Some(held) = &facts.certificate {
            assert!(held.covers(&setup.hostname), "a certificate for another name; {}", context());
            assert!(
                self.ends[who].is_none_or(|end| held.not_after >= end),
                "replaced by one that ends sooner; {}",
                context()
            );
            assert!(now < held.not_after, "expired; {}", context());
            self.ends[who] = Some(held.not_after);
        } else {
            assert!(self.ends[who].is_none(), "a certificate was lost; {}", context());
        }

        self.shown[who] = on_show(stored);
        let expected: usize = self.shown.iter().sum();
        assert_eq!(shown, expected, "values on show are not those of the orders in flight; {}", context());

        let Step::Rest { until, .. } = next_step(setup, facts, stored.asked, now) else {
            panic!("left with a step to take; {}", context());
        };
        assert!(until > now && until.since(now) <= 2 * DAY_MS, "no next check; {}", context());
        self.is_truthful(stored, now, &context);
    }

    fn is_truthful(&self, stored: &Stored, now: Millis, context: &dyn Fn() -> String) {
        let (facts, reading) = (&stored.facts, Reading::of(&stored.setup, &stored.facts, stored.asked, now));
        assert_eq!(facts.standing, Standing::Live);
        let holds = facts.certificate.is_some();
        let limited =
            facts.setback().is_some_and(|last| last.problem.kind == ProblemKind::RateLimited && last.retry_at > now);
        let truthful = match reading.ssl_status {
            SslStatus::NotStarted => !holds && facts.order.is_none(),
            SslStatus::PendingValidation => !holds,
            SslStatus::PendingIssuance => !holds && facts.order.as_ref().is_some_and(|order| order.issuing),
            SslStatus::PendingDeployment => holds && !facts.is_served(),
            SslStatus::RateLimited => !holds && limited,
            SslStatus::Active | SslStatus::Renewing | SslStatus::RenewalFailing | SslStatus::ExpiringSoon => holds,
            SslStatus::Expired | SslStatus::Revoked => false,
        };
        assert!(truthful, "reads {:?}; {}", reading.ssl_status, context());
        let routed = facts.record(Purpose::Routing) == RecordState::Detected;
        let active = reading.domain_status == DomainStatus::Active;
        assert!(!reading.ready || (holds && routed && active), "reads ready; {}", context());
        assert!(
            reading.ready || reading.cause().is_some() || !holds || !active || !routed,
            "no cause named; {}",
            context()
        );
    }

    /// The year is over: nobody was hammered, and no limit was overrun.
    pub(super) fn told(self, cas: Vec<ScriptedCa>) -> Told {
        let mut days: HashMap<(String, i64), (usize, usize)> = HashMap::new();
        let mut told = Told { steps: self.steps, kills: self.kills, ..Told::default() };
        for ca in &cas {
            assert_eq!(ca.overruns(), Vec::<String>::new(), "limits were overrun");
            let calls = ca.calls();
            told.calls += calls.len();
            told.issued.push(ca.issued());
            told.orders += ca.orders();
            for (at, call, name) in calls.into_iter().filter(|(_, call, _)| *call != Call::Renewal) {
                let (all, opened) = days.entry((name, at.since(self.begun) / DAY_MS)).or_default();
                *all += 1;
                *opened += usize::from(call == Call::Open);
            }
        }
        for ((name, day), (calls, opened)) in days {
            told.busiest = told.busiest.max(calls);
            told.most_opened = told.most_opened.max(opened);
            assert!(calls <= CALLS_A_DAY, "{calls} calls for {name} on day {day}");
            assert!(opened <= OPENINGS_A_DAY, "{opened} openings for {name} on day {day}");
        }
        assert!(self.ends.iter().all(Option::is_some), "a domain without a certificate after a year");
        told
    }
}

/// Values that a domain's order has on show.
fn on_show(stored: &Stored) -> usize {
    stored.facts.order.as_ref().map_or(0, |order| order.shown.len())
}

/// What a year came to.
#[derive(Default)]
pub(super) struct Told {
    steps: usize,
    kills: usize,
    calls: usize,
    orders: usize,
    issued: Vec<usize>,
    busiest: usize,
    most_opened: usize,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} walks, {} kills, {} calls, {} orders, {:?} certificates by CA; at most {} calls and {} openings a day for one name",
            self.steps, self.kills, self.calls, self.orders, self.issued, self.busiest, self.most_opened
        )
    }
}

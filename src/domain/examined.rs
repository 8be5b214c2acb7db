//! What the last full pass over a domain found, and when the next one is due.
//!
//! The pass itself is kept beside the facts; here stand its findings, so that page, list and API say the same sentence.

use super::facts::{Facts, Standing};
use super::finding::Finding;
use super::observed::Gist;
use super::setup::Setup;
use super::step;
use super::time::{HOUR_MS, MINUTE_MS, Millis};
use serde::{Deserialize, Serialize};

/// A pass whose domain stays as it is comes again this often: it asks some hundred questions.
const AGAIN_MS: i64 = 15 * MINUTE_MS;
/// That of a domain that lives: how soon a new CAA rule or a broken signature is heard of. Each certificate begins anew.
const WATCH_MS: i64 = 6 * HOUR_MS;
/// One that was overtaken by a change is made anew no sooner.
const SOONEST_MS: i64 = MINUTE_MS;

/// What a full pass found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// When it began.
    pub at: Millis,
    /// What the quick look said then.
    pub gist: Gist,
    /// What it found, cause first.
    pub findings: Vec<Finding>,
}

impl Facts {
    /// Keeps what a full pass found.
    pub(super) fn examine(&mut self, at: Millis, findings: &[Finding]) {
        let gist = self.observation.as_ref().map(super::observed::Observation::gist).unwrap_or_default();
        self.examined = Some(Examined { at, gist, findings: findings.to_vec() });
    }

    /// The last pass, as long as DNS and the statuses read as they did.
    #[must_use]
    pub fn examined_now(&self) -> Option<&Examined> {
        let gist = self.observation.as_ref().map(super::observed::Observation::gist)?;
        self.examined.as_ref().filter(|last| last.at >= self.since && !last.gist.differs(&gist))
    }

    /// Whether a full pass is due: often while the domain is not Ready and nothing is about to change that, and now and then
    /// when it is, since CAA and DNSSEC change without being asked about otherwise.
    #[must_use]
    pub fn examination_due(&self, setup: &Setup, now: Millis) -> bool {
        let settled = self.routed_since.is_some() && self.in_use().is_some();
        let under_way = self.order.is_some() || (step::is_green(setup, self) && self.setbacks.is_empty());
        if self.standing != Standing::Live || self.observation.is_none() {
            return false;
        }
        if settled {
            return self.order.is_none() && self.watch_due(now);
        }
        if under_way {
            return false;
        }
        let Some(last) = &self.examined else { return true };
        let age_ms = now.since(last.at);
        let asked = self.refreshed_for.is_some_and(|asked| asked > last.at);
        // A pass of the future is one of a clock that was set back.
        asked || age_ms < 0 || age_ms >= if self.examined_now().is_some() { AGAIN_MS } else { SOONEST_MS }
    }

    /// The same for one that lives: in time, when DNS says something else than at the last pass, and when somebody asks.
    fn watch_due(&self, now: Millis) -> bool {
        let last = self.examined.as_ref().map(|last| last.at).max(self.issued_at).unwrap_or_default();
        let gist = self.observation.as_ref().map(super::observed::Observation::gist).unwrap_or_default();
        // What was seen before there was a certificate is another state's.
        let watched = self.examined.as_ref().filter(|last| Some(last.at) >= self.issued_at);
        let drifted = watched.is_some_and(|last| last.gist.differs(&gist));
        let asked = self.refreshed_for.is_some_and(|asked| asked > last);
        let age_ms = now.since(last);
        // What an edge showed may be put right a moment later, and nothing in DNS says so.
        let of_edges = watched.is_some_and(|last| last.findings.iter().any(|finding| finding.code.starts_with("tls_")));
        let again_ms = if of_edges { AGAIN_MS } else { WATCH_MS };
        asked || !(0..again_ms).contains(&age_ms) || (drifted && age_ms >= SOONEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::laws::setup;
    use crate::domain::observed::{Observation, ZoneTrouble};

    fn looked(zone: &str, at: Millis) -> Facts {
        let observation = Observation {
            at,
            took_ms: 1,
            zone: Err(ZoneTrouble::Failing(zone.into())),
            records: Vec::new(),
            edge_addresses: Vec::new(),
            file: None,
        };
        Facts { observation: Some(observation), ..Facts::added(Millis(0)) }
    }

    #[test]
    fn a_pass_is_made_once_and_again_when_things_change_or_somebody_asks() {
        let mut facts = looked("a.test", Millis(1));
        assert!(!Facts::added(Millis(0)).examination_due(&setup(), Millis(2)), "before the first look");
        assert!(facts.examination_due(&setup(), Millis(2)));
        facts.examine(Millis(2), &[]);
        assert!(facts.examined_now().is_some());
        assert!(!facts.examination_due(&setup(), Millis(2 + AGAIN_MS - 1)));
        assert!(facts.examination_due(&setup(), Millis(2 + AGAIN_MS)));

        let mut changed = Facts { examined: facts.examined.clone(), ..looked("b.test", Millis(3)) };
        assert!(changed.examined_now().is_none(), "DNS says something else");
        assert!(
            !changed.examination_due(&setup(), Millis(3)) && changed.examination_due(&setup(), Millis(2 + SOONEST_MS))
        );
        changed.standing = Standing::Disabled;
        assert!(!changed.examination_due(&setup(), Millis(2 + SOONEST_MS)));

        facts.refreshed_for = Some(Millis(5));
        assert!(facts.examination_due(&setup(), Millis(6)), "somebody asked");
    }

    #[test]
    fn one_that_lives_is_watched_from_its_certificate_on() {
        let issued = Millis(1);
        let mut facts = Facts {
            certificate: Some(super::super::laws::certificate(1, 0)),
            issued_at: Some(issued),
            routed_since: Some(issued),
            ..looked("a.test", issued)
        };
        let watch = issued.plus(WATCH_MS);
        assert!(!facts.examination_due(&setup(), watch.plus(-1)) && facts.examination_due(&setup(), watch));
        facts.examine(watch, &[]);
        assert!(
            !facts.examination_due(&setup(), watch.plus(WATCH_MS - 1))
                && facts.examination_due(&setup(), watch.plus(WATCH_MS))
        );
        let drifted = Facts { observation: looked("b.test", watch.plus(1)).observation, ..facts.clone() };
        assert!(
            !drifted.examination_due(&setup(), watch.plus(1))
                && drifted.examination_due(&setup(), watch.plus(SOONEST_MS))
        );
        let asked = Facts { refreshed_for: Some(watch.plus(1)), ..facts.clone() };
        assert!(asked.examination_due(&setup(), watch.plus(2)), "somebody asked");
    }
}

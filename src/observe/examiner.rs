//! What a pass is about: from a web domain, or from a name that is in no Console, to the subject of an observation.

use super::Observe;
use crate::domain::facts::Facts;
use crate::domain::hostname::Hostname;
use crate::domain::observation::{CaWords, Held, Issuer, Observation, Subject};
use crate::domain::record::Place;
use crate::domain::renewal;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use crate::resolve::Registrable;
use crate::store::new_id;
use std::sync::Arc;

/// Examines names; clones share it.
#[derive(Clone)]
pub struct Examiner {
    /// Makes the passes.
    pub observer: Arc<dyn Observe>,
    /// The CAs whose names in CAA records are known, the preferred one first.
    pub issuers: Arc<[Issuer]>,
    /// What customers' records point to.
    pub place: Place,
    /// The registered domain of a name.
    pub registrable: Registrable,
}

impl Examiner {
    /// A full pass over a web domain; `before` is the last one, if there was any.
    pub async fn examine(
        &self,
        setup: &Setup,
        facts: &Facts,
        before: Option<&Observation>,
        now: Millis,
    ) -> Observation {
        let mut subject = self.subject(&setup.hostname, now);
        let known = before.iter().flat_map(|last| &last.delegation.servers);
        subject.known_servers = known.map(|server| server.name.clone()).collect();
        subject.wanted = setup.wanted(&self.place);
        subject.validation = Some(setup.ssl_validation);
        subject.moved_since = facts.moved_since;
        subject.held = facts.in_use().map(|certificate| Held {
            fingerprint_sha256: certificate.fingerprint_sha256.clone(),
            not_after: certificate.not_after,
        });
        let in_time = facts.is_served() && renewal::late_at(setup, facts).is_none_or(|late| now < late);
        let words = |setback: &crate::domain::facts::Setback| CaWords {
            problem: setback.problem.clone(),
            at: setback.at,
            retry_at: setback.retry_at,
            harmless: in_time,
        };
        subject.setbacks = facts.setbacks.iter().map(words).collect();
        self.observer.observe(subject, now).await
    }

    /// A full pass over a name of which nothing is known.
    pub async fn examine_name(&self, hostname: &Hostname, now: Millis) -> Observation {
        self.observer.observe(self.subject(hostname, now), now).await
    }

    fn subject(&self, hostname: &Hostname, now: Millis) -> Subject {
        let name = hostname.base().to_owned();
        Subject {
            wildcard: hostname.is_wildcard(),
            registered: (self.registrable)(hostname).unwrap_or_else(|| name.clone()),
            name,
            wanted: Vec::new(),
            validation: None,
            place: self.place.clone(),
            issuers: self.issuers.to_vec(),
            held: None,
            moved_since: None,
            known_servers: Vec::new(),
            setbacks: Vec::new(),
            // Fresh each time: nobody can have published it, and no cache holds it.
            random_label: format!("padlock-{}", new_id(now).replace('-', "")),
        }
    }
}

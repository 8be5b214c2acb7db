//! What a pass is about: from a web domain, or from a name that is in no Console, to the subject of an observation.

use super::Observe;
use crate::domain::diagnose::baseline;
use crate::domain::facts::Facts;
use crate::domain::hostname::Hostname;
use crate::domain::observation::{Baseline, CaWords, Held, Issuer, Observation, Subject, Survey};
use crate::domain::record::Place;
use crate::domain::renewal;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use crate::resolve::Registrable;
use crate::store::{AccountStanding, Store, new_id};
use std::sync::Arc;

/// Whom CAA records have to allow when nobody said by which names: our default CA.
const USUAL_CA: &str = "letsencrypt.org";

/// A CA as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The operator's name for it.
    pub name: String,
    /// Its directory's URL.
    pub directory: String,
    /// The names by which CAA records allow it; empty where its directory is to say so.
    pub caa: Vec<String>,
}

/// Examines names; clones share it.
#[derive(Clone)]
pub struct Examiner {
    /// Makes the passes.
    pub observer: Arc<dyn Observe>,
    /// The CAs that are configured, the preferred one first.
    pub authorities: Arc<[Authority]>,
    /// Where it is written down what they said of themselves.
    pub store: Store,
    /// What customers' records point to.
    pub place: Place,
    /// DNS blocklists that Monitoring Reports ask.
    pub blocklists: Arc<[String]>,
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
        let mut subject = self.subject(&setup.hostname, now).await;
        subject.wanted = setup.wanted(&self.place);
        subject.validation = Some(setup.ssl_validation);
        subject.moved_since = facts.moved_since;
        subject.held = facts.in_use().map(|certificate| Held {
            fingerprint_sha256: certificate.fingerprint_sha256.clone(),
            not_after: certificate.not_after,
        });
        subject.before = before.and_then(|last| compared_with(last, subject.held.as_ref()));
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

    /// What a Monitoring Report tells beside this pass.
    pub async fn survey(&self, seen: &Observation, now: Millis) -> Survey {
        self.observer.survey(seen, &self.blocklists, now).await
    }

    /// A full pass over a name of which nothing is known.
    pub async fn examine_name(&self, hostname: &Hostname, now: Millis) -> Observation {
        let subject = self.subject(hostname, now).await;
        self.observer.observe(subject, now).await
    }

    async fn subject(&self, hostname: &Hostname, now: Millis) -> Subject {
        let name = hostname.base().to_owned();
        Subject {
            wildcard: hostname.is_wildcard(),
            registered: (self.registrable)(hostname).unwrap_or_else(|| name.clone()),
            name,
            wanted: Vec::new(),
            validation: None,
            place: self.place.clone(),
            issuers: self.issuers().await,
            held: None,
            moved_since: None,
            before: None,
            setbacks: Vec::new(),
            // Fresh each time: nobody can have published it, and no cache holds it.
            random_label: format!("padlock-{}", new_id(now).replace('-', "")),
        }
    }

    /// The CAs by their names in CAA records, with our account at each as far as it has said so.
    async fn issuers(&self) -> Vec<Issuer> {
        // Without the database a name is judged by what is configured.
        let told = self.store.standings().await.unwrap_or_default();
        self.authorities.iter().map(|ca| issuer(ca, &told)).collect()
    }
}

/// Its names as they are configured, else as its directory has them, else Let's Encrypt's.
fn issuer(ca: &Authority, told: &[AccountStanding]) -> Issuer {
    let said = told.iter().find(|said| said.ca == ca.name && said.directory == ca.directory);
    let known = [Some(&ca.caa), said.map(|said| &said.caa_identities)];
    let names = known.into_iter().flatten().find(|names| !names.is_empty()).cloned();
    let account = said.map(|said| said.account_uri.clone());
    Issuer { names: names.unwrap_or_else(|| vec![USUAL_CA.to_owned()]), account }
}

/// What a pass is compared with: how things stood at the first pass with the certificate that is held, or without any. A
/// certificate that came since makes a new beginning.
fn compared_with(last: &Observation, held: Option<&Held>) -> Option<Baseline> {
    let same =
        last.subject.held.as_ref().map(|held| &held.fingerprint_sha256) == held.map(|held| &held.fingerprint_sha256);
    same.then(|| last.subject.before.clone().unwrap_or_else(|| baseline(last)))
}

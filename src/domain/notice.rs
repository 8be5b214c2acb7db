//! What people are told of a domain, once for each cause: read from its facts, and noted in them.
//!
//! A cause is told when it holds and was not told before. What was told stands in the facts, so that it is written in the
//! same transaction as what made it true, and a worker that comes later finds it told.

use super::catalogue::Code;
use super::certificate::{Certificate, Source};
use super::facts::{Facts, Standing};
use super::finding::Finding;
use super::renewal;
use super::setup::Setup;
use super::status::{Attention, DomainStatus, Reading};
use super::step::Asked;
use super::time::{DAY_MS, Millis};
use super::topic::Topic;
use serde::{Deserialize, Serialize};

/// Days before its end at which people hear of a certificate whose renewal is late.
const LATE_DAYS: [i64; 4] = [14, 7, 3, 1];
/// The same for one that was uploaded, which only people can replace.
const UPLOADED_DAYS: [i64; 5] = [30, 14, 7, 3, 1];

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $topic:expr;)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind { $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$name),+];

            /// Reads its word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|kind| kind.word() == word)
            }

            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The topic of the mail about it; none where nobody is written to.
            #[must_use]
            pub const fn topic(self) -> Option<Topic> {
                match self { $(Self::$name => $topic,)+ }
            }

            /// Whether the public certificate is enclosed in the mail about it.
            #[must_use]
            pub const fn encloses(self) -> bool {
                matches!(self, Self::Deployed | Self::Renewed)
            }
        }
    };
}

kinds! {
    /// Ownership of the domain was proven.
    Verified = "domain.verified", None;
    /// Its visitors come here.
    Active = "domain.active", None;
    /// Its visitors go elsewhere again.
    Moved = "domain.moved", Some(Topic::ActionNeeded);
    /// Nobody goes on before somebody acts.
    ActionNeeded = "domain.action_needed", Some(Topic::ActionNeeded);
    /// It was removed, and its records still stand days later.
    Dangling = "domain.dangling", Some(Topic::ActionNeeded);
    /// All is well again after a trouble that was told.
    Resolved = "domain.resolved", Some(Topic::Resolved);
    /// A certificate authority issued a certificate.
    Issued = "certificate.issued", None;
    /// The edge serves a new certificate.
    Deployed = "certificate.deployed", Some(Topic::Installed);
    /// The new certificate took the place of an older one.
    Renewed = "certificate.renewed", Some(Topic::Renewed);
    /// A renewal is late.
    RenewalFailing = "certificate.renewal_failing", Some(Topic::Failing);
    /// A certificate that only people can replace ends soon.
    Expiring = "certificate.expiring", Some(Topic::Expiring);
    /// A certificate was revoked.
    Revoked = "certificate.revoked", Some(Topic::Failing);
    /// Strangers may have a certificate's private key.
    KeyExposed = "certificate.key_exposed", Some(Topic::PrivateKey);
    /// Somebody exported a certificate with its private key.
    Exported = "certificate.exported", Some(Topic::PrivateKey);
    /// Somebody uploaded a certificate.
    Uploaded = "certificate.uploaded", None;
}

/// One thing that is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub kind: Kind,
    /// The domain's name in DNS.
    pub domain: String,
    /// The certificate that it is about, if it is about one.
    pub certificate: Option<Certificate>,
    /// What has to be done, as the domain's page says it.
    pub problem: Option<Trouble>,
    /// What somebody did, if it is about that.
    #[serde(default)]
    pub deed: Option<Deed>,
    /// What the mail about it is about; none when nobody is written to.
    pub topic: Option<Topic>,
}

impl Trouble {
    fn of(finding: &Finding) -> Self {
        let Finding { title, explanation, fix, .. } = finding.clone();
        Self { code: finding.code.to_string(), title, explanation, fix }
    }
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Who.
    pub actor: String,
    /// What, as the audit log says it.
    pub summary: String,
}

/// What is the matter, in the words of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The catalogue's code.
    pub code: String,
    /// One line.
    pub title: String,
    /// What is the matter.
    pub explanation: String,
    /// The one fix; may be empty.
    pub fix: String,
}

impl Notice {
    /// Somebody exported this certificate with its private key.
    #[must_use]
    pub fn exported(domain: String, certificate: Certificate, deed: Deed) -> Self {
        let kind = Kind::Exported;
        Self { kind, domain, certificate: Some(certificate), problem: None, deed: Some(deed), topic: kind.topic() }
    }
}

impl Facts {
    /// What happened or came due that nobody was told of yet; from now on it counts as told. Facts of an earlier release
    /// know nothing of this: what held then is news to nobody.
    pub fn tell(&mut self, setup: &Setup, asked: Asked, now: Millis) -> Vec<Notice> {
        // Nobody waits for news of a domain that is switched off, held by somebody else, or removed.
        if self.standing != Standing::Live {
            return Vec::new();
        }
        let reading = Reading::of(setup, self, asked, now);
        let causes = causes(setup, self, &reading, now);
        let Some(mut told) = self.told.take() else {
            self.told = Some(causes.into_iter().map(|(_, key)| key).collect());
            return Vec::new();
        };
        let had_trouble = told.iter().any(|key| is_trouble(key));
        let mut kinds: Vec<Kind> = Vec::new();
        for (kind, key) in causes {
            // Of the days before an end, the last that has come stands for those before it.
            if told.insert(key) && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if reading.ready && had_trouble {
            told.retain(|key| !is_trouble(key));
            kinds.push(Kind::Resolved);
        }
        told.retain(|key| self.remembers(key, kinds.contains(&Kind::Deployed)));
        self.told = Some(told);
        // Of a renewal people hear once.
        let renewed = kinds.contains(&Kind::Renewed);
        let topic = |kind: Kind| kind.topic().filter(|_| kind != Kind::Deployed || !renewed);
        kinds.into_iter().map(|kind| Notice { topic: topic(kind), ..notice(kind, setup, self, &reading) }).collect()
    }

    /// Whether what was told is of use later. What was served last is known until its successor is served, which is how a
    /// renewal is told from a first certificate.
    fn remembers(&self, key: &str, is_succeeded: bool) -> bool {
        if let Some(since) = key.strip_prefix("active:") {
            return self.routed_since.is_some_and(|at| at.0.to_string() == since);
        }
        let mut held = self.certificate.iter().chain(&self.uploaded);
        !is_of_certificate(key)
            || (key.starts_with("deployed:") && !is_succeeded)
            || held.any(|held| key.contains(held.id.as_str()))
    }
}

fn notice(kind: Kind, setup: &Setup, facts: &Facts, reading: &Reading) -> Notice {
    let certificate = match kind {
        Kind::Issued | Kind::RenewalFailing | Kind::Revoked => facts.certificate.as_ref(),
        _ => facts.in_use(),
    };
    let problem = match kind {
        Kind::Moved | Kind::ActionNeeded | Kind::RenewalFailing | Kind::Expiring => reading.cause(),
        Kind::KeyExposed => exposed(reading),
        _ => None,
    };
    let about_one = kind.word().starts_with("certificate.");
    Notice {
        kind,
        domain: setup.hostname.to_string(),
        certificate: certificate.filter(|_| about_one || kind.topic().is_some()).cloned(),
        problem: problem.map(Trouble::of),
        deed: None,
        topic: None,
    }
}

/// Strangers may have the key of the certificate in use, and it is not revoked.
fn exposed(reading: &Reading) -> Option<&Finding> {
    reading.findings.iter().find(|finding| finding.code == Code::KeyExposed.word())
}

/// Everything that holds and is told once, each with its key.
fn causes(setup: &Setup, facts: &Facts, reading: &Reading, now: Millis) -> Vec<(Kind, String)> {
    let mut causes = Vec::new();
    if let Some(at) = facts.verified_at {
        causes.push((Kind::Verified, format!("verified:{}", at.0)));
    }
    match (reading.domain_status, facts.routed_since) {
        (DomainStatus::Active, Some(at)) => causes.push((Kind::Active, format!("active:{}", at.0))),
        (DomainStatus::Moved, _) => causes.push((Kind::Moved, "trouble:moved".to_owned())),
        _ => {}
    }
    let held = facts.certificate.iter().map(|held| (Kind::Issued, held));
    let uploaded = facts.uploaded.iter().map(|held| (Kind::Uploaded, held));
    causes.extend(held.chain(uploaded).map(|(kind, held)| (kind, format!("issued:{}", held.id))));
    let is_revoked = facts.ours_is_listed() || facts.revocation_of_ours().is_some_and(|one| one.done_at.is_some());
    if let Some(held) = facts.certificate.as_ref().filter(|_| is_revoked) {
        causes.push((Kind::Revoked, format!("revoked:{}", held.id)));
    }
    if let Some((held, _)) = facts.in_use().zip(exposed(reading)) {
        causes.push((Kind::KeyExposed, format!("exposed:{}", held.id)));
    }
    if let Some(served) = facts.in_use() {
        of_certificate(setup, facts, served, now, &mut causes);
    }
    let worked_before = facts.in_use().is_some() || facts.setback().is_some_and(|last| last.tries >= 2);
    let stuck = reading.domain_status == DomainStatus::ActionNeeded || worked_before;
    let theirs = stuck && reading.attention() == Attention::NeedsYou;
    if let Some(cause) = reading.cause().filter(|cause| theirs && cause.code != "moved") {
        causes.push((Kind::ActionNeeded, format!("trouble:{}", cause.code)));
    }
    causes
}

fn of_certificate(setup: &Setup, facts: &Facts, held: &Certificate, now: Millis, causes: &mut Vec<(Kind, String)>) {
    let id = &held.id;
    let days_left = |days: i64| held.not_after.since(now) <= days * DAY_MS;
    let (begun, days): (_, &[i64]) = match held.source {
        Source::Acme => (renewal::late_at(setup, facts).is_some_and(|late| now >= late), &LATE_DAYS),
        Source::Upload => (days_left(UPLOADED_DAYS[0]), &UPLOADED_DAYS),
    };
    if facts.is_served() {
        causes.push((Kind::Deployed, format!("deployed:{id}")));
        let before = facts.told.iter().flatten().any(|key| key.starts_with("deployed:") && !key.ends_with(id.as_str()));
        if before && held.source == Source::Acme {
            causes.push((Kind::Renewed, format!("renewed:{id}")));
        }
    }
    if begun {
        let (kind, word) = match held.source {
            Source::Acme => (Kind::RenewalFailing, "late"),
            Source::Upload => (Kind::Expiring, "ending"),
        };
        causes.push((kind, format!("{word}:{id}:0")));
        let due = days.iter().filter(|days| days_left(**days));
        causes.extend(due.map(|days| (kind, format!("{word}:{id}:{days}"))));
    }
}

/// When time alone makes something due next.
#[must_use]
pub fn next_at(facts: &Facts, now: Millis) -> Option<Millis> {
    let held = facts.in_use()?;
    UPLOADED_DAYS.iter().map(|days| held.not_after.plus(-days * DAY_MS)).find(|at| *at > now)
}

fn is_trouble(key: &str) -> bool {
    key.starts_with("trouble:") || key.starts_with("late:")
}

fn is_of_certificate(key: &str) -> bool {
    ["issued:", "deployed:", "renewed:", "revoked:", "exposed:", "late:", "ending:"]
        .iter()
        .any(|start| key.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::event::{Event, Why};
    use super::super::laws::{certificate, look, setup};
    use super::super::time::HOUR_MS;
    use super::*;

    fn kinds(facts: &mut Facts, now: Millis) -> Vec<Kind> {
        facts.tell(&setup(), Asked::default(), now).into_iter().map(|notice| notice.kind).collect()
    }

    /// Served, routed and verified, with a certificate that began at zero.
    fn live(source: Source, days: i64) -> Facts {
        let looked = Event::Looked { observation: look(0, 0), why: Why::Curve };
        let mut facts = Facts::added(Millis(0)).apply(Millis(0), &looked);
        let held = Certificate { source, not_after: Millis(days * DAY_MS), ..certificate(1, 0) };
        let outcome = Ok(held.fingerprint_sha256.clone());
        facts.certificate = Some(held);
        facts.issued_at = Some(Millis(0));
        facts.apply(Millis(1), &Event::Handshaken { outcome })
    }

    #[test]
    fn each_cause_is_told_once() {
        let mut facts = live(Source::Acme, 90);
        let told = [Kind::Verified, Kind::Active, Kind::Issued, Kind::Deployed];
        assert_eq!(kinds(&mut facts, Millis(2)), told);
        assert_eq!(kinds(&mut facts, Millis(3)), []);
        let held = facts.certificate.clone().expect("a certificate");
        let next =
            Certificate { id: super::super::id::CertificateId::new("next"), not_after: Millis(99 * DAY_MS), ..held };
        facts.certificate = Some(next);
        assert_eq!(kinds(&mut facts, Millis(4)), [Kind::Issued, Kind::Deployed, Kind::Renewed]);
        assert_eq!(kinds(&mut facts, Millis(5)), []);
    }

    #[test]
    fn a_renewal_is_written_about_once_when_it_is_served() {
        let mut facts = live(Source::Acme, 90);
        kinds(&mut facts, Millis(2));
        let held = facts.certificate.clone().expect("a certificate");
        let (id, fingerprint_sha256) = (super::super::id::CertificateId::new("next"), "next".to_owned());
        facts.certificate = Some(Certificate { id, fingerprint_sha256, ..held });
        assert_eq!(kinds(&mut facts, Millis(4)), [Kind::Issued]);
        facts = facts.apply(Millis(5), &Event::Handshaken { outcome: Ok("next".into()) });
        let told = facts.tell(&setup(), Asked::default(), Millis(6));
        let topics: Vec<_> = told.iter().filter_map(|notice| notice.topic).collect();
        assert_eq!(topics, [Topic::Renewed]);
    }

    #[test]
    fn what_an_earlier_release_left_is_news_to_nobody() {
        let mut facts = Facts { told: None, ..live(Source::Acme, 90) };
        assert_eq!(kinds(&mut facts, Millis(2)), []);
        assert!(facts.told.is_some_and(|told| told.len() == 4));
    }

    #[test]
    fn late_renewals_and_ends_of_uploads_are_counted_down() {
        for (source, kind, days) in [
            (Source::Acme, Kind::RenewalFailing, &[30, 14, 7, 3, 1][..]),
            (Source::Upload, Kind::Expiring, &[30, 14, 7, 3, 1]),
        ] {
            let mut facts = live(source, 90);
            let (mut count, mut now) = (0, Millis(2));
            while now < Millis(90 * DAY_MS) {
                count += kinds(&mut facts, now).iter().filter(|told| **told == kind).count();
                now = now.plus(HOUR_MS);
            }
            assert_eq!(count, days.len(), "{source:?}");
        }
    }

    #[test]
    fn a_trouble_that_was_told_is_told_to_be_over_once() {
        let mut facts = live(Source::Acme, 90);
        kinds(&mut facts, Millis(2));
        let away = Event::Looked { observation: look(3, 0b10_0000), why: Why::Curve };
        facts = facts.apply(Millis(3), &away);
        assert_eq!(kinds(&mut facts, Millis(3)), [Kind::Moved]);
        assert_eq!(kinds(&mut facts, Millis(4)), []);
        facts = facts.apply(Millis(5), &Event::Looked { observation: look(5, 0), why: Why::Curve });
        assert_eq!(kinds(&mut facts, Millis(5)), [Kind::Active, Kind::Resolved]);
        assert_eq!(kinds(&mut facts, Millis(6)), []);
    }
}

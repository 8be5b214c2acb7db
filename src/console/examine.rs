//! Use cases of a diagnosis: what the last pass found, and a pass made now.

use super::broken;
use super::desk::Desk;
use super::views;
use crate::domain::diagnose::{answer_said, caa_tree, diagnose, refused_name};
use crate::domain::event::{Event, Why};
use crate::domain::finding::{Finding, Severity};
use crate::domain::hostname::Hostname;
use crate::domain::id::DomainId;
use crate::domain::observation::{Answer, Kind, Observation, Transport, Who};
use crate::domain::time::Millis;
use crate::observe::Examiner;
use crate::resolve::Lookup;
use crate::store::Stored;
use crate::wire::diagnosis::{CaaView, CellView, DiagnosisView, QuestionView};
use crate::wire::domain::DomainView;
use crate::wire::error::{Kind as Refused, Refusal};
use crate::worker::suffixes::suffixes;
use std::collections::BTreeMap;

/// A diagnosis, and the domain's view when it is in the Console.
pub struct Diagnosed {
    /// The diagnosis.
    pub diagnosis: DiagnosisView,
    /// The domain.
    pub domain: Option<DomainView>,
}

impl Desk {
    /// The last diagnosis of a domain; with `fresh`, one that is made now, as often as Refresh may be asked.
    ///
    /// # Errors
    /// `not_found`; `too_soon` for a fresh one within seconds of the last.
    pub async fn diagnosis(&self, id: &str, fresh: bool) -> Result<DiagnosisView, Refusal> {
        if !fresh {
            let view = self.domain(id).await?;
            let seen = self.console.store.observation(&DomainId::new(id)).await.map_err(|e| broken(&e))?;
            return Ok(told(&view, seen.as_ref()));
        }
        self.refresh(id).await?;
        let examiner = self.console.examiner.as_ref().ok_or_else(Refusal::broken)?;
        let (view, seen) = self.examined(examiner, None, id).await?;
        Ok(told(&view, Some(&seen)))
    }

    /// A diagnosis made now, of a domain by name or id, or of any name that a CA could issue for; nothing is recorded.
    ///
    /// # Errors
    /// `ambiguous` when several customers have added it.
    pub async fn diagnose_now(&self, lookup: &dyn Lookup, name: &str) -> Result<Diagnosed, Refusal> {
        let examiner = self.console.examiner.as_ref().ok_or_else(Refusal::broken)?;
        let id = self.by_name(name).await?.map_or_else(|| name.to_owned(), |view| view.id);
        match self.examined(examiner, Some(lookup), &id).await {
            Ok((view, seen)) => Ok(Diagnosed { diagnosis: told(&view, Some(&seen)), domain: Some(view) }),
            Err(refusal) if refusal.kind == Refused::NotFound => {
                Ok(Diagnosed { diagnosis: self.of_any_name(examiner, name).await?, domain: None })
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// The domain as a pass that is made now finds it.
    async fn examined(
        &self,
        examiner: &Examiner,
        lookup: Option<&dyn Lookup>,
        id: &str,
    ) -> Result<(DomainView, Observation), Refusal> {
        let mut stored = self.stored(id).await?;
        let (place, now) = (&self.console.house.place, self.console.clock.now());
        let wanted = stored.setup.wanted(place);
        let before = self.console.store.observation(&stored.setup.id).await.map_err(|e| broken(&e))?;
        let pass = examiner.examine(&stored.setup, &stored.facts, before.as_ref(), now);
        let look = async {
            match lookup {
                Some(lookup) => Some(lookup.look(&stored.setup.hostname, &wanted, &place.edge_hostname, now).await),
                None => None,
            }
        };
        let (seen, look) = tokio::join!(pass, look);
        if let Some(mut observation) = look {
            // A pass fetches no token file: what was found before still stands.
            observation.file = stored.facts.observation.as_ref().and_then(|last| last.file.clone());
            stored.facts = stored.facts.apply(now, &Event::Looked { observation, why: Why::Page });
        }
        Ok((self.view(&examined(stored, &seen, now), now).await?, seen))
    }

    async fn of_any_name(&self, examiner: &Examiner, name: &str) -> Result<DiagnosisView, Refusal> {
        let now = self.console.clock.now();
        let hostname = match Hostname::parse(name, suffixes(&self.console.house.private_suffixes)) {
            Ok(hostname) => hostname,
            Err(problem) => return Ok(of_findings(name, vec![refused_name(&problem)], None)),
        };
        let seen = examiner.examine_name(&hostname, now).await;
        Ok(of_findings(&hostname.to_string(), diagnose(&seen), Some(&seen)))
    }
}

/// The domain as this pass finds it.
pub(super) fn examined(mut stored: Stored, seen: &Observation, now: Millis) -> Stored {
    stored.facts = stored.facts.apply(now, &Event::Examined { began: seen.at, findings: diagnose(seen) });
    stored
}

fn of_findings(name: &str, findings: Vec<Finding>, seen: Option<&Observation>) -> DiagnosisView {
    let cause = findings.iter().find(|finding| finding.severity == Severity::Blocking);
    let nothing = || format!("Nothing stands in the way of a certificate for {name}");
    DiagnosisView {
        domain: name.to_owned(),
        headline: cause.map_or_else(nothing, |cause| cause.title.clone()),
        findings: findings.into_iter().map(views::finding).collect(),
        required: Vec::new(),
        observed: Vec::new(),
        grid: seen.map(grid).unwrap_or_default(),
        caa: seen.map(caa).unwrap_or_default(),
        examined_at: seen.map(|seen| seen.at.into()),
    }
}

fn told(view: &DomainView, seen: Option<&Observation>) -> DiagnosisView {
    DiagnosisView {
        grid: seen.map(grid).unwrap_or_default(),
        caa: seen.map(caa).unwrap_or_default(),
        examined_at: seen.map(|seen| seen.at.into()),
        ..DiagnosisView::of(view)
    }
}

/// What a CA asks about a name: each question with everybody's answer, and which of them differs.
fn grid(seen: &Observation) -> Vec<QuestionView> {
    let subject = &seen.subject;
    let mut asked: Vec<(&str, Kind)> = subject.wanted.iter().map(|one| (one.host.as_str(), one.rtype.into())).collect();
    asked.extend([Kind::A, Kind::Aaaa, Kind::Caa].map(|kind| (subject.name.as_str(), kind)));
    asked.extend([Kind::Soa, Kind::Ns, Kind::Dnskey].map(|kind| (seen.zone(), kind)));
    asked
        .into_iter()
        .map(|(name, kind)| {
            let all: Vec<&Answer> = seen.authorities(name, kind).chain(seen.resolvers(name, kind)).collect();
            // The zone itself was asked about over both transports.
            let first = |answer: &&Answer| kind != Kind::Soa || answer.transport == Transport::Udp;
            let all: Vec<&Answer> = all.into_iter().filter(first).collect();
            let most = most(&all);
            let cell = |answer: &&Answer| {
                let words = answer_said(answer);
                let server = answer.server().to_owned();
                CellView {
                    server,
                    address: answer.address.to_string(),
                    differs: most.as_ref() != Some(&gist(answer)),
                    words,
                }
            };
            QuestionView {
                name: name.to_owned(),
                rtype: kind.mnemonic().to_owned(),
                answers: all.iter().map(cell).collect(),
            }
        })
        .filter(|question| !question.answers.is_empty())
        .collect()
}

/// What most of the zone's own servers say.
fn most(answers: &[&Answer]) -> Option<String> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.who != Who::Resolver) {
        *counted.entry(gist(answer)).or_default() += 1;
    }
    counted.into_iter().max_by_key(|(_, count)| *count).map(|(gist, _)| gist)
}

/// An answer without what differs between servers that agree: their times to live, and the order of values.
fn gist(answer: &Answer) -> String {
    let Some(message) = answer.message() else { return format!("{:?}", answer.said) };
    let own = message.records.iter().filter(|record| record.kind == answer.kind && record.name == answer.name);
    let mut values: Vec<&str> = own.map(|record| record.value.as_str()).collect();
    values.sort_unstable();
    // That a name is missing and that it lacks such a record come to the same here.
    let code = if message.is_heard() { "" } else { &message.rcode };
    format!("{code} {}", values.join(" "))
}

fn caa(seen: &Observation) -> Vec<CaaView> {
    let level = |level: crate::domain::diagnose::CaaLevel<'_>| CaaView {
        name: level.name.to_owned(),
        at: level.at.map(str::to_owned),
        lines: level.lines.iter().map(|line| (*line).to_owned()).collect(),
        failed: level.failed,
        in_force: level.in_force,
    };
    caa_tree(seen).into_iter().map(level).collect()
}

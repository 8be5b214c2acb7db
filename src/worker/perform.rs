//! Doing one step: the only place that turns a step into calls, and what came of them into one event.
//!
//! Nothing is decided here and nothing is stored: the event and what belongs in its transaction are handed back.

use super::clock::Clock;
use super::crowd::Crowd;
use super::edges::Edges;
use super::measure;
use super::mirror::Mirror;
use super::turn;
use crate::acme::{Ca, CaError, NewOrder, Progress, Proof, chain, key};
use crate::domain::authority;
use crate::domain::certificate::Source;
use crate::domain::diagnose::diagnose;
use crate::domain::event::{Event, Why};
use crate::domain::facts::{Hand, Order};
use crate::domain::id::{CertificateId, KeyId, OrderId};
use crate::domain::observed::Observation;
use crate::domain::problem::{NOT_ON_SHOW, Problem, ProblemKind};
use crate::domain::record::{Place, Purpose};
use crate::domain::renewal::{self, Window};
use crate::domain::schedule;
use crate::domain::setup::SslValidation;
use crate::domain::step::{Step, hand};
use crate::domain::time::Millis;
use crate::domain::token_file::{Fetched, FileSeen};
use crate::failpoint::{Act, Injected, around};
use crate::observe::{Examiner, Lists, Visit};
use crate::registers::KeyList;
use crate::resolve::Lookup;
use crate::store::{Extra, OrderOutcome, Store, StoreError, Stored, new_id};
use std::sync::Arc;
use std::time::Duration;

/// How long one step may keep asking the CA before it reports "still waiting".
const CA_PATIENCE_MS: u64 = 8_000;
/// The same for an order that was waited for already: enough for a CA that answers within milliseconds.
const CA_LOOK_MS: u64 = 50;
/// The CA is asked again no sooner, whatever time it names.
const CA_PAUSE_MS: i64 = 1_000;
/// Our own name servers have this long to show a value before the CA is told.
const SHOW_TRIES: u32 = 20;
const SHOW_PAUSE: Duration = Duration::from_millis(50);

/// What the worker works with.
pub struct Tools {
    /// Where facts are kept.
    pub store: Store,
    /// How DNS is looked at.
    pub lookup: Arc<dyn Lookup>,
    /// The certificate authorities, the preferred one first.
    pub cas: Vec<Arc<dyn Ca>>,
    /// What this node shows and serves.
    pub mirror: Mirror,
    /// What customers' records point to.
    pub place: Place,
    /// Suffixes accepted beside the public list.
    pub private_suffixes: Vec<String>,
    /// Where handshakes find the edges.
    pub edges: Edges,
    /// Fetches token files; none where only DNS is looked at.
    pub site: Option<Arc<dyn Visit>>,
    /// Reads CAs' lists of revoked certificates; none where nobody may be asked.
    pub lists: Option<Lists>,
    /// A list of compromised keys; none where nobody may be asked.
    pub key_list: Option<Arc<KeyList>>,
    /// Orders under way.
    pub ordering: Crowd,
    /// Makes full passes over domains that are not Ready; none where only the quick look counts.
    pub examiner: Option<Examiner>,
}

/// What came of a step: one event, and what is written in its transaction.
pub struct Outcome {
    /// What happened.
    pub event: Event,
    /// Rows that belong to it.
    pub extras: Vec<Extra>,
}

impl From<Event> for Outcome {
    fn from(event: Event) -> Self {
        Self { event, extras: Vec::new() }
    }
}

/// Why a step did not come to an event.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A key could not be made.
    #[error("a key could not be made")]
    Key(#[source] key::KeyError),
    /// A test made it fail.
    #[error(transparent)]
    Injected(#[from] Injected),
    /// The step does not fit the facts; the next reading of them picks another.
    #[error("the step does not fit the facts")]
    Misfit,
}

impl Tools {
    /// Does one step.
    ///
    /// # Errors
    /// Only what leaves the facts as they are: everything that the world answers is an event.
    pub async fn perform(&self, step: Step, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        // On the heap, since whoever calls this twice would be twice as large.
        measure::step(&step, Box::pin(self.take(step, stored, clock))).await
    }

    async fn take(&self, step: Step, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        let now = clock.now();
        match (step, &stored.facts.order) {
            (Step::Look { why }, _) => {
                if why == Why::Order
                    && let Some(wait) = self.waits_for_place(stored, now).await?
                {
                    return Ok(wait);
                }
                let wanted = stored.setup.wanted(&self.place);
                let edge = &self.place.edge_hostname;
                let look = measure::look(self.lookup.look(&stored.setup.hostname, &wanted, edge, now));
                let mut observation = around(Act::Look, async { Ok::<_, PerformError>(look.await) }).await?;
                self.fetch_file(stored, &mut observation, clock).await?;
                Ok(Event::Looked { observation, why }.into())
            }
            (Step::PlanOrder, None) => self.plan(stored, now),
            (Step::AskRenewal, None) => self.ask_renewal(stored, clock).await,
            (Step::CheckValidity, _) => self.check_validity(stored, clock).await,
            (Step::Revoke, _) => self.revoke(stored, clock).await,
            (Step::EndUpload, _) => {
                let held = stored.facts.uploaded.as_ref().ok_or(PerformError::Misfit)?;
                Ok(Event::UploadEnded { certificate: held.id.clone() }.into())
            }
            (Step::OpenOrder, Some(order)) => Ok(self.open(stored, order, clock).await),
            (Step::ShowProof, Some(order)) => self.show(stored, order, clock).await,
            (Step::AdvanceOrder, Some(order)) => self.advance(stored, order, clock).await,
            (Step::Handshake, _) => {
                Ok(Event::Handshaken { outcome: self.edges.show(&self.store, stored, now).await? }.into())
            }
            _ => Err(PerformError::Misfit),
        }
    }

    /// Fetches the token file that is to prove ownership, where the name leads anywhere: a resolver is never asked about
    /// a name that may not exist yet.
    async fn fetch_file(
        &self,
        stored: &Stored,
        observation: &mut Observation,
        clock: &Clock,
    ) -> Result<(), PerformError> {
        let wanted = stored.setup.wanted_file().filter(|_| stored.facts.certificate.is_none());
        let (Some(site), Some(wanted)) = (&self.site, wanted) else { return Ok(()) };
        let leads = observation.records.iter().filter(|seen| seen.wanted.purpose == Purpose::Routing);
        let leads = leads.flat_map(|seen| &seen.answers).any(|answer| !answer.reply.records().is_empty());
        observation.file = Some(if leads {
            // It may be our own edge that answers, and a name that was just added is only on its way there.
            self.mirror.sync_challenge(&stored.setup.id).await?;
            site.file(&wanted, clock.now()).await
        } else {
            let fetched = Fetched::Nothing("the name has no address yet".into());
            FileSeen { wanted, redirects: Vec::new(), fetched }
        });
        observation.took_ms = clock.now().since(observation.at).max(observation.took_ms);
        Ok(())
    }

    /// Makes a full pass and keeps its raw facts; what it found is the event. They are evidence, that the next pass
    /// replaces: nothing is decided by them, so that they need not be written in the event's transaction.
    pub async fn examine(&self, examiner: &Examiner, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        let (id, setup, facts) = (&stored.setup.id, &stored.setup, &stored.facts);
        let before = self.store.observation(id).await?;
        let seen = examiner.examine(setup, facts, before.as_ref(), clock.now()).await;
        if !seen.heard_somebody() {
            // What was found before still stands.
            let findings = facts.examined_now().map_or_else(Vec::new, |last| last.findings.clone());
            return Ok(Event::Examined { began: seen.at, findings }.into());
        }
        self.store.keep_observation(id, &seen).await?;
        Ok(Event::Examined { began: seen.at, findings: diagnose(&seen) }.into())
    }

    fn plan(&self, stored: &Stored, now: Millis) -> Result<Outcome, PerformError> {
        let (setup, facts) = (&stored.setup, &stored.facts);
        let authorities = self.authorities();
        let Some(ca) = self.ca_in_turn(facts, now) else {
            // The facts knew other CAs: by those that are configured now, it is nobody's turn.
            let renamed = facts.authorities != authorities;
            let named = renamed.then(|| Event::AuthoritiesNamed { authorities }.into());
            return named.ok_or(PerformError::Misfit);
        };
        let (order, id) = (OrderId::new(new_id(now)), KeyId::new(new_id(now)));
        let made = key::new_key(&[setup.hostname.to_string()]).map_err(PerformError::Key)?;
        let begun = Extra::OrderBegun {
            id: order.clone(),
            ca: ca.name().to_owned(),
            registrable: self.registrable(setup),
            renewal: facts.certificate.is_some(),
            terms: turn::terms(ca, facts, now),
        };
        let new_key = Extra::NewKey { id: id.clone(), pkcs8: made.pkcs8_der, csr_der: made.csr_der };
        let validation = setup.ssl_validation;
        let event = Event::OrderPlanned { order, ca: ca.name().to_owned(), key: id, validation, authorities };
        // The order first: it is written after questions, and what is written without any goes together.
        Ok(Outcome { event, extras: vec![begun, new_key] })
    }

    async fn open(&self, stored: &Stored, order: &Order, clock: &Clock) -> Outcome {
        let names = [stored.setup.hostname.to_string()];
        let ca = match self.ca_of(order) {
            Ok(ca) => ca,
            Err(error) => return self.failed(stored, order, error, clock.now()),
        };
        let wanted = NewOrder { names: &names, replaces: turn::replaced(ca, &stored.facts) };
        match measure::ca("open", around(Act::OpenOrder, ca.open(wanted))).await {
            Ok(opened) => Outcome {
                extras: [Extra::OrderUrl { id: order.id.clone(), url: opened.url.clone() }]
                    .into_iter()
                    .chain(turn::heard(ca).await)
                    .collect(),
                event: Event::OrderOpened { order: order.id.clone(), url: opened.url },
            },
            Err(error) => self.failed(stored, order, error, clock.now()),
        }
    }

    async fn show(&self, stored: &Stored, order: &Order, clock: &Clock) -> Result<Outcome, PerformError> {
        let url = order.url.as_deref().ok_or(PerformError::Misfit)?;
        let id = order.id.clone();
        let ca = match self.ca_of(order) {
            Ok(ca) => ca,
            Err(error) => return Ok(self.failed(stored, order, error, clock.now())),
        };
        Ok(match measure::ca("proof", around(Act::Proof, ca.proof(url, order.validation))).await {
            Ok(Proof::Show(values)) => Event::ProofShown { order: id, values }.into(),
            // The CA remembers an earlier proof: nothing is put on show for this order.
            Ok(Proof::NotNeeded) => Event::OrderWaits { order: id, issuing: true, until: clock.now() }.into(),
            Err(error) => self.failed(stored, order, error, clock.now()),
        })
    }

    async fn advance(&self, stored: &Stored, order: &Order, clock: &Clock) -> Result<Outcome, PerformError> {
        let url = order.url.as_deref().ok_or(PerformError::Misfit)?;
        let visible = async { Ok::<_, PerformError>(self.proof_is_visible(stored, order, clock.now()).await) };
        if !order.issuing && !around(Act::Shows, visible).await? {
            let problem = Problem {
                kind: ProblemKind::Outage,
                name: NOT_ON_SHOW.into(),
                detail: "our own servers do not show the challenge's answer yet".into(),
            };
            return Ok(Event::OrderStumbled { order: order.id.clone(), problem, retry_after: None }.into());
        }
        let key = around(Act::SigningKey, self.store.signing_key(&order.key)).await?;
        let Some(key) = key else { return Ok(self.failed(stored, order, keyless(), clock.now())) };
        let ca = match self.ca_of(order) {
            Ok(ca) => ca,
            Err(error) => return Ok(self.failed(stored, order, error, clock.now())),
        };
        let waited = order.wait_until.is_some() && order.stumbles == 0;
        let patience_ms = if waited { CA_LOOK_MS } else { CA_PATIENCE_MS };
        let finalize = hand(&stored.setup, &stored.facts, clock.now()) == Hand::Issue;
        let csr_der = finalize.then_some(key.csr_der.as_slice());
        let advance = around(Act::Advance, ca.advance(url, order.validation, csr_der, patience_ms));
        let progress = measure::ca("advance", advance).await;
        // The CA's pauses count from its answer, which may have taken long.
        let now = clock.now();
        match progress {
            Ok(Progress::Waiting { issuing, retry_after_ms }) => {
                let own = schedule::order_wait_ms(now.since(order.planned_at));
                let pause = retry_after_ms.map_or(own, |ms| i64::try_from(ms).unwrap_or(i64::MAX).max(CA_PAUSE_MS));
                Ok(Event::OrderWaits { order: order.id.clone(), issuing, until: now.plus(pause) }.into())
            }
            Ok(Progress::Issued { chain_pem }) => Ok(issued(stored, order, &key.csr_der, chain_pem, now)),
            Err(error) => Ok(self.failed(stored, order, error, now)),
        }
    }

    /// Asks the CA that issued the certificate when it would like it renewed.
    async fn ask_renewal(&self, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        let facts = &stored.facts;
        let held = facts.certificate.as_ref().ok_or(PerformError::Misfit)?;
        let ari_id = held.ari_id.clone().ok_or(PerformError::Misfit)?;
        let ca = facts.issued_by.as_deref().and_then(|name| self.ca_named(name));
        let answer = match ca {
            Some(ca) => measure::ca("renewal", around(Act::AskRenewal, ca.renewal(&ari_id))).await,
            // Whoever is not configured any more has no say.
            None => Ok(None),
        };
        let now = clock.now();
        Ok(match answer {
            Ok(said) => {
                let ask_at = renewal::ask_again_at(held, said.as_ref().and_then(|said| said.retry_after_ms), now);
                let window =
                    said.map(|said| Window { start: said.start, end: said.end, explanation_url: said.explanation_url });
                Event::RenewalAdvised { ari_id, window, ask_at }
            }
            Err(error) => {
                let ask_at = renewal::ask_after_failure_at(held, error.retry_after_ms, now);
                Event::AdviceFailed { ari_id, ask_at }
            }
        }
        .into())
    }

    /// A failed call as an event, with what it means for other orders at this CA.
    fn failed(&self, stored: &Stored, order: &Order, error: CaError, now: Millis) -> Outcome {
        let (id, hostname) = (order.id.clone(), stored.setup.hostname.to_string());
        let retry_after = error.retry_after_ms.map(|ms| now.plus(i64::try_from(ms).unwrap_or(i64::MAX)));
        let mut extras = Vec::new();
        if let Some(until) = retry_after
            && authority::is_about_all_orders(&error.problem, &hostname, &self.registrable(&stored.setup))
        {
            extras.push(Extra::AuthorityPaused { ca: order.ca.clone(), kind: error.problem.kind, until });
        }
        if !error.ends_order {
            return Outcome { event: Event::OrderStumbled { order: id, problem: error.problem, retry_after }, extras };
        }
        let outcome = match error.problem.kind {
            ProblemKind::Validation | ProblemKind::CaaForbids => OrderOutcome::Invalid,
            _ => OrderOutcome::Failed,
        };
        extras.push(Extra::OrderEnded { id: id.clone(), outcome });
        Outcome { event: Event::OrderFailed { order: id, problem: error.problem, retry_after }, extras }
    }

    /// The CA that an order was planned at. One that the operator took out of the configuration ends its orders.
    fn ca_of(&self, order: &Order) -> Result<&dyn Ca, CaError> {
        self.ca_named(&order.ca).ok_or_else(|| {
            let detail = format!("the certificate authority {} is not in the configuration any more", order.ca);
            let problem = Problem { kind: ProblemKind::Expired, name: "ca_removed".into(), detail };
            CaError { problem, retry_after_ms: None, ends_order: true }
        })
    }

    /// Asks our name servers, or our edges, from outside, as the CA will, before the CA is told to look.
    async fn proof_is_visible(&self, stored: &Stored, order: &Order, now: Millis) -> bool {
        let name = format!("{}.{}", stored.setup.dcv_label, self.place.dcv_zone);
        for _ in 0..SHOW_TRIES {
            let visible = match order.validation {
                SslValidation::Dns => self.lookup.shows(&name, &order.shown).await,
                SslValidation::Http => self.edges.answer(&self.store, stored, &order.shown, now).await,
            };
            if visible {
                return true;
            }
            tokio::time::sleep(SHOW_PAUSE).await;
        }
        false
    }
}

/// The order's key is gone, as after a restored backup: no certificate of it could be used.
fn keyless() -> CaError {
    let words = "the order's private key is not in the database any more";
    let problem = Problem { kind: ProblemKind::BadCertificate, name: "key_missing".into(), detail: words.into() };
    CaError { problem, retry_after_ms: None, ends_order: true }
}

fn issued(stored: &Stored, order: &Order, csr_der: &[u8], chain_pem: String, now: Millis) -> Outcome {
    let id = order.id.clone();
    let leaf = match chain::check(&chain_pem, csr_der, &stored.setup.hostname, now) {
        Ok(leaf) => leaf,
        Err(problem) => {
            return Outcome {
                event: Event::OrderFailed { order: id.clone(), problem, retry_after: None },
                // The CA did issue, and counts it.
                extras: vec![Extra::OrderEnded { id, outcome: OrderOutcome::Issued }],
            };
        }
    };
    let certificate = leaf.into_certificate(CertificateId::new(new_id(now)), order.key.clone(), Source::Acme);
    Outcome {
        extras: vec![
            Extra::NewCertificate { certificate: certificate.clone(), chain_pem },
            Extra::OrderEnded { id: id.clone(), outcome: OrderOutcome::Issued },
        ],
        event: Event::Issued { order: id, certificate },
    }
}

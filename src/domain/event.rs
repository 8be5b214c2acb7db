//! What can happen to a web domain: the only legal moves of its facts.
//!
//! Every event is safe to apply twice and in any order; one that no longer fits (its order is gone) changes nothing.
//! Nothing here decides what to do next: that is [`super::step`].

use super::certificate::Certificate;
use super::facts::{Approval, Curve, Facts, Hand, Served, Setback, Standing};
use super::finding::Finding;
use super::id::{CertificateId, KeyId, OrderId};
use super::observed::{Observation, RecordState};
use super::problem::{Problem, ProblemKind};
use super::record::Purpose;
use super::renewal::{Advice, Window};
use super::revocation::Reason;
use super::setup::SslValidation;
use super::time::Millis;
use super::validity::{KeyListed, Listed, Trust};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// DNS was looked at.
    Looked {
        /// What was seen.
        observation: Observation,
        /// What made us look.
        why: Why,
    },
    /// A full pass was made.
    Examined {
        /// When it began.
        began: Millis,
        /// What it found, cause first.
        findings: Vec<Finding>,
    },
    /// An order will be opened: written before the CA hears of it, with its key and signing request.
    OrderPlanned {
        /// Its name.
        order: OrderId,
        /// Which CA.
        ca: String,
        /// Its private key.
        key: KeyId,
        /// How the CA is to validate it.
        validation: SslValidation,
        /// All CAs, in the operator's order.
        authorities: Vec<String>,
    },
    /// The CAs are others than the facts know.
    AuthoritiesNamed {
        /// In the operator's order.
        authorities: Vec<String>,
    },
    /// A CA's limit, or a pause that it asked for, leaves no place for an order now: it was not asked.
    OrderPostponed {
        /// Which CA.
        ca: String,
        /// Which limit.
        problem: Problem,
        /// Until when.
        until: Millis,
    },
    /// The CA knows the order by this URL.
    OrderOpened {
        /// Which order.
        order: OrderId,
        /// The CA's URL.
        url: String,
    },
    /// The challenge's values are on show; none when the CA needs no new proof.
    ProofShown {
        /// Which order.
        order: OrderId,
        /// TXT values, or key authorizations.
        values: Vec<String>,
    },
    /// The CA works on it and wants to be asked again later.
    OrderWaits {
        /// Which order.
        order: OrderId,
        /// The domain is validated; the certificate is being made.
        issuing: bool,
        /// When to ask again.
        until: Millis,
    },
    /// A call failed in a way that leaves the order alive.
    OrderStumbled {
        /// Which order.
        order: OrderId,
        /// What failed.
        problem: Problem,
        /// The CA's `Retry-After`, as a time.
        retry_after: Option<Millis>,
    },
    /// The order is over without a certificate.
    OrderFailed {
        /// Which order.
        order: OrderId,
        /// Why.
        problem: Problem,
        /// The CA's `Retry-After`, as a time.
        retry_after: Option<Millis>,
    },
    /// A checked certificate was stored.
    Issued {
        /// Which order.
        order: OrderId,
        /// The certificate.
        certificate: Certificate,
    },
    /// Somebody uploaded a certificate, which was checked and stored.
    Uploaded {
        /// The certificate.
        certificate: Certificate,
    },
    /// An uploaded certificate has lapsed, was removed or is replaced by ours.
    UploadEnded {
        /// Which.
        certificate: CertificateId,
    },
    /// Somebody wants a certificate revoked.
    RevocationAsked {
        /// Which.
        certificate: CertificateId,
        /// Why.
        reason: Reason,
    },
    /// The CA has revoked it.
    Revoked {
        /// Which.
        certificate: CertificateId,
    },
    /// The CA could not be told.
    RevocationFailed {
        /// Which.
        certificate: CertificateId,
        /// What failed.
        problem: Problem,
        /// The CA's own time.
        retry_after: Option<Millis>,
    },
    /// The certificate in use was checked.
    Checked {
        /// Which.
        certificate: CertificateId,
        /// What its CA's list says.
        listed: Listed,
        /// How far its chain is trusted.
        trust: Trust,
        /// Whether strangers have its key.
        key: KeyListed,
    },
    /// The CA said when it would like the certificate renewed (RFC 9773 §4).
    RenewalAdvised {
        /// The certificate's ARI identifier.
        ari_id: String,
        /// The window; none when the CA names none.
        window: Option<Window>,
        /// When to ask again.
        ask_at: Millis,
    },
    /// The CA could not be asked when it would like the certificate renewed.
    AdviceFailed {
        /// The certificate's ARI identifier.
        ari_id: String,
        /// When to ask again.
        ask_at: Millis,
    },
    /// A handshake with the edge was made.
    Handshaken {
        /// The served leaf's SHA-256 fingerprint, or why there was none.
        outcome: Result<String, String>,
    },
    /// Somebody asked for a renewal now.
    RenewAsked,
    /// An approver who was asked by e-mail answered.
    Answered {
        /// The address that was asked.
        by: String,
        /// Whether it was yes.
        given: bool,
    },
    /// Somebody takes the three steps by hand from now on, or leaves them to us again.
    Handed {
        /// Whether by hand.
        by_hand: bool,
    },
    /// Somebody took one of the three steps.
    StepTaken {
        /// Which.
        step: Hand,
    },
    /// Another customer proved ownership of this name first.
    NameHeld,
    /// Switched off or on by a person.
    Switched {
        /// Whether it is on.
        on: bool,
    },
    /// Removed by a person.
    Removed,
}

/// What made us look at DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The re-check curve's time came: one of its tries.
    Curve,
    /// A page is open.
    Page,
    /// Somebody asked: the curve starts anew.
    Refresh {
        /// When they did, by the clock of whoever took it down.
        asked_at: Millis,
    },
    /// An order is due and needs a fresh look.
    Order,
}

impl Facts {
    /// What is known once `event` has happened at `at`.
    #[must_use]
    pub fn apply(&self, at: Millis, event: &Event) -> Self {
        let mut next = self.clone();
        match event {
            Event::Looked { observation, why } => next.look(observation, *why),
            Event::Examined { began, findings } => next.examine(*began, findings),
            Event::OrderPlanned { order, ca, key, validation, authorities } => {
                next.plan(at, (order, key), ca, *validation, authorities);
            }
            Event::AuthoritiesNamed { authorities } => next.authorities.clone_from(authorities),
            Event::OrderPostponed { ca, problem, until } => next.postpone(at, ca, problem, *until),
            Event::OrderOpened { order, url } => next.with_order(order, |open| {
                open.url.get_or_insert_with(|| url.clone());
                open.settle();
            }),
            Event::ProofShown { order, values } => next.with_order(order, |open| {
                open.shown.clone_from(values);
                open.settle();
            }),
            Event::OrderWaits { order, issuing, until } => next.wait(at, order, *issuing, *until),
            Event::OrderStumbled { order, problem, retry_after } => next.stumble(at, order, problem, *retry_after),
            Event::OrderFailed { order, problem, retry_after } => next.fail(at, order, problem, *retry_after),
            Event::Issued { order, certificate } => next.issue(at, order, certificate),
            Event::Uploaded { certificate } => next.serve(|facts| facts.uploaded = Some(certificate.clone())),
            Event::UploadEnded { certificate }
                if next.uploaded.as_ref().is_some_and(|held| held.id == *certificate) =>
            {
                next.serve(|facts| facts.uploaded = None);
            }
            Event::UploadEnded { .. } => {}
            Event::RevocationAsked { certificate, reason } => next.ask_revocation(at, certificate, *reason),
            Event::Revoked { certificate } => next.revoke(at, certificate),
            Event::RevocationFailed { certificate, retry_after, .. } => {
                next.put_off_revocation(at, certificate, *retry_after);
            }
            Event::Checked { certificate, listed, trust, key } => next.check(at, certificate, (listed, trust, key)),
            Event::RenewalAdvised { ari_id, window, ask_at } => next.heed(at, ari_id, Some(window), *ask_at),
            Event::AdviceFailed { ari_id, ask_at } => next.heed(at, ari_id, None, *ask_at),
            Event::Handshaken { outcome } => next.handshake(at, outcome),
            Event::RenewAsked if next.certificate.is_some() => {
                next.renew_asked_at = Some(at);
                // Whoever takes the steps by hand asks for all three at once.
                next.hand = next.hand.map(|_| Hand::Issue);
            }
            Event::RenewAsked => {}
            Event::Answered { by, given } => next.answer(at, by, *given),
            Event::Handed { by_hand: true } => next.hand = next.hand.or(Some(Hand::Waiting)),
            Event::Handed { by_hand: false } => next.hand = None,
            Event::StepTaken { step } => next.hand = next.hand.map(|taken| taken.max(*step)),
            Event::NameHeld if next.standing == Standing::Live => next.stop(Standing::Blocked),
            Event::NameHeld => {}
            Event::Switched { on: true } if next.standing == Standing::Disabled => next.start(),
            Event::Switched { on: true } => {}
            Event::Switched { on: false } => next.stop(Standing::Disabled),
            Event::Removed if matches!(next.standing, Standing::Removed(_)) => {}
            Event::Removed => next.stop(Standing::Removed(at)),
        }
        next
    }

    fn look(&mut self, seen: &Observation, why: Why) {
        if let Why::Refresh { asked_at } = why {
            self.refreshed_for = Some(asked_at);
        }
        // Looks of one domain are made one after the other, so that an earlier time means a clock that was set back.
        if self.observation.as_ref().is_some_and(|last| last.at == seen.at) {
            return;
        }
        let gist = seen.gist();
        let changed = self.observation.as_ref().is_some_and(|last| last.gist().differs(&gist));
        match why {
            _ if changed => self.curve = Curve { from: seen.at, attempt: 0 },
            Why::Refresh { .. } => self.curve = Curve { from: seen.at, attempt: 0 },
            Why::Curve => self.curve.attempt = self.curve.attempt.saturating_add(1),
            Why::Page | Why::Order => {}
        }
        let shortened =
            |setback: &&mut Setback| setback.gist.differs(&gist) && setback.problem.kind != ProblemKind::RateLimited;
        for setback in self.setbacks.iter_mut().filter(shortened) {
            let at_once = setback.retry_after.map_or(seen.at, |named| named.max(seen.at));
            setback.retry_at = setback.retry_at.min(at_once);
        }
        if seen.is_proof() {
            self.prove(seen.at);
        }
        self.route(seen);
        self.observation = Some(seen.clone());
    }

    /// Proven: a blocked claim is tried again. While another customer still holds the name, `NameHeld` follows.
    fn prove(&mut self, at: Millis) {
        self.verified_at.get_or_insert(at);
        if self.standing == Standing::Blocked {
            self.start();
        }
    }

    /// Nobody takes an approval back: whoever would has to ask those who manage the domain.
    fn answer(&mut self, at: Millis, by: &str, given: bool) {
        if self.approval.as_ref().is_some_and(|last| last.given) {
            return;
        }
        self.approval = Some(Approval { at, by: by.to_owned(), given });
        if given {
            self.prove(at);
        }
    }

    fn route(&mut self, seen: &Observation) {
        let Some(verdict) = seen.verdicts().into_iter().find(|verdict| verdict.purpose == Purpose::Routing) else {
            return;
        };
        match verdict.state {
            RecordState::Detected => {
                self.routed_since.get_or_insert(seen.at);
                self.moved_since = None;
            }
            // Only when no server leads here any more: one that lags behind the others moves nobody.
            RecordState::Missing | RecordState::Wrong if verdict.agreeing == 0 => {
                if self.routed_since.take().is_some() {
                    self.moved_since = Some(seen.at);
                }
            }
            RecordState::Missing | RecordState::Wrong | RecordState::Unknown => {}
        }
    }

    /// Keeps what the CA said of the certificate that is held now; `None` when it could not be asked.
    fn heed(&mut self, at: Millis, ari_id: &str, said: Option<&Option<Window>>, ask_at: Millis) {
        if self.certificate.as_ref().is_none_or(|held| held.ari_id.as_deref() != Some(ari_id)) {
            return;
        }
        let last = self.advice.take().filter(|last| last.ari_id == ari_id);
        let (old, since) = last.map_or((None, at), |last| (last.window, last.since));
        let window = said.map_or_else(|| old.clone(), Clone::clone);
        let since = if window == old { since } else { at };
        self.advice = Some(Advice { ari_id: ari_id.to_owned(), window, since, ask_at });
    }

    fn handshake(&mut self, at: Millis, outcome: &Result<String, String>) {
        if self.served.as_ref().is_some_and(|last| last.at == at) {
            return;
        }
        let misses = self.served.as_ref().map_or(0, |last| last.misses);
        self.served = Some(Served { at, outcome: outcome.clone(), misses });
        let misses = if self.is_served() { 0 } else { misses.saturating_add(1) };
        self.served = Some(Served { at, outcome: outcome.clone(), misses });
    }

    /// Changes which certificate should be served. What the edge showed of the one before stays known until the next
    /// handshake: it is served meanwhile.
    fn serve(&mut self, change: impl FnOnce(&mut Self)) {
        if !self.is_served() {
            self.served = None;
        }
        change(self);
    }

    /// Work begins again. What the edge serves is another question by now: it is asked anew.
    fn start(&mut self) {
        self.standing = Standing::Live;
        self.served = None;
    }

    /// Work ends; the certificate and everything that was seen are kept.
    fn stop(&mut self, standing: Standing) {
        if !matches!(self.standing, Standing::Removed(_)) {
            self.standing = standing;
        }
        self.order = None;
        self.begin_anew();
        self.renew_asked_at = None;
    }

    /// The next order begins with the first of the steps.
    pub(super) fn begin_anew(&mut self) {
        self.hand = self.hand.map(|_| Hand::Waiting);
    }
}

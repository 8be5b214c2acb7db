//! What can happen to a web domain: the only legal moves of its facts.
//!
//! Every event is safe to apply twice and in any order; one that no longer fits (its order is gone) changes nothing.
//! Nothing here decides what to do next: that is [`super::step`].

use super::certificate::Certificate;
use super::facts::{Curve, Facts, Order, Served, Setback, Standing};
use super::id::{KeyId, OrderId};
use super::observed::{Observation, RecordState};
use super::problem::{Problem, ProblemKind};
use super::record::Purpose;
use super::schedule::{self, STUMBLES};
use super::time::Millis;

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
    /// An order will be opened: written before the CA hears of it, with its key and signing request.
    OrderPlanned {
        /// Its name.
        order: OrderId,
        /// Which CA.
        ca: String,
        /// Its private key.
        key: KeyId,
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
        /// TXT values.
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
    /// A handshake with the edge was made.
    Handshaken {
        /// The served leaf's SHA-256 fingerprint, or why there was none.
        outcome: Result<String, String>,
    },
    /// Somebody asked for a renewal now.
    RenewAsked,
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
            Event::OrderPlanned { order, ca, key } => next.plan(at, order, ca, key),
            Event::OrderOpened { order, url } => next.with_order(order, |open| {
                open.url.get_or_insert_with(|| url.clone());
                open.settle();
            }),
            Event::ProofShown { order, values } => next.with_order(order, |open| {
                open.shown.clone_from(values);
                open.settle();
            }),
            Event::OrderWaits { order, issuing, until } => next.with_order(order, |open| {
                open.settle();
                open.issuing |= *issuing;
                open.wait_until = Some(*until);
            }),
            Event::OrderStumbled { order, problem, retry_after } => next.stumble(at, order, problem, *retry_after),
            Event::OrderFailed { order, problem, retry_after } => next.fail(at, order, problem, *retry_after),
            Event::Issued { order, certificate } => next.issue(at, order, certificate),
            Event::Handshaken { outcome } => next.handshake(at, outcome),
            Event::RenewAsked => next.renew_asked_at = next.certificate.is_some().then_some(at).or(next.renew_asked_at),
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
        if let Some(setback) =
            self.setback.as_mut().filter(|s| s.gist.differs(&gist) && s.problem.kind != ProblemKind::RateLimited)
        {
            let at_once = setback.retry_after.map_or(seen.at, |named| named.max(seen.at));
            setback.retry_at = setback.retry_at.min(at_once);
        }
        if seen.state(Purpose::Validation) == RecordState::Detected {
            self.verified_at.get_or_insert(seen.at);
            // Proven: a blocked claim is tried again. While another customer still holds the name, `NameHeld` follows.
            if self.standing == Standing::Blocked {
                self.start();
            }
        }
        self.route(seen);
        self.observation = Some(seen.clone());
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

    fn plan(&mut self, at: Millis, order: &OrderId, ca: &str, key: &KeyId) {
        if self.order.is_some() || self.standing != Standing::Live {
            return;
        }
        self.order = Some(Order {
            id: order.clone(),
            ca: ca.to_owned(),
            key: key.clone(),
            planned_at: at,
            renewal: self.certificate.is_some(),
            url: None,
            shown: Vec::new(),
            issuing: false,
            wait_until: None,
            stumbles: 0,
        });
    }

    fn with_order(&mut self, order: &OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(open) = self.order.as_mut().filter(|open| open.id == *order) {
            change(open);
        }
    }

    fn stumble(&mut self, at: Millis, order: &OrderId, problem: &Problem, retry_after: Option<Millis>) {
        let Some(open) = self.order.as_mut().filter(|open| open.id == *order) else { return };
        let again_at = at.plus(schedule::stumble_ms(open.stumbles));
        if open.wait_until.is_some_and(|until| until > at) {
            return;
        }
        open.stumbles += 1;
        open.wait_until = Some(retry_after.map_or(again_at, |named| named.max(again_at)));
        if open.stumbles > STUMBLES {
            self.fail(at, order, problem, retry_after);
        }
    }

    fn fail(&mut self, at: Millis, order: &OrderId, problem: &Problem, retry_after: Option<Millis>) {
        if self.order.take_if(|open| open.id == *order).is_none() {
            return;
        }
        let tries = self.setback.as_ref().map_or(0, |last| last.tries).saturating_add(1);
        let retry_at = at.plus(schedule::ca_retry_ms(tries));
        self.setback = Some(Setback {
            problem: problem.clone(),
            at,
            tries,
            retry_at: retry_after.map_or(retry_at, |named| named.max(retry_at)),
            retry_after,
            gist: self.observation.as_ref().map(Observation::gist).unwrap_or_default(),
        });
    }

    fn issue(&mut self, at: Millis, order: &OrderId, certificate: &Certificate) {
        if self.order.as_ref().is_none_or(|open| open.id != *order) {
            return;
        }
        // Never replaced by one that ends sooner, whatever the CA delivers. That counts as a failure: the renewal is due
        // as before, and would be ordered again and again without a pause. One that somebody asked for within a second
        // of the last may end with it.
        let asked = self.renew_asked_at.is_some();
        let lasts = |old: &Certificate| {
            certificate.not_after > old.not_after || (asked && certificate.not_after == old.not_after)
        };
        if !self.certificate.as_ref().is_none_or(lasts) {
            let problem = Problem {
                kind: ProblemKind::BadCertificate,
                name: "ends_sooner".into(),
                detail: "the new certificate does not outlast the one that is served".into(),
            };
            self.renew_asked_at = None;
            return self.fail(at, order, &problem, None);
        }
        self.order = None;
        // What the edge showed of the predecessor stays known until the next handshake: it is served meanwhile.
        if !self.is_served() {
            self.served = None;
        }
        self.certificate = Some(certificate.clone());
        self.issued_at = Some(at);
        self.setback = None;
        self.renew_asked_at = None;
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
        self.renew_asked_at = None;
    }
}

impl Order {
    fn settle(&mut self) {
        self.stumbles = 0;
        self.wait_until = None;
    }
}

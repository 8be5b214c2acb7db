//! What an order's course does to a domain's facts: planned, put off, stumbling, failed, issued.
//!
//! Part of [`super::event`], whose rules hold here.

use super::certificate::Certificate;
use super::facts::{Facts, Order, Setback, Standing};
use super::id::{KeyId, OrderId};
use super::observed::Observation;
use super::problem::{Problem, ProblemKind};
use super::renewal;
use super::schedule::{self, LONG_WAIT_MS, OPENINGS, ORDER_LASTS_MS, STUMBLES};
use super::setup::SslValidation;
use super::time::Millis;

impl Facts {
    pub(super) fn plan(
        &mut self,
        at: Millis,
        (order, key): (&OrderId, &KeyId),
        ca: &str,
        validation: SslValidation,
        authorities: &[String],
    ) {
        if self.order.is_some() || self.standing != Standing::Live {
            return;
        }
        self.authorities = authorities.to_vec();
        // What a CA's list brings forward is as hasty as what its advice does.
        let hasty = renewal::is_hasty(self, at) || self.ours_is_listed();
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
            hasty,
            validation,
        });
    }

    pub(super) fn postpone(&mut self, at: Millis, ca: &str, problem: &Problem, until: Millis) {
        if self.order.is_some() || self.standing != Standing::Live {
            return;
        }
        let tries = self.setback_at(ca).map_or(0, |last| last.tries);
        self.set_back(at, ca, problem, Wait { tries, retry_at: until, retry_after: Some(until) });
    }

    fn set_back(&mut self, at: Millis, ca: &str, problem: &Problem, wait: Wait) {
        self.setbacks.retain(|last| last.ca != ca && !last.ca.is_empty());
        self.setbacks.push(Setback {
            ca: ca.to_owned(),
            problem: problem.clone(),
            at,
            tries: wait.tries,
            retry_at: wait.retry_at,
            retry_after: wait.retry_after,
            gist: self.observation.as_ref().map(Observation::gist).unwrap_or_default(),
        });
    }

    pub(super) fn with_order(&mut self, order: &OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(open) = self.order.as_mut().filter(|open| open.id == *order) {
            change(open);
        }
    }

    pub(super) fn stumble(&mut self, at: Millis, order: &OrderId, problem: &Problem, retry_after: Option<Millis>) {
        let Some(open) = self.order.as_mut().filter(|open| open.id == *order) else { return };
        let again_at = at.plus(schedule::stumble_ms(open.stumbles));
        if open.wait_until.is_some_and(|until| until > at) {
            return;
        }
        open.stumbles += 1;
        let wait_until = retry_after.map_or(again_at, |named| named.max(again_at));
        open.wait_until = Some(wait_until);
        // Nothing is lost with an order that the CA has not heard of; meanwhile another CA may have its turn.
        let not_begun = open.url.is_none() && wait_until.since(at) > LONG_WAIT_MS;
        let most = if open.url.is_some() { STUMBLES } else { OPENINGS };
        if open.stumbles > most || not_begun || has_lasted(open, at) {
            self.fail(at, order, problem, retry_after);
        }
    }

    pub(super) fn wait(&mut self, at: Millis, order: &OrderId, issuing: bool, until: Millis) {
        let Some(open) = self.order.as_mut().filter(|open| open.id == *order) else { return };
        open.settle();
        open.issuing |= issuing;
        open.wait_until = Some(until);
        if has_lasted(open, at) {
            let detail = "the certificate authority did not finish the order in time".into();
            self.fail(at, order, &Problem { kind: ProblemKind::Expired, name: "unfinished".into(), detail }, None);
        }
    }

    pub(super) fn fail(&mut self, at: Millis, order: &OrderId, problem: &Problem, retry_after: Option<Millis>) {
        let Some(Order { ca, .. }) = self.order.take_if(|open| open.id == *order) else { return };
        self.begin_anew();
        let tries = self.setback_at(&ca).map_or(0, |last| last.tries).saturating_add(1);
        let retry_at = at.plus(schedule::ca_retry_ms(tries, self.certificate.as_ref(), at));
        let retry_at = retry_after.map_or(retry_at, |named| named.max(retry_at));
        self.set_back(at, &ca, problem, Wait { tries, retry_at, retry_after });
    }

    pub(super) fn issue(&mut self, at: Millis, order: &OrderId, certificate: &Certificate) {
        let Some(open) = self.order.as_ref().filter(|open| open.id == *order) else { return };
        let (issued_by, hastened) = (open.ca.clone(), open.hasty);
        // Never replaced by one that ends sooner, whatever the CA delivers. That counts as a failure: the renewal is due
        // as before, and would be ordered again and again without a pause. One that somebody asked for within a second
        // of the last may end with it.
        let asked = self.renew_asked_at.is_some();
        let revoked = self.revocation_of_ours().is_some() || self.ours_is_listed();
        let lasts = |old: &Certificate| {
            revoked || certificate.not_after > old.not_after || (asked && certificate.not_after == old.not_after)
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
        self.begin_anew();
        // What the edge showed of the predecessor stays known until the next handshake: it is served meanwhile.
        if !self.is_served() {
            self.served = None;
        }
        self.certificate = Some(certificate.clone());
        self.issued_at = Some(at);
        self.issued_by = Some(issued_by);
        self.hastened = hastened;
        self.setbacks.clear();
        self.forget_revocation();
        self.renew_asked_at = None;
    }
}

/// How long an order has to wait after a setback.
struct Wait {
    tries: u32,
    retry_at: Millis,
    retry_after: Option<Millis>,
}

/// Whether an order was given all the time that any may take.
const fn has_lasted(order: &Order, at: Millis) -> bool {
    at.since(order.planned_at) > ORDER_LASTS_MS
}

impl Order {
    pub(super) fn settle(&mut self) {
        self.stumbles = 0;
        self.wait_until = None;
    }
}

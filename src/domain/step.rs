//! The whole policy: from what is known of a domain to the one step that comes next.
//!
//! The worker performs the step and reports one event; nothing else decides. Every resting state names whom it waits for
//! and when it looks again.

use super::authority;
use super::event::Why;
use super::facts::{Facts, Hand, Standing};
use super::finding::Owner;
use super::notice;
use super::observed::{Observation, RecordState};
use super::record::Purpose;
use super::renewal;
use super::schedule;
use super::setup::{Setup, VerificationMethod};
use super::time::{DAY_MS, MINUTE_MS, Millis, SECOND_MS};
use super::validity;

/// What people asked for since the last look: kept beside the facts, so that asking never disturbs work in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// When Refresh was last asked.
    pub refresh_at: Option<Millis>,
    /// Since when a page shows this domain.
    pub watched_since: Option<Millis>,
    /// Until when that is known to go on.
    pub watched_until: Option<Millis>,
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look at DNS.
    Look {
        /// What makes us look.
        why: Why,
    },
    /// Make a key and signing request, and write down that an order will be opened.
    PlanOrder,
    /// Open the planned order at the CA.
    OpenOrder,
    /// Put the challenge's values on show.
    ShowProof,
    /// Take the order as far as the CA lets it go: tell it we are ready, finalize, download.
    AdvanceOrder,
    /// Make a handshake with the edge.
    Handshake,
    /// Ask the CA when it would like the certificate renewed.
    AskRenewal,
    /// Tell the CA to revoke a certificate.
    Revoke,
    /// Check the certificate in use: its CA's list of revoked ones, and its chain.
    CheckValidity,
    /// Serve ours again, since the uploaded certificate has lapsed.
    EndUpload,
    /// Nothing before `until`.
    Rest {
        /// When to look at the facts again.
        until: Millis,
        /// Who has the next move.
        waits_on: Owner,
    },
}

/// The one step that comes next.
#[must_use]
pub fn next_step(setup: &Setup, facts: &Facts, asked: Asked, now: Millis) -> Step {
    // Whatever becomes of the domain: a key that somebody else has is a danger without it, too.
    if facts.revocation_due().is_some_and(|at| at <= now) {
        return Step::Revoke;
    }
    match facts.standing {
        Standing::Live => {}
        Standing::Disabled => return rest(now.plus(DAY_MS), Owner::Agency),
        Standing::Blocked => return blocked(facts, asked, now),
        Standing::Removed(_) => return rest(now.plus(DAY_MS), Owner::Nobody),
    }
    if let Some(order) = &facts.order {
        return match (order.wait_until, &order.url) {
            (Some(until), _) if until > now => while_the_ca_works(setup, facts, asked, until, now),
            (_, None) => Step::OpenOrder,
            (_, Some(_)) if order.shown.is_empty() && !order.issuing => Step::ShowProof,
            (_, Some(_)) if waits_for_hand(setup, facts, now) => {
                let until = order.planned_at.plus(schedule::ORDER_LASTS_MS);
                let (look_at, why) = next_look(setup, facts, asked, now);
                if look_at <= now { Step::Look { why } } else { rest(until.min(look_at), Owner::Agency) }
            }
            (_, Some(_)) => Step::AdvanceOrder,
        };
    }
    if facts.uploaded.as_ref().is_some_and(|held| held.not_after <= now) && facts.has_relief(now) {
        return Step::EndUpload;
    }
    let (look_at, why) = next_look(setup, facts, asked, now);
    if look_at <= now {
        return Step::Look { why };
    }
    if handshake_at(facts, now).is_some_and(|at| at <= now) {
        return Step::Handshake;
    }
    if renewal::ask_at(setup, facts, now).is_some_and(|at| at <= now) {
        return Step::AskRenewal;
    }
    match order_at(setup, facts, now) {
        Some(at) if at <= now && is_green(setup, facts) => {
            let fresh = facts.observation.as_ref().is_some_and(|seen| now.since(seen.at) <= schedule::FRESH_LOOK_MS);
            if fresh { Step::PlanOrder } else { Step::Look { why: Why::Order } }
        }
        // What is looked at now and then comes last.
        _ if again_at(facts).is_some_and(|at| at <= now) => Step::Handshake,
        _ if validity::check_at(setup, facts, now).is_some_and(|at| at <= now) => Step::CheckValidity,
        order_at => rest_until_something(setup, facts, now, look_at, order_at),
    }
}

/// How far an order may go now. What is left to somebody and gets late goes by itself: visitors are not kept waiting.
#[must_use]
pub fn hand(setup: &Setup, facts: &Facts, now: Millis) -> Hand {
    let late = renewal::late_at(setup, facts).is_some_and(|late| now >= late);
    facts.hand.filter(|_| !late).unwrap_or(Hand::Issue)
}

/// The step that somebody who takes them by hand takes next; none while they are taken for them, or nothing can be done.
#[must_use]
pub fn next_by_hand(setup: &Setup, facts: &Facts, now: Millis) -> Option<Hand> {
    let taken = hand(setup, facts, now);
    let next = match &facts.order {
        None if is_green(setup, facts) => Hand::Order,
        None => return None,
        Some(order) if order.issuing => Hand::Issue,
        Some(order) if order.shown.is_empty() => return None,
        Some(_) => Hand::Verify,
    };
    (taken < next).then_some(next)
}

/// Whether somebody has to take the next step, as long as an order may take.
fn waits_for_hand(setup: &Setup, facts: &Facts, now: Millis) -> bool {
    let lasts = facts.order.as_ref().is_some_and(|order| now.since(order.planned_at) <= schedule::ORDER_LASTS_MS);
    lasts && next_by_hand(setup, facts, now).is_some()
}

/// An order that waits, for hours perhaps, keeps nobody from seeing what DNS says.
fn while_the_ca_works(setup: &Setup, facts: &Facts, asked: Asked, until: Millis, now: Millis) -> Step {
    let (look_at, why) = next_look(setup, facts, asked, now);
    if look_at <= now { Step::Look { why } } else { rest(until.min(look_at), Owner::Ca) }
}

/// A blocked claim is tried again once a day and when somebody asks: the holder may have let the name go.
fn blocked(facts: &Facts, asked: Asked, now: Millis) -> Step {
    let last = facts.observation.as_ref().map_or_else(Millis::default, |seen| seen.at);
    let again_at = last.plus(DAY_MS);
    match asked.refresh_at {
        Some(asked_at) if facts.refreshed_for != Some(asked_at) => Step::Look { why: Why::Refresh { asked_at } },
        _ if again_at <= now || is_of_another_clock(last, now) => Step::Look { why: Why::Curve },
        _ => rest(again_at, Owner::Padlock),
    }
}

const fn rest(until: Millis, waits_on: Owner) -> Step {
    Step::Rest { until, waits_on }
}

/// When to look at DNS next, and what makes us look then.
#[must_use]
pub fn next_look(setup: &Setup, facts: &Facts, asked: Asked, now: Millis) -> (Millis, Why) {
    if let Some(asked_at) = asked.refresh_at.filter(|at| facts.refreshed_for != Some(*at)) {
        return (now, Why::Refresh { asked_at });
    }
    // Counted from the look's end: one that takes long, as with a dead name server, must leave time for other steps.
    let ended = |seen: &Observation| seen.at.plus(seen.took_ms.clamp(0, MINUTE_MS));
    let Some(last) = facts.observation.as_ref().map(ended) else { return (now, Why::Curve) };
    if is_of_another_clock(last, now) {
        return (now, Why::Curve);
    }
    let settled = facts.routed_since.is_some() && facts.in_use().is_some();
    let by_curve = if settled {
        last.plus(schedule::DRIFT_MS)
    } else if last.since(facts.curve.from) >= schedule::CURVE_LASTS_MS {
        last.plus(DAY_MS)
    } else {
        last.plus(schedule::recheck_ms(facts.curve.attempt, setup.seed()))
    };
    let watched = asked.watched_until.is_some_and(|until| until > now);
    if settled || !watched {
        return (by_curve, Why::Curve);
    }
    let watched_for = asked.watched_since.map_or(0, |since| now.since(since));
    let every =
        if watched_for < schedule::WATCHED_FAST_FOR_MS { schedule::WATCHED_MS } else { schedule::WATCHED_LATER_MS };
    let by_page = last.plus(every);
    if by_page < by_curve { (by_page, Why::Page) } else { (by_curve, Why::Curve) }
}

/// From when an order may be opened, as far as time and the CAs are concerned; none when none is needed.
#[must_use]
pub fn order_at(setup: &Setup, facts: &Facts, now: Millis) -> Option<Millis> {
    let wanted_at = match renewal::moment(setup, facts) {
        _ if hand(setup, facts, now) < Hand::Order => return None,
        None => facts.verified_at?,
        Some(_) if facts.hand.is_some_and(|taken| taken >= Hand::Order) => facts.verified_at?,
        Some(planned) => facts.renew_asked_at.map_or(planned, |asked| asked.min(planned)),
    };
    // While an uploaded one is served nothing is ordered, until ours should be there to take over.
    let wanted_at =
        facts.uploaded.as_ref().map_or(wanted_at, |held| wanted_at.max(schedule::renew_at(held, setup.seed())));
    Some(authority::turn(&facts.authorities, facts, wanted_at, now).at)
}

/// Whether the last look shows what an order needs: consent for the first, the CA's way to our answer for every one.
#[must_use]
pub fn is_green(setup: &Setup, facts: &Facts) -> bool {
    let consent = facts.certificate.is_some() || consents(setup, facts);
    consent && facts.record(setup.ssl_validation.record()) == RecordState::Detected
}

/// Whether the last look shows what proves ownership, by the method that was chosen.
#[must_use]
pub fn consents(setup: &Setup, facts: &Facts) -> bool {
    match setup.verification_method {
        VerificationMethod::Txt => facts.record(Purpose::Validation) == RecordState::Detected,
        VerificationMethod::Http => {
            facts.observation.as_ref().is_some_and(|seen| seen.file_state() == RecordState::Detected)
        }
        VerificationMethod::Email => facts.approval.as_ref().is_some_and(|last| last.given),
    }
}

/// When to make the next handshake: at once after installing, and until the edge shows our certificate.
fn handshake_at(facts: &Facts, now: Millis) -> Option<Millis> {
    facts.in_use()?;
    match &facts.served {
        None => Some(Millis::default()),
        Some(_) if facts.is_served() => None,
        Some(last) if is_of_another_clock(last.at, now) => Some(now),
        Some(last) => Some(last.at.plus(schedule::handshake_ms(last.misses))),
    }
}

/// When to see whether every node still shows the certificate.
fn again_at(facts: &Facts) -> Option<Millis> {
    facts.served.as_ref().filter(|_| facts.is_served()).map(|last| last.at.plus(schedule::SERVED_AGAIN_MS))
}

/// Clocks of two nodes differ by less than this, and no look takes as long.
const CLOCKS_DIFFER_MS: i64 = 2 * MINUTE_MS;

/// Whether a past moment was noted before the clock was set back: what would follow it lies too far ahead.
const fn is_of_another_clock(past: Millis, now: Millis) -> bool {
    past.since(now) > CLOCKS_DIFFER_MS
}

/// The shortest rest: a worker that comes back sooner would spin.
const SHORTEST_REST_MS: i64 = 10;
/// With a certificate in hand the facts are read again at least this often.
const LONGEST_REST_MS: i64 = DAY_MS + DAY_MS / 10;

fn rest_until_something(setup: &Setup, facts: &Facts, now: Millis, look_at: Millis, order_at: Option<Millis>) -> Step {
    let certificate = facts.in_use();
    let changes = [
        Some(look_at),
        handshake_at(facts, now),
        order_at.filter(|at| *at > now),
        certificate.map(schedule::expiring_at).filter(|at| *at > now),
        renewal::late_at(setup, facts).filter(|at| *at > now),
        renewal::ask_at(setup, facts, now),
        facts.revocation_due(),
        again_at(facts),
        validity::check_at(setup, facts, now),
        certificate.map(|held| held.not_after).filter(|at| *at > now),
        notice::next_at(facts, now),
    ];
    let first = changes.into_iter().flatten().min().unwrap_or(look_at);
    let until = first.clamp(now.plus(SHORTEST_REST_MS), now.plus(LONGEST_REST_MS));
    rest(until, waits_on(setup, facts, now))
}

fn waits_on(setup: &Setup, facts: &Facts, now: Millis) -> Owner {
    let retry_later = facts.setback().is_some_and(|setback| setback.retry_at > now);
    match (facts.in_use(), is_green(setup, facts)) {
        (Some(_), _) if !facts.is_served() => Owner::Padlock,
        (Some(_), _) if facts.routed_since.is_some() => Owner::Nobody,
        (None, true) if retry_later => Owner::Ca,
        (None, true) => Owner::Padlock,
        _ => Owner::Dns,
    }
}

/// Refresh is refused until this time, when it was asked a moment ago.
#[must_use]
pub fn refresh_again_at(asked: Asked, now: Millis) -> Option<Millis> {
    let again = asked.refresh_at?.plus(schedule::REFRESH_EVERY_MS);
    (again > now && asked.refresh_at? <= now.plus(SECOND_MS)).then_some(again)
}

//! One claimed domain, walked from step to step until it has to rest.
//!
//! The lease is kept alive while steps take long, and each event is written under it; whoever lost it stops at once and
//! changes nothing. Before a domain rests that is not Ready, a full pass over its name says why.

use super::chronicle;
use super::clock::Clock;
use super::measure;
use super::perform::{Outcome, PerformError, Tools};
use super::turn;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::id::DomainId;
use crate::domain::setup::SslValidation;
use crate::domain::status::{domain_status, ssl_status};
use crate::domain::step::{Step, next_step};
use crate::domain::time::{MINUTE_MS, Millis, SECOND_MS};
use crate::failpoint::{Act, around};
use crate::store::{Change, Changed, Claimed, Derived, Extra, Index, Lease, RecordProblem, StoreError, Stored, Then};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A lease lasts this long; a killed node's domains are taken over after it.
pub const LEASE_MS: i64 = 30 * SECOND_MS;
/// While a step takes long, the lease is extended this often.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// More steps than any order takes: a walk that reaches this is released, and comes back later.
const STEPS_MAX: usize = 64;
/// Reloading after somebody else changed the row is tried this often.
const RELOADS_MAX: usize = 5;
/// What a step came to is kept this long for a database that is away, and tried again this often: an order that was
/// opened, or a certificate that was issued meanwhile, is worth waiting for.
const OUTAGE_PATIENCE: Duration = Duration::from_secs(90);
const OUTAGE_PAUSE: Duration = Duration::from_millis(500);
/// An order that the CA has opened stays unwritten for so long at most: a process that is killed meanwhile leaves it to nobody.
const UNWRITTEN: Duration = Duration::from_millis(250);
/// A domain whose step failed on our side comes back after this.
const TROUBLE_PAUSE_MS: i64 = MINUTE_MS / 4;

/// Why a walk ended early.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// Another worker holds the domain now.
    #[error("the lease is lost")]
    LeaseLost,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A step failed on our side.
    #[error("a step failed")]
    Perform(#[from] PerformError),
}

/// Walks a claimed domain until it rests; gives its lease back unless it is lost or the store is gone.
///
/// # Errors
/// What kept it from resting.
pub async fn walk(tools: &Tools, clock: &Clock, claimed: Claimed) -> Result<(), WalkError> {
    let lease = claimed.lease.clone();
    let walked = until_rest(tools, clock, claimed).await;
    // Losing a lease is how two workers share: it is no failure.
    if let Err(WalkError::Store(error) | WalkError::Perform(PerformError::Store(error))) = &walked
        && error.outage().is_some()
    {
        give_back(tools, clock, &lease).await;
    }
    if let Err(WalkError::Store(_) | WalkError::Perform(_)) = &walked {
        measure::walk_failed();
    }
    walked
}

/// Gives the lease back as soon as the database can be used again, so that nobody has to wait until it lapses.
async fn give_back(tools: &Tools, clock: &Clock, lease: &Lease) {
    let began = Instant::now();
    while began.elapsed() < OUTAGE_PATIENCE {
        tokio::time::sleep(OUTAGE_PAUSE).await;
        match tools.store.release(lease, clock.now(), clock.now()).await {
            Err(RecordProblem::Store(error)) if error.outage().is_some() => {}
            _given_or_lost => return,
        }
    }
}

async fn until_rest(tools: &Tools, clock: &Clock, claimed: Claimed) -> Result<(), WalkError> {
    let Claimed { mut stored, mut lease } = claimed;
    let mut kept = Instant::now();
    for steps in 0..STEPS_MAX {
        let now = clock.now();
        let _ordering = stored.facts.order.as_ref().map(|_| tools.ordering.enter());
        let step = next_step(&stored.setup, &stored.facts, stored.asked, now);
        let examiner = tools.examiner.as_ref().filter(|_| stored.facts.examination_due(&stored.setup, now));
        match step {
            Step::Rest { .. } if examiner.is_some() => {}
            // Nothing was to be done, so that time alone has come: a status may read another way now.
            Step::Rest { until, .. } if steps == 0 => {
                return settle(read_again(tools, &lease, &stored, until, now).await);
            }
            Step::Rest { until, .. } => return settle(tools.store.release(&lease, until, now).await),
            _ => {}
        }
        // On the heap: a walk is as large as its largest step otherwise, and many of them wait side by side.
        let taken = Box::pin(async {
            match (step, examiner) {
                (Step::Rest { .. }, Some(examiner)) => Ok(vec![tools.examine(examiner, &stored, clock).await?]),
                _ => take(tools, clock, step, &stored).await,
            }
        });
        let outcomes = match with_heartbeat(tools, clock, &lease, &mut kept, taken).await? {
            Ok(outcomes) => outcomes,
            Err(error) => {
                settle(tools.store.release(&lease, clock.now().plus(TROUBLE_PAUSE_MS), clock.now()).await)?;
                return Err(error.into());
            }
        };
        let domain = stored.setup.id.clone();
        let hand = tools.mirror.take(&domain);
        let recorded = record(tools, clock, &mut lease, &mut stored, outcomes).await?;
        sync(tools, &domain, recorded).await?;
        hand.done();
        if recorded.resting {
            return Ok(());
        }
    }
    settle(tools.store.release(&lease, clock.now().plus(TROUBLE_PAUSE_MS), clock.now()).await)
}

/// Takes a step, and the one after it when both can be written in the same transaction: planning asks nobody, and a new
/// order's challenge is only read.
async fn take(tools: &Tools, clock: &Clock, step: Step, stored: &Stored) -> Result<Vec<Outcome>, PerformError> {
    if step == Step::Handshake {
        tools.ordering.through().await;
    }
    let outcome = tools.perform(step, stored, clock).await?;
    let now = clock.now();
    let facts = apply_all(stored, &[dated(&outcome, now)], now);
    let next = next_step(&stored.setup, &facts, stored.asked, now);
    if next != Step::PlanOrder && (step, next) != (Step::OpenOrder, Step::ShowProof) {
        return Ok(vec![outcome]);
    }
    let reached = Stored { facts, ..stored.clone() };
    // What keeps it from being taken is met again, and told, by the next step.
    let taken = timeout(UNWRITTEN, tools.perform(next, &reached, clock)).await;
    Ok([outcome].into_iter().chain(taken.ok().and_then(Result::ok)).collect())
}

/// Writes down what the same facts say at this time, and rests.
async fn read_again(
    tools: &Tools,
    lease: &Lease,
    stored: &Stored,
    until: Millis,
    now: Millis,
) -> Result<(), RecordProblem> {
    let mut facts = stored.facts.clone();
    let notices = facts.tell(&stored.setup, stored.asked, now);
    let change = Change {
        revision: stored.revision,
        index: Index::of(&stored.setup, &facts, stored.asked, now),
        before: stored.facts.clone(),
        derived: stored.derived.clone(),
        facts,
        extras: Vec::new(),
        entries: Vec::new(),
        notices,
        then: Then::Release { due_at: until },
    };
    match tools.store.record(lease, &stored.setup, change, now).await {
        Ok(_) => Ok(()),
        // A person changed the row meanwhile and made it due: it is read anew.
        Err(RecordProblem::Stale) => tools.store.release(lease, now, now).await,
        Err(problem) => Err(problem),
    }
}

/// Runs a step and extends the lease meanwhile, each time that it was kept for a while.
async fn with_heartbeat<T>(
    tools: &Tools,
    clock: &Clock,
    lease: &Lease,
    kept: &mut Instant,
    step: impl Future<Output = T>,
) -> Result<T, WalkError> {
    tokio::pin!(step);
    loop {
        tokio::select! {
            // In this order: a process that was paused asks whether the domain is still its own before it does anything.
            biased;
            () = tokio::time::sleep_until(*kept + HEARTBEAT) => {
                match tools.store.extend(lease, clock.now().plus(LEASE_MS)).await {
                    // Nobody takes over what the database can't give them; should they after all, fencing decides.
                    Err(RecordProblem::Store(error)) if error.outage().is_some() => {}
                    outcome => settle(outcome)?,
                }
                *kept = Instant::now();
            }
            done = &mut step => return Ok(done),
        }
    }
}

/// What came of recording.
#[derive(Clone, Copy)]
struct Recorded {
    /// The walk is over.
    resting: bool,
    /// See [`crate::store::Changed`].
    challenges: bool,
    /// Whether an order that is validated over HTTP may be among them.
    over_http: bool,
    /// See [`crate::store::Changed`].
    installed: bool,
}

/// Records events on the newest facts, and rests in the same transaction when nothing else is to be done.
async fn record(
    tools: &Tools,
    clock: &Clock,
    lease: &mut Lease,
    stored: &mut Stored,
    outcomes: Vec<Outcome>,
) -> Result<Recorded, WalkError> {
    let at = clock.now();
    let mut events: Vec<_> = outcomes.iter().map(|outcome| dated(outcome, at)).collect();
    let mut extras: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.extras).collect();
    let (mut reloads, mut sent, began) = (0, None, Instant::now());
    while reloads < RELOADS_MAX {
        let now = clock.now();
        let mut facts = apply_all(stored, &events, now);
        let (asked, setup) = (stored.asked, &stored.setup);
        let notices = facts.tell(setup, asked, now);
        let (then, resting) = match next_step(setup, &facts, asked, now) {
            Step::Rest { until, .. } if tools.examiner.is_none() || !facts.examination_due(setup, now) => {
                (Then::Release { due_at: until }, true)
            }
            _ => (Then::Keep, false),
        };
        let index = Index::of(setup, &facts, asked, now);
        let change = Change {
            revision: stored.revision,
            index: index.clone(),
            entries: events.iter().filter_map(|(_, event)| chronicle::entry(&stored.facts, event, &facts)).collect(),
            before: stored.facts.clone(),
            derived: stored.derived.clone(),
            facts: facts.clone(),
            extras: fitting(&extras, &facts),
            notices,
            then,
        };
        match measure::record(tools.store.record(lease, setup, change, now)).await {
            Ok(Changed { revision, challenges, installed, .. }) => {
                count(&events);
                let over_http = [&stored.facts, &facts].iter().any(|facts| is_over_http(facts));
                stored.derived = Some(Derived::of(&index, &facts, revision));
                stored.facts = facts;
                stored.revision = revision;
                return Ok(Recorded { resting, challenges, over_http, installed });
            }
            // A person changed the row meanwhile: the same event is applied to what they left.
            Err(RecordProblem::Stale) => {
                reloads += 1;
                *stored = reload(tools, lease).await?;
            }
            Err(RecordProblem::NameHeld) => {
                reloads += 1;
                // An order that was planned on top of it is planned no more.
                events.retain(|(_, event)| !matches!(event, Event::OrderPlanned { .. }));
                events.push((at, Event::NameHeld));
                extras.retain(|extra| matches!(extra, Extra::OrderEnded { .. } | Extra::AuthorityPaused { .. }));
            }
            // Others took the last place meanwhile: nothing of the order is written, but the wait.
            Err(RecordProblem::NoPlace(wait)) => {
                events.retain(|(_, event)| !matches!(event, Event::OrderPlanned { .. }));
                events.extend(turn::refused_place(&extras, &wait, stored, now).map(|event| (at, event)));
                extras.retain(|extra| !matches!(extra, Extra::NewKey { .. } | Extra::OrderBegun { .. }));
            }
            Err(RecordProblem::LeaseLost) => return Err(WalkError::LeaseLost),
            Err(RecordProblem::Store(error)) => {
                sent = Some((stored.revision + 1, facts));
                *stored = reload_after(tools, lease, error, began).await?;
            }
        }
        // An error came after the fact, or before it: writing it again would be once too often.
        if sent.as_ref().is_some_and(|(revision, facts)| stored.revision == *revision && stored.facts == *facts) {
            count(&events);
            return Ok(Recorded { resting, challenges: true, over_http: true, installed: true });
        }
    }
    Err(WalkError::LeaseLost)
}

fn is_over_http(facts: &Facts) -> bool {
    facts.order.as_ref().is_some_and(|order| order.validation == SslValidation::Http)
}

fn count(recorded: &[(Millis, Event)]) {
    if recorded.iter().any(|(_, event)| matches!(event, Event::Issued { .. })) {
        measure::issued();
    }
}

/// The domain as it is stored, as soon as the database answers again; it may still not take what is written.
async fn reload_after(
    tools: &Tools,
    lease: &mut Lease,
    mut error: StoreError,
    began: Instant,
) -> Result<Stored, WalkError> {
    while error.outage().is_some() && began.elapsed() < OUTAGE_PATIENCE {
        tokio::time::sleep(OUTAGE_PAUSE).await;
        match tools.store.reload(lease).await {
            Err(RecordProblem::Store(again)) => error = again,
            loaded => return loaded.map_err(lost),
        }
    }
    Err(error.into())
}

/// What still belongs to the facts: somebody may have switched the domain off while an order was planned, and an order's
/// row that no facts name would keep the name from every later order.
fn fitting(extras: &[Extra], facts: &Facts) -> Vec<Extra> {
    let order = facts.order.as_ref();
    let fits = |extra: &&Extra| match extra {
        Extra::NewKey { id, .. } => order.is_some_and(|order| order.key == *id),
        Extra::OrderBegun { id, .. } => order.is_some_and(|order| order.id == *id),
        Extra::NewCertificate { .. }
        | Extra::OrderUrl { .. }
        | Extra::AccountKnown(_)
        | Extra::AuthorityPaused { .. }
        | Extra::OrderEnded { .. }
        | Extra::CertificateRevoked { .. }
        | Extra::UploadServed { .. }
        | Extra::UploadEnded { .. } => true,
    };
    extras.iter().filter(fits).cloned().collect()
}

/// Applies events in order, and notes since when the statuses read as they do.
fn apply_all(stored: &Stored, events: &[(Millis, Event)], now: Millis) -> Facts {
    let statuses = |facts: &Facts| (domain_status(facts), ssl_status(&stored.setup, facts, now));
    let mut facts = events.iter().fold(stored.facts.clone(), |facts, (at, event)| facts.apply(*at, event));
    if statuses(&stored.facts) != statuses(&facts) {
        facts.since = now;
    }
    facts
}

/// An event with its time: a look happened when it began; everything else happens when it is reported.
fn dated(outcome: &Outcome, now: Millis) -> (Millis, Event) {
    let at = match &outcome.event {
        Event::Looked { observation, .. } => observation.at,
        _ => now,
    };
    (at, outcome.event.clone())
}

async fn reload(tools: &Tools, lease: &mut Lease) -> Result<Stored, WalkError> {
    tools.store.reload(lease).await.map_err(lost)
}

fn settle(outcome: Result<(), RecordProblem>) -> Result<(), WalkError> {
    outcome.map_err(lost)
}

fn lost(problem: RecordProblem) -> WalkError {
    match problem {
        RecordProblem::Store(error) => WalkError::Store(error),
        RecordProblem::Stale | RecordProblem::LeaseLost | RecordProblem::NameHeld | RecordProblem::NoPlace(_) => {
            WalkError::LeaseLost
        }
    }
}

/// Shows and serves at once what was just recorded; other nodes hear of it through the store's changes.
async fn sync(tools: &Tools, domain: &DomainId, recorded: Recorded) -> Result<(), StoreError> {
    if recorded.installed {
        measure::mirror("site", around(Act::ServeSite, tools.mirror.sync_site(domain))).await?;
    }
    if recorded.challenges {
        let shown = async {
            if recorded.over_http {
                tools.mirror.sync_challenge(domain).await
            } else {
                tools.mirror.sync_zone(domain).await
            }
        };
        measure::mirror("challenge", around(Act::ShowChallenges, shown)).await?;
    }
    Ok(())
}

//! One year: who does what when, and the walks that follow.

use super::faults::{advise, fog, trouble};
use super::watch::{Told, Watch};
use crate::kit::ca::ScriptedCa;
use crate::kit::dice::Dice;
use crate::kit::stage::{Stage, wanted};
use padlock::domain::id::DomainId;
use padlock::domain::limits::{Limit, Limits};
use padlock::domain::record::{Purpose, Wanted};
use padlock::domain::renewal;
use padlock::domain::step::{Step, next_step, order_at};
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use padlock::store::{Scope, Stored};
use padlock::wire::domain::DomainView;
use padlock::worker::perform::Tools;
use padlock::worker::walk::{LEASE_MS, walk};
use std::collections::BTreeSet;

const LIFE_MS: i64 = 47 * DAY_MS;
const YEAR_MS: i64 = 365 * DAY_MS;
/// Of a thousand walks, so many are killed at one of their calls to the outside.
const KILLS: i64 = 10;
/// A domain at rest is looked at this often here.
const REST_MS: i64 = 3 * DAY_MS;

/// What people and DNS administrators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    /// Add the domain; its records follow.
    Add,
    /// Publish the records.
    Publish,
    /// Lose the DCV record.
    Break,
    /// Press Refresh.
    Refresh,
    /// Ask for a renewal.
    Renew,
}

pub(super) struct Year {
    seed: u64,
    stage: Stage,
    tools: Tools,
    dice: Dice,
    domains: Vec<Option<DomainView>>,
    /// What people will do, by time.
    deeds: BTreeSet<(Millis, usize, Deed)>,
    /// When each domain has work, by time.
    wakes: BTreeSet<(Millis, usize)>,
    /// Until when the lease of a killed walk keeps others from each domain.
    leased: Vec<Millis>,
    watch: Watch,
}

impl Year {
    pub(super) async fn new(seed: u64, domains: usize) -> Self {
        let (mut stage, dice) = (Stage::fast().await, Dice::new(seed));
        let begun = stage.clock.now();
        prepare(&stage.ca, &dice.fork(10), begun);
        // Every second year has another CA to fall back to.
        if seed.is_multiple_of(2) {
            let second = stage.fall_back_to("second");
            prepare(&second, &dice.fork(11), begun);
        }
        fog(&stage.world, &dice);
        Self {
            tools: stage.tools(),
            deeds: deeds(domains, &dice, begun),
            watch: Watch::new(domains, begun),
            domains: vec![None; domains],
            wakes: BTreeSet::new(),
            leased: vec![begun; domains],
            seed,
            stage,
            dice,
        }
    }

    pub(super) async fn live(mut self) -> Told {
        let end = self.stage.clock.now().plus(YEAR_MS);
        loop {
            let deed = self.deeds.first().copied();
            let wake = self.wakes.first().copied();
            let next = deed.map(|(at, ..)| at).into_iter().chain(wake.map(|(at, _)| at)).min();
            let Some(next) = next.filter(|at| *at < end) else { break };
            self.stage.clock.turn(next.since(self.stage.clock.now()).max(0));
            match (deed, wake) {
                (Some((at, who, what)), _) if at == next => {
                    self.deeds.remove(&(at, who, what));
                    self.act(who, what).await;
                }
                (_, Some((at, who))) => {
                    self.wakes.remove(&(at, who));
                    self.walk(who).await;
                }
                _ => break,
            }
        }
        let cas = self.cas();
        self.watch.told(cas)
    }

    fn cas(&self) -> Vec<ScriptedCa> {
        std::iter::once(&self.stage.ca).chain(&self.stage.others).cloned().collect()
    }

    async fn act(&mut self, who: usize, what: Deed) {
        let name = format!("n{who}.court{}.test", who / 10);
        // Whether the worker has something to do at once: it is not asked to look when records change.
        let asked = match (what, &self.domains[who]) {
            (Deed::Add, _) => {
                self.domains[who] = Some(self.stage.add(&name).await);
                true
            }
            (Deed::Publish, Some(view)) => {
                self.stage.publish(view, &Purpose::ALL);
                false
            }
            (Deed::Break, Some(view)) => {
                let records: Vec<Wanted> = wanted(view);
                records
                    .iter()
                    .filter(|one| one.purpose == Purpose::Dcv)
                    .for_each(|one| self.stage.world.forget(&one.host));
                false
            }
            (Deed::Refresh, Some(view)) => self.stage.desk().refresh(&view.id).await.is_ok(),
            // Refused while there is no certificate.
            (Deed::Renew, Some(view)) => self.stage.desk().renew(&view.id).await.is_ok(),
            (_, None) => false,
        };
        if asked {
            self.wakes.retain(|(_, whose)| *whose != who);
            self.wakes.insert((self.stage.clock.now().max(self.leased[who]), who));
        }
    }

    /// Walks one domain as a worker does, and sees to it that all is as it must be.
    async fn walk(&mut self, who: usize) {
        let Some(id) = self.domains[who].as_ref().map(|view| DomainId::new(view.id.clone())) else { return };
        let now = self.stage.clock.now();
        let claimed = self.tools.store.claim_one("worker", &id, now, LEASE_MS).await.unwrap();
        let Some(claimed) = claimed else { panic!("seed {}: n{who} has nothing to do at its time", self.seed) };
        if self.dice.permille(KILLS) {
            self.stage.fuse.set(self.dice.between(1, 9).unsigned_abs() as usize);
        }
        let killed = tokio::select! {
            walked = walk(&self.tools, &self.stage.clock, claimed) => { walked.unwrap(); false }
            () = self.stage.fuse.blown() => true,
        };
        self.stage.fuse.set(0);
        if killed {
            self.stage.restart().await;
            self.stage.mirror.load().await.unwrap();
            self.tools = self.stage.tools();
            let left = self.tools.store.domain(&Scope::All, &id).await.unwrap().unwrap();
            self.watch.killed(who, &left);
            self.leased[who] = now.plus(LEASE_MS + 1);
            self.wakes.insert((self.leased[who], who));
            return;
        }
        let stored = self.tools.store.domain(&Scope::All, &id).await.unwrap().unwrap();
        let shown = self.stage.shown.zone().value_count();
        self.watch.check(self.seed, who, &stored, now, shown);
        self.wakes.insert((wake_at(&stored, now, &mut self.dice), who));
    }
}

fn prepare(ca: &ScriptedCa, dice: &Dice, begun: Millis) {
    let limits = Limits {
        orders: Some(Limit { count: 20, window_ms: 3 * HOUR_MS }),
        certificates_per_domain: Some(Limit { count: 8, window_ms: 7 * DAY_MS }),
        ..Limits::LETS_ENCRYPT
    };
    ca.set_life(LIFE_MS);
    ca.set_limits(limits);
    trouble(ca, dice, begun);
    advise(ca, dice);
}

/// Everybody's year: added in the first weeks, records published within two days, and later a few things that people do.
fn deeds(domains: usize, dice: &Dice, begun: Millis) -> BTreeSet<(Millis, usize, Deed)> {
    let mut deeds = BTreeSet::new();
    for who in 0..domains {
        let mut dice = dice.fork(1_000 + who as u64);
        let added = begun.plus(dice.between(0, 20 * DAY_MS));
        let published = added.plus(dice.between(0, 2 * DAY_MS));
        deeds.insert((added, who, Deed::Add));
        deeds.insert((published, who, Deed::Publish));
        for what in [Deed::Break, Deed::Refresh, Deed::Refresh, Deed::Renew] {
            let at = published.plus(dice.between(DAY_MS, YEAR_MS));
            deeds.insert((at, who, what));
            if what == Deed::Break {
                deeds.insert((at.plus(dice.between(MINUTE_MS, 3 * DAY_MS)), who, Deed::Publish));
            }
        }
    }
    deeds
}

/// When the domain has work; at rest that is days away, or when its renewal is due.
fn wake_at(stored: &Stored, now: Millis, dice: &mut Dice) -> Millis {
    let (setup, facts) = (&stored.setup, &stored.facts);
    let Step::Rest { until, .. } = next_step(setup, facts, stored.asked, now) else { return now };
    let is_at_rest = facts.order.is_none() && facts.is_served() && facts.routed_since.is_some();
    if !is_at_rest {
        return until;
    }
    let due = order_at(setup, facts, now).map_or(until, |at| if at > now { at } else { now.plus(HOUR_MS) });
    let moment = renewal::moment(setup, facts).filter(|at| *at > now).unwrap_or(due);
    due.min(moment).min(now.plus(REST_MS + dice.between(0, HOUR_MS))).max(until)
}

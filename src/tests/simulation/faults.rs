//! What goes wrong: at the CAs, in DNS, each by dice of its own.

use crate::kit::ca::{Call, Made, Mood, ScriptedCa, refused, stumble};
use crate::kit::dice::Dice;
use crate::kit::world::World;
use padlock::acme::{CaError, Renewal};
use padlock::domain::observed::Reply;
use padlock::domain::problem::ProblemKind;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};

/// Of a thousand calls and looks, so many go wrong.
const FAULTS: i64 = 50;

/// A CA's habits for a year: outages that leave it reachable half of any five days, and faults of every kind between.
pub(super) fn trouble(ca: &ScriptedCa, dice: &Dice, from: Millis) {
    let (outages, mut dice) = (outages(&mut dice.fork(1), from), dice.fork(2));
    ca.set_temper(move |call, now| {
        if outages.iter().any(|(start, end)| (*start..*end).contains(&now)) {
            return Mood::Fails(unreachable_for(&mut dice));
        }
        if !dice.permille(FAULTS) {
            return Mood::Well;
        }
        match (call, dice.between(0, 8)) {
            (Call::Advance, 0) => Mood::Wrong,
            (Call::Advance, 1 | 2) => Mood::Slow(now.plus(dice.between(MINUTE_MS, 6 * HOUR_MS))),
            (Call::Advance, 3) => {
                Mood::Fails(refused(ProblemKind::Validation, "During secondary validation: no answer"))
            }
            (Call::Advance | Call::Open, 4) => Mood::Fails(refused(ProblemKind::CaaForbids, "CAA lookup: SERVFAIL")),
            (Call::Open, 5) => Mood::Fails(CaError {
                retry_after_ms: Some(dice.between(MINUTE_MS, 3 * HOUR_MS).cast_unsigned()),
                ..refused(ProblemKind::RateLimited, "too many new orders from this account")
            }),
            (Call::Open, 6) => Mood::Fails(refused(ProblemKind::Policy, "declined for now")),
            (Call::Proof | Call::Advance, 5) => Mood::Fails(refused(ProblemKind::Expired, "the order is gone")),
            (_, 0 | 7) => Mood::Lost(stumble("the connection was lost")),
            _ => Mood::Fails(unreachable_for(&mut dice)),
        }
    });
}

/// A CA in trouble says until when, now and then.
fn unreachable_for(dice: &mut Dice) -> CaError {
    let named = dice.permille(200).then(|| dice.between(MINUTE_MS, HOUR_MS).cast_unsigned());
    CaError { retry_after_ms: named, ..stumble("Service unavailable") }
}

/// Outages of up to two days and a half, each with as long a time before and after it in which the CA is there.
fn outages(dice: &mut Dice, from: Millis) -> Vec<(Millis, Millis)> {
    let (mut outages, mut at) = (Vec::new(), from);
    while at < from.plus(400 * DAY_MS) {
        let length =
            if dice.permille(300) { dice.between(DAY_MS, 5 * DAY_MS / 2) } else { dice.between(0, 4 * HOUR_MS) };
        let start = at.plus(5 * DAY_MS / 2 + dice.between(0, 20 * DAY_MS));
        at = start.plus(length);
        outages.push((start, at));
    }
    outages
}

/// Advice as Let's Encrypt gives it for most certificates, and odd for the others: the same each time it is asked.
pub(super) fn advise(ca: &ScriptedCa, dice: &Dice) {
    let dice = dice.fork(3);
    ca.set_advice(move |made: Made, _| {
        let mut dice = dice.fork(made.number as u64 + 100);
        let life = made.not_after.since(made.not_before);
        let (from, to) = match dice.between(0, 20) {
            0 => (-40 * DAY_MS, -30 * DAY_MS),
            1 => (life + DAY_MS, life + 9 * DAY_MS),
            2 => (life / 2, life / 3),
            3 => (0, 50 * 365 * DAY_MS),
            4 => return None,
            _ => (life * 64 / 100, life * 68 / 100),
        };
        let retry_after_ms =
            [None, Some(0), Some(6 * 3_600_000), Some(u64::MAX)][usize::try_from(dice.between(0, 4)).unwrap()];
        let (start, end) = (made.not_before.plus(from), made.not_before.plus(to));
        Some(Renewal { start, end, explanation_url: None, retry_after_ms })
    });
}

/// Looks at DNS that see less than what stands there.
pub(super) fn fog(world: &World, dice: &Dice) {
    let mut dice = dice.fork(4);
    world.set_temper(move |_| {
        dice.permille(FAULTS).then(|| match dice.between(0, 3) {
            0 => Reply::Silent,
            1 => Reply::Failed("SERVFAIL".into()),
            _ => Reply::NxDomain,
        })
    });
}

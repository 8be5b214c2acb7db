//! When to look, try and renew: the numbers, each with its reason, as pure functions of attempt and seed.

use super::certificate::{Certificate, Source};
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, SECOND_MS};

/// While a page is open: every 5 s for the first 10 minutes, then every 15 s.
pub const WATCHED_MS: i64 = 5 * SECOND_MS;
/// See [`WATCHED_MS`].
pub const WATCHED_LATER_MS: i64 = 15 * SECOND_MS;
/// See [`WATCHED_MS`].
pub const WATCHED_FAST_FOR_MS: i64 = 10 * MINUTE_MS;
/// An active domain's routing is looked at this often.
pub const DRIFT_MS: i64 = 15 * MINUTE_MS;
/// Every node is asked this often whether it still shows the certificate that it should.
pub const SERVED_AGAIN_MS: i64 = 6 * HOUR_MS;
/// After this long without success the curve falls to one look a day, for ever.
pub const CURVE_LASTS_MS: i64 = 7 * DAY_MS;
/// An order is opened only on a look no older than this.
pub const FRESH_LOOK_MS: i64 = MINUTE_MS;
/// Refresh is answered once in this time for each domain.
pub const REFRESH_EVERY_MS: i64 = 5 * SECOND_MS;
/// Failures in a row after which an order is given up.
pub const STUMBLES: u32 = 8;
/// The same for one that could not even be opened: each try may open one whose answer is lost.
pub const OPENINGS: u32 = 3;
/// An order that the CA has not heard of is given up when it would have to wait longer than this.
pub const LONG_WAIT_MS: i64 = HOUR_MS;
/// An order that is not done after this long is given up; CAs keep one for a week at most.
pub const ORDER_LASTS_MS: i64 = 2 * DAY_MS;
/// A certificate in its last tenth of life without a successor is "Expiring Soon".
const EXPIRING_TENTHS: i64 = 1;
/// People are told of the end this long before.
const BY_HAND_MS: i64 = 14 * DAY_MS;
/// Below this life a certificate is renewed at half of it, as Let's Encrypt's guide asks.
const SHORT_LIFE_MS: i64 = 10 * DAY_MS;

const CURVE_CAP_MS: f64 = 4.0 * HOUR_MS as f64;
const CURVE_BASE_MS: f64 = 60.0 * SECOND_MS as f64;

/// Time from the `attempt`-th look to the next while nobody watches: `60·1.05ⁿ` s for the first ten, then `60·1.15ⁿ` s, at
/// most 4 h, ±10 %.
#[must_use]
pub fn recheck_ms(attempt: u32, seed: u64) -> i64 {
    let growth: f64 = if attempt < 10 { 1.05 } else { 1.15 };
    let plain = (CURVE_BASE_MS * growth.powi(attempt.min(1_000).cast_signed())).min(CURVE_CAP_MS);
    spread(plain as i64, 10, seed ^ u64::from(attempt))
}

/// Time to the next order after the `tries`-th failure in a row: 1, 10, 100 minutes, then daily; but never longer than a
/// sixteenth of what is left of the certificate's life, and then an hour, or a hundredth of a shorter life than four days.
#[must_use]
pub fn ca_retry_ms(tries: u32, certificate: Option<&Certificate>, now: Millis) -> i64 {
    let plain = match tries {
        0 | 1 => MINUTE_MS,
        2 => 10 * MINUTE_MS,
        3 => 100 * MINUTE_MS,
        _ => DAY_MS,
    };
    let Some(held) = certificate else { return plain };
    let least = HOUR_MS.min(held.life_ms() / 100).max(MINUTE_MS);
    plain.min((held.not_after.since(now) / 16).max(least))
}

/// Time to the next call after a failed one that left the order alive: 0.25 s, doubling, at most 5 minutes.
#[must_use]
pub const fn stumble_ms(stumbles: u32) -> i64 {
    let doubled = (SECOND_MS / 4) << (if stumbles > 12 { 12 } else { stumbles });
    if doubled > 5 * MINUTE_MS { 5 * MINUTE_MS } else { doubled }
}

/// Time to the next look at an order on which the CA works, when it names none: a quarter of the order's age, from a second
/// to a minute.
#[must_use]
pub fn order_wait_ms(age_ms: i64) -> i64 {
    (age_ms / 4).clamp(SECOND_MS, MINUTE_MS)
}

/// Time to the next handshake after `misses` that did not show our certificate: 50 ms, doubling, at most a minute.
#[must_use]
pub const fn handshake_ms(misses: u32) -> i64 {
    let doubled = 50_i64 << (if misses > 11 { 11 } else { misses });
    if doubled > MINUTE_MS { MINUTE_MS } else { doubled }
}

/// When to renew: at a third of life left (half, when life is under ten days), up to a twentieth of life earlier.
#[must_use]
pub fn renew_at(certificate: &Certificate, seed: u64) -> Millis {
    let life = certificate.life_ms();
    let left = if life < SHORT_LIFE_MS { life / 2 } else { life / 3 };
    certificate.not_after.plus(-left - share(life / 20, seed))
}

/// A part of `ms`, from nothing to all but a thousandth, by `seed`.
#[must_use]
pub const fn share(ms: i64, seed: u64) -> i64 {
    ms.saturating_mul((mix(seed) % 1_000) as i64) / 1_000
}

/// The earliest renewal of a certificate that was stored at `issued_at`: a third of what was left of it then. A CA that
/// dates certificates far back would else be asked for the next one at once, and again.
#[must_use]
pub fn renewed_never_before(certificate: &Certificate, issued_at: Millis) -> Millis {
    issued_at.plus(certificate.not_after.since(issued_at).max(0) / 3)
}

/// When a certificate is renewed at the latest, whatever its CA says of a better time: at half of what [`renew_at`] leaves.
#[must_use]
pub fn backstop(certificate: &Certificate) -> Millis {
    let life = certificate.life_ms();
    certificate.not_after.plus(-if life < SHORT_LIFE_MS { life / 4 } else { life / 6 })
}

/// How much later a domain's turn comes when places at a CA are scarce, so that the soonest to expire are first: up to a
/// quarter of an hour, by what is left of its certificate. One without a certificate comes with those that have a week.
#[must_use]
pub fn queue_ms(certificate: Option<&Certificate>, now: Millis) -> i64 {
    let left = certificate.map_or(7 * DAY_MS, |held| held.not_after.since(now));
    (left / 10_000).clamp(0, 15 * MINUTE_MS)
}

/// From when a certificate without successor reads "Expiring Soon"; two weeks before the end at least for one that somebody
/// has to replace by hand, or half of a shorter life.
#[must_use]
pub fn expiring_at(certificate: &Certificate) -> Millis {
    let tenth = certificate.life_ms() * EXPIRING_TENTHS / 10;
    let left = match certificate.source {
        Source::Acme => tenth,
        Source::Upload => tenth.max(BY_HAND_MS.min(certificate.life_ms() / 2)),
    };
    certificate.not_after.plus(-left)
}

/// `ms` ± up to `percent`, by `seed`.
fn spread(ms: i64, percent: i64, seed: u64) -> i64 {
    let width = ms / 100 * percent;
    let place = (mix(seed) % 2_001) as i64 - 1_000;
    ms + width * place / 1_000
}

/// SplitMix64: spreads neighbouring seeds evenly.
const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::laws::certificate;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_curve_is_the_published_one() {
        for (attempt, seconds) in [(0, 60.0), (9, 93.08), (10, 242.73), (20, 981.99), (30, 3_972.7), (40, 14_400.0)] {
            let got = recheck_ms(attempt, 7) as f64 / 1_000.0;
            assert!((got / seconds - 1.0).abs() <= 0.101, "try {attempt}: {got} s");
        }
    }

    #[test]
    fn waits_after_failures_grow_and_stop_growing() {
        let waits = |left: Option<i64>| {
            let held = left.map(|left| Certificate { not_after: Millis(left), ..certificate(1, left - 90 * DAY_MS) });
            [1, 2, 3, 4, 99].map(|tries| ca_retry_ms(tries, held.as_ref(), Millis(0)))
        };
        assert_eq!(waits(None), [60_000, 600_000, 6_000_000, DAY_MS, DAY_MS]);
        assert_eq!(waits(Some(30 * DAY_MS)), waits(None));
        assert_eq!(waits(Some(4 * DAY_MS))[3..], [6 * HOUR_MS, 6 * HOUR_MS]);
        assert_eq!(waits(Some(-DAY_MS)), [60_000, 600_000, HOUR_MS, HOUR_MS, HOUR_MS]);
        assert_eq!(stumble_ms(0), 250);
        assert_eq!(stumble_ms(u32::MAX), 5 * MINUTE_MS);
        assert_eq!(handshake_ms(u32::MAX), MINUTE_MS);
        assert_eq!([-5, 0, 60_000, DAY_MS].map(order_wait_ms), [SECOND_MS, SECOND_MS, 15_000, MINUTE_MS]);
    }

    proptest! {
        #[test]
        fn every_wait_is_positive_and_bounded(attempt: u32, seed: u64) {
            let wait = recheck_ms(attempt, seed);
            prop_assert!((54_000..=15_840_000).contains(&wait));
        }
    }
}

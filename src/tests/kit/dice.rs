//! Dice that fall the same way for the same seed, so that a failing run can be played again.

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// With the seed that `PADLOCK_TEST_SEED` names, else with a new one, which is printed.
    pub(crate) fn seeded() -> Self {
        Self::seeded_or(uuid::Uuid::new_v4().as_u64_pair().0 >> 1)
    }

    /// The same, else with this one.
    #[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
    pub(crate) fn seeded_or(usual: u64) -> Self {
        let named = std::env::var("PADLOCK_TEST_SEED").ok().map(|seed| seed.parse().unwrap());
        let seed = named.unwrap_or(usual);
        eprintln!("PADLOCK_TEST_SEED={seed}");
        Self(seed)
    }

    /// Dice of its own for one part of the world: what it throws does not depend on how often others throw.
    pub(crate) fn fork(&self, part: u64) -> Self {
        let mut dice = Self(self.0 ^ part.wrapping_mul(0x2545_f491_4f6c_dd1d));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` up to, and without, `high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % high.abs_diff(low).max(1)).cast_signed()
    }

    /// From nothing up to, and with, `most`.
    pub(crate) fn upto(&mut self, most: u64) -> u64 {
        self.next() % most.saturating_add(1)
    }

    /// True in so many of a thousand throws.
    pub(crate) fn permille(&mut self, chance: i64) -> bool {
        self.between(0, 1_000) < chance
    }
}

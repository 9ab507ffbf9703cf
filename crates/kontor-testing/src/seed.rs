//! Seeds of random trials: another one in every run but those of CI, always printed, and repeated by `KONTOR_SEED=<number>`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _};

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{engine, say};

/// The seed of this run; says so, with the words for what is tried. Where `CI` says that a change is decided upon, each trial
/// has a seed of its own that stays the same: a change is not refused for what another seed would have found before it.
pub fn seed(what: &str) -> u64 {
    let given = std::env::var("KONTOR_SEED").ok();
    let seed = given.map_or_else(
        // Short enough to be copied by hand.
        || drawn(what) >> 32,
        |text| text.trim().parse().expect("KONTOR_SEED is a number"),
    );
    say(&format!("{what}: KONTOR_SEED={seed}"));
    seed
}

/// Any number.
fn drawn(what: &str) -> u64 {
    if engine::in_ci() {
        let mut hasher = DefaultHasher::new();
        hasher.write(what.as_bytes());
        return hasher.finish();
    }
    // Every state is made with other keys.
    RandomState::new().hash_one(what)
}

/// A runner of property tests whose cases follow from the seed.
pub fn runner(cases: u32, seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// A small generator of numbers: the same seed gives the same trial anywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// One of several that a trial needs: each `salt` gives other numbers.
    pub fn new(seed: u64, salt: u64) -> Self {
        let mut dice = Self(seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // Small seeds differ in few bits; these are spread before the first number is used.
        for _ in 0..8 {
            dice.number();
        }
        dice
    }

    /// Any number but zero.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From zero to below the limit.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from((self.number() >> 11) % limit).unwrap()
    }

    /// Whether the one of so many came up.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// One of a list.
    pub fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

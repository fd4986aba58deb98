//! Chance from a seed, the same on every machine.
//!
//! The numbers are those of xoshiro256++, whose crate promises that they never change. What is
//! made of them is whole numbers; where a formula needs a logarithm, `libm` computes it in software.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    /// What the streams forked from this one are seeded by.
    key: u64,
    numbers: Xoshiro256PlusPlus,
}

impl Chance {
    /// The stream of a seed.
    pub fn from_seed(seed: u64) -> Self {
        Self { key: seed, numbers: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    /// A stream of its own for one part of the world, so that a change in one part moves no other.
    /// What was drawn from this stream so far makes no difference.
    pub fn fork(&self, part: u64) -> Self {
        // Mixed twice, so that parts one apart of seeds one apart have nothing in common.
        Self::from_seed(mix(self.key ^ mix(part)))
    }

    /// A number below `count`, which is not nought.
    pub fn below(&mut self, count: u64) -> u64 {
        // Lemire's multiplication; the bias is below 2^-40 for the small ranges used here.
        let wide = u128::from(self.numbers.next_u64()) * u128::from(count);
        u64::try_from(wide >> 64).expect("the upper half of 128 bits")
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).unsigned_abs() + 1).cast_signed()
    }

    /// A number from 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits: as many as a float holds.
        (self.numbers.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Whether something happens that does so `of_10_000` times in 10,000.
    pub fn hit(&mut self, of_10_000: i64) -> bool {
        self.between(1, 10_000) <= of_10_000
    }

    /// One of several, each as likely as the others.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("a place in a list")]
    }

    /// One of several, each as likely as its weight says.
    pub fn weighted<T: Copy>(&mut self, of: &[(u16, T)]) -> T {
        let mut left = self.below(of.iter().map(|(weight, _)| u64::from(*weight)).sum());
        for &(weight, it) in of {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return it,
            }
        }
        unreachable!("the number is below the sum of the weights")
    }

    /// A number of a Pareto distribution from `least` on: the share above `x` falls as
    /// `(least / x) ^ steepness`. Held at `most`.
    pub fn heavy(&mut self, least: i64, most: i64, steepness: f64) -> i64 {
        let share = 1.0 - self.unit();
        let times = libm::pow(share, -1.0 / steepness).min(1e9);
        #[expect(clippy::cast_possible_truncation, reason = "held between two whole numbers")]
        let number = (least as f64 * times).min(most as f64) as i64;
        number
    }
}

const fn mix(mut it: u64) -> u64 {
    it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    it ^ (it >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_same_for_ever() {
        let mut chance = Chance::from_seed(80);
        let numbers: Vec<u64> = (0..4).map(|_| chance.below(1_000_000)).collect();
        assert_eq!(numbers, [815_145, 121_147, 995_584, 740_598]);
    }

    #[test]
    fn forks_share_no_numbers() {
        let world = Chance::from_seed(7);
        let streams = (1..=100).map(|part| world.fork(part));
        let numbers = streams.flat_map(|mut it| (0..100).map(move |_| it.numbers.next_u64()));
        assert_eq!(numbers.collect::<std::collections::BTreeSet<_>>().len(), 10_000);
    }

    #[test]
    fn chances_come_out_as_often_as_they_say() {
        let mut chance = Chance::from_seed(1);
        let hits = (0..100_000).filter(|_| chance.hit(2_500)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
        let heavy = (0..10_000).filter(|_| chance.weighted(&[(3, true), (1, false)])).count();
        assert!((7_200..7_800).contains(&heavy), "{heavy}");
        let dice: Vec<i64> = (0..1_000).map(|_| chance.between(1, 6)).collect();
        assert_eq!((dice.iter().min(), dice.iter().max()), (Some(&1), Some(&6)));
        let above = (0..10_000).filter(|_| chance.heavy(10, 10_000, 1.0) >= 100).count();
        assert!((800..1_200).contains(&above), "{above}");
    }
}

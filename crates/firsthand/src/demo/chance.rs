//! Chance from a seed. Whole numbers only: the same seed gives the same world on every machine,
//! which floating point does not promise.

/// A stream of numbers (splitmix64 by Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one part of the world, so that a change in one part moves no other.
    pub const fn fork(&self, part: u64) -> Self {
        // Mixed, because states that lie a step apart would give the same numbers a step later.
        Self(mix(self.0 ^ mix(part)))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: i64, high: i64) -> i64 {
        let count = (high - low).unsigned_abs() + 1;
        // The bias of the remainder is below 2^-40 for the small ranges used here.
        low + (self.next() % count).cast_signed()
    }

    /// Whether something happens that does so `of_10_000` times in 10,000.
    pub const fn hit(&mut self, of_10_000: i64) -> bool {
        self.between(1, 10_000) <= of_10_000
    }

    /// One of several, each as likely as the others.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let last = i64::try_from(of.len()).expect("the lists are short") - 1;
        of[usize::try_from(self.between(0, last)).expect("a number from nought")]
    }

    /// One of several, each as likely as its weight says.
    pub fn weighted<T: Copy>(&mut self, of: &[(i64, T)]) -> T {
        let mut left = self.between(1, of.iter().map(|(weight, _)| weight).sum());
        for &(weight, it) in of {
            left -= weight;
            if left <= 0 {
                return it;
            }
        }
        unreachable!("the number is at most the sum of the weights")
    }
}

const fn mix(mut it: u64) -> u64 {
    it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    it ^ (it >> 31)
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn forks_share_no_numbers() {
        let world = Chance::from_seed(7);
        let streams = (1..=100).map(|part| world.fork(part));
        let numbers = streams.flat_map(|mut it| (0..100).map(move |_| it.next()));
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
    }
}

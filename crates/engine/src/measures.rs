//! What the engine measures of itself, for operators.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use firsthand_model::Span;

/// Upper bounds of the buckets of a latency, in seconds; the last bucket has none.
pub const LATENCY_BOUNDS: [f64; 17] = [
    0.001, 0.002, 0.003, 0.004, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0,
    5.0, 30.0,
];

/// Counters that only grow, and figures as they are now.
#[derive(Debug, Default)]
pub struct Measures {
    /// Facts made durable.
    pub accepted: AtomicU64,
    /// Facts that had come before.
    pub repeated: AtomicU64,
    /// Commits of the store.
    pub commits: AtomicU64,
    /// Facts that are not in the history yet.
    pub unsealed: AtomicU64,
    /// Facts that wait in the late lane.
    pub late: AtomicU64,
    /// When the oldest fact was accepted whose outcome is not written down, in microseconds since
    /// 1970; 0 if there is none.
    pub undecided_since: AtomicI64,
    /// Leads that are not closed.
    pub leads: AtomicU64,
    /// Accounts in memory.
    pub accounts: AtomicU64,
    /// From a fact's acceptance to the commit of what it made known.
    pub decision: Latency,
    /// How long the store takes for a commit.
    pub commit: Latency,
}

/// How many took how long.
#[derive(Debug, Default)]
pub struct Latency {
    counts: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Latency {
    /// Counts one.
    pub fn observe(&self, took: Span) {
        let micros = u64::try_from(took.0).unwrap_or(0);
        let seconds = micros as f64 / 1e6;
        let bucket = LATENCY_BOUNDS.partition_point(|bound| *bound < seconds);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How many fell into each bucket, alone.
    pub fn counts(&self) -> Vec<u64> {
        self.counts.iter().map(|it| it.load(Ordering::Relaxed)).collect()
    }

    /// All of it together, in seconds.
    pub fn sum(&self) -> f64 {
        self.micros.load(Ordering::Relaxed) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_falls_into_the_bucket_that_ends_at_or_after_it() {
        let latency = Latency::default();
        latency.observe(Span(1_000));
        latency.observe(Span(1_001));
        latency.observe(Span::MINUTE);
        let counts = latency.counts();
        assert_eq!((counts[0], counts[1], counts[LATENCY_BOUNDS.len()]), (1, 1, 1));
        assert!((latency.sum() - 60.002_001).abs() < 1e-9);
    }
}

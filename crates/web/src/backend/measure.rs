//! What is measured, as Prometheus counts it.

use std::borrow::Cow;

/// All samples of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Its name: `firsthand_queue_depth`; counters end in `_total`, units come last.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub help: &'static str,
    /// Which kind.
    pub kind: FamilyKind,
    /// The samples, each with other labels.
    pub samples: Vec<Sample>,
}

/// What a family counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were how great.
    Histogram,
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its labels, by name. Never personal data, and few values.
    pub labels: Vec<(&'static str, Cow<'static, str>)>,
    /// Its value.
    pub value: SampleValue,
}

/// The value of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum SampleValue {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Histogram(Histogram),
}

/// How many observations were how great.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Upper bounds, ascending, each inclusive; the last bucket has none.
    pub bounds: &'static [f64],
    /// How many fell into each bucket, alone; one more than there are bounds.
    pub counts: Vec<u64>,
    /// The sum of all observations.
    pub sum: f64,
}

impl Histogram {
    /// Nothing observed yet.
    pub fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts one observation.
    pub fn observe(&mut self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += 1;
        self.sum += value;
    }
}

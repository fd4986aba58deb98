//! How much each source may send: a bucket of tokens for each.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use firsthand_model::Text;
use tokio::time::Instant;

/// How much each source may still send.
///
/// A bucket fills by so many tokens a second up to a burst; an item takes one. A call larger than
/// the burst is let in when the bucket is full, and the bucket owes the rest: every call gets its turn.
/// There are no more buckets than configured sources.
pub(crate) struct Allowances {
    per_second: f64,
    burst: f64,
    buckets: Mutex<BTreeMap<Text, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Allowances {
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst, buckets: Mutex::default() }
    }

    /// Takes a call of so many items, or tells how long it must wait.
    pub fn take(&self, source: &Text, items: u64) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Bucket { tokens: self.burst, filled_at: now };
        let bucket = buckets.entry(source.clone()).or_insert_with(full);
        let passed = now.duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * self.per_second).min(self.burst);
        bucket.filled_at = now;
        let items = items as f64;
        let needed = items.min(self.burst);
        if bucket.tokens < needed {
            let wait = (needed - bucket.tokens) / self.per_second;
            return Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX));
        }
        bucket.tokens -= items;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_source_may_send_its_burst_and_then_its_rate() {
        let (one, other) = (Text::new("one"), Text::new("other"));
        let allowances = Allowances::new(10.0, 30.0);
        assert_eq!(allowances.take(&one, 30), Ok(()));
        assert_eq!(allowances.take(&one, 5), Err(Duration::from_millis(500)));
        assert_eq!(allowances.take(&other, 5), Ok(()), "each has a bucket of its own");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(allowances.take(&one, 5), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_larger_than_the_burst_gets_its_turn_and_is_paid_for() {
        let source = Text::new("one");
        let allowances = Allowances::new(10.0, 30.0);
        assert_eq!(allowances.take(&source, 100), Ok(()));
        assert_eq!(allowances.take(&source, 1), Err(Duration::from_millis(7_100)));
    }
}

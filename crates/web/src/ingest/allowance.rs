//! How much each source may send: a bucket of tokens for each.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use firsthand_model::Text;
use tokio::time::Instant;

/// How much each source may still send.
///
/// A bucket fills by so many tokens a second up to a burst; an item takes one. A source that is
/// allowed another rate has a burst of two seconds of it. A call larger than
/// the burst is let in when the bucket is full, and the bucket owes the rest: every call gets its turn.
/// There are no more buckets than configured sources.
pub(crate) struct Allowances {
    everybody: Rate,
    buckets: Mutex<BTreeMap<Text, Bucket>>,
}

/// So many tokens a second, and at once.
#[derive(Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

impl Rate {
    /// The rate of a source that has its own.
    fn of(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, burst: 2.0 * per_second }
    }
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Allowances {
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self { everybody: Rate { per_second, burst }, buckets: Mutex::default() }
    }

    /// Takes a call of so many items, or tells how long it must wait. `own` is how many a second
    /// the source is allowed, if not what everybody is.
    pub fn take(&self, source: &Text, own: Option<u32>, items: u64) -> Result<(), Duration> {
        let Rate { per_second, burst } = own.map_or(self.everybody, Rate::of);
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Bucket { tokens: burst, filled_at: now };
        let bucket = buckets.entry(source.clone()).or_insert_with(full);
        let passed = now.duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * per_second).min(burst);
        bucket.filled_at = now;
        let items = items as f64;
        let needed = items.min(burst);
        if bucket.tokens < needed {
            let wait = (needed - bucket.tokens) / per_second;
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
        assert_eq!(allowances.take(&one, None, 30), Ok(()));
        assert_eq!(allowances.take(&one, None, 5), Err(Duration::from_millis(500)));
        assert_eq!(allowances.take(&other, None, 5), Ok(()), "each has a bucket of its own");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(allowances.take(&one, None, 5), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_larger_than_the_burst_gets_its_turn_and_is_paid_for() {
        let source = Text::new("one");
        let allowances = Allowances::new(10.0, 30.0);
        assert_eq!(allowances.take(&source, None, 100), Ok(()));
        assert_eq!(allowances.take(&source, None, 1), Err(Duration::from_millis(7_100)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_with_a_rate_of_its_own_is_held_to_that() {
        let (slow, other) = (Text::new("slow"), Text::new("other"));
        let allowances = Allowances::new(1_000.0, 2_000.0);
        assert_eq!(allowances.take(&slow, Some(5), 10), Ok(()));
        assert_eq!(allowances.take(&slow, Some(5), 1), Err(Duration::from_millis(200)));
        assert_eq!(allowances.take(&other, None, 100), Ok(()));
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(allowances.take(&slow, Some(5), 1), Ok(()));
    }
}

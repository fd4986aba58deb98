//! How much each reader may ask: a bucket of requests for each, and a few streams.
//!
//! Readers are strangers with a good token, and there may be very many; so the buckets that are full
//! again are let go of when there is no room for more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Most readers that are remembered at a time.
const READERS_MAX: usize = 100_000;
/// Most streams that one reader may have: pages in as many windows.
const STREAMS_MAX: u32 = 8;

/// How much each reader may still ask.
pub(crate) struct ReaderAllowances {
    per_second: f64,
    burst: f64,
    readers: Mutex<HashMap<String, Reader>>,
}

struct Reader {
    requests: f64,
    filled_at: Instant,
    streams: u32,
}

impl ReaderAllowances {
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst, readers: Mutex::default() }
    }

    /// Takes a request, or tells how long it must wait.
    pub fn take(&self, person: &str) -> Result<(), Duration> {
        let mut readers = self.lock();
        let reader = self.reader(&mut readers, person).ok_or(Duration::from_secs(1))?;
        if reader.requests < 1.0 {
            let wait = (1.0 - reader.requests) / self.per_second;
            return Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX));
        }
        reader.requests -= 1.0;
        Ok(())
    }

    /// Takes a stream for as long as what it gives is kept; `None` if the reader has enough.
    pub fn stream(self: &Arc<Self>, person: &str) -> Option<StreamPermit> {
        let mut readers = self.lock();
        let reader = self.reader(&mut readers, person)?;
        if reader.streams >= STREAMS_MAX {
            return None;
        }
        reader.streams += 1;
        drop(readers);
        Some(StreamPermit { all: Arc::clone(self), person: person.to_owned() })
    }

    /// The reader's bucket, filled up to now; `None` if there is no room for one more.
    fn reader<'m>(
        &self,
        readers: &'m mut HashMap<String, Reader>,
        person: &str,
    ) -> Option<&'m mut Reader> {
        let now = Instant::now();
        let filled = |it: &Reader| {
            let passed = now.duration_since(it.filled_at).as_secs_f64();
            (it.requests + passed * self.per_second).min(self.burst)
        };
        if readers.len() >= READERS_MAX && !readers.contains_key(person) {
            readers.retain(|_, it| it.streams > 0 || filled(it) < self.burst);
            if readers.len() >= READERS_MAX {
                return None;
            }
        }
        let fresh = || Reader { requests: self.burst, filled_at: now, streams: 0 };
        let reader = readers.entry(person.to_owned()).or_insert_with(fresh);
        reader.requests = filled(reader);
        reader.filled_at = now;
        Some(reader)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One stream of a reader; given back when dropped.
pub(crate) struct StreamPermit {
    all: Arc<ReaderAllowances>,
    person: String,
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        if let Some(reader) = self.all.lock().get_mut(&self.person) {
            reader.streams -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reader_may_ask_a_burst_and_then_at_the_rate() {
        let all = ReaderAllowances::new(2.0, 3.0);
        for _ in 0..3 {
            assert_eq!(all.take("u1"), Ok(()));
        }
        assert_eq!(all.take("u1"), Err(Duration::from_millis(500)));
        assert_eq!(all.take("u2"), Ok(()), "each has a bucket of their own");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(all.take("u1"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn streams_are_bounded_and_given_back() {
        let all = Arc::new(ReaderAllowances::new(2.0, 3.0));
        let mut held: Vec<_> = (0..STREAMS_MAX).map(|_| all.stream("u1").unwrap()).collect();
        assert!(all.stream("u1").is_none());
        assert!(all.stream("u2").is_some());
        held.pop();
        assert!(all.stream("u1").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_readers_as_there_is_room_for_are_remembered() {
        let all = Arc::new(ReaderAllowances::new(1.0, 3.0));
        let streaming = all.stream("streaming").unwrap();
        for number in 1..READERS_MAX {
            assert_eq!(all.take(&number.to_string()), Ok(()));
        }
        assert!(all.take("one more").is_err(), "those who asked just now are remembered");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(all.take("one more"), Ok(()), "who could ask as much as ever is forgotten");
        assert_eq!(all.lock().len(), 2);
        drop(streaming);
    }
}

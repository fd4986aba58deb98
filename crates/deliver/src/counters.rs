//! What is counted of each channel, for operators.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use firsthand_model::{Span, Text};

/// Upper bounds of the delay between due and sent, in seconds.
pub const DELAY_BOUNDS_S: [f64; 10] =
    [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0, 3_600.0, 86_400.0];

/// What was counted of one channel since the start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelCounts {
    /// The channel.
    pub channel: Text,
    /// Messages that the receiver has.
    pub sent: u64,
    /// Tries that failed and are repeated.
    pub again: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// Messages put off untried, because of a rate.
    pub put_off: u64,
    /// Messages under way now.
    pub under_way: u64,
    /// How many were sent with which delay: a number for each of [`DELAY_BOUNDS_S`], and one for
    /// those beyond.
    pub delays: Vec<u64>,
    /// The sum of all delays, in seconds.
    pub delay_sum_s: f64,
}

/// The counters of one channel.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub sent: AtomicU64,
    pub again: AtomicU64,
    pub dead: AtomicU64,
    pub put_off: AtomicU64,
    pub under_way: AtomicU64,
    delays: Mutex<([u64; DELAY_BOUNDS_S.len() + 1], f64)>,
}

impl Counts {
    /// A message was sent so long after it was due.
    pub fn sent_after(&self, delay: Span) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let seconds = delay.0.max(0) as f64 / Span::SECOND.0 as f64;
        let bucket = DELAY_BOUNDS_S.partition_point(|bound| *bound < seconds);
        let mut delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        delays.0[bucket] += 1;
        delays.1 += seconds;
    }

    /// What is counted now.
    pub fn shown(&self, channel: &Text) -> ChannelCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (delays, delay_sum_s) = *self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        ChannelCounts {
            channel: channel.clone(),
            sent: of(&self.sent),
            again: of(&self.again),
            dead: of(&self.dead),
            put_off: of(&self.put_off),
            under_way: of(&self.under_way),
            delays: delays.to_vec(),
            delay_sum_s,
        }
    }
}

//! When a channel that fails is left alone.

use std::time::Duration;

use firsthand_model::{Span, Time};

use crate::schedule::span;

/// Failures in a row after which only one call at a time tries whether it works again.
const OPEN_AFTER: u32 = 5;
/// The first pause, doubled with each further failure.
const PAUSE: Span = Span(5 * Span::SECOND.0);
const PAUSE_MAX: Span = Span(5 * Span::MINUTE.0);
/// The longest pause that a receiver may ask for.
const ASKED_MAX: Duration = Duration::from_hours(1);

/// Counts failures of a channel, not of single messages.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    until: Time,
}

impl Breaker {
    /// How many calls may be under way.
    pub fn calls(&self, most: usize, now: Time) -> usize {
        if now < self.until {
            0
        } else if self.failures >= OPEN_AFTER {
            1
        } else {
            most
        }
    }

    /// The receiver has answered.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// It does not work, or has had too much and asks for a pause.
    pub fn failed(&mut self, now: Time, asked: Option<Duration>) {
        let is_paused = now < self.until;
        if let Some(asked) = asked {
            self.until = self.until.max(now + span(asked.min(ASKED_MAX)));
        }
        // Calls that were under way when the pause began teach nothing new.
        if is_paused {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if let Some(beyond) = self.failures.checked_sub(OPEN_AFTER) {
            let pause = Span((PAUSE.0 << beyond.min(10)).min(PAUSE_MAX.0));
            self.until = self.until.max(now + pause);
        }
    }

    /// Failures in a row, and the end of the pause.
    pub fn standing(&self) -> (u32, Time) {
        (self.failures, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_fails_is_tried_by_one_call_after_longer_and_longer_pauses() {
        let mut breaker = Breaker::default();
        let mut now = Time(0);
        for _ in 0..4 {
            breaker.failed(now, None);
        }
        assert_eq!(breaker.calls(8, now), 8, "a few failures happen");
        let mut pauses = Vec::new();
        for _ in 0..9 {
            breaker.failed(now, None);
            assert_eq!(breaker.calls(8, now), 0);
            let (_, until) = breaker.standing();
            pauses.push((until - now).0 / Span::SECOND.0);
            now = until;
            assert_eq!(breaker.calls(8, now), 1, "one call tries it");
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        breaker.worked();
        assert_eq!(breaker.calls(8, now), 8);
    }

    #[test]
    fn calls_that_fail_together_count_once() {
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            breaker.failed(Time(0), None);
        }
        assert_eq!(breaker.standing(), (OPEN_AFTER, Time(0) + PAUSE));
    }

    #[test]
    fn a_pause_that_is_asked_for_is_held_to_within_an_hour() {
        let mut breaker = Breaker::default();
        breaker.failed(Time(0), Some(Duration::from_secs(7)));
        assert_eq!(breaker.calls(8, Time(6_999_999)), 0);
        assert_eq!(breaker.calls(8, Time(7_000_000)), 8);
        breaker.failed(Time(0), Some(Duration::MAX));
        assert_eq!(breaker.standing().1, Time(0) + Span::HOUR);
    }
}

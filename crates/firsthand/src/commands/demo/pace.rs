//! A clock on which time passes faster.

use std::time::Instant;

use firsthand_model::{Span, Time};

/// A clock that began at some instant and runs so many times as fast as ours.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    began: Instant,
    at: Time,
    speed: u16,
}

impl Pace {
    /// Begins now, and shows this instant.
    pub fn from(at: Time, speed: u16) -> Self {
        Self { began: Instant::now(), at, speed }
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.at + Span(passed.saturating_mul(i64::from(self.speed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_where_it_is_told_and_never_goes_back() {
        let pace = Pace::from(Time(1_000), 60);
        let (first, second) = (pace.now(), pace.now());
        assert!(Time(1_000) <= first && first <= second);
    }
}

//! Where facts come from, and how many.

use firsthand_model::{Span, Text, Time};
use serde::Serialize;

use crate::Result;

/// What one source sent since the last commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTally {
    /// The source.
    pub source: Text,
    /// When it was heard of last; also the minute that this is counted in.
    pub seen_at: Time,
    /// Facts that were taken.
    pub accepted: u64,
    /// Facts that were refused.
    pub rejected: u64,
    /// Facts that were there already.
    pub repeated: u64,
}

/// A source with everything it ever sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its name.
    pub source: Text,
    /// When it was heard of first.
    pub first_seen_at: Time,
    /// When it was heard of last.
    pub last_seen_at: Time,
    /// Facts that were taken.
    pub accepted: u64,
    /// Facts that were refused.
    pub rejected: u64,
    /// Facts that were there already.
    pub repeated: u64,
}

/// What a source sent within a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceMinute {
    /// The source.
    pub source: Text,
    /// The minute's first instant.
    pub minute: Time,
    /// Facts that were taken.
    pub accepted: u64,
    /// Facts that were refused.
    pub rejected: u64,
    /// Facts that were there already.
    pub repeated: u64,
}

impl SourceTally {
    /// The first instant of the minute it is counted in.
    pub fn minute(&self) -> Time {
        Time(self.seen_at.0.div_euclid(Span::MINUTE.0) * Span::MINUTE.0)
    }
}

/// Sources and what they sent.
pub trait Sources {
    /// All sources, by name.
    fn sources(&self) -> Result<Vec<Source>>;

    /// What sources sent minute by minute in `from <= minute < to`, of one source or of all; by
    /// minute and source. Minutes without anything are left out.
    fn source_minutes(
        &self,
        source: Option<&str>,
        from: Time,
        to: Time,
    ) -> Result<Vec<SourceMinute>>;
}

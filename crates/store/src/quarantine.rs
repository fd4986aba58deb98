//! The quarantine: what was refused, with the reason, until a person has looked at it (P7).

use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// Something that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Where it came from.
    pub source: Text,
    /// When it was received.
    pub received_at: Time,
    /// A short stable name of the reason.
    pub code: Text,
    /// The reason, for people.
    pub reason: Text,
    /// What was received, as it came.
    pub raw: Vec<u8>,
}

/// A row of the quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantinedRow {
    /// Its number; later rows have greater ones.
    pub id: u64,
    /// Where it came from.
    pub source: Text,
    /// When it was received.
    pub received_at: Time,
    /// A short stable name of the reason.
    pub code: Text,
    /// The reason, for people.
    pub reason: Text,
    /// What was received, as it came.
    pub raw: Vec<u8>,
    /// When it was taken in after all.
    pub replayed_at: Option<Time>,
}

/// Which rows of the quarantine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Only from this source.
    pub source: Option<Text>,
    /// Only for this reason.
    pub code: Option<Text>,
    /// Only received at or after this.
    pub from: Option<Time>,
    /// Only received before this.
    pub to: Option<Time>,
    /// Only those that were taken in after all, or only those that were not.
    pub replayed: Option<bool>,
}

/// What was refused.
pub trait Quarantine {
    /// A page of it, the newest first.
    fn quarantined(
        &self,
        filter: &QuarantineFilter,
        page: &PageRequest,
    ) -> Result<Page<QuarantinedRow>>;

    /// One row; `None` where there is none of that number.
    fn quarantined_row(&self, id: u64) -> Result<Option<QuarantinedRow>>;

    /// Notes that rows were taken in after all; returns how many there were.
    fn mark_replayed(&self, ids: &[u64], at: Time) -> Result<u64>;

    /// Deletes rows; returns how many there were.
    fn delete_quarantined(&self, ids: &[u64]) -> Result<u64>;
}

//! What was refused, and can be looked at and read again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// An item that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quarantined {
    /// Its id.
    pub id: String,
    /// The source it came from.
    pub source: String,
    /// When it came.
    pub received_at: At,
    /// Why it was refused.
    pub reason: String,
    /// What became of it.
    pub state: QuarantinedState,
    /// How long it is.
    pub size_bytes: u64,
}

/// What became of a refused item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuarantinedState {
    /// It waits.
    Waiting,
    /// It was read again and taken in.
    Replayed,
}

/// A refused item with its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuarantinedDetail {
    /// The item.
    pub item: Quarantined,
    /// What was received; bytes that are no text are replaced.
    pub raw: String,
}

/// What came of reading a refused item again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Facts taken in; 0 if it was refused again.
    pub accepted: u64,
    /// Why it was refused again.
    pub reason: Option<String>,
}

/// Which refused items are asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuarantineFilter {
    /// From this source.
    pub source: Option<String>,
    /// In this state.
    pub state: Option<QuarantinedState>,
    /// Received at or after.
    pub since: Option<At>,
}

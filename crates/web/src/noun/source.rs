//! Where facts come from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// Where facts come from, and how it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// Its name in the configuration.
    pub name: String,
    /// Which protocols it may speak.
    pub protocols: Vec<String>,
    /// Facts taken in, in all.
    pub accepted: u64,
    /// Items refused, in all.
    pub rejected: u64,
    /// Facts that were there already, in all.
    pub repeated: u64,
    /// Facts taken in over the last minute.
    pub accepted_last_minute: u64,
    /// Items refused over the last hour.
    pub rejected_last_hour: u64,
    /// When it was last heard of.
    pub last_received_at: Option<At>,
}

/// What a source sent within an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceHour {
    /// When the hour began.
    pub at: At,
    /// Facts taken in.
    pub accepted: u64,
    /// Items refused.
    pub rejected: u64,
    /// Facts that were there already.
    pub repeated: u64,
}

//! The ledger as the API tells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{At, Subject};

/// What became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LedgerChange {
    /// A definition was entered.
    Entered,
    /// It was left.
    Left,
    /// It was entered or left at another time than was thought.
    Revised,
    /// It was not entered after all.
    Retracted,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntry {
    /// Its place in the ledger.
    pub sequence: u64,
    /// The definition's name.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Who it is about.
    pub subject: Subject,
    /// The account, where the subject belongs to one.
    pub account: Option<String>,
    /// What became known.
    pub change: LedgerChange,
    /// When it was so.
    pub held_at: At,
    /// When that was thought to be, before it was revised.
    pub was_at: Option<At>,
    /// When it was known.
    pub known_at: At,
    /// Why: each condition with what was observed and needed.
    #[schema(value_type = Option<Object>)]
    pub evidence: Option<Value>,
}

/// Which lines are asked for, oldest first; what is `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LedgerFilter {
    /// Of this definition.
    pub definition: Option<String>,
    /// About this subject.
    pub subject: Option<Subject>,
    /// Known at or after.
    pub since: Option<At>,
}

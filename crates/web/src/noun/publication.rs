//! Publications: definitions that begin to decide, and how far that is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// A text that is to decide from now on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// The definition's own YAML, at most 64 KiB.
    #[schema(max_length = 65_536)]
    pub text: String,
    /// The version that the text began from. Where another one decides by now, nothing is
    /// published.
    #[schema(max_length = 64)]
    #[serde(default)]
    pub base: Option<String>,
    /// Whether leads open for who qualifies already.
    #[serde(default)]
    pub apply_to_existing: bool,
}

/// Definitions on their way to deciding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Publication {
    /// The definitions that are new, changed or gone, by name.
    pub definitions: Vec<String>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub asked_at: At,
    /// Whether leads open for who qualifies already.
    pub apply_to_existing: bool,
    /// What is being done.
    pub state: PublicationState,
    /// Rows of the history that have been read, or lines of the ledger that have been written.
    pub done: u64,
    /// How many facts the history has, while it is read.
    pub total: Option<u64>,
    /// Why it could not be done; what decided before goes on.
    pub problem: Option<String>,
    /// Keys of the settings that have changed too and count only after a restart.
    pub needs_restart: Vec<String>,
}

/// What is being done for a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PublicationState {
    /// It waits for something else to end.
    Waiting,
    /// The history is judged anew, beside what decides.
    Reading,
    /// Who qualifies is written down.
    Recording,
    /// It decides; leads open where that was asked for.
    Applying,
    /// All of it is done.
    Done,
    /// It could not be done; what decided before goes on.
    Failed,
}

impl PublicationState {
    /// Whether something goes on with it by itself.
    pub const fn goes_on(self) -> bool {
        !matches!(self, Self::Done | Self::Failed)
    }
}

//! Published definitions, each version with its whole text.

use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::Result;

/// What a version of a definition is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishedState {
    /// It decides. One version of a definition at most does.
    Running,
    /// It decides as well, but what its publication asks for is still being done: what the version
    /// before left open is ended, and leads are opened for who qualifies already.
    Applying,
    /// It is being judged over the history, beside the one that decides.
    Backfilling,
    /// It decides no more.
    Retired,
}

impl PublishedState {
    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Applying => "applying",
            Self::Backfilling => "backfilling",
            Self::Retired => "retired",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Running, Self::Applying, Self::Backfilling, Self::Retired];
        all.into_iter().find(|it| it.word() == word)
    }

    /// Whether such a version decides.
    pub const fn decides(self) -> bool {
        matches!(self, Self::Running | Self::Applying)
    }
}

/// A version of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The definition's name.
    pub name: Text,
    /// The hash that stands for all that decides.
    pub version: Text,
    /// The whole text, with all it refers to.
    pub text: String,
    /// Who published it.
    pub published_by: Text,
    /// When.
    pub published_at: Time,
    /// What it is doing.
    pub state: PublishedState,
    /// Since when.
    pub state_at: Time,
    /// Whether plays run for those who qualified already.
    pub applied_to_existing: bool,
}

/// Published definitions. They are written by commits; in one, versions that retire go first.
pub trait Definitions {
    /// The versions that decide or are being backfilled, by name and version.
    fn current_definitions(&self) -> Result<Vec<Published>>;

    /// All versions of a definition, the newest first.
    fn definition_versions(&self, name: &str) -> Result<Vec<Published>>;

    /// One version; `None` where there is none such.
    fn definition(&self, name: &str, version: &str) -> Result<Option<Published>>;
}

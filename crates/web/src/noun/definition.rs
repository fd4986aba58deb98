//! Definitions, and why they hold.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{At, Subject, SubjectKind};

/// A named, versioned condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The version that decides.
    pub version: String,
    /// What it judges.
    pub of: SubjectKind,
    /// `product`, `marketing`, `expansion`, or `none` for a segment.
    pub track: String,
    /// What it is for, in its author's words.
    pub description: Option<String>,
    /// Whether it decides.
    pub state: DefinitionState,
    /// Since when this version does.
    pub published_at: At,
    /// For how many subjects it holds now.
    pub holds: u64,
}

/// Whether a definition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DefinitionState {
    /// It decides.
    Running,
    /// It catches up with history beside the version before.
    Backfilling,
    /// It no longer decides.
    Retired,
}

/// A definition with its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DefinitionDetail {
    /// The definition.
    pub definition: Definition,
    /// Its text in the language.
    pub text: String,
    /// All its versions, newest first.
    pub versions: Vec<DefinitionVersion>,
}

/// A version of a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DefinitionVersion {
    /// Its hash.
    pub version: String,
    /// Whether it decides.
    pub state: DefinitionState,
    /// Since when it has decided.
    pub published_at: At,
    /// Whether plays ran for those who qualified already.
    pub applied_to_existing: bool,
    /// Who published it.
    pub published_by: String,
    /// Its text, as it was published.
    pub text: String,
}

/// Why a definition holds for a subject, or why not yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Who it is about.
    pub subject: Subject,
    /// The definition's name.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// The instant that was looked at.
    pub at: At,
    /// Whether it holds.
    pub holds: bool,
    /// The whole in plain words, one condition a line.
    pub words: String,
    /// The fewest conditions that would do, in plain words; empty where it holds.
    pub missing: Vec<String>,
    /// What enters it: each condition with what was observed and needed.
    #[schema(value_type = Object)]
    pub when: Value,
    /// What keeps it, beside `when`.
    #[schema(value_type = Option<Object>)]
    pub stay: Option<Value>,
    /// What shuts it out.
    #[schema(value_type = Option<Object>)]
    pub unless: Option<Value>,
    /// The next instant at which time alone may change it.
    pub next_at: Option<At>,
}

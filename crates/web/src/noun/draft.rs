//! Drafts of definitions: their text, and what is to be said of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// The text of a definition, as the project's files have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WrittenDefinition {
    /// Its own YAML, comments included.
    pub text: String,
    /// The file that it stands in, inside the project folder.
    pub file: String,
    /// The hash of that file.
    pub hash: String,
}

/// A text that somebody is working on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The definition's name.
    pub definition: String,
    /// The text as it was typed.
    pub text: String,
    /// The version that it began from; `None` for a definition that did not exist.
    pub base: Option<String>,
    /// When it was kept last.
    pub saved_at: At,
}

/// What is to be said of a text before it is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckedDraft {
    /// The definition's name.
    pub definition: String,
    /// The version that the text would be; `null` while something keeps it from running.
    pub version: Option<String>,
    /// Whether it may be published: nothing is wrong with it, and its stories came out as they say.
    pub publishable: bool,
    /// The version that decides now; `null` for a definition that does not exist yet.
    pub running: Option<String>,
    /// The file that it would stand in.
    pub file: String,
    /// What the definition is called, as far as the text could be read.
    pub title: Option<String>,
    /// All that is wrong, in order.
    pub diagnostics: Vec<Diagnosis>,
    /// The definition's stories, in order.
    pub stories: Vec<StoryRun>,
    /// The numbers that can be moved.
    pub thresholds: Vec<MovableNumber>,
}

impl CheckedDraft {
    /// Whether nothing keeps the text from running.
    pub fn is_sound(&self) -> bool {
        self.version.is_some()
    }
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosisSeverity {
    /// Nothing runs until it is mended.
    Error,
    /// It runs, but probably not as meant.
    Warning,
}

/// Something wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnosis {
    /// How bad it is.
    pub severity: DiagnosisSeverity,
    /// Stable; `docs/diagnostics.md` says what each means.
    pub code: String,
    /// What is so, in a sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file, where it is about another than the text's own.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// The line itself.
    pub snippet: String,
    /// How many characters of it are to blame.
    pub length: u32,
    /// The first byte of the text that is to blame; 0 where it is about another file.
    pub from_byte: usize,
    /// The byte behind the last one.
    pub to_byte: usize,
    /// What could take the place of these bytes.
    pub replacement: Option<String>,
}

/// How a story came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoryRun {
    /// What it tells.
    pub title: String,
    /// `passed`, `failed` or `not run`.
    pub outcome: String,
}

/// A number of a text that something is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MovableNumber {
    /// `when`, `stay` or `unless`.
    pub clause: String,
    /// What is compared with it.
    pub value: String,
    /// The whole comparison.
    pub condition: String,
    /// The number as it is written.
    pub number: String,
    /// Its figure, without unit.
    pub figure: f64,
    /// Whether more is asked for as it grows.
    pub at_least: bool,
    /// Its first byte in the text.
    pub from_byte: usize,
    /// The byte behind its last one.
    pub to_byte: usize,
}

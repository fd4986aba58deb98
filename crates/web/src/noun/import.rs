//! Files that are uploaded and taken in, as the API tells of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;
use crate::backend::{self, ImportPhase, ImportState};

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// Who has uploaded it.
    pub by: String,
    /// When.
    pub uploaded_at: At,
    /// `checking` (it is looked through), `unclear` (its columns are, or something is wrong with it), `ready`
    /// (it can be taken in), `taking`, `taken`, `stopped`.
    #[schema(value_type = String)]
    pub state: ImportState,
    /// How it is read.
    pub reading: ImportReading,
    /// What goes on with it.
    pub progress: Option<ImportProgress>,
    /// Its columns, where they need a mapping.
    pub columns: Vec<ImportColumn>,
    /// Keys of the mapping that are needed and could not be guessed.
    pub missing: Vec<String>,
    /// What is in it.
    pub found: Option<ImportFound>,
    /// Why it did not go on.
    pub problem: Option<ImportProblem>,
    /// What became of it.
    pub result: Option<ImportResult>,
}

/// Most characters of a source's name; the schema says the same.
pub const SOURCE_CHARS_MAX: usize = 100;

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportReading {
    /// The source of its facts; ids are unique within it.
    #[schema(min_length = 1, max_length = 100)]
    pub source: String,
    /// A mapping of the configuration, by name.
    #[serde(default)]
    pub named: Option<String>,
    /// Keys of a mapping, as `firsthand import --map` has them. None of both: its shape is known.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
}

/// What goes on with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportProgress {
    /// `waiting` (another file is at work), `reading`, `writing`, `judging` (everybody anew).
    #[schema(value_type = String)]
    pub phase: ImportPhase,
    /// Bytes read.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    /// Its name.
    pub name: String,
    /// A few of its values.
    pub examples: Vec<String>,
}

/// Something counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportCount {
    /// A stable code.
    pub code: String,
    /// What it means, in a sentence.
    pub meaning: String,
    /// How often.
    pub count: u64,
    /// Where it was seen, or nothing.
    pub example: String,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportFound {
    /// Format and shape, for people.
    pub read_as: String,
    /// How many records.
    pub records: u64,
    /// How many facts they make.
    pub facts: u64,
    /// What cannot be read, by reason.
    pub rejects: Vec<ImportCount>,
    /// What is read, but worth a look.
    pub notices: Vec<ImportCount>,
    /// The earliest fact.
    pub first_at: Option<At>,
    /// The latest.
    pub last_at: Option<At>,
}

/// Why a file did not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportProblem {
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportResult {
    /// When it was done.
    pub at: At,
    /// Facts added, by kind.
    pub added: BTreeMap<String, u64>,
    /// Facts that were there already.
    pub already_there: u64,
    /// Copies of others of the file.
    pub repeated: u64,
    /// What is kept and does not count, by reason.
    pub left_out: Vec<ImportCount>,
    /// Persons and accounts whose timelines are others now.
    pub subjects: u64,
    /// Lines that were written into the ledger.
    pub lines: u64,
    /// Whether leads opened for who qualifies by it.
    pub apply_to_existing: bool,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReject {
    /// Its line; in Parquet its row.
    pub line: u64,
    /// The column that is to blame.
    pub column: Option<String>,
    /// The stable code.
    pub code: String,
    /// What is so.
    pub reason: String,
    /// The record, cut.
    pub record: String,
}

/// How a file is to be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportTake {
    /// Whether leads open for who qualifies by it; they do not, if it is left out.
    #[serde(default)]
    pub apply_to_existing: bool,
}

impl From<backend::Import> for Import {
    fn from(it: backend::Import) -> Self {
        Self {
            id: it.id,
            file: it.file,
            size_bytes: it.size_bytes,
            by: it.by,
            uploaded_at: it.uploaded_at.into(),
            state: it.state,
            reading: ImportReading {
                source: it.reading.source,
                named: it.reading.named,
                mapping: it.reading.mapping.into_iter().collect(),
            },
            progress: it.progress.map(|it| ImportProgress {
                phase: it.phase,
                bytes: it.bytes,
                records: it.records,
            }),
            columns: it
                .columns
                .into_iter()
                .map(|it| ImportColumn { name: it.name, examples: it.examples })
                .collect(),
            missing: it.missing,
            found: it.found.map(|it| ImportFound {
                read_as: it.read_as,
                records: it.records,
                facts: it.facts,
                rejects: counts(it.rejects),
                notices: counts(it.notices),
                first_at: it.first.map(Into::into),
                last_at: it.last.map(Into::into),
            }),
            problem: it.problem.map(|it| ImportProblem { message: it.message, help: it.help }),
            result: it.result.map(|it| ImportResult {
                at: it.at.into(),
                added: it.added.into_iter().collect(),
                already_there: it.already_there,
                repeated: it.repeated,
                left_out: counts(it.left_out),
                subjects: it.subjects,
                lines: it.lines,
                apply_to_existing: it.told,
            }),
        }
    }
}

fn counts(all: Vec<backend::Counted>) -> Vec<ImportCount> {
    let count = |it: backend::Counted| ImportCount {
        code: it.code,
        meaning: it.meaning,
        count: it.count,
        example: it.example,
    };
    all.into_iter().map(count).collect()
}

impl From<backend::ImportReject> for ImportReject {
    fn from(it: backend::ImportReject) -> Self {
        let backend::ImportReject { line, column, code, reason, record } = it;
        Self { line, column, code, reason, record }
    }
}

impl From<ImportReading> for backend::Reading {
    fn from(it: ImportReading) -> Self {
        Self { source: it.source, named: it.named, mapping: it.mapping.into_iter().collect() }
    }
}

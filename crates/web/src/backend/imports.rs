//! What pages and API need for files that are uploaded and taken in.

use async_trait::async_trait;
use bytes::Bytes;
use firsthand_model::Time;
use serde::{Deserialize, Serialize};

use super::Answer;

/// The largest file that is taken, in bytes.
pub const UPLOAD_BYTES_MAX: u64 = 4 << 30;
/// The longest name of a file that is kept, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 120;

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// It is read to see what is in it; nothing is taken in.
    Checking,
    /// It cannot be read as it is: its columns are not clear, or something is wrong with it.
    Unclear,
    /// It can be taken in.
    Ready,
    /// It is being taken in.
    Taking,
    /// All that could be read of it counts.
    Taken,
    /// Somebody has stopped it: nothing of it counts.
    Stopped,
}

impl ImportState {
    /// Whether something goes on with it by itself.
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Checking | Self::Taking)
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    pub uploaded_at: Time,
    /// How far it has come.
    pub state: ImportState,
    /// How it is read.
    pub reading: Reading,
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

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The source of its facts; ids are unique within it.
    pub source: String,
    /// A mapping of the configuration, by name.
    pub named: Option<String>,
    /// Keys of a mapping, as `firsthand import --map` has them. None of both: its shape is known.
    pub mapping: Vec<(String, String)>,
}

/// What goes on with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// In which part of it.
    pub phase: ImportPhase,
    /// Bytes read.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
}

/// The parts of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportPhase {
    /// Another file is at work.
    #[default]
    Waiting,
    /// The file is read.
    Reading,
    /// What was read is sorted and written.
    Writing,
    /// Everybody is judged anew.
    Judging,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportColumn {
    /// Its name.
    pub name: String,
    /// A few of its values.
    pub examples: Vec<String>,
}

/// Something counted, by a stable code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The code.
    pub code: String,
    /// What it means, in a sentence.
    pub meaning: String,
    /// How often.
    pub count: u64,
    /// Where it was seen, or nothing.
    pub example: String,
}

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFound {
    /// Format and shape, for people.
    pub read_as: String,
    /// How many records.
    pub records: u64,
    /// How many facts they make.
    pub facts: u64,
    /// What cannot be read, by reason.
    pub rejects: Vec<Counted>,
    /// What is read, but worth a look.
    pub notices: Vec<Counted>,
    /// The earliest fact.
    pub first: Option<Time>,
    /// The latest.
    pub last: Option<Time>,
    /// The first facts. Gone once the file is taken in.
    pub sample: Vec<SampleFact>,
}

impl ImportFound {
    /// How many records cannot be read.
    pub fn rejected(&self) -> u64 {
        self.rejects.iter().map(|it| it.count).sum()
    }
}

/// A fact in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFact {
    /// When.
    pub time: Time,
    /// Person and account.
    pub who: String,
    /// The kind of fact: `event`, `traits` …
    pub kind: String,
    /// The name of the event or record.
    pub what: String,
    /// What it says, as JSON, cut.
    pub more: String,
}

/// Why a file did not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResult {
    /// When it was done.
    pub at: Time,
    /// Facts added, by kind.
    pub added: Vec<(String, u64)>,
    /// Facts that were there already.
    pub already_there: u64,
    /// Copies of others of the file.
    pub repeated: u64,
    /// What is kept and does not count, by reason.
    pub left_out: Vec<Counted>,
    /// Persons and accounts whose timelines are others now.
    pub subjects: u64,
    /// Lines that were written into the ledger.
    pub lines: u64,
    /// Whether leads open for who qualifies by it.
    pub told: bool,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A file on its way in. Dropped before its end, nothing is kept of it.
#[async_trait]
pub trait Upload: Send {
    /// Puts the next bytes behind the others. [`super::Failure::Invalid`] where they become too
    /// many.
    async fn write(&mut self, bytes: Bytes) -> Answer<()>;

    /// That was all of it; answers the id under which it is read.
    async fn finish(self: Box<Self>, source: &str) -> Answer<String>;
}

/// What pages and API need for files that are uploaded and taken in. Nothing of a file counts before it
/// is taken in; then all of it does, at once.
#[async_trait]
pub trait Imports: Send + Sync + 'static {
    /// The files, the newest first.
    async fn imports(&self) -> Answer<Vec<Import>>;

    /// One of them.
    async fn import(&self, id: &str) -> Answer<Option<Import>>;

    /// Records of a file that cannot be read, in its order, those before `skip` left out.
    async fn import_rejects(
        &self,
        id: &str,
        skip: usize,
        most: usize,
    ) -> Answer<Option<Vec<ImportReject>>>;

    /// The mappings of the configuration, by name.
    fn import_mappings(&self) -> Vec<String>;

    /// Begins to take a file up; `by` is who does it, by name. [`super::Failure::Conflict`] where too many wait already.
    async fn begin_upload(&self, file: &str, by: &str) -> Answer<Box<dyn Upload>>;

    /// Has a file read in another way; `None` if there is no such file,
    /// [`super::Failure::Conflict`] if it is being taken in or was.
    async fn read_import(&self, id: &str, reading: Reading, by: &str) -> Answer<Option<()>>;

    /// Takes a file in. Leads open for who qualifies by it only if `apply`. As
    /// [`Imports::read_import`].
    async fn take_import(&self, id: &str, apply: bool, by: &str) -> Answer<Option<()>>;

    /// Stops what goes on with a file and throws it away; of one that was taken in only the record
    /// goes.
    async fn drop_import(&self, id: &str, by: &str) -> Answer<Option<()>>;
}

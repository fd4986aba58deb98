//! The log: facts in the order they were accepted, durable before anybody is told so.

use firsthand_model::Time;

use crate::{Commit, Receipt, Result};

/// Facts that were accepted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The offset of its first fact. The log's first is 0.
    pub first: u64,
    /// The offset of its last fact.
    pub last: u64,
    /// When it was received.
    pub received_at: Time,
    /// The facts, as the engine encodes them; opaque here.
    pub bytes: Vec<u8>,
}

/// How far the log has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogState {
    /// The offset that the next chunk begins at: how many facts were ever logged.
    pub next: u64,
    /// Facts up to and with this offset have been decided; `None` where none has.
    pub applied: Option<u64>,
}

/// What the log takes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSize {
    /// How many chunks there are.
    pub chunks: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// The offset of the first fact that is still there.
    pub first: Option<u64>,
}

/// The log, and the one way to write what was decided.
pub trait Log {
    /// Writes a commit in one transaction; it is on disk when this returns.
    ///
    /// # Errors
    /// Whatever the error, nothing was written, and the same commit may be tried again.
    fn commit(&self, commit: &Commit) -> Result<Receipt>;

    /// How far the log has come.
    fn log_state(&self) -> Result<LogState>;

    /// The chunk that holds an offset, or else the first after it; `None` at the log's end. To
    /// read on, ask for the offset after its last.
    fn chunk_at(&self, offset: u64) -> Result<Option<Chunk>>;

    /// What the log takes up.
    fn log_size(&self) -> Result<LogSize>;

    /// Drops the chunks that end at or before an offset, a few in each transaction; returns how
    /// many went.
    ///
    /// # Errors
    /// `Undecided` where facts up to the offset are not all decided; nothing is dropped then.
    fn drop_log(&self, up_to: u64) -> Result<u64>;
}

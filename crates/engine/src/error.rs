//! What can go wrong.

use firsthand_history::HistoryError;
use firsthand_store::StoreError;

/// Why the engine cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The recorded history cannot be read or written.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// What was decided cannot be written down or read again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is written down of an erasure under way is not what was written.
    #[error("the record of an erasure is damaged: {0}; restore the store from a backup")]
    DamagedErasure(#[source] serde_json::Error),
    /// A standing that was taken is not what was written.
    #[error("the record of a standing is damaged: {0}; restore the store from a backup")]
    DamagedStanding(#[source] postcard::Error),
    /// The history could not be written before an import; the engine has ended by it.
    #[error("the history cannot be written: {0}")]
    Import(String),
    /// No thread can be had.
    #[error("no thread can be started: {0}")]
    Thread(#[source] std::io::Error),
    /// A chunk of the log is not what was written.
    #[error("the log is damaged at offset {offset}: {source}; restore it from a backup")]
    DamagedChunk {
        /// The offset of its first fact.
        offset: u64,
        /// What does not fit.
        source: postcard::Error,
    },
}

/// A result of the engine.
pub type Result<T, E = EngineError> = std::result::Result<T, E>;

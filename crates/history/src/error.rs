//! What can go wrong with a history, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// Why a history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder holds no history.
    #[error("there is no history in `{}`", .0.display())]
    Absent(PathBuf),
    /// The folder holds one already.
    #[error("`{}` already holds a history", .0.display())]
    Exists(PathBuf),
    /// Another process is writing.
    #[error("another process is writing to the history in `{}`", .0.display())]
    Busy(PathBuf),
    /// Another process has committed since this one opened the history.
    #[error("the history in `{}` was changed by another process", .0.display())]
    Changed(PathBuf),
    /// The history was written by a release that this one does not know.
    #[error("the history in `{}` has format {found}, this release reads format {known}", path.display())]
    Format {
        /// The history's folder.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format of this release.
        known: u32,
    },
    /// The system refused to read or write a file.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was tried: `read`, `write`, `rename` ...
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A segment cannot be read or written as Parquet.
    #[error("`{}` failed as a Parquet file", path.display())]
    Parquet {
        /// The segment.
        path: PathBuf,
        /// The format's reason.
        source: ParquetError,
    },
    /// A file holds something else than was written to it.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The caller asked to stop.
    #[error("stopped before it was done")]
    Cancelled,
    /// The pool of threads could not be started.
    #[error("cannot start the threads of a scan")]
    Threads(#[source] rayon::ThreadPoolBuildError),
}

/// The result of anything that touches a history.
pub type Result<T, E = HistoryError> = std::result::Result<T, E>;

impl HistoryError {
    /// What to do, as a whole sentence; `None` where there is nothing useful to say.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Absent(_) => Some("Import events first: `firsthand import FILE`."),
            Self::Exists(_) => Some("Open it, or choose another folder."),
            Self::Busy(_) => Some("Wait until the other import has finished, then run this again."),
            Self::Changed(_) => Some("Run the command again: it will see the newer history."),
            Self::Format { .. } => {
                Some("Use the release that wrote it, or import the events again into a new folder.")
            }
            Self::Io { .. } => {
                Some("Check that the disk has room and that the folder may be read and written.")
            }
            Self::Parquet { .. } | Self::Damaged { .. } => Some(
                "Run `firsthand doctor`; restore the file from a backup or import the events again.",
            ),
            Self::Cancelled | Self::Threads(_) => None,
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// Whether a page is sound but laid out in a way that only the general reader knows.
    pub(crate) fn is_unusual_page(&self) -> bool {
        matches!(self, Self::Parquet { source: ParquetError::NYI(_), .. })
    }

    pub(crate) fn parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        let path = path.to_owned();
        move |source| Self::Parquet { path, source }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}

//! Why an import stopped. Whoever started it reads these.

use std::error::Error;
use std::sync::Arc;

use crate::guess::Proposal;
use crate::report::Reject;

/// Why an import stopped. What was handed on before stays handed on: an import can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("cannot open `{file}`")]
    Open {
        /// Its name.
        file: Arc<str>,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be read to its end: a broken disk, pipe or compressed file.
    #[error("cannot read `{file}` any further than line {line}")]
    Read {
        /// Its name.
        file: Arc<str>,
        /// The line that would have come next.
        line: u64,
        /// What the system or the decompressor said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not of a format that can be read.
    #[error("`{file}` {what}")]
    Format {
        /// Its name.
        file: Arc<str>,
        /// What it is: `is a zip archive`.
        what: String,
        /// What to do.
        help: String,
    },
    /// The Parquet file is damaged, or of a kind that cannot be read.
    #[error("cannot read the Parquet file `{file}`")]
    Parquet {
        /// Its name.
        file: Arc<str>,
        /// What the reader said.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The shape is not one that is recognised, and no mapping was given.
    #[error("`{file}` has a shape that is not known, so its columns need a mapping")]
    NeedsMapping {
        /// Its name.
        file: Arc<str>,
        /// The columns found, and a mapping that may fit.
        proposal: Box<Proposal>,
    },
    /// The mapping is wrong in itself or does not fit the file.
    #[error("the mapping does not fit `{file}`: {what}")]
    Mapping {
        /// The file's name.
        file: Arc<str>,
        /// What is wrong.
        what: String,
        /// What to do.
        help: Option<String>,
    },
    /// Nothing at the beginning of the file could be used.
    #[error("none of the first {records} records of `{file}` could be used")]
    NothingUsable {
        /// The file's name.
        file: Arc<str>,
        /// How many were tried.
        records: u64,
        /// The first of them.
        first: Box<Reject>,
    },
    /// What takes the facts or the rejects failed.
    #[error("the import cannot go on")]
    Sink(#[source] Box<dyn Error + Send + Sync>),
}

impl ImportError {
    /// What to do, in whole sentences.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Open { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some("Check the name; it counts from the folder that you are in.".to_owned())
            }
            Self::Open { .. } => Some("Check that you may read the file.".to_owned()),
            Self::Sink(_) => None,
            Self::Read { .. } => Some(
                "Check that the file is complete, then run the same import again: what was taken \
                 in already counts once."
                    .to_owned(),
            ),
            Self::Format { help, .. } => Some(help.clone()),
            Self::Parquet { .. } => {
                Some("Check that the file is complete and not encrypted.".to_owned())
            }
            Self::NeedsMapping { proposal, .. } => Some(proposal.help()),
            Self::Mapping { help, .. } => help.clone(),
            Self::NothingUsable { first, .. } => {
                Some(format!("The first, on line {}: {}.", first.line, first.reason))
            }
        }
    }

    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "cannot_open",
            Self::Read { .. } => "cannot_read",
            Self::Format { .. } => "unknown_format",
            Self::Parquet { .. } => "bad_parquet",
            Self::NeedsMapping { .. } => "needs_mapping",
            Self::Mapping { .. } => "bad_mapping",
            Self::NothingUsable { .. } => "nothing_usable",
            Self::Sink(_) => "sink_failed",
        }
    }
}

//! What can go wrong with a store, and what to do about it.

use std::path::PathBuf;

use firsthand_model::Text;
use firsthand_model::config::Track;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file holds something else.
    #[error("`{}` is not a store of Firsthand", .0.display())]
    NotAStore(PathBuf),
    /// A newer release has written to it.
    #[error("the store `{place}` is at migration {found}, this release knows {known}")]
    Newer {
        /// The file or database.
        place: String,
        /// The last migration it has had.
        found: u32,
        /// The last migration of this release.
        known: u32,
    },
    /// A migration failed; the store is as it was.
    #[error("migration {number} of the store `{place}` failed")]
    Migration {
        /// The file or database.
        place: String,
        /// The migration's number.
        number: u32,
        /// The database's reason.
        source: Box<StoreError>,
    },
    /// Another process holds the store for longer than is waited for.
    #[error("the store `{place}` is locked by another process")]
    Locked {
        /// The file or database.
        place: String,
    },
    /// The file cannot be opened, read or written.
    #[error("the store `{place}` cannot be opened, read or written")]
    Unreachable {
        /// The file or database.
        place: String,
        /// The database's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk, or the room that the store may take, is full.
    #[error("there is no room left for the store `{place}`")]
    Full {
        /// The file or database.
        place: String,
    },
    /// The store cannot be read as what was written to it.
    #[error("the store `{place}` is damaged: {what}")]
    Damaged {
        /// The file or database.
        place: String,
        /// What was found.
        what: String,
    },
    /// A row holds what no release has written.
    #[error("table `{table}`, column `{column}` of the store `{place}` holds {what}")]
    BadRow {
        /// The file or database.
        place: String,
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What was found.
        what: String,
    },
    /// A chunk does not begin where the log ends: another process has written, or the caller has
    /// lost count.
    #[error("the log goes on at offset {expected}, the chunk begins at {found}")]
    LogGap {
        /// The next offset of the log.
        expected: u64,
        /// The chunk's first offset.
        found: u64,
    },
    /// A chunk ends before it begins.
    #[error("a chunk of the log goes from offset {first} to {last}")]
    EmptyChunk {
        /// Its first offset.
        first: u64,
        /// Its last offset.
        last: u64,
    },
    /// What is said to be decided was decided before, or is not in the log yet.
    #[error("facts up to offset {found} cannot be decided: {decided} are, and {logged} are logged")]
    Decided {
        /// The offset given.
        found: u64,
        /// How many facts are decided.
        decided: u64,
        /// How many facts are logged.
        logged: u64,
    },
    /// Chunks would be dropped that hold facts nobody has decided yet.
    #[error("the log cannot be dropped up to offset {found}: only {decided} facts are decided")]
    Undecided {
        /// The offset given.
        found: u64,
        /// How many facts are decided.
        decided: u64,
    },
    /// A second lead would be open (STORE-2).
    #[error("account `{account}` already has a lead on the track `{}` that is not closed", track.word())]
    LeadOpen {
        /// The account.
        account: Text,
        /// The track.
        track: Track,
    },
    /// A lead is said to be closed at no time, or not closed but at a time.
    #[error("lead `{lead}` is `{status}`, which does not go with its `closed_at`")]
    LeadClosing {
        /// The lead.
        lead: Text,
        /// Its status.
        status: &'static str,
    },
    /// A number is too large for the store.
    #[error("{what} of {value} does not fit into 64 bits")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: String,
    },
    /// Something that must be there once is there already, or what a row belongs to is missing.
    #[error("the store refused a row: {what}")]
    Refused {
        /// The database's words.
        what: String,
    },
    /// A cursor that this query has not given out.
    #[error("`{0}` is not a cursor of this list")]
    BadCursor(Text),
    /// A backup's file exists.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// The system refused to read or write a file.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was tried: `create`, `write`, `rename` ...
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The caller's function that rewrites the log gave up; nothing was erased.
    #[error("a chunk of the log could not be rewritten")]
    Rewrite(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed in another way.
    #[error("the store `{place}` failed")]
    Database {
        /// The file or database.
        place: String,
        /// The database's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The result of anything that touches a store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// What to do, as a whole sentence; `None` where there is nothing useful to say.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotAStore(_) => Some("Point `data` at an empty folder or at one of Firsthand's."),
            Self::Newer { .. } => Some(
                "Use the release that wrote it or a newer one, or restore a backup from before the upgrade.",
            ),
            Self::Migration { source, .. } => source.help().or(Some(
                "Nothing was changed; go back to the release before, and report this with the message below.",
            )),
            Self::Locked { .. } => {
                Some("Stop the other process, or wait until it is done, then try again.")
            }
            Self::Unreachable { .. } => Some(
                "Check that the folder is there and may be written, and that the disk is sound.",
            ),
            Self::Full { .. } => {
                Some("Make room on the disk, or raise the store's limit; nothing was lost.")
            }
            Self::Damaged { .. } | Self::BadRow { .. } => {
                Some("Run `firsthand doctor`; restore the store from a backup if it confirms it.")
            }
            Self::LogGap { .. } => Some("Make sure that only one server runs on this store."),
            Self::LeadOpen { .. } => Some("Add the evidence to the lead that is open."),
            Self::BadCursor(_) => Some("Begin again without a cursor."),
            Self::Exists(_) => Some("Choose another file, or remove this one first."),
            Self::Io { .. } => {
                Some("Check that the disk has room and that the folder may be read and written.")
            }
            Self::EmptyChunk { .. }
            | Self::Decided { .. }
            | Self::Undecided { .. }
            | Self::LeadClosing { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::Rewrite(_)
            | Self::Database { .. } => None,
        }
    }

    /// A short stable name for logs, metrics and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAStore(_) => "not-a-store",
            Self::Newer { .. } => "store-newer",
            Self::Migration { .. } => "store-migration",
            Self::Locked { .. } => "store-locked",
            Self::Unreachable { .. } => "store-unreachable",
            Self::Full { .. } => "store-full",
            Self::Damaged { .. } => "store-damaged",
            Self::BadRow { .. } => "store-bad-row",
            Self::LogGap { .. } => "log-gap",
            Self::EmptyChunk { .. } => "log-empty-chunk",
            Self::Decided { .. } => "log-decided",
            Self::Undecided { .. } => "log-undecided",
            Self::LeadOpen { .. } => "lead-open",
            Self::LeadClosing { .. } => "lead-closing",
            Self::TooLarge { .. } => "too-large",
            Self::Refused { .. } => "store-refused",
            Self::BadCursor(_) => "bad-cursor",
            Self::Exists(_) => "exists",
            Self::Io { .. } => "io",
            Self::Rewrite(_) => "erase-rewrite",
            Self::Database { .. } => "store-failed",
        }
    }

    /// Whether the same call may succeed later without anything being changed in it: there was no
    /// room, or another process was in the way.
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Full { .. } | Self::Io { .. })
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

//! Backups of a store that is in use.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::fault::Fault;
use super::row::{self, one};
use super::{SqliteStore, check, log, migrate};
use crate::{LogState, Result, StoreError};

/// What a store or a backup of one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BackupSummary {
    /// The size of the file, in bytes.
    pub size_bytes: u64,
    /// The last migration it has had.
    pub migration: u32,
    /// How many facts were ever logged.
    pub logged: u64,
    /// How many facts are decided.
    pub decided: u64,
    /// How many lines the ledger has.
    pub ledger_lines: u64,
    /// How many leads there are.
    pub leads: u64,
}

impl SqliteStore {
    /// Writes the whole store, as it is at one instant, into a new file, while commits go on. The
    /// file is on disk, and a store by itself, when this returns; a backup that fails leaves none.
    ///
    /// # Errors
    /// `Exists` where the file is there already; `Full`, `Io`.
    pub fn backup(&self, to: &Path) -> Result<BackupSummary> {
        if to.exists() {
            return Err(StoreError::Exists(to.to_owned()));
        }
        let part = with_suffix(to, ".part");
        remove(&part)?;
        let done = self.copy_into(&part).and_then(|()| {
            sync(&part)?;
            std::fs::rename(&part, to).map_err(StoreError::io("rename", &part))?;
            to.parent().filter(|it| !it.as_os_str().is_empty()).map_or(Ok(()), sync)
        });
        if let Err(error) = done {
            // The reason matters more than what is left over.
            let _ = remove(&part);
            return Err(error);
        }
        let (summary, problems) = Self::verify(to)?;
        if let Some(what) = problems.into_iter().next() {
            return Err(StoreError::Damaged { place: to.display().to_string(), what });
        }
        Ok(summary)
    }

    /// Reads a backup from end to end: what it holds, and what is wrong with it, in words. A
    /// backup is restored by putting the file in the place of the store, with no server running
    /// and without the files `-wal` and `-shm` of the old one.
    ///
    /// # Errors
    /// `NotAStore`, `Newer`, `Damaged` where it cannot be read at all.
    pub fn verify(path: &Path) -> Result<(BackupSummary, Vec<String>)> {
        let place = path.display().to_string();
        let size_bytes = path.metadata().map_err(StoreError::io("read", path))?.len();
        let look = || -> Result<_, Fault> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let backup = Connection::open_with_flags(path, flags)?;
            let migration = migrate::version(&backup)?;
            migrate::refuse_newer(migration, &place)?;
            let problems = check::problems(&backup)?;
            Ok((summary(&backup, size_bytes, migration)?, problems))
        };
        look().map_err(|fault| fault.at_opening(&place, path))
    }

    fn copy_into(&self, to: &Path) -> Result<()> {
        let target = to.to_string_lossy();
        let copied = match &self.path {
            // A connection of its own: readers are not kept waiting for one meanwhile.
            Some(path) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(path, flags)
                    .and_then(|source| source.execute("VACUUM INTO $1", [&target]))
            }
            None => self.lock().execute("VACUUM INTO $1", [&target]),
        };
        copied.map(|_| ()).map_err(|error| Fault::from(error).at(&self.place))
    }
}

fn summary(store: &Connection, size_bytes: u64, migration: u32) -> Result<BackupSummary, Fault> {
    let LogState { next, applied } = log::state(store)?;
    let count = |sql| {
        let count = one(store, sql, [], |it| row::count(it, 0, "count", "count"))?;
        Ok::<_, Fault>(count.unwrap_or(0))
    };
    Ok(BackupSummary {
        size_bytes,
        migration,
        logged: next,
        decided: applied.map_or(0, |it| it + 1),
        ledger_lines: count("SELECT COUNT(*) FROM ledger")?,
        leads: count("SELECT COUNT(*) FROM leads")?,
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Waits until a file or folder is on disk.
fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|it| it.sync_all()).map_err(StoreError::io("write", path))
}

//! The embedded database: one file, one connection that writes, a few that read.
//!
//! A commit takes the writer; readers see the last commit and never wait for one (WAL). Each
//! commit is synchronised to the disk before it returns. Start at [`SqliteStore::open`]; each
//! trait of the store stands in the file of its name.

mod backup;
mod check;
mod commit;
mod connect;
mod definitions;
mod deliveries;
mod drafts;
mod erase;
mod erasures;
mod fault;
mod fold;
mod identity;
mod inbox;
mod keys;
mod leads;
mod ledger;
mod log;
mod migrate;
mod plays;
mod pool;
mod qualifications;
mod quarantine;
mod query;
mod row;
mod settings;
mod sources;
mod space;
mod stages;
mod standings;
mod sweep;
#[cfg(test)]
mod tests;
mod users;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

use self::fault::Fault;
use self::pool::Pool;
use crate::{Result, Store, StoreError};

pub use self::backup::BackupSummary;

/// How a store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How many calls may read at once, each with a connection of its own.
    pub readers: usize,
    /// How long to wait for another process that holds the store, in milliseconds.
    pub busy_timeout_ms: u32,
    /// The most that the database file may take, in bytes; `None` leaves it to the disk. Rounded
    /// up to whole pages.
    pub size_bytes_max: Option<u64>,
    /// How far the write-ahead log may grow before a commit folds it into the database file, in
    /// bytes. [`Store::upkeep`], called in between by another thread, spares commits this work.
    pub wal_bytes: u64,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 4, busy_timeout_ms: 5_000, size_bytes_max: None, wal_bytes: 32 << 20 }
    }
}

/// A store in one SQLite file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    place: String,
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    /// None for a store in memory: what reads there takes the writer.
    readers: Option<Pool>,
    /// How many commits are still to fail, in a simulation.
    failing: AtomicU32,
    /// How many commits are still to be torn, in a simulation.
    torn: AtomicU32,
}

impl SqliteStore {
    /// Opens the store in a file, which is made where there is none, and brings it up to date.
    ///
    /// # Errors
    /// `NotAStore`, `Newer`, `Locked`, `Full`, `Damaged`, `Io`.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Self> {
        let place = path.display().to_string();
        let opened = || -> Result<_, Fault> {
            let mut writer = connect::writer(path, options)?;
            migrate::migrate(&mut writer, &place, migrate::MIGRATIONS)?;
            Ok(writer)
        };
        let writer = opened().map_err(|fault| fault.at_opening(&place, path))?;
        let readers = Some(Pool::new(path.to_owned(), options));
        Ok(Self {
            place,
            path: Some(path.to_owned()),
            writer: Mutex::new(writer),
            readers,
            failing: AtomicU32::new(0),
            torn: AtomicU32::new(0),
        })
    }

    /// Makes an empty store in memory, for tests and trials; it is gone with this value.
    pub fn in_memory() -> Result<Self> {
        let place = "memory".to_owned();
        let opened = || -> Result<_, Fault> {
            let mut writer = connect::in_memory()?;
            migrate::migrate(&mut writer, &place, migrate::MIGRATIONS)?;
            Ok(writer)
        };
        let writer = opened().map_err(|fault| fault.at(&place))?;
        Ok(Self {
            place,
            path: None,
            writer: Mutex::new(writer),
            readers: None,
            failing: AtomicU32::new(0),
            torn: AtomicU32::new(0),
        })
    }

    /// Folds the write-ahead log into the database file as far as nobody reads the old state,
    /// while commits go on. Returns how many pages are left in the log.
    pub fn checkpoint(&self) -> Result<u64> {
        let Some(readers) = &self.readers else { return Ok(0) };
        let left = readers.with(|reader| {
            let pages =
                |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
            Ok(reader.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], pages)?)
        });
        let (logged, folded) = left.map_err(|fault| fault.at(&self.place))?;
        Ok(u64::try_from(logged - folded).unwrap_or(0))
    }

    /// Lets the next commits fail, as if the disk were full, at the last instant: when everything
    /// of them is written but the end of the transaction. For simulations.
    #[cfg(feature = "contract")]
    pub fn fail_commits(&self, count: u32) {
        self.failing.store(count, Ordering::Relaxed);
    }

    /// Breaks the next commits on purpose: of each only the chunk is there and that it was decided,
    /// as if the plug had been pulled between two transactions. For simulations that must see it.
    #[cfg(feature = "contract")]
    pub fn tear_commits(&self, count: u32) {
        self.torn.store(count, Ordering::Relaxed);
    }

    /// Whether a simulation wants the commit at hand torn.
    fn is_torn(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.torn.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }

    /// Fails if a simulation wants it to.
    fn fail_if_told(&self) -> Result<()> {
        let one_less = |left: u32| left.checked_sub(1);
        match self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
            Ok(_) => Err(StoreError::Full { place: self.place.clone() }),
            Err(_) => Ok(()),
        }
    }

    /// Reads, from one state of the store.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T> {
        let in_snapshot = |reader: &Connection| {
            let snapshot = reader.unchecked_transaction()?;
            let found = read(&snapshot)?;
            snapshot.finish()?;
            Ok(found)
        };
        let found = match &self.readers {
            Some(readers) => readers.with(in_snapshot),
            None => in_snapshot(&self.lock()),
        };
        found.map_err(|fault| fault.at(&self.place))
    }

    /// Writes in one transaction; whatever fails, nothing was written.
    fn write<T>(&self, write: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T> {
        let mut writer = self.lock();
        let written = || -> Result<T, Fault> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = write(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        written().map_err(|fault| fault.at(&self.place))
    }

    /// The connection that writes. Who panicked while holding it has rolled back.
    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    fn problems(&self) -> Result<Vec<String>> {
        self.read(check::problems)
    }

    fn upkeep(&self) -> Result<()> {
        self.checkpoint()?;
        self.give_back()
    }
}

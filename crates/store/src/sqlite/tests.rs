//! What only this database promises: its file, its migrations, its limits.

mod backup;
mod crash;
mod file;
mod migration;
mod plan;

use std::path::PathBuf;

use tempfile::TempDir;

use super::{SqliteOptions, SqliteStore};
use crate::Commit;
use crate::contract::sample::{self, account, chunk, line, minute};
use firsthand_rules::ledger::Change;

/// A store in a folder that goes with it.
struct Kept {
    folder: TempDir,
    store: SqliteStore,
}

impl Kept {
    fn new(options: &SqliteOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), options).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Runs SQL that no release would.
    fn meddle(&self, sql: &str) {
        self.store.lock().execute_batch(sql).unwrap();
    }

    /// Everything that is in the store's files.
    fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut files = files.map(|it| it.unwrap().path()).collect::<Vec<_>>();
        files.sort();
        files.into_iter().flat_map(|it| std::fs::read(it).unwrap()).collect()
    }
}

/// A commit whose parts tell its number, of several pages.
fn numbered(number: u64) -> Commit {
    let name = format!("account {number}");
    let mut chunk = chunk(number, number);
    chunk.bytes.resize(20_000, 7);
    Commit {
        chunk: Some(chunk),
        applied: Some(number),
        ledger: vec![line(account(&name), Change::Entered, minute(number.cast_signed()))],
        leads: vec![sample::lead(&name, number)],
        ..Commit::default()
    }
}

//! A machine that stops: the end of what was being written is lost or garbled (STORE-1).
//!
//! The commits that are lost here stand for those that were never acknowledged. That those which
//! were are on disk is the synchronisation's business, and the killed process's in `tests/kill.rs`.

use std::path::Path;

use super::super::{SqliteOptions, SqliteStore};
use super::{Kept, numbered};
use crate::contract::sample;
use crate::{Leads, Ledger, Log, Store};

const COMMITS: u64 = 30;

/// Checks that a store holds some of the commits, each whole, and nothing else; tells how many.
fn check(path: &Path) -> u64 {
    let store = SqliteStore::open(path, &SqliteOptions::default()).unwrap();
    let state = store.log_state().unwrap();
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
    assert_eq!(state.applied, state.next.checked_sub(1));
    assert_eq!(store.ledger_end().unwrap(), state.next);
    let leads = store.count_leads().unwrap().into_iter().map(|it| it.leads).sum::<u64>();
    assert_eq!(leads, state.next);
    for number in 0..state.next {
        assert_eq!(store.chunk_at(number).unwrap(), numbered(number).chunk);
    }
    // And it goes on from there.
    sample::commit(&store, &numbered(state.next));
    state.next
}

#[test]
fn a_write_ahead_log_that_ends_anywhere_holds_whole_commits_only() {
    // Nothing is folded into the database file, so that everything stands in the log.
    let options = SqliteOptions { wal_bytes: 1 << 40, ..SqliteOptions::default() };
    let kept = Kept::new(&options);
    for number in 0..COMMITS {
        sample::commit(&kept.store, &numbered(number));
    }
    let database = std::fs::read(kept.path()).unwrap();
    let log = std::fs::read(kept.folder.path().join("store.db-wal")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut found = Vec::new();
    for part in 0..=40_usize {
        // Not at the same place of a page each time.
        let end =
            (log.len() * part / 40).saturating_sub(part * 97 % 4_096 * usize::from(part < 40));
        let mut torn = log[..end].to_vec();
        if part % 2 == 1 {
            // The rest is there, but not as it was written.
            torn.extend(log[end..].iter().map(|byte| byte ^ 0x5a));
        }
        let path = folder.path().join(format!("{part}.db"));
        std::fs::write(&path, &database).unwrap();
        std::fs::write(path.with_extension("db-wal"), torn).unwrap();
        // Where not even the migrations are left, the store is new.
        found.push(check(&path));
    }
    assert!(found.is_sorted(), "a longer log holds no less: {found:?}");
    assert_eq!(found.last(), Some(&COMMITS), "all of it holds all: {found:?}");
    assert!(found.iter().any(|it| (1..COMMITS).contains(it)), "{found:?}");
}

//! Backups.

use super::super::{SqliteOptions, SqliteStore};
use super::{Kept, numbered};
use crate::contract::sample;
use crate::{Leads, Log, Store, StoreError};

#[test]
fn a_backup_of_a_store_in_use_is_whole_and_can_be_opened() {
    let kept = Kept::new(&SqliteOptions::default());
    for number in 0..50 {
        sample::commit(&kept.store, &numbered(number));
    }
    let to = kept.folder.path().join("backup.db");
    let summary = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 50..150 {
                sample::commit(&kept.store, &numbered(number));
            }
        });
        let summary = kept.store.backup(&to).unwrap();
        writer.join().unwrap();
        summary
    });
    // One instant: as many facts as lines as leads.
    assert!((50..=150).contains(&summary.logged), "{summary:?}");
    assert_eq!(summary.decided, summary.logged);
    assert_eq!((summary.ledger_lines, summary.leads), (summary.logged, summary.logged));
    assert_eq!(summary.size_bytes, to.metadata().unwrap().len());
    assert_eq!(SqliteStore::verify(&to).unwrap(), (summary, Vec::new()));

    let restored = SqliteStore::open(&to, &SqliteOptions::default()).unwrap();
    let last = summary.logged - 1;
    assert_eq!(restored.chunk_at(last).unwrap(), numbered(last).chunk);
    let lead = restored.lead(&numbered(last).leads[0].id).unwrap().unwrap().lead;
    assert_eq!(lead, numbered(last).leads[0]);
    sample::commit(&restored, &numbered(summary.logged));
    assert_eq!(restored.problems().unwrap(), Vec::<String>::new());
}

#[test]
fn a_backup_replaces_no_file_and_leaves_none_behind_when_it_fails() {
    let kept = Kept::new(&SqliteOptions::default());
    let to = kept.folder.path().join("backup.db");
    kept.store.backup(&to).unwrap();
    let before = std::fs::read(&to).unwrap();
    assert!(matches!(kept.store.backup(&to), Err(StoreError::Exists(_))));
    assert!(std::fs::read(&to).unwrap() == before);
    let nowhere = kept.folder.path().join("missing").join("backup.db");
    assert!(kept.store.backup(&nowhere).is_err());
    assert!(!nowhere.with_extension("db.part").exists());
}

#[test]
fn a_damaged_backup_is_found_out() {
    let kept = Kept::new(&SqliteOptions::default());
    for number in 0..50 {
        sample::commit(&kept.store, &numbered(number));
    }
    let to = kept.folder.path().join("backup.db");
    kept.store.backup(&to).unwrap();
    let sound = std::fs::read(&to).unwrap();

    let mut torn = sound.clone();
    torn.truncate(sound.len() / 2);
    let mut garbled = sound.clone();
    for page in (4_096..sound.len()).step_by(4_096) {
        garbled[page..page + 16].fill(0xa5);
    }
    for damaged in [torn, garbled] {
        std::fs::write(&to, damaged).unwrap();
        let found = SqliteStore::verify(&to);
        let sound = found.as_ref().is_ok_and(|(_, problems)| problems.is_empty());
        assert!(!sound, "{found:?}");
    }
    std::fs::write(&to, "no store at all, but long enough to look at".repeat(99)).unwrap();
    assert!(matches!(SqliteStore::verify(&to), Err(StoreError::NotAStore(_))));
}

#[test]
fn a_store_in_memory_can_be_backed_up_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::in_memory().unwrap();
    sample::commit(&store, &numbered(0));
    let summary = store.backup(&folder.path().join("backup.db")).unwrap();
    assert_eq!((summary.logged, summary.leads), (1, 1));
}

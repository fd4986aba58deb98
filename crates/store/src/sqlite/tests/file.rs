//! The file: its limits, its locks, what is left in it.

use rusqlite::Connection;

use super::super::{SqliteOptions, SqliteStore};
use super::Kept;
use crate::contract::sample::{self, account, chunk, line, minute};
use crate::{
    Chunk, Commit, Erase, Identities, LeadFilter, LeadSort, Leads, Ledger, Log, LogState,
    PageRequest, Store, StoreError,
};
use firsthand_rules::ledger::Change;

fn large(first: u64, bytes: usize) -> Commit {
    let name = format!("account {first}");
    Commit {
        chunk: Some(Chunk { bytes: vec![7; bytes], ..chunk(first, first) }),
        ledger: vec![line(account(&name), Change::Entered, minute(1))],
        leads: vec![sample::lead(&name, first)],
        ..Commit::default()
    }
}

/// STORE-1: the limit stands in for a disk that is full; the database says the same of both.
#[test]
fn without_room_a_commit_leaves_nothing_and_succeeds_when_there_is_some() {
    let options = SqliteOptions { size_bytes_max: Some(2_000_000), ..SqliteOptions::default() };
    let kept = Kept::new(&options);
    let mut first = 0;
    let error = loop {
        match kept.store.commit(&large(first, 100_000)) {
            Ok(_) => first += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.may_retry() && first > 5);
    // Nothing of the failed one is there, and reading goes on.
    assert_eq!(kept.store.log_state().unwrap(), LogState { next: first, applied: None });
    assert_eq!(kept.store.ledger_end().unwrap(), first);
    let page = PageRequest::first(1_000);
    let leads = kept.store.leads(&LeadFilter::default(), LeadSort::Newest, &page).unwrap().rows;
    assert_eq!(leads.len() as u64, first);
    assert!(kept.store.commit(&large(first, 100_000)).is_err(), "there is still no room");
    // What is small still finds room, or else nothing could ever be dropped.
    sample::commit(&kept.store, &Commit { applied: Some(first - 1), ..Commit::default() });
    assert_eq!(kept.store.drop_log(2).unwrap(), 3);
    sample::commit(&kept.store, &large(first, 100_000));
    assert_eq!(kept.store.problems().unwrap(), Vec::<String>::new());
}

#[test]
fn a_commit_that_fails_at_the_last_instant_leaves_nothing() {
    let kept = Kept::new(&SqliteOptions::default());
    sample::commit(&kept.store, &large(0, 100));
    let next = Commit { applied: Some(1), ..large(1, 100) };
    kept.store.fail_commits(2);
    for _ in 0..2 {
        assert!(matches!(kept.store.commit(&next), Err(StoreError::Full { .. })));
        assert_eq!(kept.store.log_state().unwrap(), LogState { next: 1, applied: None });
        assert_eq!(kept.store.lead(&next.leads[0].id).unwrap(), None);
    }
    sample::commit(&kept.store, &next);
    assert_eq!(kept.store.log_state().unwrap(), LogState { next: 2, applied: Some(1) });
}

#[test]
fn a_store_that_another_process_holds_is_said_to_be_locked() {
    let options = SqliteOptions { busy_timeout_ms: 20, ..SqliteOptions::default() };
    let kept = Kept::new(&options);
    let other = Connection::open(kept.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = kept.store.commit(&sample::log(0, 9)).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    assert!(error.may_retry());
    assert_eq!(kept.store.log_state().unwrap().next, 0, "reading is not held up");
    other.execute_batch("ROLLBACK").unwrap();
    sample::commit(&kept.store, &sample::log(0, 9));
}

#[test]
fn two_writers_of_one_log_find_each_other_out() {
    let kept = Kept::new(&SqliteOptions::default());
    let other = SqliteStore::open(&kept.path(), &SqliteOptions::default()).unwrap();
    sample::commit(&kept.store, &sample::log(0, 9));
    let error = other.commit(&sample::log(0, 4)).unwrap_err();
    assert!(matches!(error, StoreError::LogGap { expected: 10, found: 0 }), "{error:?}");
    sample::commit(&other, &sample::log(10, 14));
}

#[test]
fn a_store_without_a_folder_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("store.db");
    let error = SqliteStore::open(&path, &SqliteOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.help().is_some());
}

#[test]
fn a_store_opened_again_holds_what_it_held() {
    let kept = Kept::new(&SqliteOptions::default());
    sample::commit(&kept.store, &large(0, 10));
    let Kept { folder, store } = kept;
    drop(store);
    let again = SqliteStore::open(&folder.path().join("store.db"), &SqliteOptions::default());
    assert_eq!(again.unwrap().chunk_at(0).unwrap(), large(0, 10).chunk);
}

/// STORE-5: not only no row, no byte either.
#[test]
fn of_whoever_was_erased_no_byte_is_left_in_the_files() {
    const WHO: &str = "zoe.unmistakable@acme.example";
    let kept = Kept::new(&SqliteOptions::default());
    let holds = |bytes: &[u8]| bytes.windows(WHO.len()).any(|it| it == WHO.as_bytes());
    let about = |number: u64| {
        let mut commit = large(number, 0);
        let bytes = format!("{WHO} did something; ").repeat(2_000).into_bytes();
        commit.chunk = Some(Chunk { bytes, ..chunk(number, number) });
        let lead = sample::lead(WHO, 100 + number);
        let done = sample::turned(&lead, firsthand_model::lead::LeadStatus::Won, minute(2));
        commit.leads.push(done);
        commit.ledger.push(line(sample::person(WHO), Change::Entered, minute(3)));
        commit.quarantined.push(sample::refused("web", "x", &format!("user {WHO}")));
        commit
    };
    for number in 0..40 {
        sample::commit(&kept.store, &about(number));
    }
    // Some of it goes the ordinary way first.
    sample::commit(&kept.store, &Commit { applied: Some(39), ..Commit::default() });
    kept.store.drop_log(20).unwrap();
    kept.store.checkpoint().unwrap();
    assert!(holds(&kept.bytes()));

    let who = Identities { persons: vec![WHO.into()], accounts: vec![WHO.into()] };
    let mut rewrite = |chunk: &Chunk| Ok(holds(&chunk.bytes).then(|| b"erased".to_vec()));
    kept.store.erase(&who, &mut rewrite).unwrap();
    let left = kept.store.traces(&who, &mut |chunk| holds(&chunk.bytes)).unwrap();
    assert_eq!(left, []);
    assert!(!holds(&kept.bytes()));
    assert_eq!(kept.store.chunk_at(0).unwrap().unwrap().first, 21);
    assert_eq!(kept.store.problems().unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_dropped_is_given_back_to_the_disk_but_for_what_is_used_next() {
    let kept = Kept::new(&SqliteOptions::default());
    for first in 0..100 {
        sample::commit(&kept.store, &large(first, 1_000_000));
    }
    sample::commit(&kept.store, &Commit { applied: Some(99), ..Commit::default() });
    kept.store.drop_log(99).unwrap();
    let pages = || {
        let writer = kept.store.lock();
        let free = super::super::space::free(&writer).unwrap();
        let all = writer.pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0));
        (free, all.unwrap())
    };
    let before = pages();
    for _ in 0..10 {
        kept.store.upkeep().unwrap();
    }
    let after = pages();
    assert!(before.0 > 24_000, "{before:?}");
    assert_eq!(after.0, 16_384);
    assert!(u64::from(before.1 - after.1) >= before.0 - after.0);
}

#[test]
fn a_checkpoint_leaves_nothing_in_the_write_ahead_log() {
    let options = SqliteOptions { wal_bytes: 1 << 40, ..SqliteOptions::default() };
    let kept = Kept::new(&options);
    for first in 0..10 {
        sample::commit(&kept.store, &large(first, 500_000));
    }
    let wal = kept.folder.path().join("store.db-wal");
    assert!(wal.metadata().unwrap().len() > 5_000_000);
    assert_eq!(kept.store.checkpoint().unwrap(), 0);
    // The log begins anew: it grows no further.
    let before = wal.metadata().unwrap().len();
    sample::commit(&kept.store, &large(10, 500_000));
    assert_eq!(wal.metadata().unwrap().len(), before);
}

#[test]
fn what_is_wrong_with_a_store_is_told() {
    let cases = [
        ("DELETE FROM log_chunks WHERE first_offset = 10", "the log goes from offset 9 to 20"),
        ("DELETE FROM log_chunks WHERE first_offset = 0", "from offset 0 to 10 were dropped"),
        ("UPDATE log_state SET logged = 40", "the log ends at offset 29, not before 40"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM leads", "a row of `lead_evidence` belongs to"),
        ("PRAGMA application_id = 5", "not marked as a store"),
    ];
    for (sql, wanted) in cases {
        let kept = Kept::new(&SqliteOptions::default());
        let lead = sample::lead("acme", 1);
        let evidence = vec![sample::evidence(&lead, account("acme"), minute(1))];
        sample::commit(&kept.store, &Commit { evidence, ..sample::leads([lead]) });
        for first in [0, 10, 20] {
            sample::commit(&kept.store, &sample::log(first, first + 9));
        }
        assert_eq!(kept.store.problems().unwrap(), Vec::<String>::new());
        kept.meddle(sql);
        let problems = kept.store.problems().unwrap();
        assert!(problems.iter().any(|it| it.contains(wanted)), "{sql}: {problems:?}");
    }
}

#[test]
fn a_row_that_no_release_wrote_is_named() {
    let kept = Kept::new(&SqliteOptions::default());
    let lead = sample::lead("acme", 1);
    sample::commit(&kept.store, &sample::leads([lead.clone()]));
    kept.meddle("PRAGMA ignore_check_constraints = ON; UPDATE leads SET status = 'odd'");
    let error = kept.store.lead(&lead.id).unwrap_err();
    assert!(
        matches!(&error, StoreError::BadRow { table: "leads", column: "status", what, .. } if what == "`odd`"),
        "{error:?}"
    );
}

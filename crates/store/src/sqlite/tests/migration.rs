//! Stores of other releases.

use rusqlite::Connection;

use super::super::erase::COLUMNS;
use super::super::migrate::{MIGRATIONS, known, migrate};
use super::super::{SqliteOptions, SqliteStore, connect};
use crate::contract::sample;
use crate::{Log, Store, StoreError};

fn open(path: &std::path::Path) -> crate::Result<SqliteStore> {
    SqliteStore::open(path, &SqliteOptions::default())
}

#[test]
fn a_store_of_every_older_release_is_brought_up_to_date_with_what_it_holds() {
    for older in 1..MIGRATIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut writer = connect::writer(&path, &SqliteOptions::default()).unwrap();
        migrate(&mut writer, "old", &MIGRATIONS[..older]).unwrap();
        // The log has been there since the first migration.
        let kept = "
            INSERT INTO log_chunks VALUES (9, 0, 7, 3, x'010203');
            UPDATE log_state SET logged = 10, decided = 4;";
        writer.execute_batch(kept).unwrap();
        drop(writer);

        let store = open(&path).unwrap();
        let chunk = store.chunk_at(0).unwrap().unwrap();
        assert_eq!((chunk.last, chunk.bytes), (9, vec![1, 2, 3]));
        assert_eq!(store.log_state().unwrap().applied, Some(3));
        sample::commit(&store, &sample::leads([sample::lead("acme", 1)]));
        assert_eq!(store.problems().unwrap(), Vec::<String>::new());
        // Opening once more has nothing to do.
        drop(store);
        open(&path).unwrap();
    }
}

#[test]
fn a_store_of_a_newer_release_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).unwrap();
    store.lock().pragma_update(None, "user_version", known() + 1).unwrap();
    drop(store);
    let before = std::fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found, .. } if found == known() + 1));
    assert!(error.to_string().contains("store.db"), "{error}");
    assert!(error.help().is_some());
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn a_migration_that_fails_changes_nothing_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut writer = connect::writer(&path, &SqliteOptions::default()).unwrap();
    let broken = "CREATE TABLE new (id INTEGER) STRICT; INSERT INTO missing VALUES (1);";
    let failed = migrate(&mut writer, "here", &[MIGRATIONS[0], broken]);
    let error = failed.unwrap_err().at("here");
    assert!(matches!(error, StoreError::Migration { number: 2, .. }), "{error:?}");
    let tables = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'new'";
    assert_eq!(writer.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    drop(writer);
    open(&path).unwrap();
}

#[test]
fn what_is_no_store_of_ours_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs.db");
    Connection::open(&theirs).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "a text that is long enough to be taken for a header".repeat(9)).unwrap();
    for path in [theirs, text] {
        let before = std::fs::read(&path).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, StoreError::NotAStore(_)), "{error:?}");
        assert!(std::fs::read(&path).unwrap() == before);
    }
}

/// STORE-5: a column that erasing does not know of is a column where somebody may be left.
#[test]
fn erasing_knows_every_column_that_can_hold_a_text() {
    let store = SqliteStore::in_memory().unwrap();
    let writer = store.lock();
    let sql = "
        SELECT t.name, c.name
        FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB')
        ORDER BY t.name, c.name";
    let mut statement = writer.prepare(sql).unwrap();
    let pair = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let there = statement.query_map([], pair).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let name = |(table, columns): &(&str, &[(&str, _)])| {
        columns.iter().map(|it| ((*table).to_owned(), it.0.to_owned())).collect::<Vec<_>>()
    };
    let mut known = COLUMNS.iter().flat_map(name).collect::<Vec<_>>();
    known.sort();
    assert_eq!(known, there);
}

//! The contract, on a database in a file and on one in memory.

use std::sync::atomic::{AtomicU32, Ordering};

use firsthand_store::{SqliteOptions, SqliteStore, contract};

#[test]
fn the_contract_holds_on_a_database_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU32::new(0);
    contract::run(|| {
        let name = format!("{}.db", number.fetch_add(1, Ordering::Relaxed));
        SqliteStore::open(&folder.path().join(name), &SqliteOptions::default()).unwrap()
    });
}

#[test]
fn the_contract_holds_on_a_database_in_memory() {
    contract::run(|| SqliteStore::in_memory().unwrap());
}

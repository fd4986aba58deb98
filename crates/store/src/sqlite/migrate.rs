//! Migrations: numbered, forward only, each in a transaction of its own.
//!
//! Another database has the same numbers in a folder of its own, in its words for the types.

use rusqlite::{Connection, TransactionBehavior};

use super::connect::APPLICATION_ID;
use super::fault::Fault;
use crate::StoreError;

/// The migrations, the first being number 1.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_log.sql"),
    include_str!("../../migrations/sqlite/0002_ledger.sql"),
    include_str!("../../migrations/sqlite/0003_leads.sql"),
    include_str!("../../migrations/sqlite/0004_deliveries.sql"),
    include_str!("../../migrations/sqlite/0005_administration.sql"),
    include_str!("../../migrations/sqlite/0006_statistics.sql"),
    include_str!("../../migrations/sqlite/0007_users.sql"),
    include_str!("../../migrations/sqlite/0008_inbox.sql"),
    include_str!("../../migrations/sqlite/0009_plays.sql"),
    include_str!("../../migrations/sqlite/0010_drafts.sql"),
    include_str!("../../migrations/sqlite/0011_standings.sql"),
];

/// The number of the last migration of this release.
pub(super) fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The number of the last migration that a store has had.
pub(super) fn version(connection: &Connection) -> Result<u32, Fault> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a store that a newer release has written to.
pub(super) fn refuse_newer(found: u32, place: &str) -> Result<(), Fault> {
    if found > known() {
        let place = place.to_owned();
        return Err(StoreError::Newer { place, found, known: known() }.into());
    }
    Ok(())
}

/// Runs what a store has not had yet. Two processes that open it at once run each only once.
pub(super) fn migrate(
    connection: &mut Connection,
    place: &str,
    migrations: &[&str],
) -> Result<(), Fault> {
    refuse_newer(version(connection)?, place)?;
    for (number, migration) in (1..).zip(migrations) {
        run(connection, number, migration).map_err(|fault| StoreError::Migration {
            place: place.to_owned(),
            number,
            source: Box::new(fault.at(place)),
        })?;
    }
    Ok(())
}

fn run(connection: &mut Connection, number: u32, migration: &str) -> Result<(), Fault> {
    if version(connection)? >= number {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? < number {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.commit()?;
    Ok(())
}

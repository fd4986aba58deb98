//! Connections and their settings.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;
use super::{SqliteOptions, migrate};
use crate::StoreError;

/// Marks a file as a store of Firsthand: `FHst`.
pub(super) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"FHst");
/// Statements kept ready on each connection.
const STATEMENTS_KEPT: usize = 128;
/// The database's pages, in bytes. Settled when a store is made.
const PAGE_BYTES: u32 = 4_096;

/// Opens the connection that writes; makes the file where there is none.
pub(super) fn writer(path: &Path, options: &SqliteOptions) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writer = Connection::open_with_flags(path, flags)?;
    wait(&writer, options)?;
    if is_new(&writer, path)? {
        writer.pragma_update(None, "page_size", PAGE_BYTES)?;
        // Free pages can then be given back to the disk, a few at a time.
        writer.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    let mode: String =
        writer.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        let what = format!("the file system allows only the journal mode `{mode}`, not `wal`");
        return Err(StoreError::Damaged { place: path.display().to_string(), what }.into());
    }
    // A commit is on disk when it returns.
    writer.pragma_update(None, "synchronous", "FULL")?;
    let wal_pages = options.wal_bytes.div_ceil(u64::from(PAGE_BYTES)).max(1);
    writer.pragma_update(None, "wal_autocheckpoint", held(wal_pages))?;
    writer.pragma_update(None, "journal_size_limit", held(options.wal_bytes.saturating_mul(2)))?;
    writer.pragma_update(None, "cache_size", -32_768)?;
    if let Some(bytes) = options.size_bytes_max {
        let page: u32 = writer.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = held(bytes.div_ceil(u64::from(page.max(1))));
        writer
            .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))?;
    }
    settle(&writer)?;
    Ok(writer)
}

/// Opens a connection that only reads.
pub(super) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    wait(&reader, options)?;
    settle(&reader)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

/// Opens a database that lives in memory.
pub(super) fn in_memory() -> Result<Connection, Fault> {
    let only = Connection::open_in_memory()?;
    settle(&only)?;
    Ok(only)
}

fn wait(connection: &Connection, options: &SqliteOptions) -> Result<(), Fault> {
    connection.busy_timeout(Duration::from_millis(options.busy_timeout_ms.into()))?;
    Ok(())
}

fn settle(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten with zeros wherever its page is written anyway.
    connection
        .pragma_update_and_check(None, "secure_delete", "FAST", |row| row.get::<_, i64>(0))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// Whether nothing was ever written to a database. Refuses one that is somebody else's, or that a
/// newer release has written to, before anything in it is touched.
fn is_new(connection: &Connection, path: &Path) -> Result<bool, Fault> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        migrate::refuse_newer(migrate::version(connection)?, &path.display().to_string())?;
        return Ok(false);
    }
    let objects: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id == 0 && objects == 0 {
        return Ok(true);
    }
    Err(StoreError::NotAStore(path.to_owned()).into())
}

/// A size as the database takes it.
fn held(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

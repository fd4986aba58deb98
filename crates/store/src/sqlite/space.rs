//! Gives free pages back to the disk.

use rusqlite::Connection;

use super::SqliteStore;
use super::fault::Fault;
use crate::Result;

/// Free pages that are kept for what is written next: 64 MB.
const FREE_PAGES_KEPT: u64 = 16_384;
/// Pages given back at once, so that no commit waits long: 8 MB.
const PAGES_AT_ONCE: u64 = 2_048;

impl SqliteStore {
    /// Gives some free pages back to the disk, where there are more than will soon be used.
    pub(super) fn give_back(&self) -> Result<()> {
        let writer = self.lock();
        let some = || {
            let spare = free(&writer)?.saturating_sub(FREE_PAGES_KEPT);
            shrink(&writer, spare.min(PAGES_AT_ONCE))
        };
        some().map_err(|fault| fault.at(&self.place))
    }
}

/// How many pages hold nothing.
pub(super) fn free(connection: &Connection) -> Result<u64, Fault> {
    let pages: i64 = connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    Ok(u64::try_from(pages).unwrap_or(0))
}

/// Gives so many free pages back.
pub(super) fn shrink(writer: &Connection, pages: u64) -> Result<(), Fault> {
    if pages == 0 {
        return Ok(());
    }
    // Each step gives one page back.
    let mut statement = writer.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

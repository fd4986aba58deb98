//! The log's chunks and how far it has come.

use rusqlite::{Connection, Row};

use super::fault::Fault;
use super::row::{self, all, execute, number, one};
use super::{SqliteStore, commit};
use crate::{Chunk, Commit, Log, LogSize, LogState, Receipt, Result, StoreError};

/// Chunks dropped in one transaction, at most, so that no commit waits long.
const CHUNKS_DROPPED_AT_ONCE: i64 = 256;
/// Their size, in bytes, but for one that is larger by itself.
const BYTES_DROPPED_AT_ONCE: u64 = 8 << 20;

impl Log for SqliteStore {
    fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let Commit { chunk, applied, .. } = commit;
        let half = || Commit { chunk: chunk.clone(), applied: *applied, ..Commit::default() };
        let half = self.is_torn().then(half);
        self.write(|writer| {
            let receipt = commit::write(writer, half.as_ref().unwrap_or(commit))?;
            self.fail_if_told()?;
            Ok(receipt)
        })
    }

    fn log_state(&self) -> Result<LogState> {
        self.read(state)
    }

    fn chunk_at(&self, offset: u64) -> Result<Option<Chunk>> {
        const SQL: &str = "
            SELECT first_offset, last_offset, received_at, bytes
            FROM log_chunks
            WHERE last_offset >= $1
            ORDER BY last_offset
            LIMIT 1";
        // Beyond what the log can ever hold, there is nothing.
        let Ok(offset) = i64::try_from(offset) else { return Ok(None) };
        self.read(|reader| one(reader, SQL, [offset], chunk_from_row))
    }

    fn log_size(&self) -> Result<LogSize> {
        const SQL: &str = "
            SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT), MIN(first_offset)
            FROM log_chunks";
        let size = self.read(|reader| {
            one(reader, SQL, [], |row| {
                Ok(LogSize {
                    chunks: row::count(row, 0, "log_chunks", "count")?,
                    bytes: row::count(row, 1, "log_chunks", "size_bytes")?,
                    first: row.get::<_, Option<i64>>(2)?.and_then(|it| u64::try_from(it).ok()),
                })
            })
        })?;
        Ok(size.unwrap_or_default())
    }

    fn drop_log(&self, up_to: u64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM log_chunks
            WHERE last_offset <= $1";
        let mut dropped = 0;
        loop {
            let gone = self.write(|writer| {
                let decided = decided_from(&state(writer)?);
                if up_to >= decided {
                    return Err(StoreError::Undecided { found: up_to, decided }.into());
                }
                match some_chunks(writer, number("an offset", up_to)?)? {
                    Some(last) => execute(writer, SQL, [last]),
                    None => Ok(0),
                }
            })?;
            dropped += gone;
            if gone == 0 {
                return Ok(dropped);
            }
        }
    }
}

/// The last offset of the first few chunks that end at or before an offset; one at least, if there
/// is one.
fn some_chunks(writer: &Connection, up_to: i64) -> Result<Option<i64>, Fault> {
    const SQL: &str = "
        SELECT last_offset, size_bytes
        FROM log_chunks
        WHERE last_offset <= $1
        ORDER BY last_offset
        LIMIT $2";
    let chunks = all(writer, SQL, (up_to, CHUNKS_DROPPED_AT_ONCE), |row| {
        Ok((row.get::<_, i64>(0)?, row::count(row, 1, "log_chunks", "size_bytes")?))
    })?;
    let mut size = 0;
    let few = chunks.into_iter().take_while(|(_, bytes)| {
        let fits = size == 0 || size + bytes <= BYTES_DROPPED_AT_ONCE;
        size += bytes;
        fits
    });
    Ok(few.last().map(|(last, _)| last))
}

/// How far the log has come.
pub(super) fn state(connection: &Connection) -> Result<LogState, Fault> {
    const SQL: &str = "
        SELECT logged, decided
        FROM log_state
        WHERE id = 1";
    let state = one(connection, SQL, [], |row| {
        Ok(LogState {
            next: row::count(row, 0, "log_state", "logged")?,
            applied: row::count(row, 1, "log_state", "decided")?.checked_sub(1),
        })
    })?;
    state.ok_or_else(|| Fault::BadRow {
        table: "log_state",
        column: "id",
        what: "no row".to_owned(),
    })
}

/// How many facts are decided.
fn decided_from(state: &LogState) -> u64 {
    state.applied.map_or(0, |offset| offset + 1)
}

/// Appends a chunk and moves on what is decided.
pub(super) fn advance(
    writer: &Connection,
    chunk: Option<&Chunk>,
    applied: Option<u64>,
) -> Result<(), Fault> {
    const UPDATE: &str = "
        UPDATE log_state
        SET logged = $1, decided = $2
        WHERE id = 1";
    if chunk.is_none() && applied.is_none() {
        return Ok(());
    }
    let before = state(writer)?;
    let mut logged = before.next;
    if let Some(chunk) = chunk {
        logged = append(writer, chunk, logged)?;
    }
    let mut decided = decided_from(&before);
    if let Some(offset) = applied {
        if offset >= logged || offset + 1 < decided {
            return Err(StoreError::Decided { found: offset, decided, logged }.into());
        }
        decided = offset + 1;
    }
    execute(writer, UPDATE, (number("an offset", logged)?, number("an offset", decided)?))?;
    Ok(())
}

/// Appends a chunk; returns the next offset.
fn append(writer: &Connection, chunk: &Chunk, expected: u64) -> Result<u64, Fault> {
    const INSERT: &str = "
        INSERT INTO log_chunks (last_offset, first_offset, received_at, size_bytes, bytes)
        VALUES ($1, $2, $3, $4, $5)";
    let Chunk { first, last, received_at, ref bytes } = *chunk;
    if first != expected {
        return Err(StoreError::LogGap { expected, found: first }.into());
    }
    if last < first {
        return Err(StoreError::EmptyChunk { first, last }.into());
    }
    let size = number("a size", bytes.len() as u64)?;
    let (first, end) = (number("an offset", first)?, number("an offset", last)?);
    execute(writer, INSERT, (end, first, received_at.0, size, bytes))?;
    Ok(last + 1)
}

/// Hands over every chunk, the oldest first, one at a time.
pub(super) fn each_chunk(
    connection: &Connection,
    mut take: impl FnMut(&Chunk) -> Result<(), Fault>,
) -> Result<(), Fault> {
    const OFFSETS: &str = "
        SELECT last_offset
        FROM log_chunks
        ORDER BY last_offset";
    const CHUNK: &str = "
        SELECT first_offset, last_offset, received_at, bytes
        FROM log_chunks
        WHERE last_offset = $1";
    for offset in all(connection, OFFSETS, [], |row| Ok(row.get::<_, i64>(0)?))? {
        if let Some(chunk) = one(connection, CHUNK, [offset], chunk_from_row)? {
            take(&chunk)?;
        }
    }
    Ok(())
}

fn chunk_from_row(row: &Row<'_>) -> Result<Chunk, Fault> {
    Ok(Chunk {
        first: row::count(row, 0, "log_chunks", "first_offset")?,
        last: row::count(row, 1, "log_chunks", "last_offset")?,
        received_at: row::time(row, 2)?,
        bytes: row.get_ref(3)?.as_blob()?.to_vec(),
    })
}

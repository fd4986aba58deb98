//! Published definitions.

use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, one, prepare};
use crate::{Definitions, Published, PublishedState, Result};

const COLUMNS: &str = "
    SELECT name, version, text, published_by, published_at, state, state_at, applied_to_existing
    FROM definitions";

impl Definitions for SqliteStore {
    fn current_definitions(&self) -> Result<Vec<Published>> {
        let sql = format!("{COLUMNS}\nWHERE state <> 'retired'\nORDER BY name, version");
        self.read(|reader| all(reader, &sql, [], from_row))
    }

    fn definition_versions(&self, name: &str) -> Result<Vec<Published>> {
        let sql = format!("{COLUMNS}\nWHERE name = $1\nORDER BY published_at DESC, version");
        self.read(|reader| all(reader, &sql, [name], from_row))
    }

    fn definition(&self, name: &str, version: &str) -> Result<Option<Published>> {
        let sql = format!("{COLUMNS}\nWHERE name = $1 AND version = $2");
        self.read(|reader| one(reader, &sql, (name, version), from_row))
    }
}

/// Writes versions as they now are; those that decide go last, when the old ones have retired.
pub(super) fn upsert(writer: &Connection, published: &[Published]) -> Result<(), Fault> {
    const UPSERT: &str = "
        INSERT INTO definitions (name, version, text, published_by, published_at, state, state_at,
                                 applied_to_existing)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (name, version) DO UPDATE
        SET text = excluded.text, published_by = excluded.published_by,
            published_at = excluded.published_at, state = excluded.state,
            state_at = excluded.state_at, applied_to_existing = excluded.applied_to_existing";
    let mut upsert = prepare(writer, UPSERT)?;
    let (running, others): (Vec<&Published>, Vec<_>) =
        published.iter().partition(|it| it.state.decides());
    for it in others.into_iter().chain(running) {
        upsert.execute((
            it.name.as_str(),
            it.version.as_str(),
            it.text.as_str(),
            it.published_by.as_str(),
            it.published_at.0,
            it.state.word(),
            it.state_at.0,
            i64::from(it.applied_to_existing),
        ))?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Published, Fault> {
    Ok(Published {
        name: row::text(row, 0)?,
        version: row::text(row, 1)?,
        text: row.get(2)?,
        published_by: row::text(row, 3)?,
        published_at: row::time(row, 4)?,
        state: row::word(row, 5, "definitions", "state", PublishedState::from_word)?,
        state_at: row::time(row, 6)?,
        applied_to_existing: row.get::<_, i64>(7)? != 0,
    })
}

//! What was refused.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, execute, one, opt, prepare};
use crate::{Page, PageRequest, Quarantine, QuarantineFilter, Quarantined, QuarantinedRow, Result};

const COLUMNS: &str = "
    SELECT id, source, received_at, code, reason, raw, replayed_at
    FROM quarantine";

impl Quarantine for SqliteStore {
    fn quarantined(
        &self,
        filter: &QuarantineFilter,
        page: &PageRequest,
    ) -> Result<Page<QuarantinedRow>> {
        const LIST: &str = "quarantine";
        self.read(|reader| {
            let mut query = Query::new(COLUMNS);
            query
                .and_if("source = ?", opt(filter.source.as_ref()).map(str::to_owned))
                .and_if("code = ?", opt(filter.code.as_ref()).map(str::to_owned))
                .and_if("received_at >= ?", filter.from.map(|it| it.0))
                .and_if("received_at < ?", filter.to.map(|it| it.0));
            match filter.replayed {
                Some(true) => query.and("replayed_at IS NOT NULL", []),
                Some(false) => query.and("replayed_at IS NULL", []),
                None => &mut query,
            };
            if let Some(([id], [])) = read_cursor::<1, 0>(LIST, page)? {
                query.and("id < ?", [Value::Integer(id)]);
            }
            let key = |it: &QuarantinedRow| cursor(LIST, &[it.id.cast_signed()], &[]);
            query.page(reader, "id DESC", page, from_row, key)
        })
    }

    fn quarantined_row(&self, id: u64) -> Result<Option<QuarantinedRow>> {
        let sql = format!("{COLUMNS}\nWHERE id = $1");
        let Ok(id) = i64::try_from(id) else { return Ok(None) };
        self.read(|reader| one(reader, &sql, [id], from_row))
    }

    fn mark_replayed(&self, ids: &[u64], at: firsthand_model::Time) -> Result<u64> {
        const SQL: &str = "
            UPDATE quarantine
            SET replayed_at = $1
            WHERE id = $2 AND replayed_at IS NULL";
        self.write(|writer| {
            let ids = ids.iter().filter_map(|id| i64::try_from(*id).ok());
            ids.map(|id| execute(writer, SQL, (at.0, id))).sum()
        })
    }

    fn delete_quarantined(&self, ids: &[u64]) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM quarantine
            WHERE id = $1";
        self.write(|writer| {
            let ids = ids.iter().filter_map(|id| i64::try_from(*id).ok());
            ids.map(|id| execute(writer, SQL, [id])).sum()
        })
    }
}

/// Adds rows; gives their numbers.
pub(super) fn insert(writer: &Connection, refused: &[Quarantined]) -> Result<Vec<u64>, Fault> {
    const INSERT: &str = "
        INSERT INTO quarantine (source, received_at, code, reason, raw)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    let mut insert = prepare(writer, INSERT)?;
    let mut add = |it: &Quarantined| {
        let parameters = (&*it.source, it.received_at.0, &*it.code, &*it.reason, &it.raw);
        Ok(insert.query_row(parameters, |row| row.get::<_, i64>(0))?.cast_unsigned())
    };
    refused.iter().map(&mut add).collect()
}

fn from_row(row: &Row<'_>) -> Result<QuarantinedRow, Fault> {
    Ok(QuarantinedRow {
        id: row::count(row, 0, "quarantine", "id")?,
        source: row::text(row, 1)?,
        received_at: row::time(row, 2)?,
        code: row::text(row, 3)?,
        reason: row::text(row, 4)?,
        raw: row.get(5)?,
        replayed_at: row::time_or_none(row, 6)?,
    })
}

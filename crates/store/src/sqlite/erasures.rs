//! The record of erasures.

use std::collections::BTreeMap;

use firsthand_model::{Text, Time};
use rusqlite::Row;

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, execute, one};
use crate::{Erasure, Erasures, Page, PageRequest, Result};

const TABLE: &str = "erasures";
const COLUMNS: &str = "
    SELECT id, subject_kind, subject_hash, asked_by, asked_at, ids, done_at, erased, left_over
    FROM erasures";

impl Erasures for SqliteStore {
    fn put_erasure(&self, it: &Erasure) -> Result<()> {
        const UPSERT: &str = "
            INSERT INTO erasures (id, subject_kind, subject_hash, asked_by, asked_at, ids, done_at,
                                  erased, left_over)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (id) DO UPDATE
            SET ids = excluded.ids, done_at = excluded.done_at, erased = excluded.erased,
                left_over = excluded.left_over";
        let erased = serde_json::to_string(&it.erased).expect("names and counts serialise");
        self.write(|writer| {
            let values = (
                it.id.as_str(),
                it.kind.word(),
                it.subject_hash.as_str(),
                it.asked_by.as_str(),
                it.asked_at.0,
                it.ids.as_deref(),
                it.done_at.map(Time::micros),
                &erased,
                it.left.map(u64::cast_signed),
            );
            execute(writer, UPSERT, values)
        })?;
        self.overwrite()
    }

    fn erasure(&self, id: &str) -> Result<Option<Erasure>> {
        let sql = format!("{COLUMNS}\nWHERE id = $1");
        self.read(|reader| one(reader, &sql, [id], from_row))
    }

    fn unfinished_erasures(&self) -> Result<Vec<Erasure>> {
        let sql = format!("{COLUMNS}\nWHERE done_at IS NULL\nORDER BY asked_at, id");
        self.read(|reader| all(reader, &sql, [], from_row))
    }

    fn erasures(&self, page: &PageRequest) -> Result<Page<Erasure>> {
        self.read(|reader| {
            let mut query = Query::new(COLUMNS);
            if let Some(([at], [id])) = read_cursor::<1, 1>(TABLE, page)? {
                query.and("(asked_at, id) < (?, ?)", [at.into(), id.into()]);
            }
            let key = |it: &Erasure| cursor(TABLE, &[it.asked_at.0], &[&it.id]);
            query.page(reader, "asked_at DESC, id DESC", page, from_row, key)
        })
    }
}

fn from_row(row: &Row<'_>) -> Result<Erasure, Fault> {
    let erased: String = row.get(7)?;
    let erased: BTreeMap<Text, u64> = serde_json::from_str(&erased).map_err(|_| Fault::BadRow {
        table: TABLE,
        column: "erased",
        what: erased,
    })?;
    let left: Option<i64> = row.get(8)?;
    Ok(Erasure {
        id: row::text(row, 0)?,
        kind: row::word(row, 1, TABLE, "subject_kind", row::kind_from_word)?,
        subject_hash: row::text(row, 2)?,
        asked_by: row::text(row, 3)?,
        asked_at: row::time(row, 4)?,
        ids: row.get(5)?,
        done_at: row::time_or_none(row, 6)?,
        erased,
        left: left.map(|it| u64::try_from(it).unwrap_or(0)),
    })
}

//! What people decided about who is who.

use firsthand_model::Time;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, one, opt, prepare};
use crate::{ActKind, ActState, IdentityAct, IdentityActs, Page, PageRequest, Result};

const TABLE: &str = "identity_acts";
const COLUMNS: &str = "
    SELECT id, kind, of_kind, one, other, state, proposed_by, proposed_at, decided_by, decided_at,
           why
    FROM identity_acts";

impl IdentityActs for SqliteStore {
    fn identity_acts(
        &self,
        state: Option<ActState>,
        page: &PageRequest,
    ) -> Result<Page<IdentityAct>> {
        self.read(|reader| {
            let mut query = Query::new(COLUMNS);
            query.and_if("state = ?", state.map(|it| it.word().to_owned()));
            if let Some(([at], [id])) = read_cursor::<1, 1>(TABLE, page)? {
                query.and("(proposed_at, id) < (?, ?)", [at.into(), id.into()]);
            }
            let key = |it: &IdentityAct| cursor(TABLE, &[it.proposed_at.0], &[&it.id]);
            query.page(reader, "proposed_at DESC, id DESC", page, from_row, key)
        })
    }

    fn identity_act(&self, id: &str) -> Result<Option<IdentityAct>> {
        let sql = format!("{COLUMNS}\nWHERE id = $1");
        self.read(|reader| one(reader, &sql, [id], from_row))
    }
}

/// Writes acts as they now are.
pub(super) fn upsert(writer: &Connection, acts: &[IdentityAct]) -> Result<(), Fault> {
    const UPSERT: &str = "
        INSERT INTO identity_acts (id, kind, of_kind, one, other, state, proposed_by, proposed_at,
                                   decided_by, decided_at, why)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO UPDATE
        SET kind = excluded.kind, of_kind = excluded.of_kind, one = excluded.one,
            other = excluded.other, state = excluded.state, proposed_by = excluded.proposed_by,
            proposed_at = excluded.proposed_at, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at, why = excluded.why";
    let mut upsert = prepare(writer, UPSERT)?;
    for it in acts {
        upsert.execute((
            it.id.as_str(),
            it.kind.word(),
            it.of.word(),
            it.one.as_str(),
            it.other.as_str(),
            it.state.word(),
            it.proposed_by.as_str(),
            it.proposed_at.0,
            opt(it.decided_by.as_ref()),
            it.decided_at.map(Time::micros),
            it.why.as_str(),
        ))?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<IdentityAct, Fault> {
    Ok(IdentityAct {
        id: row::text(row, 0)?,
        kind: row::word(row, 1, TABLE, "kind", ActKind::from_word)?,
        of: row::word(row, 2, TABLE, "of_kind", row::kind_from_word)?,
        one: row::text(row, 3)?,
        other: row::text(row, 4)?,
        state: row::word(row, 5, TABLE, "state", ActState::from_word)?,
        proposed_by: row::text(row, 6)?,
        proposed_at: row::time(row, 7)?,
        decided_by: row::text_or_none(row, 8)?,
        decided_at: row::time_or_none(row, 9)?,
        why: row::text(row, 10)?,
    })
}

//! The stages of accounts.

use firsthand_model::stage::StageMove;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, one, opt, prepare};
use crate::{AccountStage, Page, PageRequest, Result, StageCount, Stages};

impl Stages for SqliteStore {
    fn stage_of(&self, account: &str) -> Result<Option<AccountStage>> {
        const SQL: &str = "
            SELECT account, stage, since
            FROM account_stages
            WHERE account = $1";
        self.read(|reader| one(reader, SQL, [account], stage_from_row))
    }

    fn stage_moves(&self, account: &str) -> Result<Vec<StageMove>> {
        const SQL: &str = "
            SELECT account, from_stage, to_stage, held_at, known_at, why, correction
            FROM stage_moves
            WHERE account = $1
            ORDER BY id";
        self.read(|reader| all(reader, SQL, [account], move_from_row))
    }

    fn accounts_by_stage(
        &self,
        stage: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<AccountStage>> {
        const LIST: &str = "accounts_by_stage";
        self.read(|reader| {
            let mut query = Query::new("SELECT account, stage, since\nFROM account_stages");
            query.and_if("stage = ?", stage.map(str::to_owned));
            if let Some(([], [account])) = read_cursor::<0, 1>(LIST, page)? {
                query.and("account > ?", [account.into()]);
            }
            let key = |it: &AccountStage| cursor(LIST, &[], &[&it.account]);
            query.page(reader, "account", page, stage_from_row, key)
        })
    }

    fn count_stages(&self) -> Result<Vec<StageCount>> {
        const SQL: &str = "
            SELECT stage, COUNT(*)
            FROM account_stages
            GROUP BY stage
            ORDER BY stage";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                let accounts = row::count(row, 1, "account_stages", "count")?;
                Ok(StageCount { stage: row::text(row, 0)?, accounts })
            })
        })
    }
}

/// Appends moves; the last of an account says where it is.
pub(super) fn append(writer: &Connection, moves: &[StageMove]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO stage_moves (account, from_stage, to_stage, held_at, known_at, why, correction)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    const UPSERT: &str = "
        INSERT INTO account_stages (account, stage, since)
        VALUES ($1, $2, $3)
        ON CONFLICT (account) DO UPDATE
        SET stage = excluded.stage, since = excluded.since";
    let (mut insert, mut upsert) = (prepare(writer, INSERT)?, prepare(writer, UPSERT)?);
    for it in moves {
        let (held_at, known_at) = (it.held_at.0, it.known_at.0);
        let correction = i64::from(it.correction);
        let from = opt(it.from.as_ref());
        insert.execute((&*it.account, from, &*it.to, held_at, known_at, &*it.why, correction))?;
        upsert.execute((&*it.account, &*it.to, held_at))?;
    }
    Ok(())
}

fn stage_from_row(row: &Row<'_>) -> Result<AccountStage, Fault> {
    Ok(AccountStage {
        account: row::text(row, 0)?,
        stage: row::text(row, 1)?,
        since: row::time(row, 2)?,
    })
}

fn move_from_row(row: &Row<'_>) -> Result<StageMove, Fault> {
    Ok(StageMove {
        account: row::text(row, 0)?,
        from: row::text_or_none(row, 1)?,
        to: row::text(row, 2)?,
        held_at: row::time(row, 3)?,
        known_at: row::time(row, 4)?,
        why: row::text(row, 5)?,
        correction: row.get::<_, i64>(6)? != 0,
    })
}

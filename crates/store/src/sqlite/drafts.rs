//! Drafts of definitions.

use firsthand_model::Time;
use rusqlite::Row;

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, execute, one};
use crate::drafts::DRAFTS_MAX;
use crate::{Draft, Drafts, Result, StoreError};

impl Drafts for SqliteStore {
    fn drafts(&self, user: &str) -> Result<Vec<Draft>> {
        const SQL: &str = "
            SELECT definition, text, base, saved_at
            FROM drafts
            WHERE user_id = $1
            ORDER BY definition";
        self.read(|reader| all(reader, SQL, [user], from_row))
    }

    fn draft(&self, user: &str, definition: &str) -> Result<Option<Draft>> {
        const SQL: &str = "
            SELECT definition, text, base, saved_at
            FROM drafts
            WHERE user_id = $1 AND definition = $2";
        self.read(|reader| one(reader, SQL, (user, definition), from_row))
    }

    fn keep_draft(&self, user: &str, draft: &Draft) -> Result<()> {
        const COUNT: &str = "
            SELECT COUNT(*)
            FROM drafts
            WHERE user_id = $1 AND definition <> $2";
        const UPSERT: &str = "
            INSERT INTO drafts (user_id, definition, text, base, saved_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, definition) DO UPDATE
            SET text = excluded.text, base = excluded.base, saved_at = excluded.saved_at";
        let Draft { definition, text, base, saved_at } = draft;
        let (definition, base) = (definition.as_str(), base.as_deref());
        self.write(|writer| {
            let others = one(writer, COUNT, (user, definition), |row| Ok(row.get::<_, i64>(0)?))?;
            if others.unwrap_or(0) >= i64::from(DRAFTS_MAX) {
                let what = format!("more than {DRAFTS_MAX} drafts");
                return Err(StoreError::Refused { what }.into());
            }
            execute(writer, UPSERT, (user, definition, text, base, saved_at.0))?;
            Ok(())
        })
    }

    fn drop_draft(&self, user: &str, definition: &str) -> Result<bool> {
        const SQL: &str = "
            DELETE FROM drafts
            WHERE user_id = $1 AND definition = $2";
        Ok(self.write(|writer| execute(writer, SQL, (user, definition)))? > 0)
    }
}

fn from_row(row: &Row<'_>) -> std::result::Result<Draft, Fault> {
    Ok(Draft {
        definition: row::text(row, 0)?,
        text: row.get(1)?,
        base: row.get::<_, Option<String>>(2)?.map(Into::into),
        saved_at: Time(row.get(3)?),
    })
}

//! Write keys and API tokens.

use firsthand_model::{Text, Time};
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, execute, one, prepare};
use crate::{Key, KeyKind, Keys, Result, StoreError};

const COLUMNS: &str = "
    SELECT id, kind, name, hash, hint, scopes, created_by, created_at, expires_at, last_used_at,
           revoked_at
    FROM keys";

impl Keys for SqliteStore {
    fn add_key(&self, key: &Key) -> Result<()> {
        self.write(|writer| insert(writer, key))
    }

    fn key_by_hash(&self, hash: &str) -> Result<Option<Key>> {
        let sql = format!("{COLUMNS}\nWHERE hash = $1");
        self.read(|reader| one(reader, &sql, [hash], from_row))
    }

    fn keys(&self, kind: Option<KeyKind>) -> Result<Vec<Key>> {
        let order = "ORDER BY created_at, id";
        self.read(|reader| match kind {
            None => all(reader, &format!("{COLUMNS}\n{order}"), [], from_row),
            Some(kind) => {
                let sql = format!("{COLUMNS}\nWHERE kind = $1\n{order}");
                all(reader, &sql, [kind.word()], from_row)
            }
        })
    }

    fn note_key_uses(&self, uses: &[(Text, Time)]) -> Result<()> {
        const SQL: &str = "
            UPDATE keys
            SET last_used_at = $1
            WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)";
        self.write(|writer| {
            let mut update = prepare(writer, SQL)?;
            for (id, at) in uses {
                update.execute((at.0, id.as_str()))?;
            }
            Ok(())
        })
    }

    fn revoke_key(&self, id: &str, at: Time) -> Result<bool> {
        const SQL: &str = "
            UPDATE keys
            SET revoked_at = $1
            WHERE id = $2 AND revoked_at IS NULL";
        Ok(self.write(|writer| execute(writer, SQL, (at.0, id)))? > 0)
    }
}

fn insert(writer: &Connection, key: &Key) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO keys (id, kind, name, hash, hint, scopes, created_by, created_at, expires_at,
                          last_used_at, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    if let Some(scope) = key.scopes.iter().find(|it| it.is_empty() || it.contains(' ')) {
        let what = format!("the scope `{scope}` of key `{}` is not one word", key.id);
        return Err(StoreError::Refused { what }.into());
    }
    let parameters = (
        key.id.as_str(),
        key.kind.word(),
        key.name.as_str(),
        key.hash.as_str(),
        key.hint.as_str(),
        key.scopes.join(" "),
        key.created_by.as_str(),
        key.created_at.0,
        key.expires_at.map(Time::micros),
        key.last_used_at.map(Time::micros),
        key.revoked_at.map(Time::micros),
    );
    execute(writer, INSERT, parameters)?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Key, Fault> {
    Ok(Key {
        id: row::text(row, 0)?,
        kind: row::word(row, 1, "keys", "kind", KeyKind::from_word)?,
        name: row::text(row, 2)?,
        hash: row::text(row, 3)?,
        hint: row::text(row, 4)?,
        scopes: row::text(row, 5)?.split_whitespace().map(Text::new).collect(),
        created_by: row::text(row, 6)?,
        created_at: row::time(row, 7)?,
        expires_at: row::time_or_none(row, 8)?,
        last_used_at: row::time_or_none(row, 9)?,
        revoked_at: row::time_or_none(row, 10)?,
    })
}

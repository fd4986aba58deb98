//! Small things that are remembered by name.

use firsthand_model::Text;

use super::SqliteStore;
use super::row::{self, all, execute, one};
use crate::{Result, Settings};

impl Settings for SqliteStore {
    fn setting(&self, name: &str) -> Result<Option<String>> {
        const SQL: &str = "
            SELECT value
            FROM settings
            WHERE name = $1";
        self.read(|reader| one(reader, SQL, [name], |row| Ok(row.get(0)?)))
    }

    fn settings(&self) -> Result<Vec<(Text, String)>> {
        const SQL: &str = "
            SELECT name, value
            FROM settings
            ORDER BY name";
        self.read(|reader| all(reader, SQL, [], |row| Ok((row::text(row, 0)?, row.get(1)?))))
    }

    fn setting_or(&self, name: &str, value: &str) -> Result<String> {
        // The update changes nothing; it is what makes the row that is there come back.
        const SQL: &str = "
            INSERT INTO settings (name, value)
            VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE
            SET value = settings.value
            RETURNING value";
        let kept = self.write(|writer| one(writer, SQL, (name, value), |row| Ok(row.get(0)?)))?;
        Ok(kept.unwrap_or_else(|| value.to_owned()))
    }

    fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        const UPSERT: &str = "
            INSERT INTO settings (name, value)
            VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE
            SET value = excluded.value";
        const DELETE: &str = "
            DELETE FROM settings
            WHERE name = $1";
        self.write(|writer| match value {
            Some(value) => execute(writer, UPSERT, (name, value)),
            None => execute(writer, DELETE, [name]),
        })?;
        Ok(())
    }
}

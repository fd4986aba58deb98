//! Where facts come from.

use firsthand_model::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, number, prepare};
use crate::{Result, Source, SourceMinute, SourceTally, Sources};

impl Sources for SqliteStore {
    fn sources(&self) -> Result<Vec<Source>> {
        const SQL: &str = "
            SELECT source, first_seen_at, last_seen_at, accepted, rejected, repeated
            FROM sources
            ORDER BY source";
        self.read(|reader| all(reader, SQL, [], source_from_row))
    }

    fn source_minutes(
        &self,
        source: Option<&str>,
        from: Time,
        to: Time,
    ) -> Result<Vec<SourceMinute>> {
        let only = if source.is_some() { "AND source = $3" } else { "" };
        let sql = format!(
            "SELECT minute, source, accepted, rejected, repeated
            FROM source_minutes
            WHERE minute >= $1 AND minute < $2 {only}
            ORDER BY minute, source"
        );
        let mut parameters = vec![Value::Integer(from.0), Value::Integer(to.0)];
        parameters.extend(source.map(|it| Value::Text(it.to_owned())));
        self.read(|reader| all(reader, &sql, params_from_iter(&parameters), minute_from_row))
    }
}

/// Adds what was counted to what is there.
pub(super) fn add(writer: &Connection, tallies: &[SourceTally]) -> Result<(), Fault> {
    const TOTAL: &str = "
        INSERT INTO sources (source, first_seen_at, last_seen_at, accepted, rejected, repeated)
        VALUES ($1, $2, $2, $3, $4, $5)
        ON CONFLICT (source) DO UPDATE
        SET first_seen_at = CASE WHEN excluded.first_seen_at < sources.first_seen_at
                            THEN excluded.first_seen_at ELSE sources.first_seen_at END,
            last_seen_at = CASE WHEN excluded.last_seen_at > sources.last_seen_at
                           THEN excluded.last_seen_at ELSE sources.last_seen_at END,
            accepted = sources.accepted + excluded.accepted,
            rejected = sources.rejected + excluded.rejected,
            repeated = sources.repeated + excluded.repeated";
    const MINUTE: &str = "
        INSERT INTO source_minutes (minute, source, accepted, rejected, repeated)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (minute, source) DO UPDATE
        SET accepted = source_minutes.accepted + excluded.accepted,
            rejected = source_minutes.rejected + excluded.rejected,
            repeated = source_minutes.repeated + excluded.repeated";
    let (mut total, mut minute) = (prepare(writer, TOTAL)?, prepare(writer, MINUTE)?);
    for it in tallies {
        let accepted = number("a count", it.accepted)?;
        let rejected = number("a count", it.rejected)?;
        let repeated = number("a count", it.repeated)?;
        total.execute((&*it.source, it.seen_at.0, accepted, rejected, repeated))?;
        minute.execute((it.minute().0, &*it.source, accepted, rejected, repeated))?;
    }
    Ok(())
}

fn source_from_row(row: &Row<'_>) -> Result<Source, Fault> {
    Ok(Source {
        source: row::text(row, 0)?,
        first_seen_at: row::time(row, 1)?,
        last_seen_at: row::time(row, 2)?,
        accepted: row::count(row, 3, "sources", "accepted")?,
        rejected: row::count(row, 4, "sources", "rejected")?,
        repeated: row::count(row, 5, "sources", "repeated")?,
    })
}

fn minute_from_row(row: &Row<'_>) -> Result<SourceMinute, Fault> {
    Ok(SourceMinute {
        minute: row::time(row, 0)?,
        source: row::text(row, 1)?,
        accepted: row::count(row, 2, "source_minutes", "accepted")?,
        rejected: row::count(row, 3, "source_minutes", "rejected")?,
        repeated: row::count(row, 4, "source_minutes", "repeated")?,
    })
}

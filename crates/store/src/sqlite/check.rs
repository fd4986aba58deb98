//! Looks a store over.

use rusqlite::Connection;

use super::fault::Fault;
use super::row::{self, all};
use super::{connect, log, migrate};

/// Problems told of each kind, at most.
const PROBLEMS_MAX: usize = 100;

/// What is wrong with a store, in words.
pub(super) fn problems(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut problems = Vec::new();
    structure(connection, &mut problems)?;
    if problems.is_empty() {
        chunks(connection, &mut problems)?;
    }
    Ok(problems)
}

/// The database's own checks, and whose it is.
fn structure(connection: &Connection, problems: &mut Vec<String>) -> Result<(), Fault> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != connect::APPLICATION_ID {
        problems.push("it is not marked as a store of Firsthand".to_owned());
    }
    let version = migrate::version(connection)?;
    if version != migrate::known() {
        problems.push(format!("it is at migration {version}, not {}", migrate::known()));
    }
    let check = format!("PRAGMA integrity_check({PROBLEMS_MAX})");
    let mut statement = connection.prepare(&check)?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            problems.push(line);
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(2)?)))?;
    for row in rows.take(PROBLEMS_MAX) {
        let (table, parent) = row?;
        problems.push(format!("a row of `{table}` belongs to a row of `{parent}` that is missing"));
    }
    Ok(())
}

/// Whether the chunks of the log follow one another up to its end.
fn chunks(connection: &Connection, problems: &mut Vec<String>) -> Result<(), Fault> {
    const SQL: &str = "
        SELECT first_offset, last_offset
        FROM log_chunks
        ORDER BY last_offset";
    let state = log::state(connection)?;
    let ranges = all(connection, SQL, [], |row| {
        let first = row::count(row, 0, "log_chunks", "first_offset")?;
        Ok((first, row::count(row, 1, "log_chunks", "last_offset")?))
    })?;
    for pair in ranges.windows(2) {
        if pair[0].1 + 1 != pair[1].0 && problems.len() < PROBLEMS_MAX {
            let (before, after) = (pair[0].1, pair[1].0);
            problems.push(format!("the log goes from offset {before} to {after}"));
        }
    }
    if let Some((_, last)) = ranges.last()
        && last + 1 != state.next
    {
        problems.push(format!("the log ends at offset {last}, not before {}", state.next));
    }
    let decided = state.applied.map_or(0, |it| it + 1);
    match ranges.first() {
        Some((first, _)) if *first > decided => {
            problems.push(format!("facts from offset {decided} to {first} were dropped undecided"));
        }
        None if decided < state.next => {
            problems.push(format!("facts from offset {decided} on were dropped undecided"));
        }
        _ => {}
    }
    Ok(())
}

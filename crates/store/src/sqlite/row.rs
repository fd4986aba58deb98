//! Values on their way into rows and out of them.

use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::Subject;
use rusqlite::{CachedStatement, Connection, Row};

use super::fault::Fault;
use crate::StoreError;

/// Prepares a statement, or takes it from those that are kept ready.
///
/// Placeholders are numbered in the order in which they first appear: SQLite takes `$1` for a
/// name and numbers names by appearance, other databases take it for the number. Both must agree.
pub(super) fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
) -> Result<CachedStatement<'c>, Fault> {
    let statement = connection.prepare_cached(sql)?;
    debug_assert!(
        (1..=statement.parameter_count())
            .all(|index| statement.parameter_name(index) == Some(&format!("${index}"))),
        "the placeholders of `{sql}` are not in order"
    );
    Ok(statement)
}

/// Reads all rows of a query.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    from_row: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    prepare(connection, sql)?.query_and_then(parameters, from_row)?.collect()
}

/// Reads the one row that a query may have.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    from_row: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = prepare(connection, sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(from_row).transpose()
}

/// Writes; returns how many rows were touched.
pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<u64, Fault> {
    Ok(prepare(connection, sql)?.execute(parameters)? as u64)
}

pub(super) fn text(row: &Row<'_>, index: usize) -> Result<Text, Fault> {
    Ok(row.get_ref(index)?.as_str()?.into())
}

pub(super) fn text_or_none(row: &Row<'_>, index: usize) -> Result<Option<Text>, Fault> {
    Ok(row.get_ref(index)?.as_str_or_null()?.map(Text::new))
}

pub(super) fn time(row: &Row<'_>, index: usize) -> Result<Time, Fault> {
    Ok(Time(row.get(index)?))
}

pub(super) fn time_or_none(row: &Row<'_>, index: usize) -> Result<Option<Time>, Fault> {
    Ok(row.get::<_, Option<i64>>(index)?.map(Time))
}

/// A number that is never below 0.
pub(super) fn count(
    row: &Row<'_>,
    index: usize,
    table: &'static str,
    column: &'static str,
) -> Result<u64, Fault> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| Fault::BadRow { table, column, what: value.to_string() })
}

/// A word of a list.
pub(super) fn word<T>(
    row: &Row<'_>,
    index: usize,
    table: &'static str,
    column: &'static str,
    from_word: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Fault> {
    let word = row.get_ref(index)?.as_str()?;
    from_word(word).ok_or_else(|| Fault::BadRow { table, column, what: format!("`{word}`") })
}

/// A subject, from its kind and its id in the next column.
pub(super) fn subject(row: &Row<'_>, index: usize, table: &'static str) -> Result<Subject, Fault> {
    let kind = word(row, index, table, "subject_kind", kind_from_word)?;
    Ok(Subject { kind, id: text(row, index + 1)? })
}

pub(super) fn kind_from_word(word: &str) -> Option<Kind> {
    [Kind::Account, Kind::Person].into_iter().find(|it| it.word() == word)
}

/// A number as the database holds it.
pub(super) fn number(what: &'static str, value: u64) -> Result<i64, Fault> {
    i64::try_from(value).map_err(|_| StoreError::TooLarge { what, value: value.to_string() }.into())
}

/// A text that may be missing, as a parameter.
pub(super) fn opt(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

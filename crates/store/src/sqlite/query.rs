//! Queries whose conditions depend on what is asked.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::fault::Fault;
use super::row;
use crate::{Cursor, PAGE_ROWS_MAX, Page, PageRequest, StoreError};

/// A query that grows: conditions joined with `AND`, placeholders numbered as they come.
pub(super) struct Query {
    sql: String,
    parameters: Vec<Value>,
    conditions: usize,
}

impl Query {
    /// Begins with `SELECT … FROM …`.
    pub fn new(select: &str) -> Self {
        Self { sql: select.to_owned(), parameters: Vec::new(), conditions: 0 }
    }

    /// Adds a condition, each `?` in it standing for the next of the values.
    pub fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) -> &mut Self {
        self.and_all(condition, values)
    }

    /// Adds a condition, each `?` in it standing for the next of any number of values.
    pub fn and_all(
        &mut self,
        condition: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> &mut Self {
        self.sql.push_str(if self.conditions == 0 { "\nWHERE " } else { "\nAND " });
        self.conditions += 1;
        self.push(condition, values);
        self
    }

    /// Adds a condition where there is a value for it.
    pub fn and_if(&mut self, condition: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.and(condition, [value.into()]);
        }
        self
    }

    /// Adds the condition that a column has one of several values; none means any.
    pub fn and_among<'v>(
        &mut self,
        column: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> &mut Self {
        let values = values.into_iter().map(|it| Value::Text(it.to_owned())).collect::<Vec<_>>();
        if values.is_empty() {
            return self;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.and_all(&format!("{column} IN ({marks})"), values)
    }

    /// Reads a page in an order, with one row more than is asked for, to see whether it goes on.
    pub fn page<T>(
        self,
        connection: &Connection,
        order: &str,
        page: &PageRequest,
        from_row: impl FnMut(&Row<'_>) -> Result<T, Fault>,
        cursor: impl FnOnce(&T) -> Cursor,
    ) -> Result<Page<T>, Fault> {
        let asked = page.rows.clamp(1, PAGE_ROWS_MAX);
        Ok(Page::cut(self.rows(connection, order, asked + 1, from_row)?, asked, cursor))
    }

    /// Reads the first rows in an order.
    pub fn rows<T>(
        mut self,
        connection: &Connection,
        order: &str,
        limit: u32,
        from_row: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.sql.push_str("\nORDER BY ");
        self.sql.push_str(order);
        self.push("\nLIMIT ?", [Value::Integer(limit.into())]);
        row::all(connection, &self.sql, params_from_iter(self.parameters), from_row)
    }

    /// The statement so far.
    #[cfg(test)]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    fn push(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        for (index, piece) in sql.split('?').enumerate() {
            if index > 0 {
                self.parameters.push(values.next().expect("each mark has a value"));
                self.sql.push('$');
                self.sql.push_str(&self.parameters.len().to_string());
            }
            self.sql.push_str(piece);
        }
    }
}

/// The values that the row before the next page has, by which the list is ordered: numbers first,
/// then a text to tell equal ones apart. `list` names the query, so that no other takes it.
pub(super) fn cursor(list: &str, numbers: &[i64], texts: &[&str]) -> Cursor {
    // JSON keeps whatever ids are made of; hexadecimal keeps JSON out of addresses.
    let json = serde_json::to_string(&(list, numbers, texts)).expect("texts and numbers serialise");
    let mut digits = String::with_capacity(json.len() * 2);
    for byte in json.bytes() {
        for half in [byte >> 4, byte & 15] {
            digits.extend(char::from_digit(half.into(), 16));
        }
    }
    Cursor(digits.into())
}

/// The numbers and the texts of a cursor.
type Place<const N: usize, const T: usize> = ([i64; N], [String; T]);

/// Reads a cursor of a list with so many numbers and texts.
pub(super) fn read_cursor<const N: usize, const T: usize>(
    list: &str,
    page: &PageRequest,
) -> Result<Option<Place<N, T>>, Fault> {
    let Some(cursor) = &page.after else { return Ok(None) };
    let read = || {
        let digits = cursor.0.as_bytes();
        let bytes = digits.chunks(2).map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)
        });
        let json = bytes.collect::<Option<Vec<_>>>()?;
        let (name, numbers, texts): (String, Vec<i64>, Vec<String>) =
            serde_json::from_slice(&json).ok()?;
        (name == list).then_some(())?;
        Some((numbers.try_into().ok()?, texts.try_into().ok()?))
    };
    match read() {
        Some(found) => Ok(Some(found)),
        None => Err(StoreError::BadCursor(cursor.0.clone()).into()),
    }
}

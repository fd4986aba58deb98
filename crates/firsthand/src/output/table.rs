//! Rows and columns, described once.

use std::borrow::Cow;

use super::Cell;
use super::people::grouped;

/// A column: its name for programs, and the words above it for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON and CSV; carries the unit where there is one (`median_lead_seconds`).
    pub key: Cow<'static, str>,
    /// The heading for people.
    pub title: Cow<'static, str>,
}

/// Rows of one kind.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    left_out: u64,
}

impl Table {
    /// Begins a table; each column is its key and its heading.
    pub fn new(columns: &[(&'static str, &'static str)]) -> Self {
        let column = |&(key, title): &(&'static str, &'static str)| Column {
            key: key.into(),
            title: title.into(),
        };
        Self { columns: columns.iter().map(column).collect(), ..Self::default() }
    }

    /// Adds a column, before the first row is there.
    pub fn column(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) {
        self.columns.push(Column { key: key.into(), title: title.into() });
    }

    /// Takes a table whose cells were written by somebody else, such as the lab.
    pub fn written(header: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let column = |it: String| Column { key: it.clone().into(), title: it.into() };
        let cell = |it: String| {
            if it.is_empty() { Cell::Empty } else { Cell::Text(it) }
        };
        Self {
            columns: header.into_iter().map(column).collect(),
            rows: rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect(),
            left_out: 0,
        }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// Where the row has not one cell for each column: every command's own mistake.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        let row: Vec<Cell> = row.into_iter().collect();
        assert_eq!(row.len(), self.columns.len(), "a cell for each column");
        self.rows.push(row);
    }

    /// Says that `count` further rows exist that were never made.
    pub const fn left_out(&mut self, count: u64) {
        self.left_out += count;
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn cut_notice(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            let shown = self.rows.len() as u64;
            let (shown, all) = (shown.to_string(), (shown + self.left_out).to_string());
            format!("{} of {} rows; `--limit N` shows more", grouped(&shown), grouped(&all))
        })
    }
}

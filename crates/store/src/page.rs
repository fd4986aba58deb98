//! Lists in pages: each goes on after the last row of the one before, never by counting rows.

use std::fmt;

use firsthand_model::Text;
use serde::{Deserialize, Serialize};

/// Most rows of a page; asking for more gives these.
pub const PAGE_ROWS_MAX: u32 = 1_000;

/// Where a list goes on. Opaque: only the query that gave it out understands it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub Text);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which page of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where to go on; `None` for the first page.
    pub after: Option<Cursor>,
    /// How many rows, at most; held within 1 and [`PAGE_ROWS_MAX`].
    pub rows: u32,
}

impl PageRequest {
    /// The first page.
    pub const fn first(rows: u32) -> Self {
        Self { after: None, rows }
    }

    /// The page after this one.
    pub const fn after(cursor: Cursor, rows: u32) -> Self {
        Self { after: Some(cursor), rows }
    }
}

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// Where the list goes on; `None` where it ends.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of rows that were read with one more than was asked for.
    #[cfg(feature = "sqlite")]
    pub(crate) fn cut(mut rows: Vec<T>, asked: u32, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let asked = asked as usize;
        if rows.len() <= asked {
            return Self { rows, next: None };
        }
        rows.truncate(asked);
        let next = rows.last().map(cursor);
        Self { rows, next }
    }
}

//! Lists are read page by page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// What was found, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last one. Opaque: hand it back as `cursor`.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that ends here.
    pub fn last(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// At most so many items; at least 1.
    pub limit: u32,
    /// What the page before gave as [`Page::next`], word for word.
    pub after: Option<String>,
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest or oldest first.
    Asc,
    /// Greatest or newest first.
    #[default]
    Desc,
}

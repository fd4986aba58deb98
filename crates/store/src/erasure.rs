//! Erasure: everything that is kept of a person or an account goes, and it can be proved.

use std::collections::BTreeMap;

use firsthand_model::Text;
use serde::Serialize;

use crate::{Chunk, Result};

/// Who is to be erased: every id that the engine knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities {
    /// Ids of persons: user ids, anonymous ids, aliases, addresses.
    pub persons: Vec<Text>,
    /// Ids of accounts, a person's own account included.
    pub accounts: Vec<Text>,
}

impl Identities {
    /// All ids, of whatever kind.
    pub fn all(&self) -> impl Iterator<Item = &Text> {
        self.persons.iter().chain(&self.accounts)
    }
}

/// Why a chunk could not be rewritten.
pub type RewriteError = Box<dyn std::error::Error + Send + Sync>;

/// Rewrites the facts of a chunk, which only the engine can read: gives the new bytes without the
/// erased facts' contents (the offsets stay), or `None` where nothing has to change.
pub type RewriteLog<'f> = dyn FnMut(&Chunk) -> Result<Option<Vec<u8>>, RewriteError> + 'f;

/// How many rows were deleted or blanked, by table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasedRows {
    /// Table and rows; tables without any are left out.
    pub by_table: BTreeMap<&'static str, u64>,
}

/// A row in which an erased id is still to be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// How many rows.
    pub rows: u64,
}

/// Erasing people and accounts.
///
/// Rows *about* them are deleted. In rows about others that *mention* them, the free text that
/// does (evidence, a note) is blanked, whole. An id is mentioned where it stands by itself, not
/// as a part of a longer word; as the text of JSON, written in any way that JSON allows
/// ([`Mentions`](crate::Mentions)). What the team wrote itself is not looked at: names of its own
/// people, of sources and keys, texts of definitions, settings.
pub trait Erase {
    /// Erases in one transaction. The whole log is gone through: commits wait meanwhile.
    ///
    /// # Errors
    /// `Rewrite` where the caller's function failed. Nothing is erased then, nor with any other
    /// error but one: where what was freed could not be overwritten in the files, the rows are
    /// gone. Erasing once more does no harm and overwrites it.
    fn erase(&self, who: &Identities, rewrite: &mut RewriteLog<'_>) -> Result<ErasedRows>;

    /// Looks for the ids in every text and blob of every table, the log through `mentions`, which
    /// says whether a chunk does. Nothing found is the proof.
    fn traces(
        &self,
        who: &Identities,
        mentions: &mut dyn FnMut(&Chunk) -> bool,
    ) -> Result<Vec<Trace>>;
}

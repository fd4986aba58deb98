//! The record of erasures: who asked for which, when, and what came of it.

use std::collections::BTreeMap;

use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// An erasure, as it now is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// Its name.
    pub id: Text,
    /// Of a person or of an account.
    pub kind: Kind,
    /// A keyed hash of the id that was asked for: who has the key and the id can tell that they
    /// belong together, and nobody else.
    pub subject_hash: Text,
    /// Who asked for it.
    pub asked_by: Text,
    /// When.
    pub asked_at: Time,
    /// All ids, for as long as it is under way, so that it is taken up again after a crash; `None`
    /// once it is done.
    pub ids: Option<String>,
    /// When it was done.
    pub done_at: Option<Time>,
    /// How many rows and facts of what went or were changed.
    pub erased: BTreeMap<Text, u64>,
    /// How much was still found when it was looked for afterwards; `None` before.
    pub left: Option<u64>,
}

/// The record of erasures.
pub trait Erasures {
    /// Writes an erasure as it now is. Once this returns, nothing that it said before is left in
    /// the files.
    fn put_erasure(&self, erasure: &Erasure) -> Result<()>;

    /// One erasure; `None` where there is none such.
    fn erasure(&self, id: &str) -> Result<Option<Erasure>>;

    /// Those under way, the oldest first.
    fn unfinished_erasures(&self) -> Result<Vec<Erasure>>;

    /// A page of all, the newest first.
    fn erasures(&self, page: &PageRequest) -> Result<Page<Erasure>>;
}

//! What people decided about who is who.

use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// What is to be done with two ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActKind {
    /// They are one.
    Merge,
    /// They are not one after all.
    Split,
}

impl ActKind {
    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Merge, Self::Split].into_iter().find(|it| it.word() == word)
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActState {
    /// Somebody, or the data, suggests it.
    Proposed,
    /// It was done; the fact is in the log.
    Made,
    /// Somebody decided against it.
    Refused,
    /// It was done, and undone again.
    Undone,
}

impl ActState {
    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Made => "made",
            Self::Refused => "refused",
            Self::Undone => "undone",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Proposed, Self::Made, Self::Refused, Self::Undone];
        all.into_iter().find(|it| it.word() == word)
    }
}

/// A merge or a split, as it now is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityAct {
    /// Its name.
    pub id: Text,
    /// Merge or split.
    pub kind: ActKind,
    /// Of persons or of accounts.
    pub of: Kind,
    /// The one id.
    pub one: Text,
    /// The other id.
    pub other: Text,
    /// How far it has come.
    pub state: ActState,
    /// Who proposed it.
    pub proposed_by: Text,
    /// When.
    pub proposed_at: Time,
    /// Who decided last: made, refused or undid it.
    pub decided_by: Option<Text>,
    /// When.
    pub decided_at: Option<Time>,
    /// Why, for people.
    pub why: Text,
}

/// What people decided about who is who. Acts are written by commits, with the fact they make.
pub trait IdentityActs {
    /// A page of acts, all or those of a state, the latest proposal first.
    fn identity_acts(
        &self,
        state: Option<ActState>,
        page: &PageRequest,
    ) -> Result<Page<IdentityAct>>;

    /// One act; `None` where there is none such.
    fn identity_act(&self, id: &str) -> Result<Option<IdentityAct>>;
}

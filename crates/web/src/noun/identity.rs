//! Who is who: ids of people, merges and splits by hand, and erasure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, Subject};

/// All ids of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonIds {
    /// The id that stands for the person.
    pub person: String,
    /// All of them, the person's own included.
    pub ids: Vec<LinkedId>,
    /// The accounts they belong to, by id.
    pub accounts: Vec<String>,
}

/// One id of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkedId {
    /// The id.
    pub id: String,
    /// Whose kind it is.
    pub kind: LinkedIdKind,
    /// Since when it has been tied to the person.
    pub linked_at: Option<At>,
}

/// What an id of a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkedIdKind {
    /// The product's own id of a person.
    User,
    /// A device's or browser's.
    Anonymous,
}

/// Whether two people become one, or one becomes two again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentityActKind {
    /// Both are one.
    Merge,
    /// They are not one after all.
    Split,
}

/// How far a merge or split has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentityActState {
    /// Written down, not yet in force.
    Proposed,
    /// In force.
    Made,
    /// No longer in force.
    Undone,
}

/// A merge or split by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IdentityAct {
    /// Its id.
    pub id: String,
    /// Which of both.
    pub kind: IdentityActKind,
    /// One id.
    pub person: String,
    /// The other.
    pub other: String,
    /// Why.
    pub reason: Option<String>,
    /// How far it has come.
    pub state: IdentityActState,
    /// Who proposed it.
    pub by: String,
    /// When it was proposed.
    pub proposed_at: At,
    /// When it was made.
    pub made_at: Option<At>,
    /// When it was undone.
    pub undone_at: Option<At>,
}

/// A merge or split that somebody proposes.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIdentityAct {
    /// Which of both.
    pub kind: IdentityActKind,
    /// One id.
    pub person: String,
    /// The other; never the same.
    pub other: String,
    /// Why.
    pub reason: Option<String>,
}

/// The erasure of a person or an account, everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// Who is erased: a keyed hash of the id that was asked for, which is not kept.
    pub subject: Subject,
    /// How far it has come.
    pub state: ErasureState,
    /// When it was asked for.
    pub requested_at: At,
    /// When it was done.
    pub done_at: Option<At>,
    /// How many rows of what were erased.
    pub erased: BTreeMap<String, u64>,
    /// How many were still found when it was checked; `null` before.
    pub left: Option<u64>,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ErasureState {
    /// Under way.
    Running,
    /// Done and checked.
    Done,
}

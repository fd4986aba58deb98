//! Accounts as the API tells them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{At, Lead, Qualification};

/// A customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name, where one is known.
    pub name: Option<String>,
    /// Its lifecycle stage.
    pub stage: Option<String>,
    /// Its plan, by name.
    pub plan: Option<String>,
    /// When it was first heard of.
    pub first_seen_at: Option<At>,
    /// When it was last heard of.
    pub last_seen_at: Option<At>,
}

/// An account with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountDetail {
    /// The account.
    pub account: Account,
    /// Its traits as they stand.
    #[schema(value_type = Object)]
    pub traits: Map<String, Value>,
    /// How it came to its stage, oldest first.
    pub stages: Vec<StageMove>,
    /// What holds, and what held, newest first.
    pub qualifications: Vec<Qualification>,
    /// Its leads on all tracks, newest first.
    pub leads: Vec<Lead>,
    /// Its people, those last seen first; cut at a limit.
    pub people: Vec<Member>,
    /// How many people it has in all.
    pub people_count: u64,
}

/// A move from one lifecycle stage to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageMove {
    /// When.
    pub at: At,
    /// The stage before.
    pub from: Option<String>,
    /// The stage after.
    pub to: String,
    /// What brought it about.
    pub cause: Option<String>,
    /// Whether data was put right, rather than something happened.
    pub corrected: bool,
}

/// A person of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The person's id.
    pub id: String,
    /// Their role in the account.
    pub role: Option<String>,
    /// When they were last heard of.
    pub last_seen_at: Option<At>,
}

/// Which accounts are asked for; what is empty or `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountFilter {
    /// In one of these stages.
    pub stages: Vec<String>,
    /// On this plan.
    pub plan: Option<String>,
    /// Whose id or name begins with this, or holds it as a word.
    pub text: Option<String>,
}

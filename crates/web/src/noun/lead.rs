//! Leads as the API tells them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{At, Direction, Subject};

/// The side a lead is on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Track {
    /// Product-qualified.
    Product,
    /// Marketing-qualified.
    Marketing,
    /// A paying account that outgrows its plan.
    Expansion,
}

impl Track {
    /// The word in queries and answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Marketing => "marketing",
            Self::Expansion => "expansion",
        }
    }
}

/// Where a lead stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LeadStatus {
    /// Waits for somebody.
    Open,
    /// A rep works on it.
    Accepted,
    /// Turned down, with a reason.
    Rejected,
    /// Put off until a day.
    Snoozed,
    /// Bought.
    Won,
    /// Did not buy.
    Lost,
    /// Nobody came in time.
    Expired,
    /// The data changed before anybody touched it.
    Withdrawn,
    /// Its account became another's.
    Merged,
}

impl LeadStatus {
    /// The word in queries and answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Snoozed => "snoozed",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
        }
    }
}

/// The open case on an account and track that people work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lead {
    /// Its id.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// The account's name, where one is known.
    pub account_name: Option<String>,
    /// The side.
    pub track: Track,
    /// Where it stands.
    pub status: LeadStatus,
    /// The account's lifecycle stage now.
    pub stage: Option<String>,
    /// Which definitions qualified it, by name.
    pub definitions: Vec<String>,
    /// Why, in one sentence.
    pub why: Option<String>,
    /// The score of its definition: higher is more urgent; none where the definition has none.
    pub priority: Option<f64>,
    /// Whether its account is held out: it is measured, and nobody is told.
    pub held_out: bool,
    /// Who owns it.
    pub owner: Option<String>,
    /// Since when it has held.
    pub opened_at: At,
    /// Since when it has been known.
    pub known_at: At,
    /// When it last changed.
    pub updated_at: At,
    /// When somebody should have answered it.
    pub due_at: Option<At>,
    /// Until when it is put off.
    pub snoozed_until: Option<At>,
    /// When it was closed.
    pub closed_at: Option<At>,
    /// The reason given with its status.
    pub reason: Option<String>,
}

/// A lead with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeadDetail {
    /// The lead.
    pub lead: Lead,
    /// What it gathered, newest first.
    pub qualifications: Vec<Qualification>,
    /// What was done with it, oldest first.
    pub history: Vec<LeadChange>,
    /// What people wrote, oldest first.
    pub notes: Vec<Note>,
}

/// One interval in which a definition held, as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Qualification {
    /// The definition's name.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Who it is about.
    pub subject: Subject,
    /// Since when it has held.
    pub entered_at: At,
    /// Since when it no longer held.
    pub left_at: Option<At>,
    /// When it was known.
    pub known_at: At,
    /// Why, in one sentence.
    pub why: Option<String>,
    /// Each condition with what was observed and needed, as `explain` tells it; null where only the
    /// timeline is known.
    #[schema(value_type = Option<Object>)]
    pub evidence: Value,
}

/// A change of a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeadChange {
    /// When.
    pub at: At,
    /// Who: a token's name, a user, or `null` for Firsthand itself.
    pub by: Option<String>,
    /// The status before; `null` when it was opened.
    pub from: Option<LeadStatus>,
    /// The status after.
    pub to: LeadStatus,
    /// The owner from then on, where that changed.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What somebody wrote on a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// When.
    pub at: At,
    /// Who.
    pub by: Option<String>,
    /// What.
    pub text: String,
}

/// Something that happened to a lead, told to those who listen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeadEvent {
    /// Its place in the order of all; grows, never repeats.
    pub sequence: u64,
    /// What happened.
    pub kind: LeadEventKind,
    /// When.
    pub at: At,
    /// The lead as it was after that, or as it is now.
    pub lead: Lead,
}

/// What happened to a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LeadEventKind {
    /// It was opened.
    Opened,
    /// Something about it changed.
    Changed,
}

/// Which leads are asked for; what is empty or `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadFilter {
    /// On one of these tracks.
    pub tracks: Vec<Track>,
    /// With one of these statuses.
    pub statuses: Vec<LeadStatus>,
    /// Owned by.
    pub owner: Option<String>,
    /// Owned by nobody.
    pub unowned: bool,
    /// Of this account.
    pub account: Option<String>,
    /// Of an account whose id or name has this in it.
    pub text: Option<String>,
    /// Updated at or after.
    pub since: Option<At>,
    /// To be answered before.
    pub due_before: Option<At>,
    /// Of accounts that are held out, or of others.
    pub held_out: Option<bool>,
    /// Sorted by; ties by id.
    pub order: LeadOrder,
    /// Which way.
    pub direction: Direction,
}

/// What leads are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadOrder {
    /// When it was opened.
    #[default]
    OpenedAt,
    /// When it last changed.
    UpdatedAt,
    /// How urgent it is.
    Priority,
    /// When it is to be answered; those that need not be, last.
    DueAt,
}

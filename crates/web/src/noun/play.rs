//! Plays as the API tells them: what they do, how far they came, and whom they left out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, Track};

/// What is done about leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Play {
    /// Its name.
    pub name: String,
    /// Its title, for people.
    pub title: String,
    /// The track of its leads.
    pub track: Track,
    /// `low` writes to the people who use the product, `high` to the rep.
    pub touch: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Only accounts in this segment.
    pub segment: Option<String>,
    /// The share of accounts of which nobody is told: 0.1 is 10 %.
    pub holdout: f64,
    /// What it does, in order.
    pub steps: Vec<PlayStep>,
    /// How many leads it runs for now.
    pub running: u64,
    /// For how many it has done all.
    pub done: u64,
    /// For how many it stopped before that.
    pub stopped: u64,
    /// For how many nobody was told, to be compared with.
    pub held_out: u64,
}

/// One step of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlayStep {
    /// The channel, by name.
    pub channel: String,
    /// Whether it goes to people who use the product, and not to the team.
    pub to_users: bool,
    /// How long after the step before, in seconds.
    pub wait_s: u64,
    /// The messages among which is chosen; the one that comes with the program if empty.
    pub messages: Vec<String>,
}

/// A message that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suppressed {
    /// The id that its delivery would have had.
    pub id: String,
    /// The lead.
    pub lead: String,
    /// The account.
    pub account: String,
    /// The person who would have got it, where that was known.
    pub person: Option<String>,
    /// The play.
    pub play: String,
    /// The step, from 0.
    pub step: u32,
    /// The channel, by name.
    pub channel: String,
    /// When it was given up.
    pub at: At,
    /// Why, for programs.
    pub reason: String,
    /// Why, for people.
    pub why: String,
}

/// An account that was assigned to be told by a play, or to be held out from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exposure {
    /// The account.
    pub account: String,
    /// The play.
    pub play: String,
    /// The track.
    pub track: Track,
    /// The lead by which it came to be.
    pub lead: String,
    /// Whether nobody is told; the assignment holds for ever.
    pub held_out: bool,
    /// The band of sizes within which both are balanced.
    pub size: String,
    /// The share that was to be held out.
    pub share: f64,
    /// When.
    pub at: At,
}

/// Which suppressed messages or exposures are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlayFilter {
    /// Of this play.
    pub play: Option<String>,
    /// Of this lead.
    pub lead: Option<String>,
    /// Of this account.
    pub account: Option<String>,
}

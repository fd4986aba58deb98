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
    /// Only leads that rest on one of these definitions; on any if empty.
    pub definitions: Vec<String>,
    /// Only accounts in this segment.
    pub segment: Option<String>,
    /// Not accounts in this one.
    pub except: Option<String>,
    /// Where not all messages can go, greater ones go first.
    pub priority: u32,
    /// Whether it may pass the contact budget, quiet hours, and a rep who works the lead.
    pub critical: bool,
    /// How often it runs for an account.
    pub at_most: Option<Frequency>,
    /// Quiet hours of its own.
    pub quiet_hours: Option<DayHours>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlayStep {
    /// The channel, by name.
    pub channel: String,
    /// What the channel is: `in_app`, `email`, `slack`, `webhook`, `hubspot`.
    pub kind: String,
    /// Whether anything may go by the channel: what would have gone is written down otherwise.
    pub enabled: bool,
    /// To whom, as the configuration says it: `most active`, `3 most active`, `everyone`,
    /// `qualified`, `owner`, `team`, or the name of a definition on persons.
    pub to: String,
    /// Whether it goes to people who use the product, and not to the team.
    pub to_users: bool,
    /// How long after the step before, in seconds.
    pub wait_s: u64,
    /// What must be so when it is due, each perhaps with `not` before it; else it is passed over.
    pub only_if: Vec<String>,
    /// What may not be so then.
    pub unless: Vec<String>,
    /// The messages among which is chosen; the one that comes with the program if empty.
    pub variants: Vec<PlayVariant>,
}

/// A message that a share of the accounts gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlayVariant {
    /// The message's name.
    pub message: String,
    /// The share: 0.5 is one half.
    pub share: f64,
}

/// So many times within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Frequency {
    /// How many.
    pub count: u32,
    /// Within how long, in seconds; a month is 30 days.
    pub within_s: u64,
}

/// Hours of the day, on the clock of whoever is meant; over midnight where they end before they
/// begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayHours {
    /// When they begin, in minutes since midnight.
    pub from_min: u32,
    /// When they end, in minutes since midnight.
    pub to_min: u32,
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
    /// What the person was called then, where that was known.
    pub person_name: Option<String>,
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

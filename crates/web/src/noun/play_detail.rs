//! A play with its figures, and how far it has come for each lead.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, DayHours, Frequency, Play};

/// A play with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlayDetail {
    /// The play.
    pub play: Play,
    /// Where its runs stand, a figure for each step.
    pub at_steps: Vec<StepFigures>,
    /// What people did with its messages.
    pub reactions: Reactions,
    /// The same by variant, of steps that have several; over the newest 10,000 runs.
    pub variants: Vec<VariantFigures>,
    /// How many accounts were assigned to be told and to be held out, by bands of sizes.
    pub arms: Vec<ArmFigures>,
    /// How many messages were not sent, by step and reason.
    pub suppressed: Vec<SuppressedFigures>,
    /// The one contact budget, which all plays share.
    pub budget: ContactBudget,
}

/// Where the runs of a play stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepFigures {
    /// The step, from 0.
    pub step: u32,
    /// Runs that came this far: that wait for it, have done it, or passed it over.
    pub reached: u64,
    /// Runs that wait for it now.
    pub here: u64,
    /// Of these, those that are kept back, by reason.
    pub kept_back: Vec<KeptBack>,
}

/// How many runs are kept back for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptBack {
    /// Why, for programs.
    pub reason: String,
    /// Why, for people.
    pub why: String,
    /// How many.
    pub runs: u64,
}

/// What people did with messages: runs, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reactions {
    /// Runs of accounts that are told.
    pub runs: u64,
    /// Where somebody saw a message inside the product.
    pub seen: u64,
    /// Where somebody followed one.
    pub clicked: u64,
    /// Where somebody put one away.
    pub dismissed: u64,
}

/// What people did with one of several messages of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VariantFigures {
    /// The step, from 0.
    pub step: u32,
    /// The message's name.
    pub message: String,
    /// The share of accounts that gets it: 0.5 is one half.
    pub share: f64,
    /// What the accounts did that get it.
    pub reactions: Reactions,
}

/// How many accounts of a band of sizes are told, and how many are held out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArmFigures {
    /// The band: how many people an account has.
    pub size: String,
    /// Accounts that are told.
    pub told: u64,
    /// Accounts that are held out.
    pub held_out: u64,
}

/// How many messages of a step were not sent for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuppressedFigures {
    /// The step, from 0.
    pub step: u32,
    /// Why, for programs.
    pub reason: String,
    /// Why, for people.
    pub why: String,
    /// How many.
    pub messages: u64,
}

/// How often anybody hears of us, over all plays and channels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactBudget {
    /// For each person; all hold.
    pub person: Vec<Frequency>,
    /// For all people of an account together; all hold.
    pub account: Vec<Frequency>,
    /// When nobody is written to, on the person's own clock.
    pub quiet_hours: Option<DayHours>,
    /// How long a message waits for its turn before it is given up, in seconds.
    pub patience_s: u64,
}

/// How far a play has come for a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlayRun {
    /// The play.
    pub play: String,
    /// The lead.
    pub lead: String,
    /// The lead's account.
    pub account: String,
    /// Where it stands.
    pub state: RunState,
    /// The step that comes next, from 0.
    pub step: u32,
    /// When it began.
    pub began_at: At,
    /// When the next step is looked at; `null` once it is over.
    pub due_at: Option<At>,
    /// Why the next step is kept back, for programs.
    pub reason: Option<String>,
    /// Why, for people.
    pub why: Option<String>,
    /// When somebody first saw a message of it.
    pub seen_at: Option<At>,
    /// When somebody first followed one.
    pub clicked_at: Option<At>,
    /// When somebody first put one away.
    pub dismissed_at: Option<At>,
}

/// Where a run of a play stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Steps are still to come.
    Running,
    /// All steps are done.
    Done,
    /// The lead was closed before that, or the play is gone.
    Stopped,
    /// Its account is held out: nobody is told anything.
    HeldOut,
}

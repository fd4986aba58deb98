//! What plays leave behind. All of it is added by commits, with the decision that it follows from.

use firsthand_model::config::Track;
use firsthand_model::lead::LeadId;
use firsthand_model::play::{Arm, Contact, Exposure, PlayRun, Reason, RunState, Suppressed};
use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// Which runs, suppressed messages or exposures; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlayFilter {
    /// Of this play.
    pub play: Option<Text>,
    /// Of this lead.
    pub lead: Option<LeadId>,
    /// Of this account.
    pub account: Option<Text>,
}

/// How many runs of a play are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunCount {
    /// The play.
    pub play: Text,
    /// The state.
    pub state: RunState,
    /// How many.
    pub runs: u64,
}

/// How many accounts were assigned to an arm of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExposureCount {
    /// The play.
    pub play: Text,
    /// The track.
    pub track: Track,
    /// The band of sizes within which arms are balanced.
    pub size: Text,
    /// The arm.
    pub arm: Arm,
    /// How many.
    pub accounts: u64,
}

/// How many runs of a play stand at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepCount {
    /// The state of the runs.
    pub state: RunState,
    /// The step that comes next, from 0; where all are done, one past the last.
    pub step: u32,
    /// Why they are kept back there, if they are.
    pub waits: Option<Reason>,
    /// How many.
    pub runs: u64,
}

/// What people did with the messages of a play: runs, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReactionCount {
    /// Runs of accounts that are told.
    pub runs: u64,
    /// Where somebody saw a message.
    pub seen: u64,
    /// Where somebody followed one.
    pub clicked: u64,
    /// Where somebody put one away.
    pub dismissed: u64,
}

/// How many messages of a step were not sent for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuppressedCount {
    /// The step, from 0.
    pub step: u32,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub messages: u64,
}

/// Plays, as they ran.
pub trait Plays {
    /// A page of runs, those that began last first; only those of this state, if one is named.
    fn play_runs(
        &self,
        filter: &PlayFilter,
        state: Option<RunState>,
        page: &PageRequest,
    ) -> Result<Page<PlayRun>>;

    /// A page of messages that were not sent, the newest first.
    fn suppressed(&self, filter: &PlayFilter, page: &PageRequest) -> Result<Page<Suppressed>>;

    /// A page of exposures, the newest first; only those of this arm, if one is named.
    fn exposures(
        &self,
        filter: &PlayFilter,
        arm: Option<Arm>,
        page: &PageRequest,
    ) -> Result<Page<Exposure>>;

    /// A page of the messages decided on at or after an instant, the oldest first.
    fn contacts_since(&self, from: Time, page: &PageRequest) -> Result<Page<Contact>>;

    /// The message that was decided on under this id.
    fn contact(&self, delivery: &str) -> Result<Option<Contact>>;

    /// How many runs of a play stand where, by state, step and what they wait for.
    fn count_play_steps(&self, play: &str) -> Result<Vec<StepCount>>;

    /// What people did with the messages of a play.
    fn count_reactions(&self, play: &str) -> Result<ReactionCount>;

    /// How many messages of a play were not sent, by step and reason.
    fn count_suppressed(&self, play: &str) -> Result<Vec<SuppressedCount>>;

    /// How many runs there are, by play and state, in the order of their words.
    fn count_play_runs(&self) -> Result<Vec<RunCount>>;

    /// How many accounts there are in the arms, by play, track, size and arm, in their order.
    fn count_exposures(&self) -> Result<Vec<ExposureCount>>;
}

//! What plays leave behind. All of it is added by commits, with the decision that it follows from.

use firsthand_model::config::Track;
use firsthand_model::lead::LeadId;
use firsthand_model::play::{Arm, Contact, Exposure, PlayRun, RunState, Suppressed};
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

    /// How many runs there are, by play and state, in the order of their words.
    fn count_play_runs(&self) -> Result<Vec<RunCount>>;

    /// How many accounts there are in the arms, by play, track, size and arm, in their order.
    fn count_exposures(&self) -> Result<Vec<ExposureCount>>;
}

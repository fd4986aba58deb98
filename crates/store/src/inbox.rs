//! Messages inside the product: they wait until the person comes.
//!
//! They are [deliveries](crate::Deliveries) like all others, written with the decision; but nobody
//! sends them. The person's own page fetches them here, and tells what the person did with them.

use firsthand_model::lead::LeadId;
use firsthand_model::play::Reaction;
use firsthand_model::{Text, Time};

use crate::Result;

/// Most messages that one person is shown; the others come when these are put away.
pub const INBOX_ROWS_MAX: u32 = 20;

/// A message that waits for a person, or that they have seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// The delivery's id.
    pub delivery: Text,
    /// The person, by the id that was canonical when it was decided.
    pub person: Text,
    /// The lead that it is about.
    pub lead: Option<LeadId>,
    /// The account that it is about.
    pub account: Option<Text>,
    /// The channel's name in the configuration.
    pub channel: Text,
    /// The message, as JSON of `firsthand_model::message::Outgoing`.
    pub payload: Vec<u8>,
    /// From when on it may be shown.
    pub due_at: Time,
    /// From when on it is of no use.
    pub until: Option<Time>,
    /// When it was first on the screen.
    pub shown_at: Option<Time>,
    /// When they did what it offers.
    pub clicked_at: Option<Time>,
    /// When they put it away.
    pub dismissed_at: Option<Time>,
}

impl InboxRow {
    /// When this was first done with it.
    pub fn done_at(&self, reaction: Reaction) -> Option<Time> {
        match reaction {
            Reaction::Shown => self.shown_at,
            Reaction::Clicked => self.clicked_at,
            Reaction::Dismissed => self.dismissed_at,
        }
    }
}

/// Messages inside the product. They are added by commits, with their delivery.
pub trait Inbox {
    /// What waits for a person, by any of their ids: due, not past its use, not cancelled, and
    /// neither clicked nor put away; the longest due first, at most [`INBOX_ROWS_MAX`].
    fn inbox(&self, persons: &[Text], now: Time) -> Result<Vec<InboxRow>>;

    /// One message, whatever became of it; `None` where there is none such.
    fn inbox_message(&self, delivery: &str) -> Result<Option<InboxRow>>;

    /// Writes down what the person did; the first time counts. A message that was pending is
    /// sent from then on. Returns whether it was the first time.
    fn note_inbox(&self, delivery: &str, reaction: Reaction, at: Time) -> Result<bool>;
}

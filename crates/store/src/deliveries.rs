//! Messages that are to be sent: written with the decision, sent afterwards.
//!
//! A message is pending until what became of it is settled. Whoever sends it and dies before
//! that sends it again, with the same id: at least once, and the receiver can tell (P5).

use firsthand_model::lead::LeadId;
use firsthand_model::{Text, Time};

use crate::{Page, PageRequest, Result};

/// Attempts that are kept of one message, the newest.
pub const ATTEMPTS_KEPT: u32 = 20;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its key at the receiver: the same message has the same id, however often it is sent.
    pub id: Text,
    /// The lead that it is about.
    pub lead: Option<LeadId>,
    /// The account that it is about.
    pub account: Option<Text>,
    /// The channel that it goes through.
    pub channel: Text,
    /// When it was put into the queue: with the decision, or to be sent once more.
    pub queued_at: Time,
    /// Not before this.
    pub due_at: Time,
    /// What is to be sent, as the channel encodes it; opaque here.
    pub payload: Vec<u8>,
    /// What became of it; [`DeliveryState::Pending`] for a new one.
    pub state: DeliveryState,
    /// How often it was tried since it was put into the queue.
    pub attempts: u32,
    /// Why it failed last.
    pub error: Option<Text>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for its time.
    #[default]
    Pending,
    /// The receiver has it.
    Sent,
    /// Nobody will try again by themselves.
    Dead,
    /// It is not to be sent any more.
    Cancelled,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Sent, Self::Dead, Self::Cancelled];

    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// One try to send a message, with secrets and personal data masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Time,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// Why it failed, in words.
    pub reason: Option<Text>,
    /// What was sent, cut to a few kilobytes.
    pub request: Option<String>,
    /// What was answered, cut to a few kilobytes.
    pub answer: Option<String>,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The receiver has it.
    Sent,
    /// It is to be tried again.
    Again,
    /// It would be of no use to try again.
    Dead,
}

impl AttemptOutcome {
    /// The word in the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Again => "again",
            Self::Dead => "dead",
        }
    }

    /// The outcome of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Sent, Self::Again, Self::Dead].into_iter().find(|it| it.word() == word)
    }
}

/// What became of a message that was taken from the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The message.
    pub id: Text,
    /// What became of it; [`DeliveryState::Pending`] where it is to be tried again.
    pub state: DeliveryState,
    /// When it is to be tried again.
    pub due_at: Time,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed.
    pub error: Option<Text>,
    /// The try, if there was one: a message may also be put off untried.
    pub attempt: Option<Attempt>,
}

/// Which messages are asked for; what is `None` or empty means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// In one of these states.
    pub states: Vec<DeliveryState>,
    /// Through this channel.
    pub channel: Option<Text>,
    /// About this lead.
    pub lead: Option<LeadId>,
    /// About this account.
    pub account: Option<Text>,
    /// Of this play.
    pub play: Option<Text>,
    /// Put into the queue at this or later.
    pub queued_from: Option<Time>,
    /// Put into the queue before this.
    pub queued_to: Option<Time>,
}

/// How many messages of a channel are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryCount {
    /// The channel.
    pub channel: Text,
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub deliveries: u64,
}

/// A channel through which nothing goes until somebody says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisabledChannel {
    /// Its name.
    pub channel: Text,
    /// Since when.
    pub at: Time,
    /// Why, in words.
    pub reason: Text,
}

/// Messages and what became of them.
pub trait Deliveries {
    /// Pending messages whose time has come, the longest due first; of one channel, if it is
    /// named. None of those that are shown inside the product, which wait in the
    /// [inbox](crate::Inbox).
    fn due_deliveries(
        &self,
        channel: Option<&str>,
        until: Time,
        rows: u32,
    ) -> Result<Vec<Delivery>>;

    /// When the next of these is due; of one channel, if it is named.
    fn next_delivery_due(&self, channel: Option<&str>) -> Result<Option<Time>>;

    /// Writes down what became of messages, in one transaction. A message that is not pending any
    /// more stays as it is, but for the try. Returns how many were there and pending.
    fn settle_deliveries(&self, settlements: &[Settlement]) -> Result<u64>;

    /// Messages by filter, those put into the queue last first.
    fn deliveries(&self, filter: &DeliveryFilter, page: &PageRequest) -> Result<Page<Delivery>>;

    /// A message with its tries, the oldest first.
    fn delivery(&self, id: &str) -> Result<Option<(Delivery, Vec<Attempt>)>>;

    /// How many messages of each channel are in each state.
    fn count_deliveries(&self) -> Result<Vec<DeliveryCount>>;

    /// Puts a dead message into the queue again; whether there is such a one.
    fn resend_delivery(&self, id: &str, now: Time) -> Result<bool>;

    /// Puts dead messages into the queue again, at most
    /// [`SWEEP_ROWS_MAX`](crate::SWEEP_ROWS_MAX) of them, of one channel if it is named; returns
    /// how many. Call it again until that is none.
    fn resend_dead(&self, channel: Option<&str>, now: Time) -> Result<u64>;

    /// Gives up the pending messages of a channel that were put into the queue before an instant
    /// and are due, at most [`SWEEP_ROWS_MAX`](crate::SWEEP_ROWS_MAX) of them; returns how many.
    fn expire_deliveries(&self, channel: &str, queued_before: Time, now: Time) -> Result<u64>;

    /// Channels through which nothing goes, by name.
    fn disabled_channels(&self) -> Result<Vec<DisabledChannel>>;

    /// Lets nothing go through a channel any more. One that is disabled already keeps its reason.
    fn disable_channel(&self, channel: &DisabledChannel) -> Result<()>;

    /// Lets messages go through a channel again; whether it was disabled.
    fn enable_channel(&self, channel: &str) -> Result<bool>;
}

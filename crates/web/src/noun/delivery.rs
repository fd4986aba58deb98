//! Deliveries and channels as the API tells them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::At;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits for its time, or, inside the product, for its person.
    Pending,
    /// The receiver has it.
    Sent,
    /// Nobody will try again by themselves.
    Dead,
    /// It was called back.
    Cancelled,
}

/// A message that goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id, which is its key at the receiver: the same however often it is sent.
    pub id: String,
    /// The channel it goes through, by name.
    pub channel: String,
    /// What it is: `email`, `slack`, `webhook`, `in-app`, `crm`.
    pub kind: Option<String>,
    /// The play that sent it; `null` where the rules of leads did.
    pub play: Option<String>,
    /// To whom it went: a person of the account by id, or an owner by name; `null` where it went to
    /// the team or to another system.
    pub receiver: Option<String>,
    /// What that person was called then, where that was known.
    pub receiver_name: Option<String>,
    /// The lead it is about.
    pub lead: Option<String>,
    /// The account it is about.
    pub account: Option<String>,
    /// What became of it.
    pub state: DeliveryState,
    /// When it was decided, or put into the queue again.
    pub queued_at: At,
    /// When it is, or was, due.
    pub due_at: At,
    /// How often it was tried since it was put into the queue.
    pub attempts: u32,
    /// Why it failed last.
    pub error: Option<String>,
}

/// A message with what it says and each try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryDetail {
    /// The message.
    pub delivery: Delivery,
    /// What it says, as the channel sends it.
    #[schema(value_type = Object)]
    pub message: Value,
    /// The tries that are kept, the oldest first.
    pub attempts: Vec<Attempt>,
}

/// One try to send a message. Secrets and personal data are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When it began.
    pub at: At,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// Why it failed.
    pub reason: Option<String>,
    /// What was sent.
    pub request: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AttemptOutcome {
    /// The receiver has it.
    Sent,
    /// It is tried again.
    Again,
    /// It would be of no use to try again.
    Dead,
}

/// Which deliveries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// In any of these states; in any at all if empty.
    pub states: Vec<DeliveryState>,
    /// Through this channel.
    pub channel: Option<String>,
    /// About this lead.
    pub lead: Option<String>,
    /// About this account.
    pub account: Option<String>,
    /// Of this play.
    pub play: Option<String>,
    /// Put into the queue at or after.
    pub since: Option<At>,
}

/// How many messages were put into the queue again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resent {
    /// How many.
    pub resent: u64,
}

/// A way out, and how it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// Its name in the configuration.
    pub name: String,
    /// What it is; `null` if it is not configured any more.
    pub kind: Option<String>,
    /// Whether anything goes out by it: switched on, and not stopped by its receiver.
    pub enabled: bool,
    /// Why nothing goes through it, where its receiver said so.
    pub stopped_because: Option<String>,
    /// Since when.
    pub stopped_at: Option<At>,
    /// Messages that wait.
    pub pending: u64,
    /// Messages that the receiver has.
    pub sent: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// Messages that were called back.
    pub cancelled: u64,
}

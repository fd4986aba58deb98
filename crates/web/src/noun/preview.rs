//! What a play would send, without sending it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::At;

/// What a play would do for a lead now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeadPreview {
    /// The lead; `null` where none is open: then it is told as if one opened now.
    pub lead: Option<String>,
    /// Its account.
    pub account: String,
    /// What each step would do, if it were due now.
    pub messages: Vec<MessagePreview>,
}

/// What would become of one message now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessagePreview {
    /// The step, from 0.
    pub step: u32,
    /// How long after the step before, in seconds.
    pub wait_s: u64,
    /// The channel, by name.
    pub channel: String,
    /// The message's name; the one that comes with the program if `null`.
    pub name: Option<String>,
    /// To whom: the person, the owner, or nobody in particular.
    pub receiver: Option<String>,
    /// What would become of it.
    pub verdict: PreviewVerdict,
    /// When it would go, where it would wait and that is known.
    pub until: Option<At>,
    /// Why it would wait or not go, for programs.
    pub reason: Option<String>,
    /// Why, for people.
    pub why: Option<String>,
    /// What would be sent, as the channel carries it; `null` where it cannot be written.
    #[schema(value_type = Option<Object>)]
    pub message: Option<Value>,
}

/// What would become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewVerdict {
    /// It would go.
    Goes,
    /// It would wait.
    Waits,
    /// It would not go.
    Not,
    /// The step's conditions do not hold: it would be passed over.
    PassedOver,
    /// Nobody is told of the account: it is held out.
    HeldOut,
}

/// How a message reads for an account that nobody has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SampleMessage {
    /// The step, from 0.
    pub step: u32,
    /// The channel, by name.
    pub channel: String,
    /// The message's name; the one that comes with the program if `null`.
    pub name: Option<String>,
    /// The language it is in, where the reader's counts.
    pub language: Option<String>,
    /// What would be sent, as the channel carries it; `null` where it cannot be written.
    #[schema(value_type = Option<Object>)]
    pub message: Option<Value>,
}

/// For which leads a play is previewed; for the newest open ones of its track if for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewFilter {
    /// For this lead.
    pub lead: Option<String>,
    /// For the lead of this account; as if one opened now where it has none.
    pub account: Option<String>,
}

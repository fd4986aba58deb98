//! What a channel is: something that takes messages to one kind of receiver, and says what came
//! of each.

use std::time::Duration;

use async_trait::async_trait;
use firsthand_model::message::Outgoing;
use firsthand_model::{Span, Text, Time};

use crate::Schedule;

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its key: the same in every try, so that the receiver knows a repetition.
    pub key: Text,
    /// How often it was tried before.
    pub attempts: u32,
    /// When it is sent, by our clock.
    pub now: Time,
    /// What it says.
    pub outgoing: Outgoing,
}

/// One try, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What came of it.
    pub outcome: Outcome,
    /// What was sent, masked and cut.
    pub request: Option<String>,
    /// What was answered, masked and cut.
    pub answer: Option<String>,
    /// What is to be known of it although the receiver has it: that it is another one, say.
    pub note: Option<String>,
}

impl Tried {
    /// A try that never left the house.
    pub const fn unsent(outcome: Outcome) -> Self {
        Self { outcome, request: None, answer: None, note: None }
    }
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Sent,
    /// It may be tried again.
    Again(Again),
    /// It would be of no use to try it again, for this reason.
    Dead(String),
    /// The receiver wants nothing more, ever, for this reason: the channel is disabled.
    Gone(String),
}

/// A failure that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What failed, in words.
    pub reason: String,
    /// Not before so long, as the receiver asked.
    pub after: Option<Duration>,
    /// Who else has to wait.
    pub scope: Scope,
}

/// Who has to wait after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The message alone.
    Message,
    /// All to the same destination.
    Destination,
    /// All of the channel: its receiver does not work, or has had too much.
    Channel,
}

impl Outcome {
    /// A failure of the message alone.
    pub fn again(reason: impl Into<String>) -> Self {
        Self::Again(Again { reason: reason.into(), after: None, scope: Scope::Message })
    }

    /// A failure of the whole channel.
    pub fn broken(reason: impl Into<String>, after: Option<Duration>) -> Self {
        Self::Again(Again { reason: reason.into(), after, scope: Scope::Channel })
    }

    /// Why, unless it was sent.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent => None,
            Self::Again(again) => Some(&again.reason),
            Self::Dead(reason) | Self::Gone(reason) => Some(reason),
        }
    }
}

/// What a channel may be burdened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most messages in one call.
    pub batch: usize,
    /// Most calls under way at once.
    pub calls: usize,
    /// Least time between two messages to the same destination.
    pub spacing: Duration,
    /// When failures are tried again.
    pub schedule: Schedule,
    /// How long a message may wait before it is given up.
    pub age_max: Span,
}

/// Takes messages to one kind of receiver.
#[async_trait]
pub trait Channel: Send + Sync {
    /// What it may be burdened with.
    fn limits(&self) -> Limits;

    /// What within the channel must not be burdened at once: a room in Slack, say. `None` where
    /// there is nothing such.
    fn destination(&self, _outgoing: &Outgoing) -> Option<Text> {
        None
    }

    /// Sends messages, at most as many as [`Limits::batch`]; what came of each, in their order.
    async fn send(&self, messages: &[Message]) -> Vec<Tried>;
}

/// What a message of another kind comes to.
pub(crate) fn wrong_kind(channel: &str) -> Tried {
    Tried::unsent(Outcome::Dead(format!("it is not a message for {channel}")))
}

//! Messages that are to be sent: written with the decision, sent afterwards.

use firsthand_model::lead::LeadId;
use firsthand_model::{Text, Time};

use crate::Result;

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
    /// Not before this.
    pub due_at: Time,
    /// What is to be sent, as the channel encodes it; opaque here.
    pub payload: Vec<u8>,
    /// What became of it; [`DeliveryState::Pending`] for a new one.
    pub state: DeliveryState,
    /// How often it was tried.
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
        let all = [Self::Pending, Self::Sent, Self::Dead, Self::Cancelled];
        all.into_iter().find(|it| it.word() == word)
    }
}

/// Messages and what became of them.
pub trait Deliveries {
    /// Pending messages whose time has come, the longest due first.
    fn due_deliveries(&self, until: Time, rows: u32) -> Result<Vec<Delivery>>;

    /// When the next pending message is due.
    fn next_delivery_due(&self) -> Result<Option<Time>>;

    /// Writes down an attempt: state, due time, attempts and error of a message as given. Returns
    /// whether the message is there.
    fn settle_delivery(&self, delivery: &Delivery) -> Result<bool>;
}

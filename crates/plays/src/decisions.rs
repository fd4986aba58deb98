//! What a planner decides, to be written down together with what it follows from.

use firsthand_model::lead::LeadId;
use firsthand_model::message::Outgoing;
use firsthand_model::play::{Contact, Exposure, PlayRun, Suppressed};
use firsthand_model::{Text, Time};

/// What was decided. The rows of each kind are in the order in which they were decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    /// Runs, each as it now is; of several of one lead and play the last counts.
    pub runs: Vec<PlayRun>,
    /// Messages to be sent.
    pub deliveries: Vec<Planned>,
    /// Messages that are called back, by id.
    pub cancelled: Vec<Text>,
    /// Messages that are not sent, and why.
    pub suppressed: Vec<Suppressed>,
    /// Whom messages go to, for the budget.
    pub contacts: Vec<Contact>,
    /// Who was assigned to be told or held out.
    pub exposures: Vec<Exposure>,
    /// Leads that get an owner.
    pub assignments: Vec<Assignment>,
    /// Leads of which nobody is told.
    pub held_out: Vec<LeadId>,
}

impl Decisions {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its id: the key by which receivers know a repetition.
    pub id: Text,
    /// The lead, where it is about one.
    pub lead: Option<LeadId>,
    /// The account.
    pub account: Text,
    /// The channel's name.
    pub channel: Text,
    /// When it was decided; it may go at once.
    pub at: Time,
    /// What is sent.
    pub outgoing: Outgoing,
}

/// A lead gets an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The lead.
    pub lead: LeadId,
    /// Who owns it now.
    pub owner: Text,
    /// By when they are to answer, where that begins anew.
    pub due_at: Option<Time>,
    /// Why, by a word.
    pub why: Text,
    /// When.
    pub at: Time,
}

/// The id of a message, by what it is about: the same parts make the same id (PLAYS-3).
pub fn message_id(lead: &LeadId, parts: &[&str]) -> Text {
    id_of(std::iter::once(lead.as_str()).chain(parts.iter().copied()))
}

/// The id of a message that is about no lead.
pub(crate) fn id_of<'p>(parts: impl IntoIterator<Item = &'p str>) -> Text {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let hex = hasher.finalize().to_hex();
    format!("msg_{}", &hex[..32]).into()
}

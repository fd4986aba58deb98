//! What came of a request.

use firsthand_model::{Fact, Text};

use super::answer::Answer;
use crate::report::{Notices, RejectCode};

/// What came of a request that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Whose it was; `None` for questions that need no key.
    pub source: Option<Text>,
    /// The facts, in the order in which they came; each is known from the arrival on.
    pub facts: Vec<Fact>,
    /// Items that were not taken in, to be kept and looked at.
    pub rejects: Vec<Reject>,
    /// What was changed on the way, by kind.
    pub notices: Notices,
    /// Items in the request, good and bad.
    pub items: u64,
    /// Events that the source's rules drop at the door.
    pub dropped: u64,
    /// What to answer once the facts and the rejects are durable.
    pub answer: Answer,
}

impl Received {
    /// A question was answered, and nothing came in.
    pub(super) fn nothing(answer: Answer) -> Self {
        Self {
            source: None,
            facts: Vec::new(),
            rejects: Vec::new(),
            notices: Notices::default(),
            items: 0,
            dropped: 0,
            answer,
        }
    }
}

/// An item that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Which item of its request it was, counted from 0.
    pub index: u64,
    /// The member that is to blame.
    pub column: Option<Text>,
    /// The stable code.
    pub code: RejectCode,
    /// One sentence in lower case, no full stop: what is so.
    pub reason: String,
    /// The path under which `raw` can be read again.
    pub path: Text,
    /// The item, in a body of its own that says all that the request said of it: what
    /// [`reread`](super::reread) takes.
    pub raw: String,
}

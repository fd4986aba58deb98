//! Facts: the one envelope for everything recorded that can change a verdict.

mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Decimal, Json, Scalar, Text, Time};

pub use view::{BodyView, FactView, WhoView};

/// Longest id of a fact, person or account, in bytes; ids are opaque.
pub const ID_BYTES_MAX: usize = 255;

/// Anything recorded: what a person did, who they turned out to be, what is true of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Opaque and unique within its source; the same id from the same source counts once.
    pub id: Text,
    /// Where the fact came from: a write key's name, an import's name.
    pub source: Text,
    /// When it was so.
    pub time: Time,
    /// When it reached us; `None` for an import that does not say.
    pub known_at: Option<Time>,
    /// Whom it names, as the wire said it.
    pub who: Who,
    /// What it says.
    pub body: Body,
}

/// The ids a fact carries, before identity is resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Who {
    /// The product's own id of a person.
    pub user: Option<Text>,
    /// A device's or browser's id, until it is linked to a user.
    pub anonymous: Option<Text>,
    /// The account the fact names.
    pub account: Option<Text>,
}

/// What a fact says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A person did something.
    Event {
        /// The event's name, as tracked.
        name: Text,
        /// Its properties, whole.
        properties: Json,
    },
    /// Something that is recorded but that nobody *did* in the product: a bill, a deal, an
    /// outcome, an act on a lead. Never counted by `any`.
    Record {
        /// The record's name.
        name: Text,
        /// Its properties, whole.
        properties: Json,
    },
    /// Traits were set; those not named stay as they are, `null` removes one. A plan is the
    /// account trait `plan`; a number from outside is a trait of [`number_trait`]'s name.
    Traits {
        /// Whose traits.
        of: Kind,
        /// The traits, whole.
        traits: Json,
    },
    /// The anonymous id belongs to the user from now on.
    Link,
    /// The user id and `other` are the same person.
    Alias {
        /// The other id.
        other: Text,
    },
    /// The user id and `other` are not the same person after all; undoes an alias.
    Split {
        /// The other id.
        other: Text,
    },
    /// The user joined or left the account.
    Membership {
        /// Whether they joined (`true`) or left.
        joined: bool,
        /// Their role there, if told; becomes the person trait `role` in that account.
        role: Option<Text>,
    },
}

/// What a definition judges, and what a trait belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A customer: workspace, organisation, team, or one person's own.
    Account,
    /// A human user.
    Person,
}

impl Kind {
    /// The word in files and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Person => "person",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// The trait under which a number brought in from outside is kept, so that `number("health")`
/// reads `number:health`.
pub fn number_trait(name: &str) -> Text {
    smol_str::format_smolstr!("number:{name}")
}

/// A fact as the evaluator takes it: attributed to one account's stream, with only those
/// properties that the compiled program reads.
///
/// Rows of an account are ordered by [`Row::order`], which no order of arrival can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// When it was so.
    pub time: Time,
    /// When it was known *of this account*: arrival, or the later link that attributed it here.
    pub known_at: Option<Time>,
    /// The fact's id.
    pub id: Text,
    /// The fact's source.
    pub source: Text,
    /// The canonical person, if the fact is about one.
    pub person: Option<Text>,
    /// A copy of a person's fact in a further account of that person; the person's own stream
    /// takes only the original.
    pub copy: bool,
    /// What it says.
    pub body: RowBody,
}

/// What a [`Row`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowBody {
    /// A person did something, or a record was made.
    Event {
        /// The name.
        name: Text,
        /// Whether it is a [`Body::Record`].
        record: bool,
        /// The properties the program asked for, in its order.
        values: Arc<[Scalar]>,
    },
    /// Traits were set, opened to dotted paths.
    Traits {
        /// Whose traits.
        of: Kind,
        /// Path and value; a missing value removes the trait.
        traits: Box<[(Text, Scalar)]>,
    },
    /// The person joined or left the account.
    Membership {
        /// Whether they joined.
        joined: bool,
        /// Their role, if told.
        role: Option<Text>,
    },
}

impl Row {
    /// A row that says nothing but what was so, and when: of no source, and about nobody.
    pub fn bare(time: Time, body: RowBody) -> Self {
        let (id, source) = (Text::default(), Text::default());
        Self { time, known_at: None, id, source, person: None, copy: false, body }
    }

    /// The total order in which a stream is taken: by time, and within an instant by what the
    /// fact is about, so that a trait set at t is in force for the events of t (T1).
    pub fn order(&self) -> (Time, u8, &str, &str) {
        let rank = match self.body {
            RowBody::Traits { .. } => 0,
            RowBody::Membership { .. } => 1,
            RowBody::Event { .. } => 2,
        };
        (self.time, rank, &self.source, &self.id)
    }
}

/// A decimal fact value for tests and importers that build traits by hand.
impl From<Decimal> for Scalar {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

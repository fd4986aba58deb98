//! Timelines: the intervals in which a definition holds for a subject (T5).

use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Text, Time};
use serde::{Deserialize, Serialize};

/// Whom a verdict is about. Ordered by kind, then id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// Account or person.
    pub kind: Kind,
    /// The canonical id.
    pub id: Text,
}

/// One qualification: a stretch in which a definition held.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// From when on (the end of `holds_for`), inclusive.
    pub entered: Time,
    /// Until when, exclusive; `None` while it holds.
    pub left: Option<Time>,
    /// When the entry became known: with the fact that made it so, or later, if that fact arrived
    /// late or was tied to this subject late (P3).
    pub known_at: Time,
}

/// One outcome of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OutcomeAt {
    /// When.
    pub time: Time,
    /// Its worth, if the outcome has a value property and the event told it.
    pub value: Option<Decimal>,
}

//! A stored row: one fact in one account's stream.

use firsthand_model::fact::{Body, Row, RowBody};
use firsthand_model::{Fact, Text, Time};
use serde::{Deserialize, Serialize};

/// A fact, and an account it counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// The account; empty where the fact counts for none.
    pub account: Text,
    /// The canonical person, if the fact is about one.
    pub person: Option<Text>,
    /// When it was known that the fact belongs to the account.
    pub attributed_at: Option<Time>,
    /// Whether the original stands in another account.
    pub copy: bool,
    /// A digest of all the accounts of the fact, where it has several.
    pub homes: Option<i64>,
    /// The fact, whole.
    pub fact: Fact,
}

/// What rows of a segment are sorted by.
pub(crate) type SortKey<'a> = (&'a str, Time, u8, &'a str, &'a str);

impl Stored {
    /// By account, then as [`Row::order`] has it.
    pub fn sort_key(&self) -> SortKey<'_> {
        let Fact { time, source, id, body, .. } = &self.fact;
        (&self.account, *time, rank(body), source, id)
    }

    /// The row as the evaluator takes it; `None` for facts that only teach who is who.
    pub fn to_row(&self, paths: &[Text]) -> Option<Row> {
        let body = match &self.fact.body {
            Body::Event { name, properties } | Body::Record { name, properties } => {
                RowBody::Event {
                    name: name.clone(),
                    record: matches!(self.fact.body, Body::Record { .. }),
                    values: paths.iter().map(|it| properties.get(it)).collect(),
                }
            }
            Body::Traits { of, traits } => {
                RowBody::Traits { of: *of, traits: traits.flatten().into() }
            }
            Body::Membership { joined, role } => {
                RowBody::Membership { joined: *joined, role: role.clone() }
            }
            Body::Link | Body::Alias { .. } | Body::Split { .. } => return None,
        };
        Some(Row {
            time: self.fact.time,
            known_at: self.attributed_at,
            id: self.fact.id.clone(),
            source: self.fact.source.clone(),
            person: self.person.clone(),
            copy: self.copy,
            body,
        })
    }
}

/// The place of a fact within an instant; identity comes last, as no stream takes it.
pub(crate) const fn rank(body: &Body) -> u8 {
    match body {
        Body::Traits { .. } => 0,
        Body::Membership { .. } => 1,
        Body::Event { .. } | Body::Record { .. } => 2,
        Body::Link | Body::Alias { .. } | Body::Split { .. } => 3,
    }
}

/// The word of a body in the column `kind`, and in what is counted by kind.
pub(crate) const fn kind_word(body: &Body) -> &'static str {
    match body {
        Body::Event { .. } => "event",
        Body::Record { .. } => "record",
        Body::Traits { .. } => "traits",
        Body::Link => "link",
        Body::Alias { .. } => "alias",
        Body::Split { .. } => "split",
        Body::Membership { .. } => "membership",
    }
}

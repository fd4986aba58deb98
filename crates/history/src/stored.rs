//! A stored row: one fact in one account's stream.

use firsthand_model::fact::{Body, BodyView, FactView, Row, RowBody};
use firsthand_model::{Fact, Text, Time};

/// A fact, and an account it counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Where a fact stands: all of a [`Stored`] but the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub account: &'a str,
    pub person: Option<&'a str>,
    pub attributed_at: Option<Time>,
    pub copy: bool,
    pub homes: Option<i64>,
}

/// A [`Stored`] whose texts lie elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowView<'a> {
    pub place: Place<'a>,
    pub fact: FactView<'a>,
}

/// What rows of a segment are sorted by.
pub(crate) type SortKey<'a> = (&'a str, Time, u8, &'a str, &'a str);

impl<'a> RowView<'a> {
    /// By account, then as [`Row::order`] has it.
    pub fn sort_key(&self) -> SortKey<'a> {
        let FactView { time, source, id, body, .. } = self.fact;
        (self.place.account, time, rank(&body), source, id)
    }
}

impl Stored {
    /// The row without copies of its texts.
    pub fn view(&self) -> RowView<'_> {
        RowView { place: self.place(), fact: FactView::from(&self.fact) }
    }

    /// Where the fact stands.
    pub fn place(&self) -> Place<'_> {
        Place {
            account: &self.account,
            person: self.person.as_deref(),
            attributed_at: self.attributed_at,
            copy: self.copy,
            homes: self.homes,
        }
    }

    /// By account, then as [`Row::order`] has it.
    pub fn sort_key(&self) -> SortKey<'_> {
        self.view().sort_key()
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
pub(crate) const fn rank(body: &BodyView<'_>) -> u8 {
    match body {
        BodyView::Traits { .. } => 0,
        BodyView::Membership { .. } => 1,
        BodyView::Event { .. } | BodyView::Record { .. } => 2,
        BodyView::Link | BodyView::Alias { .. } | BodyView::Split { .. } => 3,
    }
}

/// The word of a body in the column `kind`, and in what is counted by kind.
pub(crate) const fn kind_word(body: &BodyView<'_>) -> &'static str {
    match body {
        BodyView::Event { .. } => "event",
        BodyView::Record { .. } => "record",
        BodyView::Traits { .. } => "traits",
        BodyView::Link => "link",
        BodyView::Alias { .. } => "alias",
        BodyView::Split { .. } => "split",
        BodyView::Membership { .. } => "membership",
    }
}

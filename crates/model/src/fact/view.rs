//! Facts whose texts lie elsewhere: read out of a buffer without copying them.

use super::{Body, Fact, Kind, Who};
use crate::{JsonView, Time};

/// A [`Fact`] whose texts lie elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Fact`")]
pub struct FactView<'a> {
    pub id: &'a str,
    pub source: &'a str,
    pub time: Time,
    pub known_at: Option<Time>,
    pub who: WhoView<'a>,
    pub body: BodyView<'a>,
}

/// A [`Who`] whose texts lie elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Who`")]
pub struct WhoView<'a> {
    pub user: Option<&'a str>,
    pub anonymous: Option<&'a str>,
    pub account: Option<&'a str>,
}

/// A [`Body`] whose texts lie elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are those of `Body`")]
pub enum BodyView<'a> {
    Event { name: &'a str, properties: JsonView<'a> },
    Record { name: &'a str, properties: JsonView<'a> },
    Traits { of: Kind, traits: JsonView<'a> },
    Link,
    Alias { other: &'a str },
    Split { other: &'a str },
    Membership { joined: bool, role: Option<&'a str> },
}

impl<'a> From<&'a Fact> for FactView<'a> {
    fn from(fact: &'a Fact) -> Self {
        Self {
            id: &fact.id,
            source: &fact.source,
            time: fact.time,
            known_at: fact.known_at,
            who: WhoView::from(&fact.who),
            body: BodyView::from(&fact.body),
        }
    }
}

impl<'a> From<&'a Who> for WhoView<'a> {
    fn from(who: &'a Who) -> Self {
        Self {
            user: who.user.as_deref(),
            anonymous: who.anonymous.as_deref(),
            account: who.account.as_deref(),
        }
    }
}

impl<'a> From<&'a Body> for BodyView<'a> {
    fn from(body: &'a Body) -> Self {
        match body {
            Body::Event { name, properties } => Self::Event { name, properties: properties.view() },
            Body::Record { name, properties } => {
                Self::Record { name, properties: properties.view() }
            }
            Body::Traits { of, traits } => Self::Traits { of: *of, traits: traits.view() },
            Body::Link => Self::Link,
            Body::Alias { other } => Self::Alias { other },
            Body::Split { other } => Self::Split { other },
            Body::Membership { joined, role } => {
                Self::Membership { joined: *joined, role: role.as_deref() }
            }
        }
    }
}

impl FactView<'_> {
    /// The fact with texts of its own.
    pub fn to_fact(&self) -> Fact {
        let text = |it: Option<&str>| it.map(Into::into);
        let WhoView { user, anonymous, account } = self.who;
        Fact {
            id: self.id.into(),
            source: self.source.into(),
            time: self.time,
            known_at: self.known_at,
            who: Who { user: text(user), anonymous: text(anonymous), account: text(account) },
            body: self.body.to_body(),
        }
    }
}

impl BodyView<'_> {
    /// The body with texts of its own.
    pub fn to_body(&self) -> Body {
        match *self {
            Self::Event { name, properties } => {
                Body::Event { name: name.into(), properties: properties.to_json() }
            }
            Self::Record { name, properties } => {
                Body::Record { name: name.into(), properties: properties.to_json() }
            }
            Self::Traits { of, traits } => Body::Traits { of, traits: traits.to_json() },
            Self::Link => Body::Link,
            Self::Alias { other } => Body::Alias { other: other.into() },
            Self::Split { other } => Body::Split { other: other.into() },
            Self::Membership { joined, role } => {
                Body::Membership { joined, role: role.map(Into::into) }
            }
        }
    }

    /// Its JSON: the properties or the traits.
    pub const fn json(&self) -> Option<JsonView<'_>> {
        match self {
            Self::Event { properties: json, .. }
            | Self::Record { properties: json, .. }
            | Self::Traits { traits: json, .. } => Some(*json),
            Self::Link | Self::Alias { .. } | Self::Split { .. } | Self::Membership { .. } => None,
        }
    }
}

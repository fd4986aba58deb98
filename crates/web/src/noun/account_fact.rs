//! What happened in an account, fact by fact, as the API tells it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{At, Page, SubjectKind};

/// What a fact of an account says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// A person did something.
    Event,
    /// Something was recorded that nobody did in the product: a bill, a deal, an act on a lead.
    Record,
    /// Traits of the account or of a person changed, the plan among them.
    Traits,
    /// A person joined the account.
    Joined,
    /// A person left the account.
    Left,
    /// An anonymous id turned out to be a person of the account.
    Linked,
    /// A user id is a person of the account as well.
    United,
    /// A user id is not a person of the account after all.
    Parted,
}

/// A fact of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountFact {
    /// Its id, which is unique within its source; `null` for what several facts told.
    pub id: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// What it says.
    pub kind: FactKind,
    /// When it was so.
    pub at: At,
    /// When it was known of this account; `null` where an import does not say.
    pub known_at: Option<At>,
    /// The person it is about, if it is about one.
    pub person: Option<String>,
    /// What they are called, where that is known.
    pub person_name: Option<String>,
    /// The name of the event or record.
    pub name: Option<String>,
    /// The properties of the event or record.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Map<String, Value>>,
    /// Whose traits changed.
    pub of: Option<SubjectKind>,
    /// The traits that changed.
    pub changes: Vec<TraitChange>,
    /// As what the person joined, where that was told.
    pub role: Option<String>,
    /// The id that was linked, united or parted.
    pub other: Option<String>,
}

impl AccountFact {
    /// A fact of which nothing is told yet but its kind and when it was so.
    pub fn new(kind: FactKind, at: At) -> Self {
        Self {
            id: None,
            source: None,
            kind,
            at,
            known_at: None,
            person: None,
            person_name: None,
            name: None,
            properties: None,
            of: None,
            changes: Vec::new(),
            role: None,
            other: None,
        }
    }
}

/// A trait that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TraitChange {
    /// The trait; inner ones with dots.
    #[serde(rename = "trait")]
    pub name: String,
    /// What it was, where that is known.
    #[schema(value_type = Option<Value>)]
    pub from: Option<Value>,
    /// What it is; `null` where it was taken away.
    #[schema(value_type = Option<Value>)]
    pub to: Option<Value>,
}

/// Which facts of an account are asked for, newest first; what is empty or `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactFilter {
    /// Of these kinds.
    pub kinds: Vec<FactKind>,
    /// About this person.
    pub person: Option<String>,
    /// Events and records of this name.
    pub name: Option<String>,
    /// At or after.
    pub since: Option<At>,
    /// Before.
    pub until: Option<At>,
}

impl FactFilter {
    /// Whether a fact is asked for.
    pub fn admits(&self, it: &AccountFact) -> bool {
        let Self { kinds, person, name, since, until } = self;
        (kinds.is_empty() || kinds.contains(&it.kind))
            && (person.is_none() || it.person == *person)
            && (name.is_none() || it.name == *name)
            && since.is_none_or(|since| it.at.0 >= since.0)
            && until.is_none_or(|until| it.at.0 < until.0)
    }
}

/// A page of an account's facts, with what it can be narrowed to.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountFacts {
    /// The facts.
    pub page: Page<AccountFact>,
    /// From which instant on facts were read for it; `None` if all that are older were.
    pub read_from: Option<At>,
    /// The names of events and records among the newest, with how often each, the commonest first.
    pub names: Vec<(String, u64)>,
    /// The people among the newest, with what they are called, the busiest first.
    pub people: Vec<(String, Option<String>)>,
}

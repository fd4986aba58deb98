//! What a definition judges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person or an account.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A customer.
    Account,
    /// A human user.
    Person,
}

/// What a definition judges, by kind and id; in a query `account:acme-bikes`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Which kind.
    pub kind: SubjectKind,
    /// Its id: the account's, or one of the person's.
    #[schema(min_length = 1, max_length = 255)]
    pub id: String,
}

impl Subject {
    /// An account.
    pub fn account(id: impl Into<String>) -> Self {
        Self { kind: SubjectKind::Account, id: id.into() }
    }

    /// A person.
    pub fn person(id: impl Into<String>) -> Self {
        Self { kind: SubjectKind::Person, id: id.into() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            SubjectKind::Account => "account",
            SubjectKind::Person => "person",
        };
        write!(f, "{kind}:{}", self.id)
    }
}

/// The text names no subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a subject is written `account:ID` or `person:ID`")]
pub struct SubjectParseError;

impl FromStr for Subject {
    type Err = SubjectParseError;

    fn from_str(text: &str) -> Result<Self, SubjectParseError> {
        match text.split_once(':') {
            Some((_, "")) | None => Err(SubjectParseError),
            Some(("account", id)) => Ok(Self::account(id)),
            Some(("person", id)) => Ok(Self::person(id)),
            Some(_) => Err(SubjectParseError),
        }
    }
}

//! Parameters of a query.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::place::place_of;
use crate::noun::Subject;
use crate::problem::Problem;

/// The parameters of a query. Unknown, repeated and unreadable ones are refused by name.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let (name, detail) = place_of(&error, "query");
        Problem::invalid_parameter(&name, detail)
            .help("`/api/v1/openapi.json` lists the parameters of this path.")
    })
}

/// How many items a page has at most: 1 to 500, 50 unless asked otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub u32);

impl Limit {
    pub const MAX: u32 = 500;
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse() {
            Ok(limit @ 1..=Self::MAX) => Ok(Self(limit)),
            _ => Err(de::Error::custom("a number from 1 to 500 is needed")),
        }
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .default(Some(Self::default().0.into()))
            .into()
    }
}

impl ToSchema for Limit {}

/// Any of several values, with commas between them: `status=open,accepted`. At least one: what does
/// not narrow is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneOf<T>(pub Vec<T>);

impl<T> Default for OneOf<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Words<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Words<T> {
            type Value = OneOf<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values with commas between them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOf<T>, E> {
                let words = text.split(',').map(|word| T::deserialize(StrDeserializer::new(word)));
                words.collect::<Result<_, _>>().map(OneOf)
            }
        }

        from.deserialize_str(Words(PhantomData))
    }
}

/// The longest name or id in a query, in characters.
const NAME_CHARS_MAX: usize = 255;

/// A name or id in a query: 1 to so many characters that can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name<const CHARS_MAX: usize = NAME_CHARS_MAX>(pub String);

impl<'de, const CHARS_MAX: usize> Deserialize<'de> for Name<CHARS_MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() || text.chars().count() > CHARS_MAX {
            return Err(de::Error::custom(format!("1 to {CHARS_MAX} characters are needed")));
        }
        if text.contains(|it: char| it.is_ascii_control()) {
            return Err(de::Error::custom("control characters are not allowed"));
        }
        Ok(Self(text))
    }
}

impl<const CHARS_MAX: usize> PartialSchema for Name<CHARS_MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(CHARS_MAX))
            .pattern(Some(r"^[^\x00-\x1f\x7f]*$"))
            .into()
    }
}

impl<const CHARS_MAX: usize> ToSchema for Name<CHARS_MAX> {}

/// A subject in a query: `account:acme-bikes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectParam(pub Subject);

impl<'de> Deserialize<'de> for SubjectParam {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Name(text) = <Name>::deserialize(from)?;
        Subject::from_str(&text).map(Self).map_err(de::Error::custom)
    }
}

impl PartialSchema for SubjectParam {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(NAME_CHARS_MAX))
            .pattern(Some(r"^(account|person):[^\x00-\x1f\x7f]+$"))
            .examples([serde_json::json!("account:acme-bikes")])
            .into()
    }
}

impl ToSchema for SubjectParam {}

//! Texts that people write.

use std::borrow::Cow;

use firsthand_model::stage::STAGES;
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The name of an owner, or an id.
pub(super) type Name = Words<255>;
/// Why somebody did something.
pub(super) type Reason = Words<1_000>;
/// A note on a lead.
pub(super) type NoteText = Words<10_000>;

/// What texts look like: something other than blanks, and nothing that cannot be seen but tabs and
/// line ends.
const PATTERN: &str = concat!(
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*",
    r"[^\s\x00-\x1f\x7f]",
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
);

/// A text of 1 to `CHARS_MAX` characters that can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words<const CHARS_MAX: usize>(pub String);

impl<'de, const CHARS_MAX: usize> Deserialize<'de> for Words<CHARS_MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let unseen = |it: char| it.is_ascii_control() && !matches!(it, '\t' | '\n' | '\r');
        if text.contains(unseen) {
            return Err(de::Error::custom("control characters are not allowed"));
        }
        if text.trim().is_empty() {
            return Err(de::Error::custom("a text is needed, not only blanks"));
        }
        if text.chars().count() > CHARS_MAX {
            let told = format!("the text is longer than {CHARS_MAX} characters");
            return Err(de::Error::custom(told));
        }
        Ok(Self(text))
    }
}

impl<const CHARS_MAX: usize> PartialSchema for Words<CHARS_MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(CHARS_MAX))
            .pattern(Some(PATTERN))
            .into()
    }
}

impl<const CHARS_MAX: usize> ToSchema for Words<CHARS_MAX> {
    fn name() -> Cow<'static, str> {
        format!("Words{CHARS_MAX}").into()
    }
}

/// A lifecycle stage, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StageName(pub String);

impl<'de> Deserialize<'de> for StageName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if STAGES.contains(&text.as_str()) {
            return Ok(Self(text));
        }
        Err(de::Error::unknown_variant(&text, &STAGES))
    }
}

impl PartialSchema for StageName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(STAGES)).into()
    }
}

impl ToSchema for StageName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_can_be_seen_and_are_bounded() {
        let read = |text: &str| {
            let json = serde_json::to_string(text).unwrap();
            serde_json::from_str::<Words<4>>(&json).map(|it| it.0).map_err(|it| it.to_string())
        };
        assert_eq!(read("a\nbü").as_deref(), Ok("a\nbü"));
        for refused in ["", " \n", "a\0", "a\u{7f}", "abcde"] {
            assert!(read(refused).is_err(), "{refused:?}");
        }
    }
}

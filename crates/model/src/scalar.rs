//! Property values, and the JSON objects they come in.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::members::Members;
use crate::{Decimal, Text};

/// One value of a property or trait, as the evaluator sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scalar {
    /// Absent, JSON `null`, or a value no definition can compare (an object).
    #[default]
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// A number, exact to six places.
    Number(Decimal),
    /// A text as it came; comparing ignores case.
    Text(Text),
    /// Several values, for `contains` and `in`.
    List(Box<[Scalar]>),
}

impl Scalar {
    /// Whether there is nothing to compare.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Converts a parsed JSON value. Numbers beyond the range of [`Decimal`] are missing.
    pub fn from_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null | serde_json::Value::Object(_) => Self::Missing,
            serde_json::Value::Bool(it) => Self::Bool(*it),
            serde_json::Value::Number(it) => {
                it.to_string().parse().map_or(Self::Missing, Self::Number)
            }
            serde_json::Value::String(it) => Self::Text(it.as_str().into()),
            serde_json::Value::Array(them) => {
                Self::List(them.iter().map(Self::from_json).collect())
            }
        }
    }

    /// Reads one JSON value's own text, keeping numbers exact (`1e400` is missing, not infinite).
    pub fn from_json_text(text: &str) -> Self {
        let text = text.trim();
        match text.as_bytes().first() {
            Some(b'"') => match plain_text(text) {
                Some(plain) => Self::Text(plain.into()),
                None => serde_json::from_str::<String>(text)
                    .map_or(Self::Missing, |it| Self::Text(it.into())),
            },
            Some(b'-' | b'0'..=b'9') => text.parse().map_or(Self::Missing, Self::Number),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
                .map_or(Self::Missing, |them| {
                    Self::List(them.iter().map(|it| Self::from_json_text(it.get())).collect())
                }),
            _ => Self::Missing,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("unknown"),
            Self::Bool(it) => it.fmt(f),
            Self::Number(it) => it.fmt(f),
            Self::Text(it) => f.write_str(it),
            Self::List(them) => {
                for (index, it) in them.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    it.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

/// A JSON object kept as the text it came as, so that nothing in it is lost or rounded.
///
/// The text is known to be a well-formed object; members may repeat, in which case the last counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Json(Box<str>);

impl Default for Json {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl Json {
    /// Takes a text that must be one JSON object.
    ///
    /// # Errors
    /// Returns the parser's message where the text is anything else.
    pub fn parse(text: impl Into<Box<str>>) -> Result<Self, serde_json::Error> {
        let text = text.into();
        serde_json::from_str::<Decoded<'_>>(&text)?;
        Ok(Self(text))
    }

    /// Takes a value that a parser has read already, without reading it again; `None` where it is
    /// not an object. The caller vouches for escapes that a parser skips over (lone surrogates).
    pub fn from_raw(raw: &RawValue) -> Option<Self> {
        raw.get().starts_with('{').then(|| Self(raw.get().into()))
    }

    /// Takes the text of an object that the caller has just written, without reading it again.
    ///
    /// # Panics
    /// Where debug assertions are on and the text is no JSON object.
    pub fn from_written(text: &str) -> Self {
        debug_assert!(Self::parse(text).is_ok(), "no JSON object: {text}");
        Self(text.into())
    }

    /// Writes an object of the given members; later ones of the same name win.
    pub fn from_members(members: &serde_json::Map<String, serde_json::Value>) -> Self {
        Self(serde_json::to_string(members).expect("a map of JSON values serialises").into())
    }

    /// The object's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the object has no members.
    pub fn is_empty(&self) -> bool {
        self.0[1..self.0.len() - 1].trim().is_empty()
    }

    /// The object, without a copy of its text.
    pub fn view(&self) -> JsonView<'_> {
        JsonView(&self.0)
    }

    /// Looks a value up by path: the member of exactly that name, else, at each dot, the member
    /// of the part before it and the rest inside that.
    pub fn get(&self, path: &str) -> Scalar {
        self.view().get(path)
    }

    /// Looks values up by their paths, each as [`Self::get`] does, and reads the text once.
    pub fn get_each(&self, paths: &[Text]) -> Arc<[Scalar]> {
        let members = if paths.is_empty() { Vec::new() } else { members_of(&self.0) };
        let get = |path: &Text| {
            lookup_among(&members, path).map_or(Scalar::Missing, Scalar::from_json_text)
        };
        paths.iter().map(get).collect()
    }

    /// Lists every value with its dotted path, objects opened, in the order of the text.
    pub fn flatten(&self) -> Vec<(Text, Scalar)> {
        let mut flat = Vec::new();
        self.view().for_each(|path, value| flat.push((path.into(), Scalar::from_json_text(value))));
        flat
    }
}

/// A [`Json`] whose text lies elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonView<'a>(&'a str);

impl<'a> JsonView<'a> {
    /// Takes the text of a [`Json`]; the caller vouches that it is one.
    pub const fn known(text: &'a str) -> Self {
        Self(text)
    }

    /// The object's text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The object with a text of its own.
    pub fn to_json(self) -> Json {
        Json(self.0.into())
    }

    /// Looks a value up as [`Json::get`] does.
    pub fn get(self, path: &str) -> Scalar {
        lookup(self.0, path).map_or(Scalar::Missing, Scalar::from_json_text)
    }

    /// Shows every value with its dotted path, objects opened, in the order of the text. A value is
    /// shown as the text that it came as; see [`Scalar::from_json_text`].
    pub fn for_each(self, mut each: impl FnMut(&str, &str)) {
        if self.0.contains('\\') {
            each_escaped(self.0, "", &mut each);
        } else {
            each_plain(self.0, &mut String::new(), &mut each);
        }
    }
}

/// What stands between the quotes of a JSON string that needs no decoding.
pub(crate) fn plain_text(quoted: &str) -> Option<&str> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    inner.bytes().all(|it| it >= b' ' && it != b'\\' && it != b'"').then_some(inner)
}

/// The members of an object, each value as raw text.
struct Decoded<'a>(Vec<Member<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Decoded<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> serde::de::Visitor<'de> for Visit {
            type Value = Decoded<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<MemberName<'de>, &'de RawValue>()? {
                    members.push((key.0, value));
                }
                Ok(Decoded(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// A member's name, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct MemberName<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

/// A member, its value as raw text.
type Member<'a> = (std::borrow::Cow<'a, str>, &'a RawValue);

fn members_of(text: &str) -> Vec<Member<'_>> {
    if !text.trim_start().starts_with('{') {
        return Vec::new();
    }
    serde_json::from_str::<Decoded<'_>>(text).map_or_else(|_| Vec::new(), |it| it.0)
}

fn lookup<'a>(text: &'a str, path: &str) -> Option<&'a str> {
    lookup_among(&members_of(text), path)
}

fn lookup_among<'a>(members: &[Member<'a>], path: &str) -> Option<&'a str> {
    let by_name = |name: &str| {
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.get())
    };
    if let Some(found) = by_name(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| lookup(by_name(&path[..at])?, &path[at + 1..]))
}

/// Goes through an object in whose text nothing is escaped.
fn each_plain(text: &str, path: &mut String, each: &mut impl FnMut(&str, &str)) {
    let prefix = path.len();
    for (key, value) in Members::of(text) {
        path.truncate(prefix);
        if prefix > 0 {
            path.push('.');
        }
        path.push_str(&key[1..key.len() - 1]);
        if value.starts_with('{') {
            each_plain(value, path, each);
        } else {
            each(path, value);
        }
    }
    path.truncate(prefix);
}

/// Goes through an object of which a key may have to be decoded. A key that is no Unicode text
/// hides its whole object.
fn each_escaped(text: &str, prefix: &str, each: &mut impl FnMut(&str, &str)) {
    for (key, value) in members_of(text) {
        let path = if prefix.is_empty() { key.into_owned() } else { format!("{prefix}.{key}") };
        if value.get().starts_with('{') {
            each_escaped(value.get(), &path, each);
        } else {
            each(&path, value.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_nested_and_dotted_members() {
        let json =
            Json::parse(r#"{"a":{"b":{"c":1.50}},"a.b":2,"t":"x","n":null,"l":[1,"z"]}"#).unwrap();
        assert_eq!(json.get("a.b").to_string(), "2");
        assert_eq!(json.get("a.b.c").to_string(), "1.5");
        assert_eq!(json.get("l").to_string(), "1, z");
        assert!(json.get("n").is_missing() && json.get("a").is_missing());
        let paths = ["a.b", "a.b.c", "l", "n", "a", "t"].map(Text::from);
        let each = paths.iter().map(|it| json.get(it)).collect::<Arc<[Scalar]>>();
        assert_eq!(json.get_each(&paths), each);
        assert!(json.get_each(&[]).is_empty());
    }

    #[test]
    fn the_text_is_kept_to_the_letter() {
        let text = r#"{"id":12345678901234567890123,"x":1.10}"#;
        let json = Json::parse(text).unwrap();
        assert_eq!(json.as_str(), text);
        assert_eq!(json.get("id").to_string(), "12345678901234567890123");
        assert!(Json::parse("[1]").is_err() && Json::parse("{").is_err());
    }
}

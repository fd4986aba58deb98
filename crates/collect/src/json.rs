//! JSON as it stands in files: members as raw text, and the few repairs that the rest of the
//! program relies on.
//!
//! Values are never decoded and written again, so numbers keep every digit. What is checked
//! before a record counts as read: it is well formed, no deeper than [`DEPTH_MAX`], and every
//! escape in it decodes.

mod scan;

use std::borrow::Cow;
use std::fmt;

use firsthand_model::{Json, JsonView};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of objects and lists that is taken in.
pub const DEPTH_MAX: usize = 100;
/// Most members of an object whose members are looked at one by one.
pub const MEMBERS_MAX: usize = 1 << 16;

/// The text of one JSON value, known to be well formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Reads a text that must be one value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(|it| Self(it.get()))
    }

    /// The text.
    pub(crate) const fn get(self) -> &'a str {
        self.0
    }

    /// The values of a list; nothing else has any.
    pub(crate) fn items(self) -> Vec<Raw<'a>> {
        self.items_up_to(usize::MAX).unwrap_or_default()
    }

    /// The values of a list; `None` where there are more of them than `max`, or it is no list.
    pub(crate) fn items_up_to(self, max: usize) -> Option<Vec<Raw<'a>>> {
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        deserializer.deserialize_seq(Items { max }).ok()
    }

    /// The value as a whole, if it is an object.
    pub(crate) fn to_json(self) -> Option<Json> {
        self.0.starts_with('{').then(|| JsonView::known(self.0).to_json())
    }
}

/// The members of one object, each value as the text it came as, in the order written.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    list: Vec<(Cow<'a, str>, Raw<'a>)>,
}

impl<'a> Members<'a> {
    /// Reads a text that must be one object.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        if let Some(list) = scan::members(text) {
            return Ok(Self { list });
        }
        let Decoded(list) = serde_json::from_str(text)?;
        Ok(Self { list: list.into_iter().map(|(name, raw)| (name, Raw(raw.get()))).collect() })
    }

    /// Opens a value that may be an object.
    pub(crate) fn of(raw: Raw<'a>) -> Option<Self> {
        raw.get().starts_with('{').then(|| Self::parse(raw.get()).ok()).flatten()
    }

    /// The value of a name; of the last one where the name is repeated. Never a JSON `null`.
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let found = self.list.iter().rev().find(|(key, _)| same_name(key, name));
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// The text of a name: a string decoded, a number as it stands.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).and_then(scalar_text)
    }

    /// The object of a name.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).and_then(Self::of)
    }

    /// Whether the value of a name is `true` (or `false`); `None` where it is neither.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A name that stands in the object more than once.
    pub(crate) fn repeated(&self) -> Option<&str> {
        // Objects are small; comparing every pair beats hashing up to a few dozen names.
        if self.list.len() <= 32 {
            let names = |upto: usize| self.list[..upto].iter().map(|(name, _)| name);
            return (1..self.list.len())
                .find(|&at| names(at).any(|it| same_name(it, &self.list[at].0)))
                .map(|at| &*self.list[at].0);
        }
        let mut seen = rustc_hash::FxHashSet::default();
        self.list.iter().map(|(name, _)| &**name).find(|name| !seen.insert(*name))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.list.iter().map(|(name, value)| (&**name, *value))
    }

    pub(crate) fn into_list(self) -> Vec<(Cow<'a, str>, Raw<'a>)> {
        self.list
    }
}

/// Whether two names are the same; most differ in length or first letter.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().first() == other.as_bytes().first() && one == other
}

/// Reads the values of a list, up to so many.
struct Items {
    max: usize,
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<Raw<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} values", self.max)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<&'de RawValue>()? {
            if items.len() == self.max {
                return Err(A::Error::invalid_length(items.len() + 1, &self));
            }
            items.push(Raw(item.get()));
        }
        Ok(items)
    }
}

/// The members of an object as the standard parser reads them.
struct Decoded<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Decoded<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Decoded<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object of at most {MEMBERS_MAX} members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::with_capacity(16);
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    if list.len() == MEMBERS_MAX {
                        return Err(A::Error::invalid_length(list.len() + 1, &self));
                    }
                    list.push((name.0, value));
                }
                Ok(Decoded(list))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// A member's name, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a string, or the digits of a number; nothing else is a scalar text.
pub(crate) fn scalar_text(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let text = raw.get();
    match text.as_bytes().first()? {
        b'"' => {
            let inner = &text[1..text.len() - 1];
            if inner.bytes().any(|it| it == b'\\') {
                serde_json::from_str(text).ok().map(Cow::Owned)
            } else {
                Some(Cow::Borrowed(inner))
            }
        }
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(text)),
        _ => None,
    }
}

/// Whether objects and lists nest deeper than [`DEPTH_MAX`].
pub(crate) fn too_deep(text: &str) -> bool {
    let opening = memchr::memchr2_iter(b'{', b'[', text.as_bytes());
    if opening.take(DEPTH_MAX + 1).count() <= DEPTH_MAX {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// Replaces escapes that stand for half a character (`\ud800` alone) by `\ufffd`, as a browser's
/// decoder would; `None` where there are none.
pub(crate) fn without_lone_surrogates(text: &str) -> Option<String> {
    memchr::memmem::find(text.as_bytes(), b"\\ud")
        .or_else(|| memchr::memmem::find(text.as_bytes(), b"\\uD"))?;
    let bytes = text.as_bytes();
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]).map(|offset| at + offset) {
        at = found + 2;
        match surrogate(bytes, found) {
            Some(Half::High) if surrogate(bytes, found + 6) == Some(Half::Low) => at = found + 12,
            Some(_) => {
                lone.push(found);
                at = found + 6;
            }
            None => {}
        }
        if at >= bytes.len() {
            break;
        }
    }
    if lone.is_empty() {
        return None;
    }
    let mut mended = text.to_owned();
    for at in lone {
        mended.replace_range(at..at + 6, "\\ufffd");
    }
    Some(mended)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    High,
    Low,
}

fn surrogate(bytes: &[u8], at: usize) -> Option<Half> {
    let escape = bytes.get(at..at + 6)?;
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Half::High),
        0xDC00..=0xDFFF => Some(Half::Low),
        _ => None,
    }
}

/// Writes a text as a JSON string.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                use fmt::Write as _;
                write!(out, "\\u{byte:04x}").expect("writing to a text cannot fail");
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Writes JSON on one line. Only white space between tokens can hold a line's end: inside a
/// string it is written as an escape.
pub(crate) fn write_on_one_line(out: &mut String, json: &str) {
    if memchr::memchr2(b'\n', b'\r', json.as_bytes()).is_none() {
        out.push_str(json);
    } else {
        out.extend(json.chars().map(|it| if matches!(it, '\n' | '\r') { ' ' } else { it }));
    }
}

/// Builds the text of one object member by member.
pub(crate) struct ObjectWriter {
    text: String,
}

impl ObjectWriter {
    pub(crate) fn new() -> Self {
        Self { text: String::from("{") }
    }

    /// Starts a member; the caller writes exactly one JSON value behind it.
    pub(crate) fn member(&mut self, name: &str) -> &mut String {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        write_string(&mut self.text, name);
        self.text.push(':');
        &mut self.text
    }

    /// Closes the object.
    pub(crate) fn finish(mut self) -> Json {
        self.text.push('}');
        Json::from_written(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_replaced_and_a_whole_one_is_kept() {
        let kept = r#"{"a":"\ud83d\ude00","b":"\\ud800","c":"\u00e4"}"#;
        assert_eq!(without_lone_surrogates(kept), None);
        assert_eq!(
            without_lone_surrogates(r#"{"a":"\ud83dx","b":"\uDE00\ud83d"}"#).unwrap(),
            r#"{"a":"\ufffdx","b":"\ufffd\ufffd"}"#
        );
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let deep = format!("{}{}", "[".repeat(DEPTH_MAX + 1), "]".repeat(DEPTH_MAX + 1));
        assert!(too_deep(&deep));
        assert!(!too_deep(&format!("\"{deep}\"")));
        assert!(!too_deep(&"[],".repeat(1_000)));
    }

    #[test]
    fn a_repeated_member_is_found_and_the_last_one_counts() {
        let members = Members::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(members.repeated(), Some("a"));
        assert_eq!(members.text("a").as_deref(), Some("3"));
    }
}

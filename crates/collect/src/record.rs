//! One record of a file, whatever the format: named values, each as it stands in the file.

use std::borrow::Cow;

use firsthand_model::{Date, Time};

use crate::json::{self, Members, Raw, same_name};

/// A named value.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub name: Cow<'a, str>,
    pub value: Value<'a>,
}

/// One record: a JSON object, a row of a CSV file or of a Parquet file.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub fields: Vec<Field<'a>>,
}

/// One value as it stands in the file.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    /// Not there.
    Missing,
    /// A value of a JSON file.
    Json(Raw<'a>),
    /// A cell of a CSV file, whose type nobody wrote down.
    Cell(&'a str),
    /// A text that is known to be one.
    Text(Cow<'a, str>),
    /// True or false.
    Bool(bool),
    /// A number, by its digits.
    Number(String),
    /// An instant.
    Instant(Time),
    /// A local date and time, in microseconds since 1970 as if the zone were UTC.
    Local(i64),
    /// A calendar date.
    Date(Date),
    /// A nested value of a Parquet file, as JSON.
    Nested(String),
}

impl<'a> Record<'a> {
    /// The value of exactly this name; of the last where it is repeated.
    pub(crate) fn field(&self, name: &str) -> &Value<'a> {
        const MISSING: &Value<'static> = &Value::Missing;
        self.fields
            .iter()
            .rev()
            .find(|it| same_name(&it.name, name))
            .map_or(MISSING, |it| &it.value)
    }

    /// The value of a name, or of a dotted path into nested objects.
    pub(crate) fn path(&self, path: &str) -> Value<'a> {
        let exact = self.field(path);
        if !matches!(exact, Value::Missing) {
            return exact.clone();
        }
        path.match_indices('.')
            .find_map(|(at, _)| dig(&self.field(&path[..at]).object()?, &path[at + 1..]))
            .map_or(Value::Missing, Value::Json)
    }

    /// The text of a name, as an id or a name has it.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.field(name).text()
    }

    /// The record as JSON, for the file of rejects.
    pub(crate) fn to_json(&self) -> String {
        let mut object = json::ObjectWriter::new();
        for field in &self.fields {
            if !field.value.is_absent() {
                field.value.write_json(object.member(&field.name));
            }
        }
        object.finish().as_str().to_owned()
    }
}

fn dig<'a>(members: &Members<'a>, path: &str) -> Option<Raw<'a>> {
    if let Some(found) = members.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| dig(&members.object(&path[..at])?, &path[at + 1..]))
}

impl<'a> Value<'a> {
    /// Whether there is nothing: missing, JSON `null`, an empty cell or text.
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Json(raw) => matches!(raw.get(), "null" | "\"\""),
            Self::Cell(text) => text.is_empty(),
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The value as the text of an id or a name: numbers by their digits, to the letter.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(raw) => json::scalar_text(*raw),
            Self::Cell(text) => Some(Cow::Borrowed(*text)),
            Self::Text(text) => Some(text.clone()),
            Self::Number(digits) => Some(Cow::Owned(digits.clone())),
            Self::Date(date) => Some(Cow::Owned(date.to_string())),
            Self::Missing | Self::Bool(_) | Self::Instant(_) | Self::Local(_) | Self::Nested(_) => {
                None
            }
        }
        .filter(|text| !text.is_empty())
    }

    /// The value as an object; a text that holds one counts, as in the columns of a CSV export.
    pub(crate) fn object(&self) -> Option<Members<'a>> {
        match self {
            Self::Json(raw) if raw.get().starts_with('"') => None,
            Self::Json(raw) => Members::of(*raw),
            Self::Cell(text) | Self::Text(Cow::Borrowed(text)) => {
                text.trim_start().starts_with('{').then(|| Members::parse(text).ok()).flatten()
            }
            _ => None,
        }
    }

    /// The value as the raw text of an object.
    pub(crate) fn object_text(&self) -> Option<Raw<'a>> {
        let raw = match self {
            Self::Json(raw) => *raw,
            Self::Cell(text) | Self::Text(Cow::Borrowed(text)) => Raw::parse(text).ok()?,
            _ => return None,
        };
        raw.get().starts_with('{').then_some(raw)
    }

    /// Whether the value says yes or no in one of the usual words.
    pub(crate) fn flag(&self) -> Option<bool> {
        if let Self::Bool(it) = self {
            return Some(*it);
        }
        if let Self::Json(raw) = self
            && let Ok(it) = raw.get().parse::<bool>()
        {
            return Some(it);
        }
        match self.text()?.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "0" => Some(false),
            _ => None,
        }
    }

    /// Writes the value as JSON, by the rule of `docs/import.md`: a cell becomes a number or a
    /// truth value only where nothing is lost by it.
    pub(crate) fn write_json(&self, out: &mut String) {
        match self {
            Self::Missing => out.push_str("null"),
            Self::Json(raw) => json::write_on_one_line(out, raw.get()),
            Self::Cell(text) => match literal(text) {
                Some(Literal::Number) => out.push_str(text),
                Some(Literal::True) => out.push_str("true"),
                Some(Literal::False) => out.push_str("false"),
                None => json::write_string(out, text),
            },
            Self::Text(text) => json::write_string(out, text),
            Self::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Instant(at) => json::write_string(out, &at.to_string()),
            Self::Local(micros) => {
                let text = Time(*micros).to_string();
                json::write_string(out, text.trim_end_matches('Z'));
            }
            Self::Date(date) => json::write_string(out, &date.to_string()),
            Self::Nested(text) => out.push_str(text),
        }
    }
}

/// What a cell can be besides a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Number,
    True,
    False,
}

/// Most digits of a cell that is still a number: more are an id, and programs that hold numbers
/// as floats could not tell two of them apart.
const DIGITS_MAX: usize = 15;

/// Decides whether a cell is a number or a truth value. `007`, `+49`, `1e5`, `.5` and long strings
/// of digits are texts: they would not be written the same way again.
pub(crate) fn literal(text: &str) -> Option<Literal> {
    match text {
        "true" | "TRUE" | "True" => return Some(Literal::True),
        "false" | "FALSE" | "False" => return Some(Literal::False),
        _ => {}
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
    let plain = !whole.is_empty()
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + fraction.len() <= DIGITS_MAX
        && all_digits(whole)
        && all_digits(fraction);
    plain.then_some(Literal::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_becomes_a_number_only_where_it_could_be_written_back() {
        for text in ["0", "-1", "42", "3.50", "0.07", "123456789012345"] {
            assert_eq!(literal(text), Some(Literal::Number), "{text}");
        }
        let texts = ["007", "00", "+1", "1e5", ".5", "5.", "-", "1 000", "1,5", " 1", "NaN", "٣"];
        for text in texts.into_iter().chain(["1234567890123456", "0x10", "1_000", "--1", "1.2.3"]) {
            assert_eq!(literal(text), None, "{text}");
        }
        assert_eq!(literal("TRUE"), Some(Literal::True));
        assert_eq!(literal("yes"), None);
    }
}

//! Promoted properties: values moved out of the JSON into typed columns, and back.
//!
//! A column holds what `Json::get` says of its path. Where the value can be printed again to the
//! very bytes it came as, `null` takes its place in the JSON; a value that cannot (`1.50`, a text
//! with needless escapes) stands in both. So the JSON keeps its keys and their order, stays valid,
//! and [`restore`] brings back the text as it came. A `null` of the fact's own has no value in
//! the column, and so stays `null`.

use std::borrow::Cow;

use firsthand_model::{Decimal, Scalar};

use super::schema::NUMBER_DIGITS;
use crate::catalogue::{ColumnKind, PromotedColumn};
use crate::json::{self, Object};

/// Beyond this, in millionths, a number does not fit its column.
const NUMBER_RAW_MAX: u128 = 10_u128.pow(NUMBER_DIGITS as u32) - 1;
const NULL: &str = "null";

/// Takes the promoted values out of an object's text; tells what is left and each column's value.
/// Columns that cannot hold their value are marked as not complete.
pub(crate) fn take_out<'a>(
    text: &'a str,
    columns: &mut [PromotedColumn],
) -> (Cow<'a, str>, Vec<Scalar>) {
    if columns.is_empty() {
        return (Cow::Borrowed(text), Vec::new());
    }
    let object = Object::new(text);
    let mut changes = Vec::new();
    let values = columns
        .iter_mut()
        .map(|column| {
            let Some(place) = object.find(&column.path) else {
                return Scalar::Missing;
            };
            let value = Scalar::from_json_text(&text[place.clone()]);
            if value.is_missing() {
                return Scalar::Missing;
            }
            if !fits(&value, column.kind) {
                column.complete = false;
                return Scalar::Missing;
            }
            if prints_back(&value, &text[place.clone()]) {
                changes.push((place, Cow::Borrowed(NULL)));
            }
            value
        })
        .collect();
    let rest = if changes.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(json::splice(text, changes))
    };
    (rest, values)
}

/// Puts the promoted values back to where they were taken from.
pub(crate) fn restore<'a>(
    text: &'a str,
    values: impl Iterator<Item = (&'a str, Scalar)>,
) -> Cow<'a, str> {
    let mut object = None;
    let mut changes = Vec::new();
    for (path, value) in values {
        let object = object.get_or_insert_with(|| Object::new(text));
        if let Some(place) = object.find(path)
            && &text[place.clone()] == NULL
        {
            changes.push((place, Cow::Owned(print(&value))));
        }
    }
    if changes.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(json::splice(text, changes)) }
}

fn fits(value: &Scalar, kind: ColumnKind) -> bool {
    match (value, kind) {
        (Scalar::Number(it), ColumnKind::Number) => it.raw().unsigned_abs() <= NUMBER_RAW_MAX,
        (Scalar::Text(_), ColumnKind::Text) | (Scalar::Bool(_), ColumnKind::Bool) => true,
        _ => false,
    }
}

/// Whether a value is printed as the text that it was read from. The usual ones are told without
/// printing them.
fn prints_back(value: &Scalar, text: &str) -> bool {
    let plain = match value {
        // Nothing in it was escaped, and so nothing is.
        Scalar::Text(it) => !text.contains('\\') && text.len() == it.len() + 2,
        Scalar::Number(_) => {
            text.bytes().all(|it| it.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
        }
        _ => false,
    };
    plain || print(value) == text
}

fn print(value: &Scalar) -> String {
    match value {
        Scalar::Text(it) => serde_json::to_string(it.as_str()).expect("a text serialises"),
        other => other.to_string(),
    }
}

/// The number that a column holds as millionths.
pub(crate) const fn number(raw: i128) -> Scalar {
    Scalar::Number(Decimal::from_raw(raw))
}

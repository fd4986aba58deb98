//! Constants: what `@name` stands for, one value or a list, in the settings or in a file.

use std::sync::Arc;

use super::keys::{Key, Section, Takes};
use super::read::{Fields, Reader, Slot};
use super::value::{Plain, is_literal, plain_scalar};
use crate::diagnostic::{Diagnostic, Problem, SourceFile, SourceText, codes};
use crate::{Date, Scalar};

/// What `@name` stands for.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its values; a constant that is one value has one entry.
    pub values: ConstantValues,
    /// Where it was declared.
    pub declared: SourceText,
}

/// The values of a constant.
#[derive(Clone, Debug)]
pub enum ConstantValues {
    /// Declared, but nobody has set it: refuses to run.
    Unset,
    /// One value: text, number, or true or false.
    One(Scalar),
    /// One value that is written in the language: an amount, percentage, duration or date.
    Literal(SourceText),
    /// A list; from the configuration or a file with one value a line.
    List(Vec<DatedValue>),
}

/// One value of a list, in force within its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedValue {
    /// The value.
    pub value: Scalar,
    /// In force from the start of this date; for ever back if `None`.
    pub from: Option<Date>,
    /// In force up to the start of this date; for ever on if `None`.
    pub to: Option<Date>,
}

/// What stands behind the name of a constant.
pub(super) static CONSTANT: Takes = Takes::Either(&[
    Takes::Scalar,
    Takes::List(&Takes::Either(&[Takes::Scalar, Takes::Section(&DATED)])),
    Takes::Section(&FROM_FILE),
]);

static DATED: Section = Section {
    name: "a dated value",
    doc: "A value of a list that is in force from or up to a date.",
    keys: &[
        Key::required("value", Takes::Scalar, "The value."),
        Key::optional("from", Takes::Date, "In force from the start of this date."),
        Key::optional("to", Takes::Date, "In force up to the start of this date."),
    ],
};

static FROM_FILE: Section = Section {
    name: "a list in a file",
    doc: "A list that is kept in a file: one value a line, `#` begins a comment, and a line may \
          end with dates: `acme.com, 2026-01-01, 2026-12-31`.",
    keys: &[Key::required("file", Takes::File, "The path inside the project folder.")],
};

pub(super) fn read(name: &SourceText, slot: &Slot<'_>) -> Option<Constant> {
    let values = if slot.is_list() {
        ConstantValues::List(slot.items().iter().filter_map(read_item).collect())
    } else if slot.is_map() {
        let fields = slot.fields_of(&FROM_FILE)?;
        let file = fields.reader.file(&fields.get("file")?)?;
        ConstantValues::List(read_file(fields.reader, &file))
    } else {
        read_one(slot)?
    };
    Some(Constant { values, declared: name.clone() })
}

fn read_one(slot: &Slot<'_>) -> Option<ConstantValues> {
    let Some(scalar) = slot.scalar() else {
        slot.error(
            codes::WRONG_VALUE,
            "a constant without a value",
            "Write its value, or `unset` if that is for others to fill in.",
        );
        return None;
    };
    let text = scalar.text.text.trim();
    Some(if !scalar.plain {
        ConstantValues::One(Scalar::Text(text.into()))
    } else if text == "unset" {
        ConstantValues::Unset
    } else if is_literal(text) {
        ConstantValues::Literal(scalar.text.clone())
    } else {
        ConstantValues::One(plain_scalar(text))
    })
}

fn read_item(slot: &Slot<'_>) -> Option<DatedValue> {
    if !slot.is_map() {
        return Some(DatedValue { value: read_scalar(slot)?, from: None, to: None });
    }
    let fields = slot.fields_of(&DATED)?;
    let (from, to) = (fields.value("from"), fields.value("to"));
    check_dates(&fields, from, to);
    Some(DatedValue { from, to, value: read_scalar(&fields.get("value")?)? })
}

fn read_scalar(slot: &Slot<'_>) -> Option<Scalar> {
    let Some(scalar) = slot.scalar() else {
        slot.wrong();
        return None;
    };
    let text = scalar.text.text.trim();
    Some(if scalar.plain { plain_scalar(text) } else { Scalar::Text(text.into()) })
}

fn check_dates(fields: &Fields<'_>, from: Option<Date>, to: Option<Date>) {
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        let help = "`to` is the first date on which it is no longer in force.";
        fields.error(codes::WRONG_VALUE, "`to` is not later than `from`", help);
    }
}

/// Reads one value a line.
fn read_file(reader: &Reader<'_>, file: &Arc<SourceFile>) -> Vec<DatedValue> {
    let mut values = Vec::new();
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        match read_line(line.trim_start_matches('\u{feff}')) {
            Ok(value) => values.extend(value),
            Err(message) => {
                let span = at..at + line.trim_end().len();
                let problem = Problem::error(codes::WRONG_VALUE, span, message).with_help(
                    "Write `value`, `value, from` or `value, from, to` with dates such as \
                     `2026-03-08`; put a value that contains a comma in double quotes.",
                );
                reader.note(Diagnostic { problem, file: file.clone() });
            }
        }
        at += line.len();
    }
    values
}

/// Reads a line of a list; `None` for one that is empty or a comment.
///
/// What stands behind a comma and does not begin like a date belongs to the value: `Acme, Inc.`
fn read_line(line: &str) -> Result<Option<DatedValue>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (value, dates) = if let Some(behind) = line.strip_prefix('"') {
        let (value, dates) = behind.split_once('"').ok_or("a quote that is never closed")?;
        (Scalar::Text(value.into()), without_comment(dates))
    } else {
        let line = without_comment(line);
        let dated =
            line.match_indices(',').map(|(at, _)| at).find(|at| begins_like_date(&line[at + 1..]));
        let (value, dates) = line.split_at(dated.unwrap_or(line.len()));
        (plain_scalar(value.trim()), dates)
    };
    let dates = dates.trim();
    if dates.is_empty() {
        return Ok(Some(DatedValue { value, from: None, to: None }));
    }
    let mut dates = dates.strip_prefix(',').ok_or("text behind the closing quote")?.split(',');
    let mut next = || match dates.next().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => Date::read(text).map(Some).ok_or("a date that cannot be read"),
    };
    let (from, to) = (next()?, next()?);
    if next()?.is_some() {
        return Err("more than two dates");
    }
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err("the second date is not later than the first");
    }
    Ok(Some(DatedValue { value, from, to }))
}

/// A comment behind a value stands between blanks: `Acme #1` is a name.
fn without_comment(text: &str) -> &str {
    text.split(" # ").next().unwrap_or_default().trim_end()
}

/// Whether a part of a line is meant for a date, well written or not: `2026-13-1`, or nothing
/// before a second one.
fn begins_like_date(part: &str) -> bool {
    let first = part.split(',').next().unwrap_or_default().trim();
    let digits = first.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4 && first[digits..].starts_with('-'))
        || (first.is_empty() && part.split_once(',').is_some_and(|(_, it)| begins_like_date(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_value_with_or_without_dates() {
        let read = |line| {
            read_line(line).map(|it| {
                it.map(|it| {
                    let date = |it: Option<Date>| it.map_or("-".to_owned(), |it| it.to_string());
                    format!("{} {} {}", it.value, date(it.from), date(it.to))
                })
            })
        };
        let is = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(read("acme.com"), is("acme.com - -"));
        assert_eq!(read("acme.com, 2026-01-01"), is("acme.com 2026-01-01 -"));
        assert_eq!(read("acme.com,,2026-01-01"), is("acme.com - 2026-01-01"));
        assert_eq!(read("a, 2026-01-01, 2026-02-01 # why"), is("a 2026-01-01 2026-02-01"));
        assert_eq!(read("Acme, Inc., 2026-01-01"), is("Acme, Inc. 2026-01-01 -"));
        assert_eq!(read("\"Acme, 2026-club\", 2026-01-01"), is("Acme, 2026-club 2026-01-01 -"));
        assert_eq!(read("Acme #1"), is("Acme #1 - -"));
        assert_eq!(read("# nothing"), Ok(None));
        assert_eq!(read("acme.com, 2026-13-01"), Err("a date that cannot be read"));
        assert_eq!(
            read("a, 2026-02-01, 2026-01-01"),
            Err("the second date is not later than the first")
        );
        assert_eq!(read("\"acme"), Err("a quote that is never closed"));
    }
}

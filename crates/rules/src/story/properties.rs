//! The column PROPERTIES: `key=value` pairs, then how often the line happens.

use std::fmt::Write as _;

use firsthand_model::diagnostic::Problem;
use firsthand_model::{Json, Span, Text};

use super::piece::Piece;
use super::when;

/// Most dots in a key.
const DEPTH_MAX: usize = 8;

const VALUE_HELP: &str =
    "Write `key=value` pairs: `format=pdf pages=3 draft=false title=\"Q1 report\" tags=[a, b]`.";
const TIMES_HELP: &str = "Write `5 times`, or `5 times, 1d apart`.";

/// What stands behind the name of a fact.
#[derive(Default)]
pub(super) struct Properties<'a> {
    /// Keys as written, dots and all, with their values.
    pub members: Vec<(Piece<'a>, Value)>,
    /// `@id=…`: the fact's id.
    pub id: Option<Text>,
    /// `@source=…`: the fact's source.
    pub source: Option<Text>,
    /// `5 times`, and how far apart.
    pub repeat: Option<(usize, Span)>,
}

/// A value, as far as JSON tells values apart.
#[derive(Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A JSON number, to the letter.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

pub(super) fn read(column: Piece<'_>) -> Result<Properties<'_>, Problem> {
    let mut properties = Properties::default();
    let mut tree = Vec::new();
    let mut rest = column.trim();
    while !rest.text.is_empty() {
        if rest.text.starts_with(|it: char| it.is_ascii_digit()) {
            properties.repeat = Some(repeat(rest)?);
            break;
        }
        let end = rest.text.find(|it: char| it == '=' || it.is_whitespace());
        let key = rest.take(end.unwrap_or(rest.text.len()));
        if key.text.is_empty() || !rest.text[key.text.len()..].starts_with('=') {
            let message = format!("`{}` is not followed by a value", key.text);
            return Err(key.error(message).with_help(VALUE_HELP));
        }
        let (value, behind) = value(rest.skip(key.text.len() + 1), "")?;
        match (key.text, &value) {
            ("@id", Value::Text(id)) => properties.id = Some(id.into()),
            ("@source", Value::Text(source)) => properties.source = Some(source.into()),
            (name, _) if name.starts_with('@') => {
                return Err(key.error(format!("`{name}` cannot be set")).with_help(
                    "Only `@id=…` and `@source=…`, both texts, belong to the fact itself.",
                ));
            }
            (name, _) => {
                if !insert(&mut tree, name, value.clone(), DEPTH_MAX) {
                    return Err(key
                        .error(format!("`{name}` cannot be added to the properties before it"))
                        .with_help("Name each property once, with a word at each side of a dot."));
                }
                properties.members.push((key, value));
            }
        }
        rest = behind;
    }
    Ok(properties)
}

impl Properties<'_> {
    /// The properties as the object that a tracking call would carry: dots nest.
    pub(super) fn json(&self) -> Json {
        let mut tree = Vec::new();
        for (key, value) in &self.members {
            insert(&mut tree, key.text, value.clone(), DEPTH_MAX);
        }
        let mut text = String::new();
        Value::Object(tree).write(&mut text);
        Json::parse(text).expect("values were written as JSON")
    }
}

/// Puts a value at a dotted path; says whether there was room for it.
fn insert(tree: &mut Vec<(String, Value)>, path: &str, value: Value, depth: usize) -> bool {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let found = tree.iter().position(|(key, _)| key == name);
    match (rest, found) {
        _ if name.is_empty() || depth == 0 => false,
        (None, Some(_)) => false,
        (None, None) => {
            tree.push((name.to_owned(), value));
            true
        }
        (Some(rest), Some(at)) => match &mut tree[at].1 {
            Value::Object(inner) => insert(inner, rest, value, depth - 1),
            _ => false,
        },
        (Some(rest), None) => {
            let mut inner = Vec::new();
            let fits = insert(&mut inner, rest, value, depth - 1);
            tree.push((name.to_owned(), Value::Object(inner)));
            fits
        }
    }
}

/// Reads one value and says what stands behind it. Inside a list `ends` holds the characters that
/// end a value; outside, a space does.
fn value<'a>(piece: Piece<'a>, ends: &str) -> Result<(Value, Piece<'a>), Problem> {
    let missing = |at: Piece<'_>| at.error("a value is missing").with_help(VALUE_HELP);
    match piece.text.chars().next() {
        None => Err(missing(piece)),
        Some('"') => quoted(piece, ends),
        Some('[') if ends.is_empty() => list(piece),
        Some(_) => {
            let is_end = |it: char| {
                if ends.is_empty() { it.is_whitespace() } else { ends.contains(it) }
            };
            let end = piece.text.find(is_end).unwrap_or(piece.text.len());
            let word = piece.take(end).trim();
            if word.text.is_empty() {
                return Err(missing(piece.take(end)));
            }
            Ok((plain(word)?, piece.skip(end).trim()))
        }
    }
}

/// A value without quotes.
fn plain(word: Piece<'_>) -> Result<Value, Problem> {
    let text = word.text;
    if text.contains('"') {
        return Err(word
            .error(format!("`{text}` has a quote in the middle"))
            .with_help("Put the whole value between quotes."));
    }
    let without = text.replace('_', "");
    Ok(match text {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if is_number(&without) && !text.starts_with('_') => Value::Number(without),
        _ if is_number(&text.replace(',', "")) => {
            return Err(word
                .error(format!("`{text}` is not a number"))
                .with_help("Write `8000` or `8_000`; a text goes between quotes."));
        }
        _ => Value::Text(text.to_owned()),
    })
}

/// Whether this is a number of JSON; `007` is a text.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leading_zero && digits(fraction) && digits(exponent)
}

fn quoted<'a>(piece: Piece<'a>, ends: &str) -> Result<(Value, Piece<'a>), Problem> {
    let mut text = String::new();
    let mut escaped = false;
    for (at, char) in piece.text.char_indices().skip(1) {
        match char {
            _ if escaped => {
                text.push(char);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => {
                let behind = piece.skip(at + 1);
                let apart = |it: char| it.is_whitespace() || ends.contains(it);
                if behind.text.chars().next().is_none_or(apart) {
                    return Ok((Value::Text(text), behind.trim()));
                }
                return Err(piece
                    .take(at + 1)
                    .error("a value ends with its quote")
                    .with_help("Leave a space behind it; a quote inside is written `\\\"`."));
            }
            _ => text.push(char),
        }
    }
    Err(piece.error("the quote is not closed").with_help("Add a `\"`."))
}

fn list(piece: Piece<'_>) -> Result<(Value, Piece<'_>), Problem> {
    let mut items = Vec::new();
    let mut rest = piece.skip(1).trim();
    if let Some(behind) = rest.text.strip_prefix(']') {
        let empty = rest.skip(rest.text.len() - behind.len());
        return Ok((Value::List(items), empty.trim()));
    }
    loop {
        let (item, behind) = value(rest, ",]")?;
        items.push(item);
        match behind.text.chars().next() {
            Some(',') => rest = behind.skip(1).trim(),
            Some(']') => return Ok((Value::List(items), behind.skip(1).trim())),
            _ => {
                return Err(piece.error("the list is not closed").with_help("Add a `]`."));
            }
        }
    }
}

/// `5 times`, `5 times, 1d apart`.
fn repeat(piece: Piece<'_>) -> Result<(usize, Span), Problem> {
    let wrong = || {
        let message = format!("`{}` is neither a property nor a number of times", piece.text);
        piece.error(message).with_help(TIMES_HELP)
    };
    let (times, apart) = match piece.split_once(",") {
        Some((times, apart)) => (times, Some(apart)),
        None => (piece, None),
    };
    let (count, word) = times.first_word();
    let count: u32 = count.text.parse().map_err(|_| wrong())?;
    if !matches!(word.text, "times" | "time") || count == 0 {
        return Err(wrong());
    }
    let apart = match apart {
        None => Span::ZERO,
        Some(apart) => {
            let length = apart.text.strip_suffix("apart").ok_or_else(wrong)?.len();
            when::length(apart.take(length).trim())?
        }
    };
    Ok((count as usize, apart))
}

impl Value {
    /// Appends the value as JSON.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Self::Number(it) => out.push_str(it),
            Self::Text(it) => write_text(it, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Appends a text as JSON.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            _ if char < ' ' => {
                write!(out, "\\u{:04x}", u32::from(char)).expect("a String takes all");
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

//! One value of a table, and its two spellings: for people and for programs.

use firsthand_model::{Decimal, Span, Time};
use firsthand_rules::explain::Words;

use super::people::grouped;

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing: an empty cell, `null`.
    Empty,
    /// Words.
    Text(String),
    /// How many.
    Count(u64),
    /// An exact number, such as a score.
    Number(Decimal),
    /// A statistic, such as a lift; people see two places.
    Figure(f64),
    /// A part of one; people see per cent with two places.
    Share(f64),
    /// An instant; people see it to the minute, in the project's zone.
    Time(Time, ShownTime),
    /// A duration; programs get seconds.
    Span(Span),
    /// Several words.
    List(Vec<String>),
}

/// The spelling of an instant for people, made where the calendar is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTime(String);

impl Cell {
    /// An instant in the zone of a calendar.
    pub fn time(at: Time, calendar: &firsthand_model::Calendar) -> Self {
        Self::Time(at, ShownTime(shown_time(at, calendar)))
    }

    /// An instant, if there is one.
    pub fn maybe_time(at: Option<Time>, calendar: &firsthand_model::Calendar) -> Self {
        at.map_or(Self::Empty, |at| Self::time(at, calendar))
    }

    /// Whether there is anything to see.
    pub(super) const fn is_content(&self) -> bool {
        !matches!(self, Self::Empty)
    }

    /// Whether people compare it digit by digit, so that it stands to the right.
    pub(super) fn is_numeric(&self) -> bool {
        match self {
            Self::Count(_) | Self::Number(_) | Self::Figure(_) | Self::Share(_) | Self::Span(_) => {
                true
            }
            // Written by somebody else: `1,635`, `6.42 %`.
            Self::Text(it) => {
                it.starts_with(|it: char| it.is_ascii_digit())
                    && it
                        .trim_end_matches(" %")
                        .chars()
                        .all(|it| it.is_ascii_digit() || matches!(it, ',' | '.'))
            }
            _ => false,
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(it) => printable(it),
            Self::Count(it) => grouped(&it.to_string()),
            Self::Number(it) => Words::number(*it),
            Self::Figure(it) => grouped(&format!("{it:.2}")),
            Self::Share(it) => format!("{:.2} %", it * 100.0),
            Self::Time(_, shown) => shown.0.clone(),
            Self::Span(it) => rounded(*it).to_string(),
            Self::List(them) => printable(&them.join("; ")),
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Empty => serde_json::Value::Null,
            Self::Text(it) => it.as_str().into(),
            Self::Count(it) => (*it).into(),
            Self::Number(it) => exact(*it),
            Self::Figure(it) | Self::Share(it) => (*it).into(),
            Self::Time(at, _) => at.to_string().into(),
            Self::Span(it) => exact(Decimal::from_raw(i128::from(it.0))),
            Self::List(them) => them.clone().into(),
        }
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::Count(value)
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self::Count(value as u64)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// Date and minute in the zone of a calendar; only the date where the instant is a midnight.
pub fn shown_time(at: Time, calendar: &firsthand_model::Calendar) -> String {
    let date = calendar.date(at);
    let into_day = at - calendar.start_of(date);
    if into_day == Span::ZERO {
        return date.to_string();
    }
    // The hour is the clock's, so that a day of 23 hours reads as its people saw it.
    let minute = into_day.0.rem_euclid(Span::HOUR.0) / Span::MINUTE.0;
    format!("{date} {:02}:{minute:02}", calendar.hour(at))
}

/// A decimal as a JSON number: a whole one without a point, any other as the nearest float.
fn exact(value: Decimal) -> serde_json::Value {
    let whole = value.is_integer().then(|| value.raw() / Decimal::SCALE);
    match whole.and_then(|it| i64::try_from(it).ok()) {
        Some(whole) => whole.into(),
        None => value.to_f64().into(),
    }
}

/// A duration without the parts that nobody reads: from two days on hours are enough.
fn rounded(span: Span) -> Span {
    let unit = if span.0.abs() >= Span::DAY.times(2).0 {
        Span::HOUR
    } else if span.0.abs() >= Span::HOUR.0 {
        Span::MINUTE
    } else {
        Span::SECOND
    };
    Span(span.0 - span.0 % unit.0)
}

/// Letters shown of one word: an id may be as long as its source likes.
const WORD_CHARS_SHOWN: usize = 60;
/// Letters shown of one value.
const VALUE_CHARS_SHOWN: usize = 500;

/// Strangers' text on a terminal: control characters could move the cursor or change the title,
/// and a value without end would fill the screen.
pub fn printable(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    let words: Vec<String> = text.split(' ').map(|it| shortened(it, WORD_CHARS_SHOWN)).collect();
    shortened(&words.join(" "), VALUE_CHARS_SHOWN)
}

fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use firsthand_model::Calendar;
    use firsthand_model::time::Weekday;

    use super::*;

    #[test]
    fn people_and_programs_see_the_same_value_each_in_their_way() {
        let berlin = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let at: Time = "2026-03-08T09:00:30Z".parse().unwrap();
        let midnight: Time = "2026-03-07T23:00:00Z".parse().unwrap();
        for (cell, shown, json) in [
            (Cell::Count(1_635), "1,635", "1635"),
            (Cell::Number("1048.3025".parse().unwrap()), "1,048.302", "1048.3025"),
            (Cell::Figure(-1_234_567.5), "-1,234,567.50", "-1234567.5"),
            (Cell::Share(0.0642), "6.42 %", "0.0642"),
            (Cell::time(at, &berlin), "2026-03-08 10:00", "\"2026-03-08T09:00:30Z\""),
            (Cell::time(midnight, &berlin), "2026-03-08", "\"2026-03-07T23:00:00Z\""),
            (Cell::Span(Span(Span::DAY.times(3).0 + 5)), "3d", "259200.000005"),
            (Cell::List(vec!["a".into(), "b".into()]), "a; b", r#"["a","b"]"#),
            (Cell::Empty, "", "null"),
        ] {
            assert_eq!((cell.shown().as_str(), cell.json().to_string().as_str()), (shown, json));
        }
    }

    #[test]
    fn a_strangers_text_cannot_drive_the_terminal() {
        assert_eq!(Cell::from("a\u{1b}[2Jb\n").shown(), "a [2Jb ");
        let endless = Cell::from("x".repeat(9_000) + " y");
        assert_eq!(endless.shown(), "x".repeat(59) + "… y");
        assert_eq!(endless.json().as_str().map(str::len), Some(9_002));
        assert_eq!(Cell::from("xy ".repeat(900)).shown().chars().count(), VALUE_CHARS_SHOWN);
    }
}

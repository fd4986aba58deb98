//! A stretch of calendar dates, as people write it: `2022-07-01..2022-10-06`.

use std::fmt;
use std::str::FromStr;

use firsthand_model::{Calendar, Date, Time};
use serde::{Serialize, Serializer};

/// Dates from `first` to `last`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    first: Date,
    last: Date,
}

/// Why a text is not a stretch of dates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatesError {
    /// The text has another shape.
    #[error("`{0}` is not a stretch of dates")]
    Shape(String),
    /// The last date lies before the first.
    #[error("`{0}` ends before it begins")]
    Backwards(String),
}

impl DatesError {
    /// What to do about it, as a whole sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Shape(_) => "Write the first and the last date: `2022-07-01..2022-10-06`.",
            Self::Backwards(_) => "Put the earlier date first.",
        }
    }
}

impl Dates {
    /// Makes the stretch; `None` if `last` lies before `first`.
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first date.
    pub const fn first(self) -> Date {
        self.first
    }

    /// The last date, which belongs to the stretch.
    pub const fn last(self) -> Date {
        self.last
    }

    /// Whether an instant falls on one of the dates in the calendar's zone.
    pub fn contains(self, at: Time, calendar: &Calendar) -> bool {
        (self.first..=self.last).contains(&calendar.date(at))
    }
}

impl FromStr for Dates {
    type Err = DatesError;

    fn from_str(text: &str) -> Result<Self, DatesError> {
        let (first, last) = text
            .split_once("..")
            .and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)))
            .ok_or_else(|| DatesError::Shape(text.to_owned()))?;
        Self::new(first, last).ok_or_else(|| DatesError::Backwards(text.to_owned()))
    }
}

impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

impl Serialize for Dates {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_stretch() {
        let dates: Dates = "2022-07-01..2022-10-06".parse().unwrap();
        let calendar = Calendar::default();
        let within = |at: &str| dates.contains(at.parse().unwrap(), &calendar);
        assert!(within("2022-07-01T00:00:00Z") && within("2022-10-06T23:59:59.999999Z"));
        assert!(!within("2022-06-30T23:59:59Z") && !within("2022-10-07T00:00:00Z"));
        assert_eq!(dates.to_string(), "2022-07-01..2022-10-06");
    }

    #[test]
    fn what_is_no_stretch_is_refused_with_advice() {
        for (text, error, help) in [
            ("2022-07-01", "`2022-07-01` is not a stretch of dates", "first and the last date"),
            ("a..b", "`a..b` is not a stretch of dates", "first and the last date"),
            (
                "2022-07-02..2022-07-01",
                "`2022-07-02..2022-07-01` ends before it begins",
                "earlier date first",
            ),
        ] {
            let refused = text.parse::<Dates>().unwrap_err();
            assert_eq!(refused.to_string(), error);
            assert!(refused.help().contains(help), "{text}");
        }
    }
}

//! Values on the command line: instants and lengths of time.

use std::str::FromStr;

use firsthand_model::{Calendar, Span, Time};

/// An instant as a person writes it. The command line is read before the project is, so a date
/// stays a text until the project's zone is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// With an offset: the same everywhere.
    Exact(Time),
    /// A date, perhaps with a time of day, in the project's zone.
    Local(String),
}

impl Moment {
    /// The instant, in the project's zone.
    pub fn on(&self, calendar: &Calendar) -> Time {
        match self {
            Self::Exact(at) => *at,
            Self::Local(text) => calendar.local(text).unwrap_or(Time::MAX),
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse() {
            return Ok(Self::Exact(at));
        }
        match Calendar::default().local(text) {
            Some(_) => Ok(Self::Local(text.to_owned())),
            None => Err("write `2026-03-08`, `2026-03-08T09:00` or `2026-03-08T09:00:00Z`"),
        }
    }
}

/// Longest length that can be asked for, in days: longer than any recorded history.
const DAYS_MAX: i64 = 36_500;

/// A length of time such as `14d`.
pub fn length(text: &str) -> Result<Span, &'static str> {
    const WRONG: &str = "write a number and `h`, `d` or `w`, such as `14d`";
    let at = text.find(|it: char| !it.is_ascii_digit()).ok_or(WRONG)?;
    let (count, unit) = text.split_at(at);
    let unit = match unit {
        "h" => Span::HOUR,
        "d" => Span::DAY,
        "w" => Span::WEEK,
        _ => return Err(WRONG),
    };
    let count: i64 = count.parse().map_err(|_| WRONG)?;
    let length = unit.times(count);
    if count > 0 && length <= Span::DAY.times(DAYS_MAX) { Ok(length) } else { Err(WRONG) }
}

#[cfg(test)]
mod tests {
    use firsthand_model::time::Weekday;

    use super::*;

    #[test]
    fn a_time_of_day_is_that_of_the_projects_clocks() {
        let berlin = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        for (text, instant) in [
            ("2026-03-08", "2026-03-07T23:00:00Z"),
            ("2026-03-08T09:00", "2026-03-08T08:00:00Z"),
            ("2026-03-08 09:00:30", "2026-03-08T08:00:30Z"),
            ("2026-03-08T09:00:00Z", "2026-03-08T09:00:00Z"),
            ("2026-03-29T09:30", "2026-03-29T07:30:00Z"),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment.on(&berlin).to_string(), instant, "{text}");
        }
        for text in ["", "today", "2026-13-01", "2026-03-08T09:60", "8.3.2026"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_read_or_refused() {
        assert_eq!(length("14d"), Ok(Span::DAY.times(14)));
        assert_eq!(length("2w"), Ok(Span::DAY.times(14)));
        for text in ["", "14", "d", "0d", "14 d", "-1d", "40000d", "9999999999999999999d"] {
            assert!(length(text).is_err(), "{text}");
        }
    }
}

//! Values that read like English: `10%`, `20:00 to 08:00`, `monday to friday`, `2 per week`.

use super::keys::{Form, Takes};
use super::value::{Count, Plain, pick};
use crate::time::Weekday;
use crate::{Date, Decimal, Span};

/// A part of a whole, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The whole.
    pub const ALL: Self = Self(1_000);

    /// As a fraction of one.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ALL.0)
    }
}

impl Plain for Share {
    /// Reads `10%`, `12.5%`.
    fn read(text: &str) -> Option<Self> {
        let percent = Decimal::read(text.strip_suffix('%')?.trim_end())?;
        let thousandths = percent.raw().checked_mul(10)?;
        let whole = thousandths % Decimal::SCALE == 0;
        let share = u32::try_from(thousandths / Decimal::SCALE).ok().map(Self)?;
        (whole && share <= Self::ALL).then_some(share)
    }
}

/// Hours of the day on the clocks of a zone, from and to as time since midnight. Where they end
/// before they begin, they go on over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When they begin.
    pub from: Span,
    /// When they end: the first instant that is not in them.
    pub to: Span,
}

impl Hours {
    /// Whether a time of day lies in them.
    pub fn contain(self, time_of_day: Span) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&time_of_day)
        } else {
            time_of_day >= self.from || time_of_day < self.to
        }
    }
}

impl Plain for Hours {
    /// Reads `20:00 to 08:00`.
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(" to ")?;
        let (from, to) = (time_of_day(from.trim())?, time_of_day(to.trim())?);
        (from != to).then_some(Self { from, to })
    }
}

/// Reads `9:30`; `24:00` is the end of the day.
fn time_of_day(text: &str) -> Option<Span> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |it: &str| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    if !digits(hours) || minutes.len() != 2 || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let time = Span::HOUR.times(hours).saturating_add(Span::MINUTE.times(minutes));
    (minutes < 60 && time <= Span::DAY).then_some(time)
}

/// Days of the week, those that follow one another from the first to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekdays(pub Vec<Weekday>);

impl Default for Weekdays {
    fn default() -> Self {
        Self(Weekday::ALL[..5].to_vec())
    }
}

impl Plain for Weekdays {
    /// Reads `monday to friday`, or `sunday`.
    fn read(text: &str) -> Option<Self> {
        let Some((first, last)) = text.split_once(" to ") else {
            return Weekday::read(text).map(|it| Self(vec![it]));
        };
        let (first, last) = (Weekday::read(first.trim())?, Weekday::read(last.trim())?);
        let place = |day| Weekday::ALL.iter().position(|it| *it == day);
        let (first, last) = (place(first)?, place(last)?);
        let length = (last + 7 - first) % 7 + 1;
        Some(Self((first..first + length).map(|it| Weekday::ALL[it % 7]).collect()))
    }
}

/// So many within any stretch of time of that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Within how long; a month is 30 days.
    pub span: Span,
}

impl Plain for Rate {
    /// Reads `2 per week`, `1 per 90d`, `once per quarter`.
    fn read(text: &str) -> Option<Self> {
        const SPANS: [(&str, Span); 6] = [
            ("hour", Span::HOUR),
            ("day", Span::DAY),
            ("week", Span::WEEK),
            ("month", Span::DAY.times(30)),
            ("quarter", Span::DAY.times(91)),
            ("year", Span::DAY.times(365)),
        ];
        let (count, per) = text.split_once(" per ")?;
        let count = if count.eq_ignore_ascii_case("once") { 1 } else { Count::read(count)?.0 };
        let per = per.trim();
        let span = pick(per, &SPANS).or_else(|| Span::read(per).filter(|it| *it > Span::ZERO))?;
        Some(Self { count, span })
    }
}

/// Dates from the first to the last, both counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

impl Plain for Dates {
    /// Reads `2026-12-24`, or `2026-12-24 to 2027-01-02`.
    fn read(text: &str) -> Option<Self> {
        let Some((from, to)) = text.split_once(" to ") else {
            return Date::read(text).map(|it| Self { from: it, to: it });
        };
        let (from, to) = (Date::read(from.trim())?, Date::read(to.trim())?);
        (from <= to).then_some(Self { from, to })
    }
}

pub(super) const SHARE: Takes = Takes::Form(&Form {
    name: "a share",
    help: "Write a percentage such as `10%`, at most with one decimal.",
    pattern: r"^\d{1,3}(\.\d)? ?%$",
});

pub(super) const HOURS: Takes = Takes::Form(&Form {
    name: "hours of the day",
    help: "Write two times of day such as `09:00 to 17:30`.",
    pattern: r"^\d{1,2}:\d{2} to \d{1,2}:\d{2}$",
});

pub(super) const WEEKDAYS: Takes = Takes::Form(&Form {
    name: "days of the week",
    help: "Write days such as `monday to friday`.",
    pattern: r"^[A-Za-z]+( to [A-Za-z]+)?$",
});

pub(super) const RATE: Takes = Takes::Form(&Form {
    name: "so many per time",
    help: "Write a number and a time such as `2 per week`, `1 per day` or `1 per 90d`.",
    pattern: r"^(once|[\d,]+) per \S.*$",
});

pub(super) const DATES: Takes = Takes::Form(&Form {
    name: "a date or dates",
    help: "Write a date such as `2026-12-25`, or two such as `2026-12-24 to 2027-01-02`.",
    pattern: r"^\d{4}-\d{2}-\d{2}( to \d{4}-\d{2}-\d{2})?$",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages_with_one_decimal_at_most() {
        assert_eq!(Share::read("10%"), Some(Share(100)));
        assert_eq!(Share::read("12.5 %"), Some(Share(125)));
        assert_eq!(Share::read("100%"), Some(Share::ALL));
        for text in ["10", "101%", "-1%", "0.05%", "%"] {
            assert_eq!(Share::read(text), None, "{text}");
        }
    }

    #[test]
    fn hours_may_go_on_over_midnight() {
        let night = Hours::read("20:00 to 8:00").unwrap();
        let hour = |it| Span::HOUR.times(it);
        assert!(night.contain(hour(20)) && night.contain(hour(3)) && !night.contain(hour(8)));
        let day = Hours::read("09:00 to 17:30").unwrap();
        assert!(day.contain(hour(9)) && !day.contain(hour(18)) && !day.contain(hour(8)));
        for text in ["9 to 17", "09:00", "09:00 to 09:00", "09:00 to 25:00", "09:60 to 10:00"] {
            assert_eq!(Hours::read(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_the_week_may_go_on_over_its_end() {
        assert_eq!(Weekdays::read("monday to friday"), Some(Weekdays::default()));
        let weekend = Weekdays::read("Saturday to monday").unwrap().0;
        assert_eq!(weekend, [Weekday::Saturday, Weekday::Sunday, Weekday::Monday]);
        assert_eq!(Weekdays::read("weekend"), None);
    }

    #[test]
    fn rates_name_a_number_and_a_length_of_time() {
        let rate = |count, span| Some(Rate { count, span });
        assert_eq!(Rate::read("2 per week"), rate(2, Span::WEEK));
        assert_eq!(Rate::read("once per 90d"), rate(1, Span::DAY.times(90)));
        assert_eq!(Rate::read("1 per fortnight"), None);
        assert_eq!(Rate::read("0 per day"), None);
    }
}

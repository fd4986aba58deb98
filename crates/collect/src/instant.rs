//! Reads instants as files write them: ISO dates, epochs, dates with the day or the month first,
//! and formats spelt out.
//!
//! Nothing is guessed twice: a date such as `03-04-2024` is read only where the mapping, or other
//! rows of the same file, say which part is the day.

mod quick;

use firsthand_model::{Calendar, Decimal, Span, Time};
use jiff::civil;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::record::Value;

/// Nothing that is recorded happened before 1990-01-01: such a time is a wrong unit or a default.
const EARLIEST: Time = Time(631_152_000_000_000);

/// How times are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// ISO, or an epoch by its magnitude. Dates in other orders are refused.
    Auto,
    /// ISO only.
    Iso,
    /// A count since 1970, by its magnitude or in a stated unit (microseconds in one).
    Epoch(Option<i128>),
    /// `31-12-2024`, `31/12/2024 23:59`.
    DayFirst,
    /// `12/31/2024`, `12/31/2024 11:59 PM`.
    MonthFirst,
    /// Spelt out with `%` directives.
    Pattern(String),
}

impl TimeFormat {
    /// Reads the mapping's word for it; `None` where there is no such format.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if name.contains('%') {
            return Some(Self::Pattern(name.to_owned()));
        }
        let words = name.trim().to_ascii_lowercase().replace(['-', '_'], " ");
        Some(match words.as_str() {
            "auto" => Self::Auto,
            "iso" | "iso 8601" | "rfc 3339" => Self::Iso,
            "epoch" => Self::Epoch(None),
            "epoch s" => Self::Epoch(Some(1_000_000)),
            "epoch ms" => Self::Epoch(Some(1_000)),
            "epoch us" => Self::Epoch(Some(1)),
            "epoch ns" => Self::Epoch(Some(0)),
            "day first" => Self::DayFirst,
            "month first" => Self::MonthFirst,
            _ => return None,
        })
    }
}

/// Why a text is not an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeFault {
    /// It cannot be read.
    Unreadable,
    /// A date that is right with the day first and with the month first.
    Ambiguous,
    /// Before 1990.
    TooEarly,
    /// More than a day after it arrived.
    InFuture,
}

/// An instant that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub time: Time,
    /// The local time is one that the change of clocks skips or repeats.
    pub clock_change: bool,
}

/// Reads instants of one format in one zone.
#[derive(Clone, Debug)]
pub(crate) struct TimeReader {
    format: TimeFormat,
    /// The zone of times that have none; `None` is UTC.
    zone: Option<TimeZone>,
    now: Time,
}

impl TimeReader {
    /// Takes the zone by name; `None` where there is none such.
    pub(crate) fn new(format: TimeFormat, zone: &str, now: Time) -> Option<Self> {
        let zone = match zone {
            _ if zone.eq_ignore_ascii_case("utc") => None,
            _ => Some(TimeZone::get(zone).ok()?),
        };
        Some(Self { format, zone, now })
    }

    /// Reads what vendors write: ISO in UTC, or an epoch.
    pub(crate) fn utc(now: Time) -> Self {
        Self { format: TimeFormat::Auto, zone: None, now }
    }

    /// Reads in the project's zone.
    pub(crate) fn of_calendar(format: TimeFormat, calendar: &Calendar, now: Time) -> Option<Self> {
        Self::new(format, calendar.zone_name(), now)
    }

    pub(crate) const fn now(&self) -> Time {
        self.now
    }

    /// Reads one value and holds it against the bounds of what can have happened.
    pub(crate) fn read(&self, value: &Value<'_>) -> Result<Reading, TimeFault> {
        let reading = self.read_unbounded(value)?;
        if reading.time < EARLIEST {
            return Err(TimeFault::TooEarly);
        }
        self.not_after(reading.time, self.now)?;
        Ok(reading)
    }

    /// Whether something can have happened at `time` that was known at `arrival`.
    #[expect(clippy::unused_self, reason = "reads as a question to the reader")]
    pub(crate) fn not_after(&self, time: Time, arrival: Time) -> Result<(), TimeFault> {
        if time > arrival + Span::DAY { Err(TimeFault::InFuture) } else { Ok(()) }
    }

    fn read_unbounded(&self, value: &Value<'_>) -> Result<Reading, TimeFault> {
        match value {
            Value::Instant(time) => Ok(Reading { time: *time, clock_change: false }),
            Value::Local(micros) => self.in_zone(*micros),
            Value::Date(date) => {
                let micros = i64::from(date.0).saturating_mul(Span::DAY.0);
                self.in_zone(micros.clamp(Time::MIN.0, Time::MAX.0))
            }
            _ => {
                let text = value.text().ok_or(TimeFault::Unreadable)?;
                self.read_text(text.trim())
            }
        }
    }

    fn read_text(&self, text: &str) -> Result<Reading, TimeFault> {
        let local = match &self.format {
            TimeFormat::Auto => match iso(text) {
                Some(local) => local,
                None if text.bytes().all(|it| it.is_ascii_digit() || it == b'.') => {
                    return epoch(text, None);
                }
                None if numeric_date(text, true).or(numeric_date(text, false)).is_some() => {
                    return Err(TimeFault::Ambiguous);
                }
                None => return Err(TimeFault::Unreadable),
            },
            TimeFormat::Iso => iso(text).ok_or(TimeFault::Unreadable)?,
            TimeFormat::Epoch(unit) => return epoch(text, *unit),
            TimeFormat::DayFirst => numeric_date(text, true).ok_or(TimeFault::Unreadable)?,
            TimeFormat::MonthFirst => numeric_date(text, false).ok_or(TimeFault::Unreadable)?,
            TimeFormat::Pattern(pattern) => by_pattern(pattern, text)?,
        };
        match local.offset_micros {
            Some(offset) => Ok(Reading { time: Time(local.micros - offset), clock_change: false }),
            None => self.in_zone(local.micros),
        }
    }

    fn in_zone(&self, micros: i64) -> Result<Reading, TimeFault> {
        let Some(zone) = &self.zone else {
            return Ok(Reading { time: Time(micros), clock_change: false });
        };
        // The instant that the local time would be in UTC gives its parts.
        let parts = jiff::Timestamp::from_microsecond(micros).map_err(|_| TimeFault::Unreadable)?;
        let ambiguous = zone.to_ambiguous_timestamp(TimeZone::UTC.to_datetime(parts));
        let clock_change = ambiguous.is_ambiguous();
        let instant = ambiguous.compatible().map_err(|_| TimeFault::Unreadable)?;
        Ok(Reading { time: Time(instant.as_microsecond()), clock_change })
    }
}

/// A date and time as written, with its offset if it had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Local {
    micros: i64,
    offset_micros: Option<i64>,
}

/// Takes a text apart from the left.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    /// Reads between `min` and `max` digits.
    fn digits(&mut self, min: usize, max: usize) -> Option<i64> {
        let count = self.0.iter().take(max).take_while(|it| it.is_ascii_digit()).count();
        if count < min {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    }

    /// Reads one byte if it is one of these.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !bytes.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }

    /// Reads `HH:MM`, `HH:MM:SS`, `HH:MM:SS.ffffff`, each with or without ` PM`, in microseconds.
    fn clock(&mut self) -> Option<i64> {
        let hour = self.digits(1, 2)?;
        self.one_of(b":")?;
        let minute = self.digits(2, 2)?;
        let (mut second, mut fraction) = (0, 0);
        if self.one_of(b":").is_some() {
            second = self.digits(2, 2)?;
            if self.one_of(b".,").is_some() {
                let places = self.0.iter().take_while(|it| it.is_ascii_digit()).count();
                if places == 0 {
                    return None;
                }
                // Times are kept to the microsecond; the places behind it are cut off.
                fraction = self.digits(1, 6)?;
                for _ in places..6 {
                    fraction *= 10;
                }
                self.0 = &self.0[places.saturating_sub(6)..];
            }
        }
        let hour = self.half_day(hour)?;
        // A leap second is the last one of its minute.
        let second = if second == 60 { 59 } else { second };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction)
    }

    fn half_day(&mut self, hour: i64) -> Option<i64> {
        let rest = self.0.trim_ascii_start();
        let after_noon = match rest.get(..2).map(<[u8]>::to_ascii_uppercase).as_deref() {
            Some(b"AM") => false,
            Some(b"PM") => true,
            _ => return Some(hour),
        };
        self.0 = &rest[2..];
        (1..=12).contains(&hour).then(|| hour % 12 + if after_noon { 12 } else { 0 })
    }

    /// Reads `Z`, ` UTC`, ` GMT`, `+02`, `+0200`, `+02:00`, in microseconds; `Some(None)` for none.
    #[expect(clippy::option_option, reason = "absent and wrong are two things")]
    fn offset(&mut self) -> Option<Option<i64>> {
        let rest = self.0.trim_ascii_start();
        if rest.is_empty() {
            self.0 = rest;
            return Some(None);
        }
        if matches!(rest, b"Z" | b"z" | b"UTC" | b"GMT") {
            self.0 = &[];
            return Some(Some(0));
        }
        self.0 = rest;
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2, 2)?;
        let colon = self.one_of(b":").is_some();
        let minutes = if colon || !self.0.is_empty() { self.digits(2, 2)? } else { 0 };
        (hours <= 18 && minutes <= 59).then_some(Some(sign * (hours * 60 + minutes) * 60_000_000))
    }

    /// Reads an optional time of day and offset behind a date; nothing may be left over.
    fn rest_of(mut self, date_micros: i64) -> Option<Local> {
        if self.0.is_empty() {
            return Some(Local { micros: date_micros, offset_micros: None });
        }
        self.one_of(b"Tt ,")?;
        self.0 = self.0.trim_ascii_start();
        let clock = self.clock()?;
        let offset_micros = self.offset()?;
        self.0.is_empty().then_some(Local { micros: date_micros + clock, offset_micros })
    }
}

/// `2026-01-02`, `2026-01-02T03:04`, `2026-01-02 03:04:05.678000 UTC`, `2026/01/02 03:04:05+02:00`.
fn iso(text: &str) -> Option<Local> {
    if let Some(micros) = quick::utc(text) {
        return Some(Local { micros, offset_micros: Some(0) });
    }
    slow_iso(text)
}

/// [`iso`] for any spelling.
fn slow_iso(text: &str) -> Option<Local> {
    let mut scan = Scan(text.as_bytes());
    let year = scan.digits(4, 4)?;
    let mark = scan.one_of(b"-/")?;
    let month = scan.digits(1, 2)?;
    scan.one_of(&[mark])?;
    let day = scan.digits(1, 2)?;
    scan.rest_of(date_micros(year, month, day)?)
}

/// `31-12-2024`, `31/12/2024 23:59`, `31.12.2024`; or with the month first.
fn numeric_date(text: &str, day_first: bool) -> Option<Local> {
    let (one, two, year, rest) = numeric_parts(text)?;
    let (day, month) = if day_first { (one, two) } else { (two, one) };
    rest.rest_of(date_micros(year, month, day)?)
}

fn numeric_parts(text: &str) -> Option<(i64, i64, i64, Scan<'_>)> {
    let mut scan = Scan(text.as_bytes());
    let one = scan.digits(1, 2)?;
    let mark = scan.one_of(b"-/.")?;
    let two = scan.digits(1, 2)?;
    scan.one_of(&[mark])?;
    let year = scan.digits(4, 4)?;
    Some((one, two, year, scan))
}

/// What a text says of the order of day and month in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayOrder {
    /// It can only be read with the day first.
    DayFirst,
    /// It can only be read with the month first.
    MonthFirst,
    /// It can be read both ways.
    Either,
}

/// Looks at a text for the order of day and month; `None` where it is no such date at all.
pub(crate) fn day_order(text: &str) -> Option<DayOrder> {
    let text = text.trim();
    match (numeric_date(text, true).is_some(), numeric_date(text, false).is_some()) {
        (true, true) => Some(DayOrder::Either),
        (true, false) => Some(DayOrder::DayFirst),
        (false, true) => Some(DayOrder::MonthFirst),
        (false, false) => None,
    }
}

/// Whether a text looks like an instant in any form that is read without a format.
pub(crate) fn looks_like_time(text: &str) -> bool {
    let text = text.trim();
    iso(text).is_some() || day_order(text).is_some() || looks_like_epoch(text)
}

/// Whether a text is a count since 1970 that lies between 1990 and 2100 in some unit.
pub(crate) fn looks_like_epoch(text: &str) -> bool {
    let digits = text.split('.').next().unwrap_or_default();
    digits.len() >= 9
        && text.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && epoch(text, None).is_ok_and(|it| {
            it.time >= EARLIEST && it.time < Time(4_102_444_800_000_000) // 2100-01-01
        })
}

/// A count since 1970. The magnitude tells the unit: seconds reach 10^11 in the year 5138.
fn epoch(text: &str, unit: Option<i128>) -> Result<Reading, TimeFault> {
    let millionths = text.parse::<Decimal>().map_err(|_| TimeFault::Unreadable)?.raw();
    let unit = unit.unwrap_or_else(|| match millionths.unsigned_abs() / 1_000_000 {
        0..100_000_000_000 => 1_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1,
        _ => 0,
    });
    let micros = match unit {
        // Nanoseconds: a unit of less than a microsecond is divided, not multiplied.
        0 => millionths.div_euclid(1_000_000_000),
        _ => (millionths * unit).div_euclid(1_000_000),
    };
    let micros = i64::try_from(micros).map_err(|_| TimeFault::Unreadable)?;
    let time = Time(micros);
    if !(Time::MIN..=Time::MAX).contains(&time) {
        return Err(TimeFault::Unreadable);
    }
    Ok(Reading { time, clock_change: false })
}

fn by_pattern(pattern: &str, text: &str) -> Result<Local, TimeFault> {
    let unreadable = |_| TimeFault::Unreadable;
    let parts = BrokenDownTime::parse(pattern, text).map_err(unreadable)?;
    if let Ok(instant) = parts.to_timestamp() {
        return Ok(Local { micros: instant.as_microsecond(), offset_micros: Some(0) });
    }
    let date = parts.to_date().map_err(unreadable)?;
    let time = parts.to_time().unwrap_or(civil::Time::midnight());
    let utc = date.to_datetime(time).to_zoned(TimeZone::UTC).map_err(unreadable)?;
    Ok(Local { micros: utc.timestamp().as_microsecond(), offset_micros: None })
}

/// The microseconds since 1970 of a date; `None` where there is no such date.
fn date_micros(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1..=9_998).contains(&year) {
        return None;
    }
    // Days since 1970 by counting years from March (H. Hinnant, "chrono-compatible low-level date
    // algorithms", `days_from_civil`).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * Span::DAY.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_800_000_000_000_000);

    fn read(format: &str, zone: &str, text: &str) -> String {
        let format = TimeFormat::from_name(format).unwrap();
        match TimeReader::new(format, zone, NOW).unwrap().read(&Value::Cell(text)) {
            Ok(it) if it.clock_change => format!("{} (clock change)", it.time),
            Ok(it) => it.time.to_string(),
            Err(fault) => format!("{fault:?}"),
        }
    }

    #[test]
    fn the_usual_spellings_are_read_without_a_format() {
        for text in [
            "2026-01-02T03:04:05.678Z",
            "2026-01-02T03:04:05.678+00:00",
            "2026-01-02 03:04:05.678000",
            "2026-01-02T03:04:05.678000999Z",
            "2026-01-02 05:04:05.678+0200",
            "2026-01-01T22:04:05.678-05",
            "2026-01-02 03:04:05.678 UTC",
            "2026/01/02 03:04:05.678",
            "1767323045.678",
            "1767323045678",
            "1767323045678000",
            "1767323045678000123",
        ] {
            assert_eq!(read("auto", "UTC", text), "2026-01-02T03:04:05.678Z", "{text}");
        }
        assert_eq!(read("auto", "Europe/Berlin", "2026-01-02"), "2026-01-01T23:00:00Z");
    }

    #[test]
    fn a_date_in_another_order_needs_to_be_told_which() {
        assert_eq!(read("auto", "UTC", "03-04-2024"), "Ambiguous");
        assert_eq!(read("day first", "UTC", "03-04-2024"), "2024-04-03T00:00:00Z");
        assert_eq!(read("month first", "UTC", "03/04/2024 1:05 PM"), "2024-03-04T13:05:00Z");
        assert_eq!(read("day first", "UTC", "28-07-2023 03:00"), "2023-07-28T03:00:00Z");
        assert_eq!(read("day first", "UTC", "12-31-2024"), "Unreadable");
        assert_eq!(day_order("23-12-2024"), Some(DayOrder::DayFirst));
        assert_eq!(day_order("12/31/2024"), Some(DayOrder::MonthFirst));
        assert_eq!(day_order("31/31/2024"), None);
    }

    #[test]
    fn what_cannot_have_happened_is_refused() {
        assert_eq!(read("auto", "UTC", "1970-01-01"), "TooEarly");
        assert_eq!(read("auto", "UTC", "0"), "TooEarly");
        assert_eq!(read("auto", "UTC", "2027-01-16T08:00:01Z"), "InFuture");
        assert_eq!(read("epoch s", "UTC", "2767323045"), "InFuture");
        for text in ["", "soon", "2026-02-29", "2026-01-02T24:00", "2026-01-02T03:04:05.Z", "2026"]
        {
            let shown = read("auto", "UTC", text);
            assert!(shown == "Unreadable" || shown == "TooEarly", "{text}: {shown}");
        }
    }

    #[test]
    fn a_local_time_that_clocks_skip_or_repeat_is_marked() {
        let berlin = |text| read("auto", "Europe/Berlin", text);
        assert_eq!(berlin("2026-03-29 02:30:00"), "2026-03-29T01:30:00Z (clock change)");
        assert_eq!(berlin("2026-10-25 02:30:00"), "2026-10-25T00:30:00Z (clock change)");
        assert_eq!(berlin("2026-07-01 12:00"), "2026-07-01T10:00:00Z");
    }

    #[test]
    fn a_format_can_be_spelt_out() {
        assert_eq!(read("%d %b %Y", "UTC", "02 Jan 2026"), "2026-01-02T00:00:00Z");
        assert_eq!(
            read("%Y%m%d %H%M%S", "Europe/Berlin", "20260102 030405"),
            "2026-01-02T02:04:05Z"
        );
        assert_eq!(read("%s", "Europe/Berlin", "1767323045"), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn every_day_counts_one_more_than_the_day_before() {
        let mut expected = date_micros(1999, 12, 31).unwrap();
        for year in 2000..2101 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(micros) = date_micros(year, month, day) {
                        expected += Span::DAY.0;
                        assert_eq!(micros, expected, "{year}-{month}-{day}");
                    }
                }
            }
        }
    }
}

//! Working time: when people work, and what of a time is left of it.

use super::form::{Dates, Hours, Weekdays};
use crate::time::add_days;
use crate::{Calendar, Span, Time};

/// Most days that are looked ahead.
const DAYS_MAX: usize = 400;

/// When people work.
#[derive(Clone, Debug)]
pub struct WorkingTime {
    /// The zone in which they work.
    pub calendar: Calendar,
    /// From when to when on a working day.
    pub hours: Hours,
    /// On which days of the week.
    pub days: Weekdays,
    /// On which dates they do not.
    pub holidays: Vec<Dates>,
}

impl Default for WorkingTime {
    fn default() -> Self {
        Self {
            calendar: Calendar::default(),
            hours: Hours { from: Span::HOUR.times(9), to: Span::HOUR.times(17) },
            days: Weekdays::default(),
            holidays: Vec::new(),
        }
    }
}

impl WorkingTime {
    /// The instant at which so much working time has passed since an instant. Beyond 400 days it
    /// is no longer looked for.
    pub fn after(&self, from: Time, working: Span) -> Time {
        let (mut from, mut left) = (from, working);
        for _ in 0..DAYS_MAX {
            if let Some((opens, closes)) = self.day_of(from) {
                let begins = from.max(opens);
                if begins < closes {
                    if left <= closes - begins {
                        return begins + left;
                    }
                    left = Span(left.0 - (closes - begins).0);
                }
            }
            from = self.calendar.next_midnight(from);
        }
        from
    }

    /// The first instant at or after one at which people work.
    pub fn next(&self, from: Time) -> Time {
        self.after(from, Span::ZERO)
    }

    /// When work begins and ends on the day of an instant; `None` where nobody works on it.
    fn day_of(&self, at: Time) -> Option<(Time, Time)> {
        let date = self.calendar.date(at);
        let is_holiday = self.holidays.iter().any(|it| it.from <= date && date <= it.to);
        if is_holiday || !self.days.0.contains(&date.weekday()) {
            return None;
        }
        let opens = self.calendar.instant(date, self.hours.from);
        // A shift over midnight belongs to the day on which it begins.
        let ends_on = if self.hours.to <= self.hours.from { add_days(date, 1) } else { date };
        Some((opens, self.calendar.instant(ends_on, self.hours.to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn working_time_passes_over_nights_weekends_and_holidays() {
        let date = |text: &str| text.parse().unwrap();
        let holidays = vec![Dates { from: date("2026-01-12"), to: date("2026-01-13") }];
        let work = WorkingTime { holidays, ..WorkingTime::default() };
        let after = |from: &str, hours| work.after(at(from), Span::HOUR.times(hours)).to_string();
        assert_eq!(after("2026-01-08T10:00:00Z", 2), "2026-01-08T12:00:00Z");
        assert_eq!(after("2026-01-08T16:00:00Z", 2), "2026-01-09T10:00:00Z", "over a night");
        assert_eq!(after("2026-01-09T16:00:00Z", 2), "2026-01-14T10:00:00Z", "and the holidays");
        assert_eq!(work.next(at("2026-01-08T03:00:00Z")).to_string(), "2026-01-08T09:00:00Z");
        let working = at("2026-01-08T10:30:00Z");
        assert_eq!(work.next(working), working);
    }
}

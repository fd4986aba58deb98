//! When things happen: seasons, weekdays, hours of the day, and time zones.

use firsthand_model::{Date, Span, Time};

use crate::chance::Chance;

/// How busy offices are in each month, in percent.
const WORK: [i64; 12] = [98, 102, 104, 98, 98, 100, 88, 80, 106, 108, 106, 84];
/// How many sign up in each month, in percent.
const SIGN_UPS: [i64; 12] = [130, 110, 105, 100, 95, 90, 75, 70, 115, 115, 110, 70];
/// The same by the day of the week, Monday first.
const WORK_BY_WEEKDAY: [i64; 7] = [100, 106, 104, 102, 88, 7, 6];
const SIGN_UPS_BY_WEEKDAY: [i64; 7] = [120, 125, 120, 110, 85, 35, 45];
/// Hours of the day at which people are at work, as often as they are.
const HOURS: [i64; 32] = [
    7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 12, 12, 13, 13, 14, 14, 14, 14, 15, 15,
    15, 16, 16, 17, 18, 20,
];
/// The company grows: of a hundred sign-ups on the last day there are so many on the first.
const FIRST_DAY_PERCENT: i64 = 55;

/// The days that are simulated.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    start: Time,
    days: Vec<Day>,
}

#[derive(Clone, Copy, Debug)]
struct Day {
    weekday: u8,
    work_percent: i64,
    /// Weight among all days, at most [`SIGN_UPS_MOST`].
    sign_ups: i64,
}

const SIGN_UPS_MOST: i64 = 130 * 125;

impl Calendar {
    /// So many days from a date on.
    pub fn new(first: Date, days: i64) -> Self {
        let day = |number: i64| {
            let date = Date(first.0 + i32::try_from(number).expect("within a century"));
            // 1970 began on a Thursday.
            let weekday = usize::try_from((date.0 + 3).rem_euclid(7)).expect("below seven");
            let (_, month, day) = date.civil();
            let month_at = usize::try_from(month - 1).expect("months count from 1");
            let quiet = matches!((month, day), (12, 24..) | (1, 1));
            let work = WORK[month_at] * WORK_BY_WEEKDAY[weekday] / 100;
            let growth = FIRST_DAY_PERCENT + (100 - FIRST_DAY_PERCENT) * number / days.max(1);
            Day {
                weekday: u8::try_from(weekday).expect("below seven"),
                work_percent: if quiet { work / 4 } else { work },
                sign_ups: SIGN_UPS[month_at] * SIGN_UPS_BY_WEEKDAY[weekday] * growth / 100,
            }
        };
        let start = Time(i64::from(first.0) * Span::DAY.0);
        Self { start, days: (0..days).map(day).collect() }
    }

    /// How many days there are.
    pub fn days(&self) -> i64 {
        i64::try_from(self.days.len()).expect("a list in memory")
    }

    /// The first instant.
    pub const fn start(&self) -> Time {
        self.start
    }

    /// The first instant that is not simulated any more.
    pub fn end(&self) -> Time {
        self.start + Span::DAY.times(self.days())
    }

    /// Whether offices are open.
    pub fn is_weekday(&self, day: i64) -> bool {
        self.day(day).weekday < 5
    }

    /// How busy offices are, in percent of an average working day.
    pub fn work_percent(&self, day: i64) -> i64 {
        self.day(day).work_percent
    }

    /// Draws the day on which somebody signs up. Nobody does in the last week, so that everybody
    /// has something to look at.
    pub fn sign_up(&self, chance: &mut Chance) -> i64 {
        let last = (self.days() - 8).max(0);
        loop {
            let day = chance.between(0, last);
            if chance.between(1, SIGN_UPS_MOST) <= self.day(day).sign_ups {
                return day;
            }
        }
    }

    /// A time of day at which people are at work, this many hours east of Greenwich.
    pub fn office_hour(&self, day: i64, hours_east: i64, chance: &mut Chance) -> Time {
        let millis = (chance.pick(&HOURS) - hours_east) * 3_600_000 + chance.between(0, 3_599_999);
        self.start + Span(Span::DAY.0 * day + millis * 1_000)
    }

    /// An instant by its day and the second of that day in UTC.
    pub fn instant(&self, day: i64, second: i64) -> Time {
        self.start + Span(Span::DAY.0 * day + Span::SECOND.0 * second)
    }

    fn day(&self, day: i64) -> Day {
        let last = self.days.len() - 1;
        self.days[usize::try_from(day).map_or(0, |it| it.min(last))]
    }
}

//! Windows longer than the history there is (W507), and days of 24 hours on data that has only
//! dates (W511).

use std::ops::Range;

use firsthand_model::diagnostic::codes;
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Date, Span, Time};

use super::data::Look;
use crate::compile::exact;
use crate::lang::ast::{Length, LengthUnit, Window};
use crate::lang::print;

impl Look<'_, '_> {
    /// One window.
    pub fn window(&mut self, window: &Window, span: &Range<usize>) {
        let (Some(first), Some(last)) = (self.seen.first, self.seen.last) else { return };
        let first = self.project.start.history_from.map_or(first, |from| from.max(first));
        let reach = match window {
            Window::Last(length) => Some(least_days(*length)),
            Window::LastFull(count, period) => Some(i64::from(*count) * least_days_of(*period)),
            _ => None,
        };
        let days = (last.0 - first.0) / Span::DAY.0;
        if reach.is_some_and(|reach| reach > days) {
            let from = self.project.calendar.date(first);
            let length = if days == 1 { "one day".to_owned() } else { format!("{days} days") };
            let message = format!("this window is longer than the history, which is {length} long");
            let help = format!(
                "Nothing is known from before {from}; import older facts, or take a shorter window."
            );
            self.notes.warn(self.text.source, codes::LONG_WINDOW, span, message, help);
        }
        self.days_on_dates(window, span, first, last);
    }

    /// Where clocks change, a day is not always 24 hours long.
    fn days_on_dates(&mut self, window: &Window, span: &Range<usize>, first: Time, last: Time) {
        let Window::Last(length @ Length { count, unit: LengthUnit::Days | LengthUnit::Weeks }) =
            window
        else {
            return;
        };
        let only_dates = self.seen.at_midnight * 2 > self.seen.facts;
        if !only_dates || !clocks_change(&self.project.calendar, first, last) {
            return;
        }
        let days = if length.unit == LengthUnit::Weeks { count.saturating_mul(7) } else { *count };
        let written = print::length(*length);
        let hours = i64::from(days) * 24;
        let message = format!(
            "most facts have only a date, and `{written}` is {hours} hours: where clocks change, a \
             day is missed or counted too much"
        );
        let help = format!("Count calendar days: `last {days} dates`.");
        self.notes.warn(self.text.source, codes::DAYS_ON_DATES, span, message, help);
    }
}

/// The fewest whole days that a length can be.
fn least_days(length: Length) -> i64 {
    match (exact(length), length.unit) {
        (Some(span), _) => span.0 / Span::DAY.0,
        (None, LengthUnit::Months) => i64::from(length.count) * 28,
        (None, LengthUnit::Years) => i64::from(length.count) * 365,
        (None, _) => i64::from(length.count),
    }
}

const fn least_days_of(period: Period) -> i64 {
    match period {
        Period::Day => 1,
        Period::Week => 7,
        Period::Month => 28,
        Period::Year => 365,
    }
}

/// Whether some day of the history, or of the year after it, is shorter or longer than 24 hours.
fn clocks_change(calendar: &Calendar, first: Time, last: Time) -> bool {
    let (from, to) = (calendar.date(first).0, calendar.date(last).0 + 366);
    // Clocks change in a year or never; longer histories need no longer look.
    let from = from.max(to - 2 * 366);
    (from..to).any(|day| {
        let length = calendar.start_of(Date(day + 1)).0 - calendar.start_of(Date(day)).0;
        length != Span::DAY.0
    })
}

//! Numbers and times as people read them, in their language and the company's zone.

use firsthand_model::time::Weekday;
use firsthand_model::{Calendar, Date, Span, Time};

use super::look::Look;
use super::texts::{Texts, fill};
use crate::app::App;

/// Below this many seconds something is "just now".
const JUST_NOW_SECONDS: i64 = 2;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Writes numbers and times.
#[derive(Clone)]
pub(crate) struct Show {
    pub t: &'static Texts,
    pub calendar: Calendar,
    pub now: Time,
}

impl Show {
    /// In the reader's language and the company's zone, as of now.
    pub fn of(app: &App, look: Look) -> Self {
        Self { t: look.texts(), calendar: app.backend.about().calendar, now: app.now() }
    }

    /// A whole number with its thousands told apart.
    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn count(&self, count: u64) -> String {
        grouped(&count.to_string())
    }

    /// A number with at most two places.
    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn number(&self, number: f64) -> String {
        let text = format!("{number:.2}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |it| ("−", it));
        match digits.split_once('.') {
            Some((whole, places)) => format!("{sign}{}.{places}", grouped(whole)),
            None => format!("{sign}{}", grouped(digits)),
        }
    }

    /// A share of a whole: `81%`.
    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn percent(&self, share: f64) -> String {
        format!("{:.0}%", share * 100.0)
    }

    /// An instant: `Today, 11:20`, `17 Mar, 11:20`, `12 Nov 2025, 11:20`.
    pub fn when(&self, at: Time) -> String {
        let w = &self.t.words;
        let time = self.clock(at);
        let days = self.calendar.date(at).0 - self.calendar.date(self.now).0;
        match days {
            0 => fill(w.today, &[("time", &time)]),
            -1 => fill(w.yesterday, &[("time", &time)]),
            1 => fill(w.tomorrow, &[("time", &time)]),
            _ => fill(w.date_time, &[("date", &self.date(at)), ("time", &time)]),
        }
    }

    /// The day of an instant: `17 Mar`, with the year where it is another one.
    pub fn date(&self, at: Time) -> String {
        let w = &self.t.words;
        let (year, month, day) = self.calendar.date(at).civil();
        let this_year = self.calendar.date(self.now).civil().0;
        let month = usize::try_from(month - 1).unwrap_or(0);
        let month = w.months.split(' ').nth(month).unwrap_or_default();
        let (day, year_text) = (day.to_string(), year.to_string());
        let text = if year == this_year { w.date } else { w.date_year };
        fill(text, &[("day", &day), ("month", month), ("year", &year_text)])
    }

    /// As machines read it, for `<time datetime>`.
    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn machine(&self, at: Time) -> String {
        at.to_string()
    }

    /// How long ago: `12 min ago`.
    pub fn ago(&self, at: Time) -> String {
        let past = self.now - at;
        if past.0 < Span::SECOND.times(JUST_NOW_SECONDS).0 {
            return self.t.words.just_now.to_owned();
        }
        fill(self.t.words.ago, &[("span", &self.span(past))])
    }

    /// A length of time: `40 s`, `48 min`, `1 h 12 min`, `5 d`; its sign does not count.
    pub fn span(&self, span: Span) -> String {
        let w = &self.t.words;
        let seconds = span.0.abs() / Span::SECOND.0;
        let n = |text, n: i64| fill(text, &[("n", &n.to_string())]);
        match seconds {
            ..MINUTE => n(w.seconds, seconds),
            MINUTE..HOUR => n(w.minutes, seconds / MINUTE),
            HOUR..DAY => {
                let (hours, minutes) = (seconds / HOUR, seconds % HOUR / MINUTE);
                if minutes == 0 || hours >= 10 {
                    return n(w.hours, hours);
                }
                let values = [("n", &*hours.to_string()), ("m", &*format!("{minutes:02}"))];
                fill(w.hours_minutes, &values)
            }
            _ => n(w.days, seconds / DAY),
        }
    }

    /// A day some days from today, at nine in the morning.
    pub fn nine_in(&self, days: i32) -> Time {
        let date = Date(self.calendar.date(self.now).0 + days);
        self.calendar.instant(date, Span::HOUR.times(9))
    }

    /// In how many days it is Monday; on a Monday, the next one.
    pub fn days_to_monday(&self) -> i32 {
        let today = self.calendar.date(self.now);
        (1..=7).find(|it| Date(today.0 + it).weekday() == Weekday::Monday).unwrap_or(7)
    }

    /// The end of today.
    pub fn midnight(&self) -> Time {
        self.calendar.next_midnight(self.now)
    }

    /// The time of day: `11:20`.
    pub fn clock(&self, at: Time) -> String {
        let since = at - self.calendar.start_of(self.calendar.date(at));
        let minutes = since.0 / Span::MINUTE.0;
        // On the two days of the year on which clocks are changed the hour is read off the zone.
        format!("{:02}:{:02}", self.calendar.hour(at), minutes % 60)
    }
}

/// `10000` as `10,000`.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;

    fn show(language: Language) -> Show {
        Show {
            t: language.texts(),
            calendar: Calendar::new("Europe/Berlin", Weekday::Monday).unwrap(),
            now: "2026-03-17T13:32:00Z".parse().unwrap(),
        }
    }

    fn check(language: Language, at: &str, wanted: &str) {
        assert_eq!(show(language).when(at.parse().unwrap()), wanted, "{at}");
    }

    #[test]
    fn times_are_told_in_the_zone_and_the_language() {
        check(Language::English, "2026-03-17T10:20:00Z", "Today, 11:20");
        check(Language::English, "2026-03-16T23:20:00Z", "Today, 00:20");
        check(Language::English, "2026-03-16T22:20:00Z", "Yesterday, 23:20");
        check(Language::English, "2026-03-18T08:00:00Z", "Tomorrow, 09:00");
        check(Language::English, "2026-02-03T10:05:00Z", "3 Feb, 11:05");
        check(Language::English, "2025-11-12T10:05:00Z", "12 Nov 2025, 11:05");
        check(Language::English, "2026-07-01T10:05:00Z", "1 Jul, 12:05");
        check(Language::Hans, "2025-11-12T10:05:00Z", "2025年11月12日 11:05");
        check(Language::Hant, "2026-02-03T10:05:00Z", "2月3日 11:05");
    }

    #[test]
    fn spans_are_told_as_coarsely_as_they_are_long() {
        let show = show(Language::English);
        let told = |seconds: i64| show.span(Span::SECOND.times(seconds));
        assert_eq!(
            [40, 48 * 60, 4_320, 7_200, 36_060, 5 * DAY + 7].map(told),
            ["40 s", "48 min", "1 h 12 min", "2 h", "10 h", "5 d"]
        );
        assert_eq!(show.ago(show.now), "just now");
        assert_eq!(show.ago(show.now - Span::MINUTE.times(12)), "12 min ago");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let show = show(Language::English);
        let told =
            [8_140.0, 10_000.0, 999.0, 1_234_567.5, 0.25, -1_200.0].map(|it| show.number(it));
        assert_eq!(told, ["8,140", "10,000", "999", "1,234,567.5", "0.25", "−1,200"]);
        assert_eq!(show.percent(0.814), "81%");
    }
}

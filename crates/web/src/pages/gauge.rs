//! Usage of meters against their limits, with a forecast: when a meter is full if it goes on as it did.

use std::collections::BTreeMap;

use firsthand_model::Span;

use super::show::Show;
use super::texts::fill;
use crate::noun::{MeterUsage, Usage};

/// From which share of a limit on usage is near it.
const NEAR: f64 = 0.8;
/// How far ahead the hatching of a meter goes that never starts again, in days.
const AHEAD_DAYS: f64 = 30.0;
/// How far ahead a day is named, in days.
const FAR_DAYS: f64 = 365.0;

/// Usage of a meter against its limit.
pub(crate) struct Gauge {
    pub meter: String,
    pub used: String,
    pub limit: Option<String>,
    pub class: &'static str,
    /// How much of the bar is full, in percent.
    pub width: String,
    /// How much more of it fills at this pace, in percent.
    pub ahead: Option<String>,
    pub label: String,
    pub note: String,
}

impl Gauge {
    /// Whether its limit is near, or reached.
    pub fn is_near(&self) -> bool {
        !self.class.is_empty()
    }
}

/// The gauges of an account, those nearest to their limit first. `paces` tells how much the meters
/// gain a day; `None` if that could not be worked out.
pub(super) fn gauges(
    show: &Show,
    usage: Option<&Usage>,
    paces: Option<&BTreeMap<String, f64>>,
) -> Vec<Gauge> {
    let mut meters: Vec<_> = usage.map(|it| it.meters.iter().collect()).unwrap_or_default();
    meters.sort_by(|a, b| share(b).total_cmp(&share(a)));
    meters.into_iter().map(|it| gauge(show, it, paces)).collect()
}

/// Which share of its limit is used; below nothing where there is no limit.
fn share(it: &MeterUsage) -> f64 {
    it.limit.map_or(-1.0, |limit| if limit > 0.0 { it.used / limit } else { 1.0 })
}

fn gauge(show: &Show, it: &MeterUsage, paces: Option<&BTreeMap<String, f64>>) -> Gauge {
    let l = &show.t.leads;
    let of = share(it);
    let used = show.number(it.used);
    let meter = capital(&it.meter.replace(['_', '-'], " "));
    let mut notes = Vec::new();
    let (mut class, mut width, mut ahead, mut label) = ("", 0.0, 0.0, String::new());
    if let Some(limit) = it.limit {
        class = match of {
            1.0.. => "over",
            NEAR.. => "near",
            _ => "",
        };
        width = of.clamp(0.0, 1.0) * 100.0;
        let values = [
            ("meter", &*meter),
            ("used", &used),
            ("limit", &show.number(limit)),
            ("share", &show.percent(of)),
        ];
        label = fill(l.gauge, &values);
        let left = it.left.unwrap_or(0.0);
        if left > 0.0 {
            notes.push(fill(l.gauge_left, &[("n", &show.number(left))]));
            let (gains, words) = forecast(show, it, left, paces);
            ahead = (gains / limit * 100.0).clamp(0.0, 100.0 - width);
            notes.push(words);
        } else {
            notes.push(l.gauge_over.to_owned());
        }
    } else {
        notes.push(l.gauge_unlimited.to_owned());
    }
    if let Some(at) = it.reset_at {
        notes.push(fill(l.gauge_reset, &[("time", &show.when(at.0))]));
    }
    Gauge {
        meter,
        used,
        limit: it.limit.map(|it| show.number(it)),
        class,
        width: format!("{width:.1}%"),
        ahead: (ahead > 0.0).then(|| format!("{ahead:.1}%")),
        label,
        note: notes.join(" "),
    }
}

/// How much a meter gains until it starts again, or in the next month, and what is said of it: when
/// it is full, or why nobody can tell.
fn forecast(
    show: &Show,
    it: &MeterUsage,
    left: f64,
    paces: Option<&BTreeMap<String, f64>>,
) -> (f64, String) {
    let l = &show.t.leads;
    let Some(pace) = paces.map(|all| all.get(&it.meter).copied().unwrap_or(0.0)) else {
        return (0.0, l.gauge_unread.to_owned());
    };
    if pace <= 0.0 {
        return (0.0, l.gauge_still.to_owned());
    }
    let days = left / pace;
    let anew = it.reset_at.map(|at| (at.0 - show.now).0 as f64 / Span::DAY.0 as f64);
    let gains = pace * anew.unwrap_or(AHEAD_DAYS);
    let a_day = show.number(if pace < 10.0 { pace } else { pace.round() });
    let words = if anew.is_some_and(|it| it <= days) {
        fill(l.gauge_enough, &[("pace", &a_day)])
    } else if days > FAR_DAYS {
        fill(l.gauge_far, &[("pace", &a_day)])
    } else {
        let span = span_of(days);
        let values =
            [("date", &*show.date(show.now + span)), ("span", &show.span(span)), ("pace", &a_day)];
        fill(l.gauge_full, &values)
    };
    (gains, words)
}

#[expect(clippy::cast_possible_truncation, reason = "it is a year at most")]
fn span_of(days: f64) -> Span {
    Span((days * Span::DAY.0 as f64) as i64)
}

/// With a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use firsthand_model::{Calendar, Time};

    use super::*;
    use crate::noun::At;
    use crate::pages::texts::Language;

    /// What the gauge of a meter says, and how far it is hatched. It is the first day of 1970.
    fn told(used: f64, limit: Option<f64>, reset: Option<i64>, pace: Option<f64>) -> String {
        let t = Language::English.texts();
        let show = Show { t, calendar: Calendar::default(), now: Time(0) };
        let meter = MeterUsage {
            meter: "api_calls".to_owned(),
            used,
            limit,
            left: limit.map(|it| (it - used).max(0.0)),
            reset_at: reset.map(|days| At(Time(0) + Span::DAY.times(days))),
        };
        let paces = pace.map(|it| BTreeMap::from([(meter.meter.clone(), it)]));
        let gauge = gauge(&show, &meter, paces.as_ref());
        assert_eq!(gauge.meter, "Api calls");
        format!("{} {}", gauge.ahead.unwrap_or_default(), gauge.note)
    }

    #[test]
    fn a_forecast_names_the_day_and_the_pace() {
        let full = "19.0% 1,900 left. At this pace full on 20 Jan, in 19 d: 100 a day.";
        assert_eq!(told(8_100.0, Some(10_000.0), None, Some(100.0)), full);
        let slow = "3.0% 5,000 left. At this pace full on 14 Nov, in 317 d: 15.75 a day.";
        let slow = slow.replace("3.0%", "4.7%").replace("15.75", "16");
        assert_eq!(told(5_000.0, Some(10_000.0), None, Some(15.75)), slow);
    }

    #[test]
    fn what_starts_again_before_it_is_full_is_not_called_full() {
        let told = told(500.0, Some(1_000.0), Some(10), Some(2.5));
        let anew = "At 2.5 a day it starts again before it is full.";
        assert!(told.starts_with(&format!("2.5% 500 left. {anew} Starts again ")), "{told}");
    }

    #[test]
    fn where_there_is_no_forecast_it_says_why() {
        let limit = Some(1_000.0);
        let still = " 500 left. No forecast: nothing was added in 14 days.";
        assert_eq!(told(500.0, limit, None, Some(0.0)), still);
        assert_eq!(told(500.0, limit, None, Some(-3.0)), still, "what shrinks is never full");
        let far = "3.0% 500 left. At 1 a day it is not full within a year.";
        assert_eq!(told(500.0, limit, None, Some(1.0)), far);
        assert!(told(500.0, limit, None, None).contains("too many facts"));
        assert_eq!(told(1_000.0, limit, None, Some(5.0)), " At the limit.");
        assert_eq!(told(1_000.0, None, None, Some(5.0)), " No limit on this plan.");
    }
}

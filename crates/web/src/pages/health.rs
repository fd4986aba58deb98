//! How a definition fares, as a row of the list shows it: entries week by week, precision since its
//! version was published, and what is to be looked at, always in words.

use firsthand_model::Date;

use super::reports::{percent, points_unsigned, rounded};
use super::show::Show;
use super::texts::fill;
use crate::noun::{
    DefinitionHealth, HealthHint, HealthReport, PaceChange, PaceReading, PrecisionChange, Reading,
    Share, SubjectKind,
};

/// Height of the bars of a week, in pixels.
const BARS_HEIGHT: f64 = 20.0;

/// What is said of all definitions together.
pub(super) struct Summary {
    pub finding: String,
    pub counted_over: String,
    pub waiting: Option<String>,
}

impl Summary {
    pub fn of(show: &Show, of: &HealthReport) -> Self {
        let h = &show.t.health;
        let odd = of.items.iter().filter(|it| is_odd(it)).count() as u64;
        let finding = match odd {
            0 => h.finding_well.to_owned(),
            1 => fill(h.finding_one, &[("n", "1")]),
            _ => fill(h.finding_many, &[("n", &show.count(odd))]),
        };
        let observed = &of.observed;
        let values = [
            ("from", &*show.date(observed.first_at.0)),
            ("to", &*show.date(observed.last_at.0)),
            ("recent", &*of.recent_weeks.to_string()),
        ];
        Self {
            finding,
            counted_over: fill(h.counted_over, &values),
            waiting: super::reports::waiting(show, observed),
        }
    }
}

/// Whether a definition is to be looked at.
fn is_odd(it: &DefinitionHealth) -> bool {
    let fewer = it.volume.as_ref().is_some_and(|it| it.reading == PaceReading::Fewer);
    it.hint.is_some() || fewer || fell(it.precision.as_ref())
}

fn fell(it: Option<&PrecisionChange>) -> bool {
    let difference = it.and_then(|it| it.difference);
    difference.is_some_and(|it| it.reading == Reading::Lower)
}

/// A few words, and how they are to be taken.
pub(super) struct Said {
    pub class: &'static str,
    pub words: String,
}

impl Said {
    fn calm(words: impl Into<String>) -> Self {
        Self { class: "muted", words: words.into() }
    }

    fn good(words: impl Into<String>) -> Self {
        Self { class: "good-text", words: words.into() }
    }

    fn odd(words: impl Into<String>) -> Self {
        Self { class: "warn-text", words: words.into() }
    }
}

/// A bar of a week, in percent and pixels.
pub(super) struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub recent: bool,
    pub title: String,
}

/// How a definition fares.
pub(super) struct HealthView {
    pub bars: Vec<Bar>,
    /// The same bars for those who do not see them.
    pub label: String,
    pub per_week: String,
    pub volume: Said,
    /// How it was before, with the interval.
    pub usual: String,
    /// Since its version was published; while there is nobody since, before.
    pub precision: String,
    pub precision_is_before: bool,
    /// How many of how many.
    pub base: String,
    pub change: Option<Said>,
    pub before: String,
    pub open_leads: u64,
    pub holds_share: String,
    pub hint: Option<&'static str>,
}

impl HealthView {
    /// Draws it.
    pub fn of(show: &Show, it: &DefinitionHealth, of: SubjectKind, recent_weeks: u32) -> Self {
        let h = &show.t.health;
        let recent = it.weeks.len().saturating_sub(recent_weeks as usize);
        let (volume, usual) = match &it.volume {
            _ if it.hint == Some(HealthHint::Never) => (Said::calm(""), String::new()),
            Some(pace) => (volume(show, pace, it.share.as_ref(), of), usual(show, pace)),
            None => (Said::calm(h.too_short), String::new()),
        };
        let counts: Vec<String> = it.weeks.iter().map(|it| show.count(it.entries)).collect();
        let last = it.weeks.last().and_then(|it| it.week.parse().ok());
        let last = last.map(|week: Date| Date(week.0 + 6));
        let label = [
            ("n", &*it.weeks.len().to_string()),
            ("date", &*last.map(|it| date(show, it)).unwrap_or_default()),
            ("counts", &*counts.join(", ")),
        ];
        let judged = it.precision.as_ref();
        Self {
            bars: bars(show, it, recent),
            label: fill(h.spark, &label),
            per_week: per_week(show, it, recent),
            volume,
            usual,
            precision: judged.map_or("–".to_owned(), |it| {
                share(if it.since.of > 0 { &it.since } else { &it.before })
            }),
            precision_is_before: judged.is_some_and(|it| it.since.of == 0),
            base: judged.map(|it| since(show, it)).unwrap_or_default(),
            change: judged.and_then(|it| change(show, it)),
            before: judged.map(|it| before(show, it)).unwrap_or_default(),
            open_leads: it.open_leads,
            holds_share: holds(show, &it.holds),
            hint: it.hint.map(|it| match it {
                HealthHint::Never => h.never,
                HealthHint::Silent => h.silent,
                HealthHint::NearlyAll => h.nearly_all,
            }),
        }
    }
}

fn date(show: &Show, date: Date) -> String {
    show.date(show.calendar.start_of(date))
}

fn bars(show: &Show, it: &DefinitionHealth, recent: usize) -> Vec<Bar> {
    let most = it.weeks.iter().map(|it| it.entries).max().unwrap_or(0).max(1) as f64;
    let width = 100.0 / it.weeks.len().max(1) as f64;
    let bar = |(at, week): (usize, &crate::noun::HealthWeek)| {
        // A week without anybody keeps a trace: it was watched.
        let height = (BARS_HEIGHT * week.entries as f64 / most).max(1.0);
        let day = week.week.parse().map(|it| date(show, it)).unwrap_or_default();
        let values = [("date", &*day), ("n", &*show.count(week.entries))];
        Bar {
            x: format!("{:.2}", width * at as f64),
            y: format!("{:.1}", BARS_HEIGHT - height),
            width: format!("{:.2}", width * 0.8),
            height: format!("{height:.1}"),
            recent: at >= recent,
            title: fill(show.t.health.week_title, &values),
        }
    };
    it.weeks.iter().enumerate().map(bar).collect()
}

/// Entries a week over the recent weeks.
fn per_week(show: &Show, it: &DefinitionHealth, recent: usize) -> String {
    let weeks = &it.weeks[recent..];
    if weeks.is_empty() {
        return "–".to_owned();
    }
    let entries: u64 = weeks.iter().map(|it| it.entries).sum();
    rounded(show, entries as f64 / weeks.len() as f64)
}

fn volume(show: &Show, pace: &PaceChange, share: Option<&PaceChange>, of: SubjectKind) -> Said {
    let h = &show.t.health;
    let each = share.map(|it| it.reading);
    let (more_of, fewer_of) = match of {
        SubjectKind::Account => (h.more_accounts, h.fewer_of_accounts),
        SubjectKind::Person => (h.more_persons, h.fewer_of_persons),
    };
    match (pace.reading, each) {
        (PaceReading::More, Some(PaceReading::More) | None) => Said::good(h.more),
        (PaceReading::More, _) => Said::calm(more_of),
        (PaceReading::Fewer, _) => Said::odd(h.fewer),
        (PaceReading::AsUsual, Some(PaceReading::Fewer)) => Said::calm(fewer_of),
        (PaceReading::AsUsual, _) => Said::calm(h.as_usual),
        (PaceReading::TooFew, _) => Said::calm(h.too_few),
    }
}

fn usual(show: &Show, pace: &PaceChange) -> String {
    let h = &show.t.health;
    let times = |it: f64| show.number((it * 10.0).round() / 10.0);
    let (before, low) = (rounded(show, pace.before), times(pace.low));
    match pace.high.map(times) {
        Some(high) => fill(h.was, &[("n", &before), ("low", &low), ("high", &high)]),
        None => fill(h.was_open, &[("n", &before), ("low", &low)]),
    }
}

fn share(it: &Share) -> String {
    it.rate.map_or("–".to_owned(), percent)
}

/// How many of those known since, and how many it is too early to tell of.
fn since(show: &Show, it: &PrecisionChange) -> String {
    let h = &show.t.health;
    let (count, of) = (show.count(it.since.count), show.count(it.since.of));
    let early = show.count(it.too_early);
    match (it.since.of, it.too_early) {
        (0, 0) => h.none_since.to_owned(),
        (0, _) => fill(h.early_since, &[("n", &early)]),
        (_, 0) => fill(h.of, &[("n", &count), ("m", &of)]),
        _ => fill(h.of_early, &[("n", &count), ("m", &of), ("k", &early)]),
    }
}

fn before(show: &Show, it: &PrecisionChange) -> String {
    if it.before.of == 0 {
        return String::new();
    }
    let h = &show.t.health;
    let (count, of) = (show.count(it.before.count), show.count(it.before.of));
    let values = [("share", &*share(&it.before)), ("n", &*count), ("m", &*of)];
    fill(if it.since.of > 0 { h.before } else { h.only_before }, &values)
}

fn change(show: &Show, it: &PrecisionChange) -> Option<Said> {
    let h = &show.t.health;
    let difference = it.difference?;
    let by = [("n", &*points_unsigned(difference.value))];
    Some(match difference.reading {
        Reading::Lower => Said::odd(fill(h.fell, &by)),
        Reading::Higher => Said::good(fill(h.rose, &by)),
        Reading::Unclear => Said::calm(h.no_change),
    })
}

fn holds(show: &Show, it: &Share) -> String {
    let values = [("share", &*share(it)), ("n", &*show.count(it.of))];
    if it.of == 0 { String::new() } else { fill(show.t.health.holds_share, &values) }
}

#[cfg(test)]
mod tests {
    use firsthand_model::Calendar;

    use PaceReading::{AsUsual, Fewer, More};

    use super::super::texts::Language;
    use super::*;

    fn show() -> Show {
        Show {
            t: Language::English.texts(),
            calendar: Calendar::default(),
            now: "2026-03-17T13:32:00Z".parse().unwrap(),
        }
    }

    fn pace(reading: PaceReading) -> PaceChange {
        PaceChange { recent: 9.0, before: 5.5, times: Some(1.6), low: 1.04, high: None, reading }
    }

    #[test]
    fn more_of_more_accounts_is_no_news_and_fewer_is() {
        let said = |of, each| {
            let said = volume(&show(), &pace(of), Some(&pace(each)), SubjectKind::Account);
            (said.class, said.words)
        };
        assert_eq!(said(More, More), ("good-text", "more than usual".to_owned()));
        assert_eq!(said(More, AsUsual), ("muted", "more than usual, of more accounts".to_owned()));
        assert_eq!(said(Fewer, Fewer), ("warn-text", "fewer than usual".to_owned()));
        assert_eq!(said(AsUsual, Fewer), ("muted", "as usual, but of more accounts".to_owned()));
        assert_eq!(usual(&show(), &pace(More)), "at least 1 times the 5.5 before");
    }

    #[test]
    fn precision_is_told_with_what_it_is_counted_over() {
        let of = |count, of| Share {
            count,
            of,
            rate: (of > 0).then(|| count as f64 / of as f64),
            low: None,
            high: None,
        };
        let told = |since: Share, too_early| {
            let before = of(40, 160);
            let (outcome, within_days) = ("paid".to_owned(), 14);
            let difference = None;
            super::since(
                &show(),
                &PrecisionChange { outcome, within_days, before, since, too_early, difference },
            )
        };
        assert_eq!(told(of(0, 0), 0), "since then nobody yet");
        assert_eq!(told(of(0, 0), 7), "since then 7, too early to say");
        assert_eq!(told(of(9, 30), 0), "9 of 30 since published");
        assert_eq!(told(of(9, 1_030), 2), "9 of 1,030 since published; 2 too early");
    }
}

//! What a draft would have done, as the pages draw it.

use firsthand_model::Date;

use super::super::show::Show;
use super::super::texts::fill;
use super::chart::{Bar, Label, Scale, Tick, place};
use crate::noun::{
    Beside, Line, Measured, Mover, MoverGroup, Near, Preview, Quality, Share, Subject, SubjectKind,
};

/// Heights of the chart of weeks, in pixels.
const WEEKS_BOTTOM: f64 = 120.0;
const WEEKS_TOP: f64 = 8.0;
/// Heights of the two charts of a line.
const RATE_BOTTOM: f64 = 92.0;
const RATE_TOP: f64 = 12.0;
const BARS_BOTTOM: f64 = 208.0;
const BARS_TOP: f64 = 122.0;
/// Windows in which an outcome may count, in days, to choose from.
pub const WITHIN: [u32; 4] = [7, 14, 30, 60];

/// A preview, drawn.
pub struct Drawn {
    pub weeks: Weeks,
    pub quality: Option<QualityView>,
    pub movers: Option<MoversView>,
    pub near: Option<NearView>,
    pub line: Option<LineView>,
    pub now: String,
}

/// Entries week by week.
pub struct Weeks {
    pub title: String,
    pub note: String,
    pub label: String,
    pub running: Option<String>,
    pub ticks: Vec<Tick>,
    pub bars: Vec<Bar>,
    /// The running version as a line in steps.
    pub step: Option<String>,
    pub months: Vec<Label>,
    pub rows: Vec<(String, u64, u64)>,
}

/// A measure of both versions.
pub struct Measure {
    pub name: &'static str,
    pub help: &'static str,
    pub draft: String,
    pub running: Option<String>,
    pub bar: Option<Whisker>,
    pub of_running: Option<Whisker>,
    pub label: String,
    pub difference: String,
    pub verdict: &'static str,
    pub class: &'static str,
}

/// An interval on a scale.
pub struct Whisker {
    pub from: String,
    pub to: String,
    pub at: String,
}

/// How well both versions find those who succeed.
pub struct QualityView {
    pub note: String,
    pub measures: Vec<Measure>,
    pub outcome: String,
    pub outcomes: Vec<String>,
    pub within: u32,
}

impl QualityView {
    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn windows(&self) -> [u32; 4] {
        WITHIN
    }
}

/// Who enters and who leaves.
pub struct MoversView {
    pub same: String,
    pub groups: [GroupView; 2],
}

/// Some who move.
pub struct GroupView {
    pub badge: &'static str,
    pub title: String,
    pub succeeded: String,
    pub some: Vec<MoverView>,
}

/// One who moves.
pub struct MoverView {
    pub name: String,
    pub href: Option<String>,
    pub because: String,
    pub fate: &'static str,
    pub did: bool,
}

/// Who lacks one condition.
pub struct NearView {
    pub sub: String,
    pub some: Vec<MoverView>,
}

/// Where a line could be drawn.
pub struct LineView {
    pub value: String,
    pub note: String,
    pub label: String,
    pub number: u32,
    pub at: String,
    pub figure: String,
    pub running: Option<String>,
    pub running_figure: Option<String>,
    pub least: String,
    pub most: String,
    pub step: String,
    pub rate_ticks: Vec<Tick>,
    pub bar_ticks: Vec<Tick>,
    pub area: String,
    pub path: String,
    pub bars: Vec<Bar>,
    pub at_x: String,
    pub running_x: Option<String>,
    pub labels: Vec<Label>,
    pub rows: Vec<(String, String, String, String)>,
    pub side: &'static str,
    pub others: Vec<OtherView>,
    pub at_left: bool,
}

/// What another number would give.
pub struct OtherView {
    pub at: String,
    pub is_draft: bool,
    pub is_running: bool,
    pub per_week: String,
    pub precision: String,
    pub recall: String,
    pub lead: String,
}

impl Drawn {
    /// Draws a preview.
    pub fn of(show: &Show, it: &Preview) -> Self {
        let b = &show.t.bench;
        let count = |n: u64| show.count(n);
        let values = [
            ("n", &*count(it.holds.draft)),
            ("new", &*count(it.newly)),
            ("gone", &*count(it.no_longer)),
        ];
        // The same text is the same version: what it would do is what is done.
        let same = it.running.as_ref() == Some(&it.version);
        Self {
            weeks: weeks(show, it),
            now: fill(b.now_note, &values),
            movers: it.movers.as_ref().map(|movers| MoversView {
                same: fill(b.movers_same, &[("n", &count(movers.same))]),
                groups: [
                    group(show, "good", b.enter, &movers.enters),
                    group(show, "bad", b.leave, &movers.leaves),
                ],
            }),
            near: it.near.as_ref().map(|it| near(show, it)),
            line: it.line.as_ref().map(|line| draw_line(show, line, it.quality.as_ref())),
            quality: it.quality.as_ref().map(|it| quality(show, it, same)),
        }
    }
}

fn weeks(show: &Show, it: &Preview) -> Weeks {
    let b = &show.t.bench;
    let most = it.weeks.iter().map(|it| it.draft.max(it.running)).max().unwrap_or(0);
    let scale = Scale::to(most as f64, true);
    let y = |n: u64| scale.y(n as f64, WEEKS_BOTTOM, WEEKS_TOP);
    let width = 100.0 / it.weeks.len().max(1) as f64;
    let date = |week: &str| {
        let date: Option<Date> = week.parse().ok();
        date.map(|date| show.date(show.calendar.start_of(date))).unwrap_or_default()
    };
    let bars = it.weeks.iter().enumerate().map(|(at, week)| Bar {
        x: place(width * at as f64 + width * 0.09),
        y: place(y(week.draft)),
        width: place(width * 0.82),
        height: place(WEEKS_BOTTOM - y(week.draft)),
        class: "on",
        title: format!("{}: {}, {} {}", date(&week.week), week.draft, b.running, week.running),
    });
    let step = it.running.as_ref().map(|_| {
        let steps = it.weeks.iter().enumerate().map(|(at, week)| {
            let (from, to) = (width * at as f64 * 10.0, width * (at + 1) as f64 * 10.0);
            let y = place(y(week.running));
            format!("{} {y} {} {y}", place(from), place(to))
        });
        format!("M{}", steps.collect::<Vec<_>>().join(" "))
    });
    let month = |week: &str| week.get(..7).unwrap_or_default().to_owned();
    let names: Vec<&str> = show.t.words.months.split(' ').collect();
    let mut months = Vec::new();
    for (at, week) in it.weeks.iter().enumerate() {
        let now = month(&week.week);
        let new = at > 0 && month(&it.weeks[at - 1].week) != now;
        let number: Option<usize> = now.get(5..7).and_then(|it| it.parse().ok());
        // A label needs room before the next one.
        if new && at + 1 < it.weeks.len() {
            let name = number.and_then(|it| names.get(it - 1)).copied().unwrap_or_default();
            months.push(Label { x: place(width * at as f64), text: name.to_owned() });
        }
    }
    let facts = show.count(it.facts);
    let (until, ms) = (show.when(it.until.0), it.took_ms.to_string());
    Weeks {
        title: fill(b.per_week, &[("n", &number(it.per_week.draft))]),
        note: fill(b.weeks_note, &[("facts", &facts), ("until", &until), ("ms", &ms)]),
        label: fill(b.weeks_label, &[("n", &it.weeks.len().to_string())]),
        running: it.per_week.running.map(|it| fill(b.running_week, &[("n", &number(it))])),
        ticks: ticks(scale, WEEKS_BOTTOM, WEEKS_TOP, number),
        bars: bars.collect(),
        step,
        months,
        rows: it.weeks.iter().map(|it| (date(&it.week), it.draft, it.running)).collect(),
    }
}

fn ticks(scale: Scale, bottom: f64, top: f64, label: impl Fn(f64) -> String) -> Vec<Tick> {
    let tick = |value| Tick { y: place(scale.y(value, bottom, top)), label: label(value) };
    scale.ticks().map(tick).collect()
}

/// A figure with one place at most.
fn number(it: f64) -> String {
    let text = format!("{it:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A share with one place.
fn share(it: Option<f64>) -> String {
    it.map_or("—".to_owned(), |it| format!("{}%", number(it * 100.0)))
}

/// How well it finds those who succeed; `same` if it is what is running.
fn quality(show: &Show, it: &Quality, same: bool) -> QualityView {
    let b = &show.t.bench;
    let values = [
        ("n", &*show.count(it.reached)),
        ("outcome", &*it.outcome),
        ("base", &*share(it.base.rate)),
        ("days", &*it.within_days.to_string()),
    ];
    let rate = |name, help, of: &Beside<Share>, difference: Option<Measured>| {
        let measured = |it: &Share| {
            Some(Measured { value: it.rate? * 100.0, low: it.low? * 100.0, high: it.high? * 100.0 })
        };
        let beside =
            Beside { draft: measured(&of.draft), running: of.running.as_ref().map(measured) };
        let shown = |it: f64| format!("{}%", number(it));
        let mut measure = measure(show, name, help, beside, shown);
        if let Some(it) = difference {
            measure.difference = signed(it.value * 100.0);
            (measure.verdict, measure.class) = match (it.low > 0.0, it.high < 0.0) {
                (true, _) => (b.better, "good-text"),
                (_, true) => (b.worse, "bad-text"),
                _ => (b.unclear, "muted"),
            };
        }
        measure
    };
    let times = |it: f64| fill(b.times, &[("n", &number(it))]);
    let days = |it: f64| fill(b.days, &[("n", &number(it))]);
    let mut lift = measure(show, b.lift, b.lift_help, it.lift, times);
    if let (Some(new), Some(Some(old))) = (it.lift.draft, it.lift.running) {
        lift.difference = signed(new.value - old.value);
        // The base is the same for both: what is so of the precision is so of the lift.
        (lift.verdict, lift.class) = match it.precision_difference {
            Some(it) if it.low > 0.0 => (b.better, "good-text"),
            Some(it) if it.high < 0.0 => (b.worse, "bad-text"),
            _ => (b.unclear, "muted"),
        };
    }
    let mut lead = measure(show, b.lead_time, b.lead_help, it.lead_days, days);
    if let (Some(new), Some(Some(old))) = (it.lead_days.draft, it.lead_days.running) {
        let more = new.value - old.value;
        lead.difference = fill(b.days, &[("n", &signed(more))]);
        (lead.verdict, lead.class) = match more {
            it if it > 0.0 => (b.earlier, "muted"),
            it if it < 0.0 => (b.later, "muted"),
            _ => ("", "muted"),
        };
    }
    let mut measures = vec![
        rate(b.precision, b.precision_help, &it.precision, it.precision_difference),
        rate(b.recall, b.recall_help, &it.recall, it.recall_difference),
        lift,
        lead,
    ];
    let mut note = fill(b.quality_note, &values);
    if same {
        for it in &mut measures {
            (it.difference, it.verdict, it.class) = (String::new(), b.same, "muted");
        }
        note = fill(b.same_note, &[("note", &note)]);
    }
    QualityView {
        note,
        measures,
        outcome: it.outcome.clone(),
        outcomes: it.outcomes.clone(),
        within: it.within_days,
    }
}

fn signed(it: f64) -> String {
    let text = number(it.abs());
    match it {
        _ if text == "0" => "0".to_owned(),
        it if it > 0.0 => format!("+{text}"),
        _ => format!("−{text}"),
    }
}

/// A measure on a scale from 0 to a little beyond what is drawn.
fn measure(
    show: &Show,
    name: &'static str,
    help: &'static str,
    of: Beside<Option<Measured>>,
    shown: impl Fn(f64) -> String,
) -> Measure {
    let b = &show.t.bench;
    let running = of.running.flatten();
    let most = of.draft.iter().chain(&running).map(|it| it.high).fold(0.0, f64::max) * 1.08;
    let at = |value: f64| place(if most > 0.0 { 100.0 * value / most } else { 0.0 });
    let whisker = |it: &Measured| Whisker { from: at(it.low), to: at(it.high), at: at(it.value) };
    let said = |who: &str, it: &Measured| {
        let between = fill(b.between, &[("a", &shown(it.low)), ("b", &shown(it.high))]);
        format!("{who} {}, {between}", shown(it.value))
    };
    let words: Vec<String> = of
        .draft
        .iter()
        .map(|it| said(b.draft, it))
        .chain(running.iter().map(|it| said(b.running, it)))
        .collect();
    Measure {
        name,
        help,
        draft: of.draft.map_or("—".to_owned(), |it| shown(it.value)),
        running: running.map(|it| format!("{} {}", b.running, shown(it.value))),
        bar: of.draft.as_ref().map(whisker),
        of_running: running.as_ref().map(whisker),
        label: words.join("; "),
        difference: String::new(),
        verdict: "",
        class: "muted",
    }
}

fn group(show: &Show, badge: &'static str, title: &str, it: &MoverGroup) -> GroupView {
    let b = &show.t.bench;
    let of = &it.succeeded;
    let values =
        [("n", &*show.count(of.count)), ("m", &*show.count(of.of)), ("share", &*share(of.rate))];
    GroupView {
        badge,
        title: fill(title, &[("n", &show.count(it.count))]),
        succeeded: if of.of > 0 { fill(b.of_them, &values) } else { String::new() },
        some: it.some.iter().map(|it| mover(show, it)).collect(),
    }
}

fn mover(show: &Show, it: &Mover) -> MoverView {
    let b = &show.t.bench;
    let fate = match it.succeeded {
        Some(true) => b.did,
        Some(false) => b.did_not,
        None => b.too_early,
    };
    let because = if it.because.is_empty() {
        show.when(it.entered_at.0)
    } else {
        format!("{}: {}", show.date(it.entered_at.0), it.because.join("; "))
    };
    let (name, href) = named(&it.subject, it.name.as_deref());
    MoverView { name, href, because, fate, did: it.succeeded == Some(true) }
}

fn near(show: &Show, it: &Near) -> NearView {
    let one = |it: &crate::noun::NearOne| {
        let (name, href) = named(&it.subject, it.name.as_deref());
        MoverView { name, href, because: it.missing.join("; "), fate: "", did: false }
    };
    NearView {
        sub: fill(show.t.bench.near_sub, &[("n", &show.count(it.count))]),
        some: it.some.iter().map(one).collect(),
    }
}

fn named(subject: &Subject, name: Option<&str>) -> (String, Option<String>) {
    let account = subject.kind == SubjectKind::Account;
    (name.unwrap_or(&subject.id).to_owned(), account.then(|| subject.id.clone()))
}

fn draw_line(show: &Show, it: &Line, quality: Option<&Quality>) -> LineView {
    let b = &show.t.bench;
    let count = it.bins.len().max(1) as f64;
    let width = 100.0 / count;
    let begin = it.bins.first().map_or(it.least, |it| it.from);
    let end = it.bins.last().map_or(it.most, |it| it.to);
    let x = |figure: f64| {
        let whole = if end > begin { end - begin } else { 1.0 };
        (100.0 * (figure - begin) / whole).clamp(0.0, 100.0)
    };
    let rates = it.bins.iter().filter_map(|it| it.succeeded.high);
    let rate = Scale::to(rates.fold(0.0, f64::max).max(0.01), false);
    let bars_scale =
        Scale::to(it.bins.iter().map(|it| it.succeeded.of).max().unwrap_or(0) as f64, true);
    // A bar is let in where the number lets in all of it.
    let inside = |from: f64| if it.at_least { from >= it.figure } else { from < it.figure };
    let bars = it.bins.iter().enumerate().map(|(at, bin)| {
        let y = bars_scale.y(bin.succeeded.of as f64, BARS_BOTTOM, BARS_TOP);
        Bar {
            x: place(width * at as f64 + width * 0.06),
            y: place(y),
            width: place(width * 0.88),
            height: place(BARS_BOTTOM - y),
            class: if inside(bin.from) { "on" } else { "mid" },
            title: format!(
                "{}: {}, {}",
                bin.label,
                show.count(bin.succeeded.of),
                share(bin.succeeded.rate)
            ),
        }
    });
    let middle = |at: usize| place((width * at as f64 + width / 2.0) * 10.0);
    let y = |value: f64| place(rate.y(value, RATE_BOTTOM, RATE_TOP));
    let points = |value: fn(&Share) -> Option<f64>| -> Vec<String> {
        let known = it.bins.iter().enumerate();
        let known = known.filter_map(|(at, it)| Some((at, value(&it.succeeded)?)));
        known.map(|(at, value)| format!("{} {}", middle(at), y(value))).collect()
    };
    let (line, mut upper, lower) =
        (points(|it| it.rate), points(|it| it.high), points(|it| it.low));
    upper.extend(lower.into_iter().rev());
    let path = |points: &[String], closed: &str| {
        if points.is_empty() { String::new() } else { format!("M{}{closed}", points.join(" ")) }
    };
    let every = (it.bins.len() / 5).max(1);
    let labels = it.bins.iter().enumerate().filter(|(at, _)| at % every == 0);
    let labels =
        labels.map(|(at, bin)| Label { x: place(width * at as f64), text: bin.label.clone() });
    let rows = it.bins.iter().map(|it| {
        let of = &it.succeeded;
        let between = fill(b.between, &[("a", &share(of.low)), ("b", &share(of.high))]);
        (it.label.clone(), show.count(of.of), share(of.rate), between)
    });
    let (outcome, days) =
        quality.map_or((String::new(), 0), |it| (it.outcome.clone(), it.within_days));
    let mut note = String::new();
    if !it.bins.is_empty() {
        let values = [("outcome", outcome.as_str()), ("days", &*days.to_string())];
        note = fill(b.line_note, &values);
        if it.beyond > 0 {
            note.push(' ');
            note.push_str(&fill(b.line_beyond, &[("n", &show.count(it.beyond))]));
        }
    }
    let running = it.others.iter().find(|it| it.is_running);
    let at_x = x(it.figure);
    LineView {
        value: it.value.clone(),
        note,
        label: fill(b.line_label, &[("value", &it.value)]),
        number: it.number,
        at: it.at.clone(),
        figure: place(it.figure),
        running: running.map(|it| it.at.clone()),
        running_figure: it.running.filter(|of| place(*of) != place(it.figure)).map(place),
        least: place(it.least),
        most: place(it.most),
        step: place(it.step),
        rate_ticks: ticks(rate, RATE_BOTTOM, RATE_TOP, |it| share(Some(it))),
        bar_ticks: ticks(bars_scale, BARS_BOTTOM, BARS_TOP, |it| show.number(it)),
        area: path(&upper, "Z"),
        path: path(&line, ""),
        bars: bars.collect(),
        at_x: place(at_x),
        running_x: it.running.filter(|of| place(*of) != place(it.figure)).map(|it| place(x(it))),
        labels: labels.collect(),
        rows: rows.collect(),
        side: if it.at_least { b.at_least } else { b.at_most },
        at_left: at_x > 60.0,
        others: it
            .others
            .iter()
            .map(|it| OtherView {
                at: it.at.clone(),
                is_draft: it.is_draft,
                is_running: it.is_running,
                per_week: number(it.per_week),
                precision: share(it.precision),
                recall: share(it.recall),
                lead: it
                    .lead_days
                    .map_or("—".to_owned(), |days| fill(b.days, &[("n", &number(days))])),
            })
            .collect(),
    }
}

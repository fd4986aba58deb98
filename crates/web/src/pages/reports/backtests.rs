//! Backtests: all definitions held against what happened, and one with all its figures.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::Date;
use serde::Deserialize;

use super::chart;
use super::{
    Choice, Got, Part, Tab, address, base_between, choices, date, given, given_date, given_days,
    got, interval, notes, percent, rate, rounded, shell_of, tabs, times, wait, waiting, windows,
};
use crate::api::table_of_report;
use crate::app::App;
use crate::noun::{
    BacktestAsked, BacktestFigure, BacktestReport, BacktestSummary, BacktestWeek, Estimate,
    ReportTable, Share,
};
use crate::pages::error::PageError;
use crate::pages::inbox::{TrackMark, glyph};
use crate::pages::profile::short;
use crate::pages::shell::{Shell, draw};
use crate::pages::show::Show;
use crate::pages::texts::fill;
use crate::pages::visitor::{Asked, Visitor};

/// The window of a backtest where nobody says another, in days.
const WITHIN_USUAL: u32 = 14;
/// The height of the chart of weeks, in pixels.
const WEEKS_HEIGHT: f64 = 120.0;

/// What the pages are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Query {
    outcome: String,
    within: String,
    split: String,
}

impl Query {
    fn asked(&self) -> BacktestAsked {
        BacktestAsked {
            outcome: given(&self.outcome),
            within_days: given_days(&self.within),
            split: given_date(&self.split),
        }
    }

    fn address(&self) -> String {
        address(&[("outcome", &self.outcome), ("within", &self.within), ("split", &self.split)])
    }

    fn within(&self) -> u32 {
        given_days(&self.within).unwrap_or(WITHIN_USUAL)
    }
}

struct Row {
    name: String,
    title: String,
    track: TrackMark,
    glyph: &'static str,
    against: String,
    qualified: String,
    precision: (String, String),
    bar: Option<Bar>,
    label: String,
    recall: (String, String),
    lift: (String, String),
    lead: String,
    early: String,
}

/// A share with its interval, from 0 to the largest of all.
struct Bar {
    low: String,
    high: String,
    value: String,
}

/// The list.
#[derive(Template)]
#[template(path = "backtests.html")]
struct BacktestsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    waiting: Option<String>,
    refused: Option<String>,
    export: String,
    outcomes: Vec<Choice>,
    windows: Vec<Choice>,
    finding: String,
    rows: Vec<Row>,
}

/// `GET /reports/backtests`
pub(in crate::pages) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let shell = shell_of(&app, &visitor, &uri, |it| it.reports.backtests).await?;
    let query = Query { split: String::new(), ..query };
    let (list, refused, query) = match got(app.backend.backtests(&query.asked()).await)? {
        Got::Report(list) => (list, None, query),
        Got::Preparing => return wait(shell, Part::Backtests),
        Got::Refused(detail) => {
            match got(app.backend.backtests(&BacktestAsked::default()).await)? {
                Got::Report(list) => (list, Some(detail), Query::default()),
                _ => return wait(shell, Part::Backtests),
            }
        }
    };
    let r = &shell.t.reports;
    let largest = list.items.iter().filter_map(|it| it.precision.high).fold(0.0, f64::max);
    let rows = list.items.iter().map(|it| row(&shell.show, it, largest));
    let page = BacktestsPage {
        tabs: tabs(&shell, Part::Backtests),
        waiting: waiting(&shell.show, &list.observed),
        refused: refused.map(|it| fill(r.refused, &[("detail", &it)])),
        export: query.address(),
        outcomes: choices(&list.outcomes, &query.outcome),
        windows: windows(shell.t, query.within()),
        finding: finding(&shell.show, &list.items),
        rows: rows.collect(),
        shell,
    };
    draw(&page)
}

/// `GET /reports/backtests.csv`
pub(in crate::pages) async fn export(
    State(app): State<App>,
    _: Visitor,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    Ok(table_of_report(&app, &ReportTable::Backtests(query.asked())).await?)
}

/// The definition that is clearly better than chance, and by how much; of several the one that is most
/// surely right. The greatest lift is often only that of the rarest outcome.
fn finding(show: &Show, items: &[BacktestSummary]) -> String {
    let r = &show.t.reports;
    let clear = items
        .iter()
        .filter_map(|it| Some((it, it.lift?)))
        .filter(|(_, lift)| lift.low.is_some_and(|it| it > 1.0));
    let sure = |it: &BacktestSummary| it.precision.low.unwrap_or(0.0);
    let best = clear.max_by(|(one, _), (other, _)| sure(one).total_cmp(&sure(other)));
    best.map_or(r.backtests_all.to_owned(), |(it, lift)| {
        fill(r.backtests_best, &[("definition", &title(it)), ("n", &times(show, lift.value))])
    })
}

fn title(it: &BacktestSummary) -> String {
    it.title.clone().unwrap_or_else(|| it.definition.clone())
}

fn row(show: &Show, it: &BacktestSummary, largest: f64) -> Row {
    let r = &show.t.reports;
    let track = TrackMark::of(show.t, it.track);
    let none = || ("–".to_owned(), String::new());
    let share = |it: &Share| (rate(it), base_between(show, it));
    let estimate = |it: &Estimate| (rounded(show, it.value), interval(show, it));
    let place = |share: f64| chart::x(share / largest.max(f64::MIN_POSITIVE));
    let precision = &it.precision;
    let bar = precision.rate.zip(precision.low.zip(precision.high));
    Row {
        glyph: glyph(track.class),
        title: title(it),
        track,
        against: against(show, it),
        qualified: show.count(it.qualified),
        label: base_between(show, precision),
        precision: share(precision),
        bar: bar.map(|(value, (low, high))| Bar {
            low: place(low),
            high: place(high),
            value: place(value),
        }),
        recall: share(&it.recall),
        lift: it.lift.as_ref().map_or_else(none, estimate),
        lead: it
            .lead_days
            .map_or("–".to_owned(), |days| fill(r.lead_days, &[("n", &rounded(show, days))])),
        early: show.count(it.too_early),
        name: it.definition.clone(),
    }
}

fn against(show: &Show, it: &BacktestSummary) -> String {
    let values = [("outcome", it.outcome.as_str()), ("n", &*it.within_days.to_string())];
    fill(show.t.reports.outcome_within, &values)
}

struct FigureRow {
    name: String,
    meaning: String,
    cells: Vec<(String, String)>,
}

struct Week {
    x: String,
    width: String,
    /// Top and height of those qualified, and of those that are hits.
    bars: [(String, String); 2],
    label: String,
    cells: [String; 4],
}

/// One.
#[derive(Template)]
#[template(path = "backtest.html")]
struct BacktestPage {
    shell: Shell,
    tabs: Vec<Tab>,
    waiting: Option<String>,
    refused: Option<String>,
    name: String,
    title: String,
    lede: String,
    version: String,
    track: TrackMark,
    glyph: &'static str,
    finding: String,
    outcomes: Vec<Choice>,
    windows: Vec<Choice>,
    split: String,
    sides: Vec<String>,
    figures: Vec<FigureRow>,
    weeks: Vec<Week>,
    weeks_label: String,
    first_week: String,
    last_week: String,
    most: String,
    notes: Vec<String>,
}

/// `GET /reports/backtests/{definition}`
pub(in crate::pages) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let shell = shell_of(&app, &visitor, &uri, |it| it.reports.backtests).await?;
    let (report, refused, query) = match got(app.backend.backtest(&name, &query.asked()).await)? {
        Got::Report(report) => (report, None, query),
        Got::Preparing => return wait(shell, Part::Backtests),
        Got::Refused(detail) => {
            match got(app.backend.backtest(&name, &BacktestAsked::default()).await)? {
                Got::Report(report) => (report, Some(detail), Query::default()),
                _ => return wait(shell, Part::Backtests),
            }
        }
    };
    let report = report.ok_or(PageError::NotFound)?;
    draw(&BacktestPage::of(shell, &report, refused, &query))
}

impl BacktestPage {
    fn of(shell: Shell, report: &BacktestReport, refused: Option<String>, query: &Query) -> Self {
        let (t, show) = (shell.t, shell.show.clone());
        let r = &t.reports;
        let summary = &report.summary;
        let split = query.split.parse::<Date>().ok();
        let side = |it: &str| {
            let on = split.map_or_else(String::new, |it| date(&show, it));
            let text = match it {
                "before" => r.side_before,
                "after" => r.side_after,
                _ => r.side_all,
            };
            fill(text, &[("date", &on)])
        };
        let finding = match summary.precision.rate {
            Some(share) => fill(r.one_title, &[("share", &percent(share))]),
            None => r.figures.to_owned(),
        };
        let week = |it: &str| it.parse().map_or_else(|_| String::new(), |it| date(&show, it));
        let first_week = report.weeks.first().map(|it| week(&it.week)).unwrap_or_default();
        let last_week = report.weeks.last().map(|it| week(&it.week)).unwrap_or_default();
        let ends = [("from", first_week.as_str()), ("to", last_week.as_str())];
        let most = report.weeks.iter().map(|it| it.qualified).max().unwrap_or(0);
        let track = TrackMark::of(t, summary.track);
        Self {
            tabs: tabs(&shell, Part::Backtests),
            waiting: waiting(&show, &report.observed),
            refused: refused.map(|it| fill(r.refused, &[("detail", &it)])),
            name: summary.definition.clone(),
            title: title(summary),
            lede: against(&show, summary),
            version: short(&summary.version),
            glyph: glyph(track.class),
            track,
            finding,
            outcomes: choices(&report.outcomes, &summary.outcome),
            windows: windows(t, summary.within_days),
            split: query.split.clone(),
            sides: report.sides.iter().map(|it| side(&it.side)).collect(),
            figures: figures(&show, report),
            weeks: weeks(&show, report, most),
            weeks_label: fill(r.weeks_label, &ends),
            first_week,
            last_week,
            most: show.count(most),
            notes: notes(t, &report.notes),
            shell,
        }
    }
}

/// The figures side by side; what nothing is known of is left out.
fn figures(show: &Show, report: &BacktestReport) -> Vec<FigureRow> {
    let Some(first) = report.sides.first() else { return Vec::new() };
    let row = |(place, it): (usize, &BacktestFigure)| {
        let cells = report.sides.iter().filter_map(|side| side.figures.get(place));
        let cells: Vec<(String, String)> = cells.map(|it| cell(show, it)).collect();
        if cells.iter().all(|it| it.0 == "–") {
            return None;
        }
        let told = || {
            let known = report.figures.iter().find(|of| of.code == it.code);
            (it.label.clone(), known.map(|it| it.meaning.clone()).unwrap_or_default())
        };
        let known = show.t.figures.of(&it.code);
        let known = known.map(|(name, meaning)| (name.to_owned(), meaning.to_owned()));
        let (name, meaning) = known.unwrap_or_else(told);
        Some(FigureRow { name, meaning, cells })
    };
    first.figures.iter().enumerate().filter_map(row).collect()
}

/// A figure, and its base or doubt.
fn cell(show: &Show, it: &BacktestFigure) -> (String, String) {
    let is_share = matches!(it.code.as_str(), "f1" | "controls");
    match (it.count, it.of, it.value) {
        (Some(count), Some(of), value) => {
            let share = Share { count, of, rate: value, low: it.low, high: it.high };
            (rate(&share), base_between(show, &share))
        }
        (Some(count), None, _) => (show.count(count), String::new()),
        (_, _, Some(value)) if is_share => (percent(value), String::new()),
        (_, _, Some(value)) => {
            let estimate = Estimate { value, low: it.low, high: it.high };
            (rounded(show, value), interval(show, &estimate))
        }
        _ => ("–".to_owned(), String::new()),
    }
}

fn weeks(show: &Show, report: &BacktestReport, most: u64) -> Vec<Week> {
    let count = report.weeks.len().max(1) as f64;
    let height = |it: u64| WEEKS_HEIGHT * it as f64 / most.max(1) as f64;
    let bar = |it: u64| (chart::y(WEEKS_HEIGHT - height(it)), chart::y(height(it)));
    let week = |(place, it): (usize, &BacktestWeek)| {
        let on = it.week.parse().map_or_else(|_| it.week.clone(), |it| date(show, it));
        let counts = [it.started, it.qualified, it.hits].map(|it| show.count(it));
        let [started, qualified, hits] = counts;
        Week {
            x: chart::x((place as f64 + 0.1) / count),
            width: chart::x(0.8 / count),
            bars: [bar(it.qualified), bar(it.hits)],
            label: format!("{on}: {qualified}, {hits}"),
            cells: [on, started, qualified, hits],
        }
    };
    report.weeks.iter().enumerate().map(week).collect()
}

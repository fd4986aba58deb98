//! The lifecycle: who was found, who bought, and where accounts wait.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::Date;
use serde::Deserialize;

use super::chart::{self, Scale, Whisker};
use super::{
    Choice, Got, Part, Tab, address, base, base_between, choices, date, day, given, given_date,
    given_days, got, interval, notes, percent, points, points_between, rate, rounded, shell_of,
    tabs, tick as scale_tick, times, wait, waiting, windows,
};
use crate::api::table_of_report;
use crate::app::App;
use crate::noun::{
    CohortBy, Contrast, GroupName, LifecycleAsked, LifecycleGroup, LifecycleReport, Reading,
    ReportTable, Share,
};
use crate::pages::error::PageError;
use crate::pages::inbox::{Stage, glyph};
use crate::pages::shell::{Shell, draw};
use crate::pages::show::Show;
use crate::pages::texts::{Texts, fill};
use crate::pages::visitor::{Asked, Visitor};

/// Of fewer accounts nothing is said in a title.
const ENOUGH: u64 = 20;

/// What the page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Query {
    from: String,
    to: String,
    by: String,
    segment: String,
    outcome: String,
    within: String,
}

impl Query {
    fn asked(&self) -> LifecycleAsked {
        LifecycleAsked {
            from: given_date(&self.from),
            to: given_date(&self.to),
            by: if self.by == "found" { CohortBy::Found } else { CohortBy::Began },
            segment: given(&self.segment),
            outcome: given(&self.outcome),
            within_days: given_days(&self.within),
        }
    }

    fn address(&self) -> String {
        address(&[
            ("from", &self.from),
            ("to", &self.to),
            ("by", &self.by),
            ("segment", &self.segment),
            ("outcome", &self.outcome),
            ("within", &self.within),
        ])
    }
}

/// A figure at the top.
struct Tile {
    class: &'static str,
    glyph: &'static str,
    name: &'static str,
    figure: String,
    note: String,
}

/// A group with its stages as bars.
struct Column {
    class: &'static str,
    glyph: &'static str,
    name: &'static str,
    sub: String,
    levels: Vec<LevelBar>,
}

struct LevelBar {
    name: String,
    count: String,
    share: String,
    label: String,
    width: String,
    /// From this bar down to the next, if there is one.
    drop: Option<String>,
}

/// A row of the data below the bars.
struct StageRow {
    name: &'static str,
    watched: String,
    early: String,
    sql: String,
    opportunity: String,
    bought: String,
}

/// A curve with its label.
struct Curve {
    class: &'static str,
    d: String,
    label: String,
    label_y: String,
}

struct CurveChart {
    label: String,
    lines: Vec<(String, String, String)>,
    curves: Vec<Curve>,
    /// By when half of those who buy have: a guide, and its words.
    half: Option<Guide>,
    /// Names of the groups, for the table.
    names: Vec<&'static str>,
    ticks: Vec<(String, &'static str, String)>,
    rows: Vec<(String, Vec<String>)>,
}

/// A line down from a curve.
struct Guide {
    class: &'static str,
    x: String,
    y: String,
    text_y: String,
    text: String,
}

/// A measure of the groups that were found.
struct MeasureRow {
    name: &'static str,
    sub: &'static str,
    cells: Vec<(String, String)>,
}

/// One group against another.
struct ContrastRow {
    name: String,
    chart: Option<Whisker>,
    chart_label: String,
    class: &'static str,
    points: String,
    between: String,
    reading: &'static str,
    badge: &'static str,
    days: String,
}

struct StepRow {
    stage: Stage,
    came: String,
    early: String,
    further: (String, String),
    became: (String, String),
    days: (String, String),
    now: String,
}

struct MonthRow {
    month: String,
    accounts: String,
    early: String,
    cells: Vec<(String, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "lifecycle.html")]
struct LifecyclePage {
    shell: Shell,
    tabs: Vec<Tab>,
    lede: String,
    waiting: Option<String>,
    refused: Option<String>,
    export: String,
    query: Query,
    by_found: bool,
    segments: Vec<Choice>,
    outcomes: Vec<Choice>,
    windows: Vec<Choice>,
    is_empty: bool,
    tiles: Vec<Tile>,
    finding: String,
    columns: Vec<Column>,
    stage_rows: Vec<StageRow>,
    curves: Option<CurveChart>,
    groups: Vec<Tile>,
    measures: Vec<MeasureRow>,
    contrasts: Vec<ContrastRow>,
    stages_title: String,
    steps: Vec<StepRow>,
    months: Vec<MonthRow>,
    months_sub: &'static str,
    notes: Vec<String>,
}

/// `GET /reports`
pub(in crate::pages) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let shell = shell_of(&app, &visitor, &uri, |it| it.reports.lifecycle).await?;
    let (report, refused, query) = match got(app.backend.lifecycle(&query.asked()).await)? {
        Got::Report(report) => (report, None, query),
        Got::Preparing => return wait(shell, Part::Lifecycle),
        Got::Refused(detail) => match got(app.backend.lifecycle(&LifecycleAsked::default()).await)?
        {
            Got::Report(report) => (report, Some(detail), Query::default()),
            _ => return wait(shell, Part::Lifecycle),
        },
    };
    draw(&LifecyclePage::of(shell, &report, refused, query))
}

/// `GET /reports/lifecycle.csv`
pub(in crate::pages) async fn export(
    State(app): State<App>,
    _: Visitor,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    Ok(table_of_report(&app, &ReportTable::Lifecycle(query.asked())).await?)
}

impl LifecyclePage {
    fn of(shell: Shell, report: &LifecycleReport, refused: Option<String>, query: Query) -> Self {
        let (t, show) = (shell.t, shell.show.clone());
        let r = &t.reports;
        let within = report.asked.within_days.unwrap_or(0);
        let end = |given: &Option<String>, otherwise| {
            let given = given.as_deref().and_then(|it| it.parse::<Date>().ok());
            given.map_or_else(|| day(&show, otherwise), |it| date(&show, it))
        };
        let lede = fill(
            r.lede,
            &[
                ("from", &end(&report.asked.from, report.observed.first_at.0)),
                ("to", &end(&report.asked.to, report.observed.last_at.0)),
                ("last", &day(&show, report.observed.last_at.0)),
                ("n", &within.to_string()),
            ],
        );
        let by_found = report.asked.by == CohortBy::Found;
        Self {
            tabs: tabs(&shell, Part::Lifecycle),
            lede,
            waiting: waiting(&show, &report.observed),
            refused: refused.map(|it| fill(r.refused, &[("detail", &it)])),
            export: query.address(),
            by_found,
            segments: choices(&report.segments, &query.segment),
            outcomes: choices(&report.outcomes, &query.outcome),
            windows: windows(t, within),
            is_empty: report.accounts == 0 && report.groups.iter().all(|it| it.entered == 0),
            tiles: tiles(&show, report),
            finding: finding(&show, report),
            columns: columns(&show, report),
            stage_rows: stage_rows(&show, report),
            curves: curves(&show, report),
            groups: shown(report).map(|it| heading(t, it.group)).collect(),
            measures: measures(&show, report),
            contrasts: contrasts(&show, report),
            stages_title: stages_title(&show, report),
            steps: steps(&show, report),
            months: months(&show, report),
            months_sub: if by_found { r.months_found } else { r.months_began },
            notes: all_notes(&show, report),
            query,
            shell,
        }
    }
}

/// The groups with anybody in them.
fn shown(report: &LifecycleReport) -> impl Iterator<Item = &LifecycleGroup> {
    report.groups.iter().filter(|it| it.entered > 0)
}

fn class(group: GroupName) -> &'static str {
    match group {
        GroupName::Product => "product",
        GroupName::Marketing => "marketing",
        GroupName::Neither => "nobody",
        GroupName::Expansion => "expansion",
    }
}

/// What the accounts of a group are called.
fn many(t: &Texts, group: GroupName) -> &'static str {
    let r = &t.reports;
    match group {
        GroupName::Product => r.product_many,
        GroupName::Marketing => r.marketing_many,
        GroupName::Neither => r.neither_many,
        GroupName::Expansion => r.expansion_many,
    }
}

fn title(t: &Texts, group: GroupName) -> &'static str {
    match group {
        GroupName::Product => t.words.product_qualified,
        GroupName::Marketing => t.words.marketing_qualified,
        GroupName::Neither => t.reports.neither_title,
        GroupName::Expansion => t.words.expansion_qualified,
    }
}

fn heading(t: &Texts, group: GroupName) -> Tile {
    let class = class(group);
    let (figure, note) = (String::new(), String::new());
    let name = match group {
        GroupName::Product => t.words.product,
        GroupName::Marketing => t.words.marketing,
        GroupName::Neither => t.reports.neither,
        GroupName::Expansion => t.words.expansion,
    };
    Tile { class, glyph: glyph(class), name, figure, note }
}

fn tiles(show: &Show, report: &LifecycleReport) -> Vec<Tile> {
    let r = &show.t.reports;
    let tile = |group, name| {
        let it = report.groups.iter().find(|it| it.group == group)?;
        let class = class(group);
        let (figure, note) = (rate(&it.converted), base_between(show, &it.converted));
        Some(Tile { class, glyph: glyph(class), name, figure, note })
    };
    let mut tiles: Vec<Tile> = [
        tile(GroupName::Product, r.product_buy),
        tile(GroupName::Marketing, r.marketing_buy),
        tile(GroupName::Neither, r.neither_buy),
    ]
    .into_iter()
    .flatten()
    .collect();
    let product = report.groups.iter().find(|it| it.group == GroupName::Product);
    if let Some((it, share)) = product.and_then(|it| Some((it, it.alike?))) {
        let note = match &it.alike_lift {
            Some(lift) => fill(
                r.alike_times,
                &[
                    ("n", &rounded(show, lift.value)),
                    ("low", &rounded(show, lift.low.unwrap_or(lift.value))),
                    ("high", &rounded(show, lift.high.unwrap_or(lift.value))),
                ],
            ),
            None => r.alike_note.to_owned(),
        };
        let (class, glyph) = ("nobody", glyph("nobody"));
        tiles.push(Tile { class, glyph, name: r.alike_buy, figure: percent(share), note });
    }
    tiles
}

/// The finding that the figures support, or what they are about.
fn finding(show: &Show, report: &LifecycleReport) -> String {
    let r = &show.t.reports;
    let clear = report.contrasts.iter().find(|it| it.difference.reading != Reading::Unclear);
    let first = report.contrasts.iter().find(|it| it.one == GroupName::Product);
    let Some(it) = clear.or(first) else { return r.who_buys.to_owned() };
    let (one, other) = (many(show.t, it.one), many(show.t, it.other));
    let text = match (it.difference.reading, it.times) {
        (Reading::Higher, Some(_)) => r.found_times,
        (Reading::Higher, None) => r.found_more,
        (Reading::Lower, _) => r.found_less,
        (Reading::Unclear, _) => r.found_unclear,
    };
    let of = it.times.map(|it| times(show, it)).unwrap_or_default();
    fill(text, &[("one", one), ("other", other), ("n", &of)])
}

fn columns(show: &Show, report: &LifecycleReport) -> Vec<Column> {
    let compared = || shown(report).filter(|it| it.group != GroupName::Expansion);
    // A stage that nobody reaches is one that the team does not use.
    let used =
        [compared().any(|it| it.sql.count > 0), compared().any(|it| it.opportunity.count > 0)];
    compared().map(|it| column(show, it, used)).collect()
}

fn column(show: &Show, it: &LifecycleGroup, used: [bool; 2]) -> Column {
    let (t, r) = (show.t, &show.t.reports);
    let of = it.converted.of;
    let first = match it.group {
        GroupName::Product => t.words.pql,
        GroupName::Marketing => t.words.mql,
        _ => r.began,
    };
    let whole = Share { count: of, of, rate: (of > 0).then_some(1.0), low: None, high: None };
    let mut levels = vec![(first, whole)];
    let between = [(t.words.sql, it.sql), (t.words.opportunity, it.opportunity)];
    for ((name, share), used) in between.into_iter().zip(used) {
        // Nobody works on who was not found; where somebody does, it is shown.
        if share.count > 0 || used && it.group != GroupName::Neither {
            levels.push((name, share));
        }
    }
    levels.push((r.bought, it.converted));
    let widths: Vec<f64> = levels.iter().map(|it| it.1.rate.unwrap_or(0.0)).collect();
    let bars = levels.iter().enumerate().map(|(place, (name, share))| {
        let (count, percent) = (show.count(share.count), rate(share));
        let drop = widths.get(place + 1).map(|next| {
            let number = |share: f64| chart::y(share * 100.0);
            format!("M0 0H{}L{} 42H0z", number(widths[place]), number(*next))
        });
        LevelBar {
            label: fill(r.of_observed, &[("stage", name), ("n", &count), ("share", &percent)]),
            name: (*name).to_owned(),
            count,
            share: percent,
            width: chart::x(widths[place]),
            drop,
        }
    });
    let class = class(it.group);
    let (n, m) = (show.count(it.entered), show.count(it.too_early));
    let sub = if it.too_early > 0 { r.entered_early } else { r.entered };
    Column {
        class,
        glyph: glyph(class),
        name: title(t, it.group),
        sub: fill(sub, &[("n", &n), ("m", &m)]),
        levels: bars.collect(),
    }
}

fn stage_rows(show: &Show, report: &LifecycleReport) -> Vec<StageRow> {
    let r = &show.t.reports;
    let cell = |it: &Share| format!("{} ({})", show.count(it.count), rate(it));
    let row = |it: &LifecycleGroup| {
        let values =
            [("n", &*show.count(it.too_early)), ("m", &*show.count(it.too_early_converted))];
        StageRow {
            name: title(show.t, it.group),
            watched: show.count(it.converted.of),
            early: fill(r.had_already, &values),
            sql: cell(&it.sql),
            opportunity: cell(&it.opportunity),
            bought: cell(&it.converted),
        }
    };
    shown(report).map(row).collect()
}

fn curves(show: &Show, report: &LifecycleReport) -> Option<CurveChart> {
    let (t, r) = (show.t, &show.t.reports);
    let drawn: Vec<&LifecycleGroup> = shown(report)
        .filter(|it| it.group != GroupName::Expansion && it.converted.of > 0)
        .collect();
    let days = drawn.first()?.curve.last()?.days;
    let end = |it: &LifecycleGroup| it.curve.last().map_or(0.0, |it| it.share);
    let scale = Scale::to(drawn.iter().map(|it| end(it)).fold(0.0, f64::max));
    let ends: Vec<f64> = drawn.iter().map(|it| scale.y(end(it))).collect();
    let labels = chart::labels(&ends);
    let name = |it: &LifecycleGroup| match it.group {
        GroupName::Product => t.words.product,
        GroupName::Marketing => t.words.marketing,
        _ => r.neither,
    };
    let curve = |(it, label_y): (&&LifecycleGroup, f64)| Curve {
        class: class(it.group),
        d: chart::path(&it.curve, &scale),
        label: format!("{} {}", name(it), percent(end(it))),
        label_y: chart::y(label_y),
    };
    let lines = scale.lines.iter().map(|it| {
        let down = scale.y(*it);
        (chart::y(down), chart::y(down + 4.0), scale_tick(show, *it))
    });
    let tick = |part: f64, class| {
        let text = rounded(show, days * part);
        let text = if part >= 1.0 { fill(r.n_days_axis, &[("n", &text)]) } else { text };
        (chart::x(part), class, text)
    };
    let half = drawn.first().and_then(|it| Some((it, it.days?))).map(|(it, median)| {
        let top = scale.y(end(it) / 2.0);
        Guide {
            class: class(it.group),
            x: chart::x(median.value / days),
            y: chart::y(top),
            text_y: chart::y(f64::midpoint(top, chart::HEIGHT)),
            text: fill(r.half_by, &[("n", &rounded(show, median.value.ceil()))]),
        }
    });
    let points = drawn[0].curve.len();
    let row = |place: usize| {
        let cells = drawn.iter().map(|it| percent(it.curve[place].share));
        (rounded(show, drawn[0].curve[place].days), cells.collect())
    };
    let told: Vec<String> =
        drawn.iter().map(|it| format!("{} {}", name(it), percent(end(it)))).collect();
    Some(CurveChart {
        label: format!("{}: {}", r.how_soon, told.join(", ")),
        lines: lines.collect(),
        curves: drawn.iter().zip(labels).map(curve).collect(),
        half,
        names: drawn.iter().map(|it| name(it)).collect(),
        ticks: vec![
            tick(0.0, ""),
            tick(0.25, "middle"),
            tick(0.5, "middle"),
            tick(0.75, "middle"),
            tick(1.0, "end"),
        ],
        rows: (0..points)
            .step_by(5)
            .filter(|it| drawn.iter().all(|of| of.curve.len() > *it))
            .map(row)
            .collect(),
    })
}

fn measures(show: &Show, report: &LifecycleReport) -> Vec<MeasureRow> {
    let r = &show.t.reports;
    let row = |name, sub, cell: &dyn Fn(&LifecycleGroup) -> (String, String)| {
        let cells: Vec<(String, String)> = shown(report).map(cell).collect();
        cells.iter().any(|it| it.0 != "–").then_some(MeasureRow { name, sub, cells })
    };
    let none = || ("–".to_owned(), String::new());
    let rows = [
        row(r.bought, "", &|it| (rate(&it.converted), base(show, &it.converted))),
        row(r.days_to, r.days_to_sub, &|it| {
            it.days.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
        row(r.worth_of_one, r.worth_of_one_sub, &|it| {
            let mean = it.worth.map(|it| it.mean);
            mean.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
        row(r.worth_in_all, r.worth_in_all_sub, &|it| {
            it.worth.map_or_else(none, |it| {
                let told = Share { count: it.told, of: 0, rate: None, low: None, high: None };
                (rounded(show, it.total), show.count(told.count))
            })
        }),
        row(r.lift, r.lift_sub, &|it| {
            it.alike_lift.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
    ];
    rows.into_iter().flatten().collect()
}

fn contrasts(show: &Show, report: &LifecycleReport) -> Vec<ContrastRow> {
    let differences: Vec<_> = report.contrasts.iter().map(|it| Some(&it.difference)).collect();
    let drawn = chart::whiskers(&differences);
    let rows = report.contrasts.iter().zip(drawn);
    rows.map(|(it, chart)| contrast(show, it, chart)).collect()
}

fn contrast(show: &Show, it: &Contrast, chart: Option<Whisker>) -> ContrastRow {
    let (t, r) = (show.t, &show.t.reports);
    let names = [("one", many(t, it.one)), ("other", many(t, it.other))];
    let (class, badge, reading) = match it.difference.reading {
        Reading::Higher => ("good", "good", r.more_often),
        Reading::Lower => ("bad", "bad", r.less_often),
        Reading::Unclear => ("hollow", "", r.unclear),
    };
    let days = it.days.map(|days| {
        let text = if days < 0.0 { r.sooner } else { r.later };
        fill(text, &[("n", &rounded(show, days.abs()))])
    });
    let d = &it.difference;
    let told = [("value", points(d.value)), ("low", points(d.low)), ("high", points(d.high))];
    let told: Vec<(&str, &str)> = told.iter().map(|it| (it.0, it.1.as_str())).collect();
    ContrastRow {
        name: fill(r.less, &names),
        chart,
        chart_label: fill(r.interval_label, &told),
        class,
        points: points(d.value),
        between: points_between(t, d),
        reading,
        badge,
        days: days.unwrap_or_default(),
    }
}

fn stages_title(show: &Show, report: &LifecycleReport) -> String {
    let r = &show.t.reports;
    // The stage that most have come to and half have surely left: what the figures can tell.
    let sure = |it: &crate::noun::Estimate| it.low.is_some() && it.high.is_some();
    let told = report
        .stages
        .iter()
        .filter(|it| it.entered >= ENOUGH && it.days.as_ref().is_some_and(sure));
    let widest = told.max_by_key(|it| it.entered);
    widest.and_then(|it| Some((it, it.days?))).map_or(r.stages.to_owned(), |(it, days)| {
        let stage = Stage::of(show.t, Some(&it.stage)).word;
        fill(r.stages_found, &[("stage", &stage), ("n", &rounded(show, days.value))])
    })
}

fn steps(show: &Show, report: &LifecycleReport) -> Vec<StepRow> {
    let r = &show.t.reports;
    let cell = |it: &Share| (rate(it), base_between(show, it));
    let none = || ("–".to_owned(), String::new());
    let rows = report.stages.iter().filter(|it| it.entered > 0);
    rows.map(|it| StepRow {
        stage: Stage::of(show.t, Some(&it.stage)),
        came: show.count(it.entered),
        early: show.count(it.too_early),
        further: if it.customer.is_some() { cell(&it.further) } else { none() },
        became: it.customer.as_ref().map_or_else(none, cell),
        days: match &it.days {
            Some(days) => (rounded(show, days.value), interval(show, days)),
            None => ("–".to_owned(), r.most_stay.to_owned()),
        },
        now: show.count(it.now),
    })
    .collect()
}

fn months(show: &Show, report: &LifecycleReport) -> Vec<MonthRow> {
    let w = &show.t.words;
    let row = |it: &crate::noun::MonthFigures| {
        let date = it.month.parse::<Date>().unwrap_or(Date(0));
        let (year, month, _) = date.civil();
        let name = w.months.split(' ').nth(usize::try_from(month - 1).unwrap_or(0));
        let cell = |it: &Share| (rate(it), show.count(it.count));
        MonthRow {
            month: fill(
                show.t.reports.month_year,
                &[("month", name.unwrap_or_default()), ("year", &year.to_string())],
            ),
            accounts: show.count(it.accounts),
            early: show.count(it.too_early),
            cells: [&it.mql, &it.pql, &it.sql, &it.opportunity, &it.customer].map(cell).into(),
        }
    };
    report.months.iter().map(row).collect()
}

fn all_notes(show: &Show, report: &LifecycleReport) -> Vec<String> {
    let r = &show.t.reports;
    let absent = &report.left_out;
    let counts =
        [(absent.excluded, r.excluded), (absent.visitors, r.visitors), (absent.older, r.older)];
    let told = counts.into_iter().filter(|it| it.0 > 0);
    let mut all = notes(show.t, &report.notes);
    all.extend(told.map(|(count, text)| fill(text, &[("n", &show.count(count))])));
    all
}

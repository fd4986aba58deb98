//! The lifecycle: who was found, who bought, and where accounts wait.

mod bars;
mod tables;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::Date;
use serde::Deserialize;

use super::chart::Whisker;
use super::{
    Choice, Got, Part, Tab, address, choices, date, day, given, given_date, given_days, got,
    shell_of, tabs, wait, waiting, windows,
};
use crate::api::table_of_report;
use crate::app::App;
use crate::noun::{
    CohortBy, GroupName, LifecycleAsked, LifecycleGroup, LifecycleReport, ReportTable,
};
use crate::pages::error::PageError;
use crate::pages::inbox::{Stage, glyph};
use crate::pages::shell::{Shell, draw};
use crate::pages::texts::{Texts, fill};
use crate::pages::visitor::{Asked, Visitor};

use bars::{columns, curves, finding, stage_rows, tiles};
use tables::{all_notes, contrasts, measures, months, stages_title, steps};

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

//! What outreach caused: accounts that were told against those held out.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::chart::{self, Whisker};
use super::{
    Choice, Got, Part, Tab, address, base, choices, given, given_days, got, points, points_between,
    rate, shell_of, tabs, wait, waiting, windows,
};
use crate::api::table_of_report;
use crate::app::App;
use crate::noun::{Effect, EffectsAsked, EffectsReport, Reading, ReportTable};
use crate::pages::error::PageError;
use crate::pages::inbox::{TrackMark, glyph};
use crate::pages::shell::{Shell, draw};
use crate::pages::show::Show;
use crate::pages::texts::fill;
use crate::pages::visitor::{Asked, Visitor};

/// What the page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Query {
    outcome: String,
    within: String,
}

impl Query {
    fn asked(&self) -> EffectsAsked {
        EffectsAsked { outcome: given(&self.outcome), within_days: given_days(&self.within) }
    }
}

struct Row {
    name: String,
    is_track: bool,
    track: TrackMark,
    glyph: &'static str,
    assigned: String,
    told: (String, String),
    held_out: (String, String),
    chart: Option<Whisker>,
    chart_label: String,
    class: &'static str,
    points: String,
    between: String,
    badge: &'static str,
    reading: &'static str,
    /// How many more it takes until it is clear.
    needed: Option<String>,
    early: String,
}

/// The page.
#[derive(Template)]
#[template(path = "effects.html")]
struct HoldoutsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    waiting: Option<String>,
    refused: Option<String>,
    export: String,
    outcomes: Vec<Choice>,
    windows: Vec<Choice>,
    finding: String,
    rows: Vec<Row>,
    share_changed: bool,
}

/// `GET /reports/holdouts`
pub(in crate::pages) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let shell = shell_of(&app, &visitor, &uri, |it| it.reports.holdouts).await?;
    let (report, refused, query) = match got(app.backend.effects(&query.asked()).await)? {
        Got::Report(report) => (report, None, query),
        Got::Preparing => return wait(shell, Part::Holdouts),
        Got::Refused(detail) => match got(app.backend.effects(&EffectsAsked::default()).await)? {
            Got::Report(report) => (report, Some(detail), Query::default()),
            _ => return wait(shell, Part::Holdouts),
        },
    };
    let r = &shell.t.reports;
    let all = || report.tracks.iter().chain(&report.plays);
    let differences: Vec<_> = all().map(|it| it.difference.as_ref()).collect();
    let rows = all().zip(chart::whiskers(&differences));
    let page = HoldoutsPage {
        tabs: tabs(&shell, Part::Holdouts),
        waiting: waiting(&shell.show, &report.observed),
        refused: refused.map(|it| fill(r.refused, &[("detail", &it)])),
        export: address(&[("outcome", &query.outcome), ("within", &query.within)]),
        outcomes: choices(&report.outcomes, &query.outcome),
        windows: windows(shell.t, report.asked.within_days.unwrap_or(0)),
        finding: finding(&shell.show, &report),
        rows: rows.map(|(it, chart)| row(&shell.show, it, chart)).collect(),
        share_changed: all().any(|it| it.share_changed),
        shell,
    };
    draw(&page)
}

/// `GET /reports/holdouts.csv`
pub(in crate::pages) async fn export(
    State(app): State<App>,
    _: Visitor,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    Ok(table_of_report(&app, &ReportTable::Effects(query.asked())).await?)
}

/// What the figures of a track support.
fn finding(show: &Show, report: &EffectsReport) -> String {
    let r = &show.t.reports;
    let clear = report.tracks.iter().find_map(|it| {
        it.difference.filter(|of| of.reading != Reading::Unclear).map(|of| (it, of))
    });
    let Some((it, of)) = clear else { return r.effect_unclear.to_owned() };
    let text = if of.reading == Reading::Higher { r.effect_works } else { r.effect_harms };
    let track = TrackMark::of(show.t, it.track).word.to_lowercase();
    let size = show.number((of.value.abs() * 1_000.0).round() / 10.0);
    fill(text, &[("n", &size), ("track", &track)])
}

fn row(show: &Show, it: &Effect, chart: Option<Whisker>) -> Row {
    let (t, r) = (show.t, &show.t.reports);
    let track = TrackMark::of(t, it.track);
    let (class, badge, reading) = match it.difference.map(|it| it.reading) {
        None => ("hollow", "", r.nobody_there),
        Some(Reading::Higher) => ("good", "good", r.works),
        Some(Reading::Lower) => ("bad", "bad", r.harms),
        Some(Reading::Unclear) => ("hollow", "", r.unclear),
    };
    let needed = it.more_needed.filter(|more| *more > 0 && reading == r.unclear);
    let told = it.difference.map(|d| [d.value, d.low, d.high].map(points));
    let label = told.as_ref().map(|[value, low, high]| {
        fill(r.interval_label, &[("value", value), ("low", low), ("high", high)])
    });
    let assigned =
        [("n", &*show.count(it.assigned_told)), ("m", &*show.count(it.assigned_held_out))];
    Row {
        name: match &it.play {
            None => r.all_plays.to_owned(),
            Some(play) => it.title.clone().unwrap_or_else(|| play.clone()),
        },
        is_track: it.play.is_none(),
        glyph: glyph(track.class),
        track,
        assigned: fill(r.assigned_of, &assigned),
        told: (rate(&it.told), base(show, &it.told)),
        held_out: (rate(&it.held_out), base(show, &it.held_out)),
        chart,
        chart_label: label.unwrap_or_default(),
        class,
        points: told.map_or("–".to_owned(), |[value, ..]| value),
        between: it.difference.map(|it| points_between(t, &it)).unwrap_or_default(),
        badge,
        reading,
        needed: needed.map(|more| fill(r.more_needed, &[("n", &show.count(more))])),
        early: show.count(it.too_early),
    }
}

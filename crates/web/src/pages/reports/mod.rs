//! Reports: the lifecycle, backtests, what outreach caused.
//!
//! A page per report, each with its filters in the address, its figures with base and doubt, and its
//! table as CSV. Charts are SVG drawn here ([`chart`]); their numbers stand in a table below.

pub(super) mod backtests;
mod chart;
pub(super) mod holdouts;
pub(super) mod lifecycle;

use askama::Template;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::Response;
use firsthand_model::{Date, Time};

use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::show::Show;
use super::texts::{Texts, fill};
use super::visitor::Visitor;
use crate::app::App;
use crate::backend::Failure;
use crate::noun::{Difference, Estimate, Observed, ReportNote, Share};

/// Seconds after which a page that is being worked out comes back.
const COME_BACK: &str = "3";
/// The windows one can choose, in days.
const WINDOWS: [u32; 6] = [7, 14, 30, 60, 90, 180];

/// One of the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Lifecycle,
    Backtests,
    Holdouts,
}

/// A link to one of the reports.
struct Tab {
    path: &'static str,
    name: &'static str,
    is_here: bool,
}

/// The reports that somebody may open.
fn tabs(shell: &Shell, here: Part) -> Vec<Tab> {
    let r = &shell.t.reports;
    let tab = |part, path, name| Tab { path, name, is_here: part == here };
    let mut tabs = vec![tab(Part::Lifecycle, "/reports", r.lifecycle)];
    if shell.sees_sources() {
        tabs.push(tab(Part::Backtests, "/reports/backtests", r.backtests));
        tabs.push(tab(Part::Holdouts, "/reports/holdouts", r.holdouts));
    }
    tabs
}

/// A report, or that it is being worked out, or asked for wrongly.
enum Got<T> {
    Report(T),
    Preparing,
    /// What is wrong with the question.
    Refused(String),
}

fn got<T>(answer: Result<T, Failure>) -> Result<Got<T>, PageError> {
    match answer {
        Ok(report) => Ok(Got::Report(report)),
        Err(Failure::Busy { .. } | Failure::NotReady { .. }) => Ok(Got::Preparing),
        Err(Failure::Invalid { detail, .. }) => Ok(Got::Refused(detail)),
        Err(other) => Err(other.into()),
    }
}

/// A report that is being worked out.
#[derive(Template)]
#[template(path = "report_wait.html")]
struct WaitPage {
    shell: Shell,
    title: &'static str,
    tabs: Vec<Tab>,
}

/// The page that says so, and comes back by itself.
fn wait(shell: Shell, part: Part) -> Result<Response, PageError> {
    let r = &shell.t.reports;
    let title = match part {
        Part::Lifecycle => r.lifecycle,
        Part::Backtests => r.backtests,
        Part::Holdouts => r.holdouts,
    };
    let tabs = tabs(&shell, part);
    let mut page = draw(&WaitPage { shell, title, tabs })?;
    let headers = page.headers_mut();
    headers.insert(HeaderName::from_static("refresh"), HeaderValue::from_static(COME_BACK));
    Ok(page)
}

async fn shell_of(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    title: impl Fn(&Texts) -> &'static str,
) -> Result<Shell, PageError> {
    Shell::of(app, visitor, uri, Place::Reports, title(visitor.look.texts())).await
}

/// A value that can be chosen.
struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

/// The choices of a filter; what was asked for is among them.
fn choices(known: &[String], asked: &str) -> Vec<Choice> {
    let choice = |it: &String| Choice { value: it.clone(), name: it.clone(), chosen: it == asked };
    known.iter().map(choice).collect()
}

/// The windows, and the one that was asked for.
fn windows(t: &Texts, asked: u32) -> Vec<Choice> {
    let mut days = WINDOWS.to_vec();
    if !days.contains(&asked) {
        days.push(asked);
        days.sort_unstable();
    }
    let choice = |it: u32| Choice {
        value: it.to_string(),
        name: fill(t.reports.n_days, &[("n", &it.to_string())]),
        chosen: it == asked,
    };
    days.into_iter().map(choice).collect()
}

/// Parameters of an address, without those that say nothing.
fn address(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|it| !it.1.is_empty()));
    query.finish()
}

/// What a query may ask for: nothing, or something.
fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|it| !it.is_empty()).map(str::to_owned)
}

/// A date of a query; what is none counts as not given.
fn given_date(text: &str) -> Option<String> {
    given(text).filter(|it| it.parse::<Date>().is_ok())
}

/// A number of days of a query, up to ten years.
fn given_days(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|it| (1..=3_650).contains(it))
}

/// A share with one place, two where it is small: `24.1%`, `0.04%`, `100%`.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    let places = if value == 0.0 || value >= 99.95 { 0 } else { usize::from(value < 1.0) + 1 };
    format!("{value:.places$}%")
}

/// A share on a scale: `20%`, `2.5%`.
fn tick(show: &Show, share: f64) -> String {
    format!("{}%", show.number((share * 1e5).round() / 1e3))
}

/// A share's figure, or a dash.
fn rate(it: &Share) -> String {
    it.rate.map_or("–".to_owned(), percent)
}

/// `271 of 1,124`.
fn base(show: &Show, it: &Share) -> String {
    fill(show.t.reports.base, &[("n", &show.count(it.count)), ("m", &show.count(it.of))])
}

/// `271 of 1,124; between 21.7 and 26.7%`.
fn base_between(show: &Show, it: &Share) -> String {
    let (Some(low), Some(high)) = (it.low, it.high) else { return base(show, it) };
    let values = [
        ("n", &*show.count(it.count)),
        ("m", &*show.count(it.of)),
        ("low", &*percent(low)),
        ("high", &*percent(high)),
    ];
    fill(show.t.reports.base_between, &values)
}

/// A number with at most one place, none where it is large.
pub(super) fn rounded(show: &Show, number: f64) -> String {
    let step = if number.abs() >= 100.0 { 1.0 } else { 10.0 };
    show.number((number * step).round() / step)
}

/// The interval of a number: `8 to 14`, `at least 8`, nothing.
fn interval(show: &Show, it: &Estimate) -> String {
    let r = &show.t.reports;
    match (it.low, it.high) {
        (Some(low), Some(high)) => {
            let ends = [("low", &*rounded(show, low)), ("high", &*rounded(show, high))];
            fill(r.between, &ends)
        }
        (Some(low), None) => fill(r.at_least, &[("low", &*rounded(show, low))]),
        _ => String::new(),
    }
}

/// `+10.1`: a share as points of a hundred, with its sign.
fn points(share: f64) -> String {
    format!("{:+.1}", share * 100.0).replace('-', "−")
}

/// `10.1`: a share as points of a hundred, without its sign.
pub(super) fn points_unsigned(share: f64) -> String {
    format!("{:.1}", (share * 100.0).abs())
}

/// `+4.6 to +15.7`.
fn points_between(t: &Texts, it: &Difference) -> String {
    fill(t.reports.between, &[("low", &points(it.low)), ("high", &points(it.high))])
}

/// How many times, as one says it: `5`, `1.4`.
fn times(show: &Show, value: f64) -> String {
    if value >= 3.0 { show.number(value.round()) } else { rounded(show, value) }
}

/// The day of an instant, always with its year.
fn day(show: &Show, at: Time) -> String {
    date(show, show.calendar.date(at))
}

fn date(show: &Show, date: Date) -> String {
    let (year, month, day) = date.civil();
    let w = &show.t.words;
    let month = usize::try_from(month - 1).unwrap_or(0);
    let month = w.months.split(' ').nth(month).unwrap_or_default();
    let values = [("day", &*day.to_string()), ("month", month), ("year", &*year.to_string())];
    fill(w.date_year, &values)
}

/// That newer facts do not count yet, if some do not.
pub(super) fn waiting(show: &Show, observed: &Observed) -> Option<String> {
    let waits = fill(show.t.reports.waiting, &[("n", &show.count(observed.waiting))]);
    (observed.waiting > 0).then_some(waits)
}

/// What the reader must know, in their language where these pages know it.
fn notes(t: &Texts, notes: &[ReportNote]) -> Vec<String> {
    let r = &t.reports;
    let note = |it: &ReportNote| match it.code.as_str() {
        "association" => r.association.to_owned(),
        "no_arrival_times" => r.no_arrival_times.to_owned(),
        "nobody_qualified" => r.nobody_qualified.to_owned(),
        "no_outcomes" => r.no_outcomes.to_owned(),
        _ => it.text.clone(),
    };
    notes.iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_as_many_places_as_they_need() {
        let told = [0.241, 0.0004, 0.0, 1.0, 0.999, 0.0482].map(percent);
        assert_eq!(told, ["24.1%", "0.04%", "0%", "100%", "99.9%", "4.8%"]);
    }

    #[test]
    fn points_have_their_sign() {
        assert_eq!([0.101, -0.02, 0.0].map(points), ["+10.1", "−2.0", "+0.0"]);
    }

    #[test]
    fn what_a_query_cannot_mean_counts_as_not_given() {
        assert_eq!(given_date("2026-02-30"), None);
        assert_eq!(given_date(" 2026-02-28 ").as_deref(), Some("2026-02-28"));
        assert_eq!([given_days("0"), given_days("45"), given_days("x")], [None, Some(45), None]);
        assert_eq!(address(&[("from", ""), ("by", "found")]), "by=found");
    }
}

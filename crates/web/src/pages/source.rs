//! One source: is it arriving, how much of it, and how a client is pointed here.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use firsthand_model::Time;

use super::error::PageError;
use super::sending::Badge;
use super::shell::{Place, Shell, draw};
use super::snippets::{self, Snippet};
use super::sources::state;
use super::texts::{Identity, fill};
use super::visitor::Visitor;
use crate::app::App;
use crate::noun::SourceHour;

/// For how many hours it is drawn what came.
const HOURS: u32 = 48;
/// The height of the bars, in pixels.
const PLOT_HEIGHT: f64 = 110.0;

/// A bar of the chart: what came within an hour.
struct Bar {
    x: String,
    width: String,
    accepted_y: String,
    accepted_height: String,
    rejected_y: String,
    rejected_height: String,
    title: String,
}

struct Line {
    when: String,
    accepted: String,
    rejected: String,
    repeated: String,
}

/// The page.
#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage {
    shell: Shell,
    w: &'static Identity,
    name: String,
    protocols: String,
    badge: Badge,
    seen: String,
    accepted: String,
    rejected: String,
    repeated: String,
    minute: String,
    bars: Vec<Bar>,
    most: String,
    summary: String,
    from: String,
    lines: Vec<Line>,
    snippets: Vec<Snippet>,
    in_app: String,
    key_hint: String,
}

/// `GET /sources/named/{source}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let sources = app.backend.sources().await?;
    let source = sources.into_iter().find(|it| it.name == name).ok_or(PageError::NotFound)?;
    let hours = app.backend.source_hours(&name, HOURS).await?.ok_or(PageError::NotFound)?;
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, &name).await?;
    let (t, show) = (shell.t, &shell.show);
    let w = &t.who;
    let (class, icon, word) = state(t, source.last_received_at.map(|it| it.0), show.now);
    let url = snippets::address(&headers);
    let most = hours.iter().map(|it| it.accepted + it.rejected).max().unwrap_or(0);
    let (taken, refused) =
        hours.iter().fold((0, 0), |sum, it| (sum.0 + it.accepted, sum.1 + it.rejected));
    let page = SourcePage {
        w,
        badge: Badge::new(class, icon, word),
        seen: source.last_received_at.map_or_else(|| t.words.never.to_owned(), |at| show.ago(at.0)),
        accepted: show.count(source.accepted),
        rejected: show.count(source.rejected),
        repeated: show.count(source.repeated),
        minute: fill(t.data.taken_note, &[("n", &show.count(source.accepted_last_minute))]),
        bars: bars(&shell, &hours, most),
        most: show.count(most),
        summary: fill(
            w.chart_says,
            &[("n", &show.count(taken)), ("m", &show.count(refused)), ("h", &HOURS.to_string())],
        ),
        from: hours.first().map_or_else(String::new, |it| show.when(it.at.0)),
        lines: lines(&shell, &hours),
        snippets: snippets::snippets(&url, &name, &source.protocols),
        in_app: snippets::in_app(&url),
        key_hint: fill(w.snippets_key, &[("key", snippets::key()), ("source", &name)]),
        protocols: source.protocols.join(", "),
        name,
        shell,
    };
    draw(&page)
}

fn bars(shell: &Shell, hours: &[SourceHour], most: u64) -> Vec<Bar> {
    let show = &shell.show;
    let (count, most) = (hours.len().max(1) as f64, most.max(1) as f64);
    let bar = |(at, it): (usize, &SourceHour)| {
        let height = |of: u64| of as f64 / most * PLOT_HEIGHT;
        let (accepted, rejected) = (height(it.accepted), height(it.rejected));
        let values = [
            ("time", &*show.when(it.at.0)),
            ("n", &*show.count(it.accepted)),
            ("m", &*show.count(it.rejected)),
        ];
        Bar {
            x: format!("{:.2}%", at as f64 * 100.0 / count),
            width: format!("{:.2}%", 80.0 / count),
            accepted_y: format!("{:.1}", PLOT_HEIGHT - accepted),
            accepted_height: format!("{accepted:.1}"),
            rejected_y: format!("{:.1}", PLOT_HEIGHT - accepted - rejected),
            rejected_height: format!("{rejected:.1}"),
            title: fill(shell.t.who.bar_says, &values),
        }
    };
    let some = hours.iter().enumerate().filter(|(_, it)| it.accepted + it.rejected > 0);
    some.map(bar).collect()
}

/// The hours in which anything came, the newest first.
fn lines(shell: &Shell, hours: &[SourceHour]) -> Vec<Line> {
    let show = &shell.show;
    let line = |it: &SourceHour| Line {
        when: show.when(Time(it.at.0.0)),
        accepted: show.count(it.accepted),
        rejected: show.count(it.rejected),
        repeated: show.count(it.repeated),
    };
    let some = hours.iter().rev().filter(|it| it.accepted + it.rejected + it.repeated > 0);
    some.map(line).collect()
}

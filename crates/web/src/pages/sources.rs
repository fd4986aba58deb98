//! Sources: is all arriving, on time; and how the server is.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::{Span, Time};

use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::texts::{Texts, fill};
use super::visitor::Visitor;
use crate::app::App;
use crate::noun::Source;

/// Without anything for so long, a source is quiet.
const QUIET: Span = Span::HOUR;
/// Without anything for so long, it is silent.
const SILENT: Span = Span::DAY;

struct Row {
    name: String,
    protocols: String,
    minute: String,
    accepted: String,
    rejected: String,
    seen: String,
    class: &'static str,
    icon: &'static str,
    state: &'static str,
}

/// The page.
#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    shell: Shell,
    rows: Vec<Row>,
    accepted: String,
    accepted_note: String,
    lag: String,
    refused: String,
    refused_note: String,
    repeated: String,
    warnings: Vec<String>,
    facts: Vec<(String, String)>,
}

/// `GET /sources`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, t.data.sources).await?;
    let (d, show) = (&t.data, &shell.show);
    let sources = app.backend.sources().await?;
    let status = app.backend.status().await?;
    let sum = |of: fn(&Source) -> u64| sources.iter().map(of).sum::<u64>();
    let lag = i64::try_from(status.lag_ms).unwrap_or(0);
    let mut facts = vec![
        (d.version_of.to_owned(), status.version.clone()),
        (d.started.to_owned(), show.when(status.started_at.0)),
        (d.log_place.to_owned(), show.count(status.log_offset)),
        (d.applied_place.to_owned(), show.count(status.applied_offset)),
    ];
    facts.extend(status.queues.iter().map(|it| {
        let values = [("n", &*show.count(it.depth)), ("m", &*show.count(it.limit))];
        (fill(d.queue, &[("name", &it.name)]), fill(d.queue_of, &values))
    }));
    let page = SourcesPage {
        accepted: show.count(sum(|it| it.accepted)),
        accepted_note: fill(d.taken_note, &[("n", &show.count(sum(|it| it.accepted_last_minute)))]),
        lag: if lag < 1_000 { format!("{lag} ms") } else { show.span(Span(lag * 1_000)) },
        refused: show.count(sum(|it| it.rejected)),
        refused_note: fill(d.refused_note, &[("n", &show.count(sum(|it| it.rejected_last_hour)))]),
        repeated: show.count(sum(|it| it.repeated)),
        rows: sources.iter().map(|it| row(&shell, it)).collect(),
        warnings: status.warnings,
        facts,
        shell,
    };
    draw(&page)
}

fn row(shell: &Shell, it: &Source) -> Row {
    let show = &shell.show;
    let (class, icon, state) = state(shell.t, it.last_received_at.map(|it| it.0), show.now);
    Row {
        name: it.name.clone(),
        protocols: it.protocols.join(", "),
        minute: show.count(it.accepted_last_minute),
        accepted: show.count(it.accepted),
        rejected: show.count(it.rejected),
        seen: it
            .last_received_at
            .map_or_else(|| shell.t.words.never.to_owned(), |at| show.ago(at.0)),
        class,
        icon,
        state,
    }
}

/// How fresh a source is: a badge's class, its icon and its word.
pub(super) fn state(
    t: &'static Texts,
    last: Option<Time>,
    now: Time,
) -> (&'static str, &'static str, &'static str) {
    let d = &t.data;
    match last.map(|it| now - it) {
        None => ("", "minus", d.s_never),
        Some(it) if it >= SILENT => ("bad", "stop", d.s_silent),
        Some(it) if it >= QUIET => ("warn", "clock", d.s_quiet),
        Some(_) => ("good", "check", d.s_live),
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;

    #[test]
    fn a_source_goes_quiet_and_then_silent() {
        let now = Time::default() + Span::DAY.times(9);
        let told = |ago: Span| state(Language::English.texts(), Some(now - ago), now).2;
        assert_eq!([Span::MINUTE, Span::HOUR, Span::DAY].map(told), ["Live", "Quiet", "Silent"]);
        assert_eq!(state(Language::English.texts(), None, now).2, "Never heard of");
    }
}

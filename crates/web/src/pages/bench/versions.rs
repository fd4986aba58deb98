//! Every version of a definition: who published it and when, its text, and what differs between any
//! two.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::super::acts::told;
use super::super::cookies::Cookies;
use super::super::definitions::Badge;
use super::super::error::PageError;
use super::super::profile::short;
use super::super::shell::{Shell, draw};
use super::super::visitor::{Asked, Form, Visitor};
use super::diff::{self, diff};
use super::editor::{escaped, writes};
use super::{Head, Subject, shell_of};
use crate::app::App;
use crate::noun::DefinitionVersion;

/// Which two are compared.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Two {
    from: String,
    to: String,
}

struct Row {
    version: String,
    short: String,
    state: Badge,
    since: String,
    by: String,
    applied: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "definition_versions.html")]
struct VersionsPage {
    shell: Shell,
    head: Head,
    rows: Vec<Row>,
    from: String,
    to: String,
    diff: Vec<diff::Line>,
    writes: bool,
}

/// `GET /definitions/{definition}/versions`
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(two): Asked<Two>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let shell = shell_of(&app, &visitor, &uri, &name).await?;
    let head = Head::of(&shell, &name, &subject, "versions");
    let versions = subject.detail.map(|it| it.versions).unwrap_or_default();
    let known = |wanted: &str| versions.iter().find(|it| it.version == wanted);
    // Without a choice the newest stands against the one before.
    let to = known(&two.to).or_else(|| versions.first());
    let from = known(&two.from).or_else(|| versions.get(1)).or(to);
    let text = |it: Option<&DefinitionVersion>| it.map(|it| it.text.clone()).unwrap_or_default();
    let id = |it: Option<&DefinitionVersion>| it.map(|it| it.version.clone()).unwrap_or_default();
    let (diff, from, to) = (diff(&text(from), &text(to)), id(from), id(to));
    let rows = versions.into_iter().map(|it| Row {
        short: short(&it.version),
        state: Badge::of(shell.t, it.state),
        since: shell.show.when(it.published_at.0),
        by: it.published_by,
        applied: it.applied_to_existing,
        text: it.text,
        version: it.version,
    });
    let rows = rows.collect();
    draw(&VersionsPage { rows, head, from, to, diff, writes: writes(&visitor), shell })
}

/// Which version's text is to come into the draft.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Taken {
    version: String,
}

/// `POST /definitions/{definition}/versions/take`
pub(in super::super) async fn take(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(name): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let mut versions = subject.detail.iter().flat_map(|it| &it.versions);
    let version = versions.find(|it| it.version == taken.version).ok_or(PageError::NotFound)?;
    app.backend.keep_draft(&visitor.user, &name, &version.text, subject.running()).await?;
    Ok(told(&cookies, "draft_taken", &format!("/definitions/{}", escaped(&name))))
}

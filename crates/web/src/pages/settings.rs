//! The settings as they are in the files, and all that was done on the pages and with commands.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::backend::{Audited, Configured};
use crate::extract::{Limit, List};
use crate::noun::Listing;

/// Lines of the audit on a page.
const AUDIT_LINES: u32 = 100;

/// The settings.
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    configured: Configured,
}

/// `GET /settings`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let title = visitor.look.texts().settings.title;
    let shell = Shell::of(&app, &visitor, &uri, Place::Settings, title).await?;
    let configured = app.backend.configured().await?;
    draw(&SettingsPage { shell, configured })
}

/// What was done.
#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    rows: Vec<(Audited, String)>,
    next: Option<String>,
    first: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    cursor: String,
}

/// `GET /settings/audit`
pub(super) async fn audit(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Settings, t.admin.audit).await?;
    let list = List::of("audit page", &());
    let cursor = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
    let listing = list.part(Limit(AUDIT_LINES), cursor).ok();
    let listing = listing.unwrap_or(Listing { limit: AUDIT_LINES, after: None });
    let first = listing.after.is_none();
    let page = list.page(app.backend.audit(&listing).await?);
    let rows = page.items.into_iter().map(|it| {
        let when = shell.show.when(it.at);
        (it, when)
    });
    draw(&AuditPage { rows: rows.collect(), next: page.next, first, shell })
}

//! What was refused: looked at, read again, deleted.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::gauge::capital;
use super::shell::{Place, Shell, draw};
use super::texts::fill;
use super::visitor::{Asked, Form, Visitor};
use crate::app::App;
use crate::extract::{Limit, List};
use crate::noun::{Listing, QuarantineFilter, Quarantined, QuarantinedState};

/// Items on a page.
const PAGE_ITEMS: u32 = 50;
/// The longest content that is shown, in characters.
const RAW_CHARS_MAX: usize = 20_000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    source: String,
    cursor: String,
}

struct Row {
    id: String,
    source: String,
    /// Why it was refused, in pieces: those that quote what came are code.
    reason: Vec<(bool, String)>,
    received: String,
    size: String,
    waits: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "quarantine.html")]
struct QuarantinePage {
    shell: Shell,
    rows: Vec<Row>,
    next: Option<String>,
    first: bool,
}

/// `GET /sources/quarantine`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, t.data.quarantine).await?;
    let filter = QuarantineFilter {
        source: Some(query.source.clone()).filter(|it| !it.is_empty()),
        ..QuarantineFilter::default()
    };
    let list = List::of("quarantine page", &filter);
    let cursor = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
    let listing = list.part(Limit(PAGE_ITEMS), cursor).ok();
    let listing = listing.unwrap_or(Listing { limit: PAGE_ITEMS, after: None });
    let first = listing.after.is_none();
    let page = list.page(app.backend.quarantine(&filter, &listing).await?);
    let rows = page.items.into_iter().map(|it| row(&shell, it)).collect();
    draw(&QuarantinePage { rows, next: page.next, first, shell })
}

fn row(shell: &Shell, it: Quarantined) -> Row {
    Row {
        id: it.id,
        source: it.source,
        reason: quoted(&it.reason),
        received: shell.show.when(it.received_at.0),
        size: fill(shell.t.data.bytes, &[("n", &shell.show.count(it.size_bytes))]),
        waits: it.state == QuarantinedState::Waiting,
    }
}

/// A sentence in pieces, and which of them stood between backticks.
fn quoted(text: &str) -> Vec<(bool, String)> {
    let pieces = text.split('`').enumerate();
    // What is quoted stays as it came; the sentence begins with a capital.
    let pieces = pieces.map(|(number, it)| {
        let it = if number == 0 { capital(it) } else { it.to_owned() };
        (number % 2 == 1, it)
    });
    pieces.filter(|it| !it.1.is_empty()).collect()
}

/// One item.
#[derive(Template)]
#[template(path = "quarantined.html")]
struct ItemPage {
    shell: Shell,
    row: Row,
    raw: String,
}

/// `GET /sources/quarantine/{item}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let found = app.backend.quarantined(&id).await?.ok_or(PageError::NotFound)?;
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, t.data.quarantine).await?;
    let raw = found.raw.chars().take(RAW_CHARS_MAX).collect();
    draw(&ItemPage { row: row(&shell, found.item), raw, shell })
}

#[derive(Deserialize)]
pub(super) struct Asking {
    r#do: String,
}

/// `POST /sources/quarantine/{item}/act`
pub(super) async fn act(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(id): Path<String>,
    Form(asking): Form<Asking>,
) -> Result<Response, PageError> {
    let by = visitor.caller();
    let (done, to) = match asking.r#do.as_str() {
        "replay" => {
            let again = app.backend.replay(&id, &by).await?.ok_or(PageError::NotFound)?;
            if again.accepted > 0 {
                ("replayed", "/sources/quarantine".to_owned())
            } else {
                ("refused", format!("/sources/quarantine/{id}"))
            }
        }
        "discard" => {
            app.backend.discard(&id, &by).await?.ok_or(PageError::NotFound)?;
            ("discarded", "/sources/quarantine".to_owned())
        }
        _ => return Err(PageError::Unreadable),
    };
    Ok(told(&cookies, done, &to))
}

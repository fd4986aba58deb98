//! The accounts, by id.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::error::PageError;
use super::inbox::Stage;
use super::shell::{Place, Shell, draw};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::extract::{Limit, List};
use crate::noun::{AccountFilter, Listing};

/// Accounts on a page.
const PAGE_ACCOUNTS: u32 = 50;
/// The stages one can filter by.
const STAGES: [&str; 8] =
    ["subscriber", "lead", "mql", "pql", "sql", "opportunity", "customer", "former"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    q: String,
    stage: String,
    cursor: String,
}

struct Row {
    id: String,
    name: String,
    plan: String,
    stage: Stage,
    seen: String,
}

/// The page.
#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    shell: Shell,
    query: Query,
    rows: Vec<Row>,
    stages: Vec<(&'static str, String)>,
    next: Option<String>,
    first: Option<String>,
}

/// `GET /accounts`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Accounts, t.leads.accounts_title).await?;
    let filter = AccountFilter {
        stages: Some(query.stage.clone()).filter(|it| !it.is_empty()).into_iter().collect(),
        plan: None,
        text: Some(query.q.trim().to_owned()).filter(|it| !it.is_empty()),
    };
    let list = List::of("accounts page", &filter);
    let cursor = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
    let listing = list.part(Limit(PAGE_ACCOUNTS), cursor).ok();
    let is_first = cursor.is_none() || listing.is_none();
    let listing = listing.unwrap_or(Listing { limit: PAGE_ACCOUNTS, after: None });
    let page = list.page(app.backend.accounts(&filter, &listing).await?);
    let address = |cursor: Option<&str>| {
        let pairs = [
            ("q", query.q.trim()),
            ("stage", &query.stage),
            ("cursor", cursor.unwrap_or_default()),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.into_iter().filter(|it| !it.1.is_empty()));
        query.finish()
    };
    let rows = page.items.into_iter().map(|it| Row {
        name: it.name.unwrap_or_else(|| it.id.clone()),
        plan: it.plan.unwrap_or_default(),
        stage: Stage::of(t, it.stage.as_deref()),
        seen: it.last_seen_at.map_or_else(String::new, |at| shell.show.ago(at.0)),
        id: it.id,
    });
    let page = AccountsPage {
        rows: rows.collect(),
        stages: STAGES.iter().map(|it| (*it, Stage::of(t, Some(it)).word)).collect(),
        next: page.next.map(|it| address(Some(&it))),
        first: (!is_first).then(|| address(None)),
        query,
        shell,
    };
    draw(&page)
}

//! `GET /api/v1/leads.csv`: all leads that fit, as a table.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Reads;
use crate::app::App;
use crate::backend::Failure;
use crate::extract::{May, Name, OneOf, Query, scope};
use crate::noun::{At, Lead, LeadFilter, LeadStatus, Listing, Page, Track};
use crate::problem::Problem;

/// Leads read at a time: the whole table is never in memory.
const PAGE_LEADS: u32 = 500;

const COLUMNS: [&str; 16] = [
    "id",
    "account",
    "account_name",
    "track",
    "status",
    "stage",
    "definitions",
    "why",
    "priority",
    "owner",
    "opened_at",
    "known_at",
    "updated_at",
    "due_at",
    "closed_at",
    "reason",
];

/// Which leads are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// On any of these tracks.
    #[param(value_type = Vec<Track>, inline, min_items = 1, style = Form, explode = false)]
    track: OneOf<Track>,
    /// With any of these statuses.
    #[param(value_type = Vec<LeadStatus>, inline, min_items = 1, style = Form, explode = false)]
    status: OneOf<LeadStatus>,
    /// Owned by.
    #[param(inline)]
    owner: Option<Name>,
    /// Of this account.
    #[param(inline)]
    account: Option<Name>,
    /// Changed at or after.
    #[param(inline)]
    since: Option<At>,
    /// Instead of all others, those of accounts that are held out.
    #[param(inline, required = false)]
    held_out: bool,
}

/// Writes all leads that fit as CSV, newest first.
///
/// A cell that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(
    get, path = "/leads.csv", operation_id = "export_leads", tag = "leads", params(Narrowed),
    security(("token" = ["leads:read"])),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"),
        Reads),
)]
pub(super) async fn export(
    State(app): State<App>,
    _: May<scope::LeadsRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Response, Problem> {
    let filter = LeadFilter {
        tracks: asked.track.0,
        statuses: asked.status.0,
        owner: asked.owner.map(|it| it.0),
        account: asked.account.map(|it| it.0),
        since: asked.since,
        held_out: Some(asked.held_out),
        ..LeadFilter::default()
    };
    Ok(table(app, filter).await?)
}

/// All leads that fit, as an answer that is written while it is read.
pub(super) async fn table(app: App, filter: LeadFilter) -> Result<Response, Failure> {
    // The first page is read before the answer begins, so that what is wrong can still be told.
    let first = page(&app, &filter, None).await?;
    let table = Table { app, filter, next: Next::Page { page: first, head: true } };
    let body = Body::from_stream(stream::unfold(table, Table::piece));
    let disposition = "attachment; filename=\"leads.csv\"";
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

/// A table that is being written.
struct Table {
    app: App,
    filter: LeadFilter,
    next: Next,
}

enum Next {
    /// This page, and the head before the first.
    Page {
        page: Page<Lead>,
        head: bool,
    },
    /// The page after this one.
    After(String),
    Nothing,
}

impl Table {
    /// Writes the next piece. A failure half-way breaks the connection off: a table that ends too
    /// early must not look whole.
    async fn piece(mut self) -> Option<(Result<Bytes, Failure>, Self)> {
        let (page, head) = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Nothing => return None,
            Next::Page { page, head } => (page, head),
            Next::After(after) => match page(&self.app, &self.filter, Some(after)).await {
                Ok(page) => (page, false),
                Err(failure) => {
                    tracing::error!(error = &failure as &dyn std::error::Error, "export broke off");
                    return Some((Err(failure), self));
                }
            },
        };
        let written = written(&page.items, head).map_err(Failure::broken);
        self.next = page.next.map_or(Next::Nothing, Next::After);
        Some((written, self))
    }
}

async fn page(
    app: &App,
    filter: &LeadFilter,
    after: Option<String>,
) -> Result<Page<Lead>, Failure> {
    app.backend.leads(filter, &Listing { limit: PAGE_LEADS, after }).await
}

fn written(leads: &[Lead], head: bool) -> Result<Bytes, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    if head {
        table.write_record(COLUMNS)?;
    }
    for lead in leads {
        table.write_record(cells(lead).map(harmless))?;
    }
    let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(bytes.into())
}

fn cells(lead: &Lead) -> [String; COLUMNS.len()] {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    let time = |it: &Option<At>| it.map(|it| it.0.to_string()).unwrap_or_default();
    [
        lead.id.clone(),
        lead.account.clone(),
        text(&lead.account_name),
        lead.track.word().to_owned(),
        lead.status.word().to_owned(),
        text(&lead.stage),
        lead.definitions.join(" "),
        text(&lead.why),
        lead.priority.map(|it| it.to_string()).unwrap_or_default(),
        text(&lead.owner),
        lead.opened_at.0.to_string(),
        lead.known_at.0.to_string(),
        lead.updated_at.0.to_string(),
        time(&lead.due_at),
        time(&lead.closed_at),
        text(&lead.reason),
    ]
}

/// Names of accounts are chosen by strangers; a spreadsheet would run some of them.
fn harmless(cell: String) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_no_name() {
        for (name, cell) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("-3.5", "-3.5"), ("a=b", "a=b")] {
            assert_eq!(harmless(name.to_owned()), cell);
        }
    }
}

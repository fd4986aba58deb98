//! The JSON API: one file an endpoint, or a few that belong together.
//!
//! Each handler says by its arguments who may call it and what it reads; its `utoipa::path` puts it
//! into the router and into the description at once, so that neither can have what the other lacks.

#![expect(unused_qualifications, reason = "utoipa's macros write paths in full")]

mod account_facts;
mod accounts;
mod definitions;
mod deliveries;
mod describe;
mod drafts;
mod entitlements;
mod erasure;
mod explain;
mod health;
mod identity;
mod imports;
mod lead_acts;
mod lead_export;
mod lead_stream;
mod leads;
mod ledger;
mod play_runs;
mod plays;
mod preview;
mod publishing;
mod quarantine;
mod reports;
mod responses;
mod status;
mod words;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::backend::Failure;
use crate::noun::{LeadFilter, ReportTable};
use crate::problem::Problem;

pub(crate) use describe::describe;
pub(crate) use responses::{Reads, ReadsOwn, SendsOwn};

/// All leads that fit, as CSV; for the pages.
pub(crate) async fn table_of_leads(app: App, filter: LeadFilter) -> Result<Response, Failure> {
    lead_export::table(app, filter).await
}

/// A report as CSV; for the pages.
pub(crate) async fn table_of_report(app: &App, of: &ReportTable) -> Result<Response, Failure> {
    reports::table(app, of).await
}

/// Leads as they open and change; for the pages.
pub(crate) fn stream_of_leads(app: App, headers: &HeaderMap) -> Result<Response, Problem> {
    lead_stream::open(app, lead_stream::Narrowed::default(), headers)
        .map(IntoResponse::into_response)
}

/// Whether a path takes files: it reads its body itself, as it comes, and may take long for it.
pub(crate) fn takes_its_time(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == imports::UPLOAD
}

/// Where the API begins.
const BASE: &str = "/api/v1";

/// All paths of the API, with their descriptions.
pub(crate) fn router() -> OpenApiRouter<App> {
    let paths = OpenApiRouter::new()
        .routes(routes!(leads::list))
        .routes(routes!(lead_export::export))
        .routes(routes!(lead_stream::listen))
        .routes(routes!(leads::show))
        .routes(routes!(lead_acts::accept))
        .routes(routes!(lead_acts::reject))
        .routes(routes!(lead_acts::snooze))
        .routes(routes!(lead_acts::reopen))
        .routes(routes!(lead_acts::won))
        .routes(routes!(lead_acts::lost))
        .routes(routes!(lead_acts::assign))
        .routes(routes!(lead_acts::note))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::show))
        .routes(routes!(account_facts::list))
        .routes(routes!(entitlements::usage))
        .routes(routes!(entitlements::list))
        .routes(routes!(entitlements::feature))
        .routes(routes!(entitlements::meter))
        .routes(routes!(explain::explain))
        .routes(routes!(definitions::list))
        .routes(routes!(definitions::show, publishing::retire))
        .routes(routes!(health::show))
        .routes(routes!(health::list))
        .routes(routes!(publishing::publish))
        .routes(routes!(publishing::reload))
        .routes(routes!(publishing::show))
        .routes(routes!(drafts::text))
        .routes(routes!(drafts::check))
        .routes(routes!(drafts::preview))
        .routes(routes!(ledger::list))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show, quarantine::discard))
        .routes(routes!(quarantine::replay))
        .routes(routes!(identity::person))
        .routes(routes!(identity::hygiene))
        .routes(routes!(identity::acts, identity::propose))
        .routes(routes!(identity::make))
        .routes(routes!(identity::undo))
        .routes(routes!(imports::list, imports::upload))
        .routes(routes!(imports::show, imports::discard))
        .routes(routes!(imports::rejects))
        .routes(routes!(imports::read))
        .routes(routes!(imports::take))
        .routes(routes!(erasure::erase))
        .routes(routes!(erasure::show))
        .routes(routes!(plays::list))
        .routes(routes!(plays::show))
        .routes(routes!(play_runs::list))
        .routes(routes!(preview::preview))
        .routes(routes!(preview::samples))
        .routes(routes!(plays::suppressed))
        .routes(routes!(plays::holdouts))
        .routes(routes!(reports::lifecycle))
        .routes(routes!(reports::lifecycle_table))
        .routes(routes!(reports::backtests))
        .routes(routes!(reports::backtests_table))
        .routes(routes!(reports::backtest))
        .routes(routes!(reports::effects))
        .routes(routes!(reports::effects_table))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::resend_dead))
        .routes(routes!(deliveries::show))
        .routes(routes!(deliveries::resend))
        .routes(routes!(deliveries::channels))
        .routes(routes!(deliveries::enable))
        .routes(routes!(status::sources))
        .routes(routes!(status::status))
        .routes(routes!(describe::openapi));
    OpenApiRouter::new().nest(BASE, paths)
}

//! How the server and its sources are doing.

use axum::extract::State;

use super::responses::Reads;
use crate::app::App;
use crate::extract::{Json, May, scope};
use crate::noun::{Page, ServerStatus, Source};
use crate::problem::Problem;

/// Tells how the server is doing: readiness, lag, queues.
#[utoipa::path(
    get, path = "/status", operation_id = "get_status", tag = "operation",
    security(("token" = ["status:read"])),
    responses((status = 200, description = "How it is doing.", body = ServerStatus), Reads),
)]
pub(super) async fn status(
    State(app): State<App>,
    _: May<scope::StatusRead>,
) -> Result<Json<ServerStatus>, Problem> {
    Ok(Json(app.backend.status().await?))
}

/// Lists all sources with freshness, rates and rejects.
#[utoipa::path(
    get, path = "/sources", operation_id = "list_sources", tag = "operation",
    security(("token" = ["status:read"])),
    responses((status = 200, description = "All of them.", body = Page<Source>), Reads),
)]
pub(super) async fn sources(
    State(app): State<App>,
    _: May<scope::StatusRead>,
) -> Result<Json<Page<Source>>, Problem> {
    Ok(Json(Page::last(app.backend.sources().await?)))
}

//! What was refused: look at it, read it again, or delete it (P7).

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{Does, Finds, Reads};
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, Path, Query, scope};
use crate::noun::{
    At, Page, QuarantineFilter, Quarantined, QuarantinedDetail, QuarantinedState, Replayed,
};
use crate::problem::Problem;

/// Which refused items are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// From this source.
    #[param(inline)]
    source: Option<Name>,
    /// In this state.
    #[param(inline)]
    state: Option<QuarantinedState>,
    /// Received at or after.
    #[param(inline)]
    since: Option<At>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists what was refused, newest first.
#[utoipa::path(
    get, path = "/quarantine", operation_id = "list_quarantine", tag = "operation",
    params(Narrowed), security(("token" = ["quarantine:read"])),
    responses((status = 200, description = "One page.", body = Page<Quarantined>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::QuarantineRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Quarantined>>, Problem> {
    let Narrowed { source, state, since, limit, cursor } = asked;
    let filter = QuarantineFilter { source: source.map(|it| it.0), state, since };
    let list = List::of("quarantine", &filter);
    let page = app.backend.quarantine(&filter, &list.part(limit, cursor.as_deref())?).await?;
    Ok(Json(list.page(page)))
}

/// Shows a refused item as it came.
#[utoipa::path(
    get, path = "/quarantine/{item}", operation_id = "get_quarantined", tag = "operation",
    params(("item" = String, Path, description = "The item's id.")),
    security(("token" = ["quarantine:read"])),
    responses((status = 200, description = "The item.", body = QuarantinedDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::QuarantineRead>,
    Path(id): Path<String>,
) -> Result<Json<QuarantinedDetail>, Problem> {
    let found = app.backend.quarantined(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("item"))
}

/// Reads a refused item again, by the configuration as it is now.
#[utoipa::path(
    post, path = "/quarantine/{item}/replay", operation_id = "replay_quarantined",
    tag = "operation", params(("item" = String, Path, description = "The item's id.")),
    security(("token" = ["quarantine:write"])),
    responses((status = 200, description = "What came of it.", body = Replayed), Does),
)]
pub(super) async fn replay(
    State(app): State<App>,
    May(by, ..): May<scope::QuarantineWrite>,
    Path(id): Path<String>,
) -> Result<Json<Replayed>, Problem> {
    let found = app.backend.replay(&id, &by).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("item"))
}

/// Deletes a refused item.
#[utoipa::path(
    delete, path = "/quarantine/{item}", operation_id = "delete_quarantined", tag = "operation",
    params(("item" = String, Path, description = "The item's id.")),
    security(("token" = ["quarantine:write"])),
    responses((status = 204, description = "It is gone."), Does),
)]
pub(super) async fn discard(
    State(app): State<App>,
    May(by, ..): May<scope::QuarantineWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = app.backend.discard(&id, &by).await?;
    found.map(|()| StatusCode::NO_CONTENT).ok_or_else(|| Problem::not_found("item"))
}

//! How definitions fare: all of them, and one.

use axum::extract::State;

use super::responses::{Finds, Reads};
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{DefinitionHealth, HealthReport};
use crate::problem::Problem;

/// Tells how all definitions fare since their versions were published.
///
/// Entries a week, whether that is as it was, and whether they still find those who succeed.
#[utoipa::path(
    get, path = "/reports/health", operation_id = "get_health_of_definitions", tag = "reports",
    security(("token" = ["reports:read"])),
    responses((status = 200, description = "All of them, by name.", body = HealthReport), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
) -> Result<Json<HealthReport>, Problem> {
    Ok(Json(app.backend.health().await?))
}

/// Tells how a definition fares since its version was published.
///
/// There is nothing to tell of one that is retired, or so new that nobody was judged by it yet.
#[utoipa::path(
    get, path = "/definitions/{definition}/health", operation_id = "get_health_of_definition",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:read"])),
    responses((status = 200, description = "How it fares.", body = DefinitionHealth), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
    Path(name): Path<String>,
) -> Result<Json<DefinitionHealth>, Problem> {
    let all = app.backend.health().await?.items;
    let found = all.into_iter().find(|it| it.definition == name);
    found.map(Json).ok_or_else(|| Problem::not_found("definition"))
}

//! Publishes definitions while the server runs.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::responses::{Does, Finds, Sends};
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{NewVersion, Publication};
use crate::problem::Problem;

/// How changed files are to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reload {
    /// Whether leads open for who qualifies already; they do not, if it is left out.
    apply_to_existing: Option<bool>,
}

/// Publishes a text as this definition, which need not exist yet: it is written into the project's
/// files, judged over the history, and then decides.
#[utoipa::path(
    post, path = "/definitions/{definition}/versions", operation_id = "publish_definition",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:write"])),
    request_body = NewVersion,
    responses((status = 202, description = "It has begun.", body = Publication), Sends),
)]
pub(super) async fn publish(
    State(app): State<App>,
    May(by, ..): May<scope::DefinitionsWrite>,
    Path(name): Path<String>,
    Json(new): Json<NewVersion>,
) -> Result<(StatusCode, Json<Publication>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(app.backend.publish(&name, new, &by).await?)))
}

/// Takes a definition out of the project's files: it decides no more.
#[utoipa::path(
    delete, path = "/definitions/{definition}", operation_id = "retire_definition",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:write"])),
    responses((status = 202, description = "It has begun.", body = Publication), Does),
)]
pub(super) async fn retire(
    State(app): State<App>,
    May(by, ..): May<scope::DefinitionsWrite>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Publication>), Problem> {
    let begun = app.backend.retire(&name, &by).await?;
    let begun = begun.ok_or_else(|| Problem::not_found("definition"))?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Publishes what has changed in the project's files since the server read them.
#[utoipa::path(
    post, path = "/project/reload", operation_id = "reload_project", tag = "definitions",
    security(("token" = ["definitions:write"])),
    request_body = Reload,
    responses((status = 202, description = "It has begun.", body = Publication), Sends),
)]
pub(super) async fn reload(
    State(app): State<App>,
    May(by, ..): May<scope::DefinitionsWrite>,
    Json(asked): Json<Reload>,
) -> Result<(StatusCode, Json<Publication>), Problem> {
    let begun = app.backend.reload(asked.apply_to_existing.unwrap_or_default(), &by).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Tells how far the newest publication is.
#[utoipa::path(
    get, path = "/publication", operation_id = "get_publication", tag = "definitions",
    security(("token" = ["definitions:read"])),
    responses((status = 200, description = "How far it is.", body = Publication), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
) -> Result<Json<Publication>, Problem> {
    let newest = app.backend.publication().await?;
    newest.map(Json).ok_or_else(|| Problem::not_found("publication"))
}

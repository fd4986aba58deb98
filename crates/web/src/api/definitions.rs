//! Definitions: the list, and one with its text.

use axum::extract::State;

use super::responses::{Finds, Reads};
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{Definition, DefinitionDetail, Page};
use crate::problem::Problem;

/// Lists all definitions by name.
#[utoipa::path(
    get, path = "/definitions", operation_id = "list_definitions", tag = "definitions",
    security(("token" = ["definitions:read"])),
    responses((status = 200, description = "All of them.", body = Page<Definition>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
) -> Result<Json<Page<Definition>>, Problem> {
    Ok(Json(Page::last(app.backend.definitions().await?)))
}

/// Tells a definition's text and versions.
#[utoipa::path(
    get, path = "/definitions/{definition}", operation_id = "get_definition", tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:read"])),
    responses((status = 200, description = "The definition.", body = DefinitionDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
    Path(name): Path<String>,
) -> Result<Json<DefinitionDetail>, Problem> {
    let found = app.backend.definition(&name).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("definition"))
}

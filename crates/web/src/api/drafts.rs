//! Texts of definitions before they are published: what is wrong with one, and what it would have
//! done.

use axum::extract::State;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use utoipa::ToSchema;

use super::responses::{Finds, Sends};
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{CheckedDraft, PreviewAsked, Tried, WrittenDefinition};
use crate::problem::Problem;

/// A definition's text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionText {
    /// Its own YAML, at most 64 KiB.
    #[schema(max_length = 65_536)]
    text: String,
}

/// A definition's text, and what is to be tried of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextToTry {
    /// Its own YAML, at most 64 KiB.
    #[schema(max_length = 65_536)]
    text: String,
    /// What is to be looked at; the first number and outcome, if it is left out.
    #[serde(default, deserialize_with = "object")]
    asked: PreviewAsked,
}

/// What is asked, as an object: a list would be taken for its fields in their order.
fn object<'de, D: Deserializer<'de>>(from: D) -> Result<PreviewAsked, D::Error> {
    let fields = serde_json::Map::deserialize(from)?;
    PreviewAsked::deserialize(Value::Object(fields)).map_err(de::Error::custom)
}

/// Tells a definition's text as the project's files have it.
#[utoipa::path(
    get, path = "/definitions/{definition}/text", operation_id = "get_definition_text",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:read"])),
    responses((status = 200, description = "The text.", body = WrittenDefinition), Finds),
)]
pub(super) async fn text(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
    Path(name): Path<String>,
) -> Result<Json<WrittenDefinition>, Problem> {
    let found = app.backend.written(&name).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("definition"))
}

/// Checks a text as this definition, which need not exist yet. Nothing is changed.
#[utoipa::path(
    post, path = "/definitions/{definition}/check", operation_id = "check_definition",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:read"])),
    request_body = DefinitionText,
    responses((status = 200, description = "What is to be said of it.", body = CheckedDraft), Sends),
)]
pub(super) async fn check(
    State(app): State<App>,
    _: May<scope::DefinitionsRead>,
    Path(name): Path<String>,
    Json(asked): Json<DefinitionText>,
) -> Result<Json<CheckedDraft>, Problem> {
    Ok(Json(app.backend.check(&name, &asked.text).await?))
}

/// Tries a text over all that is recorded, beside the version that decides. Nothing is changed. A
/// newer question with the same token ends an older one.
#[utoipa::path(
    post, path = "/definitions/{definition}/preview", operation_id = "preview_definition",
    tag = "definitions",
    params(("definition" = String, Path, description = "The definition's name.")),
    security(("token" = ["definitions:read"])),
    request_body = TextToTry,
    responses((status = 200, description = "What it would have done.", body = Tried), Sends),
)]
pub(super) async fn preview(
    State(app): State<App>,
    May(by, ..): May<scope::DefinitionsRead>,
    Path(name): Path<String>,
    Json(asked): Json<TextToTry>,
) -> Result<Json<Tried>, Problem> {
    let by = format!("token {}", by.name);
    Ok(Json(app.backend.try_out(&name, &asked.text, &asked.asked, &by).await?))
}

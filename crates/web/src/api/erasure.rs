//! Erases a person or an account everywhere, and proves it.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::responses::{Finds, Sends};
use super::words::Name;
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{Erasure, Subject, SubjectKind};
use crate::problem::Problem;

/// Who is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Erase {
    /// A person or an account.
    kind: SubjectKind,
    /// The account's id, or any id of the person.
    #[schema(inline)]
    id: Name,
}

/// Begins to erase a person or an account: log, history, ledger, leads, deliveries.
#[utoipa::path(
    post, path = "/erasures", operation_id = "erase", tag = "identity", request_body = Erase,
    security(("token" = ["admin"])),
    responses((status = 202, description = "It has begun, or is done.", body = Erasure), Sends),
)]
pub(super) async fn erase(
    State(app): State<App>,
    May(by, ..): May<scope::Admin>,
    Json(asked): Json<Erase>,
) -> Result<(StatusCode, Json<Erasure>), Problem> {
    let subject = Subject { kind: asked.kind, id: asked.id.0 };
    let begun = app.backend.erase(&subject, &by).await?;
    let begun = begun.ok_or_else(|| Problem::not_found("person or account"))?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Tells how far an erasure has come, and what a check found afterwards.
#[utoipa::path(
    get, path = "/erasures/{erasure}", operation_id = "get_erasure", tag = "identity",
    params(("erasure" = String, Path, description = "The erasure's id.")),
    security(("token" = ["admin"])),
    responses((status = 200, description = "How far it is.", body = Erasure), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::Admin>,
    Path(id): Path<String>,
) -> Result<Json<Erasure>, Problem> {
    let found = app.backend.erasure(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("erasure"))
}

//! `GET /api/v1/explain`: why a definition holds for a subject, or why not yet (P6).

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Finds;
use crate::app::App;
use crate::extract::{Json, May, Name, Query, SubjectParam, scope};
use crate::noun::{At, Explanation};
use crate::problem::Problem;

/// What is to be explained, in a query.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Who: `account:ID` or `person:ID`.
    #[param(inline)]
    subject: SubjectParam,
    /// The definition's name.
    #[param(inline)]
    definition: Name,
    /// The instant to look at; now, if it is left out.
    #[param(inline)]
    at: Option<At>,
}

/// Tells why a definition holds for a subject, or what is missing.
#[utoipa::path(
    get, path = "/explain", operation_id = "explain", tag = "definitions", params(Asked),
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "Why, or why not yet.", body = Explanation), Finds),
)]
pub(super) async fn explain(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<Explanation>, Problem> {
    let at = asked.at.map(|it| it.0);
    let found = app.backend.explain(&asked.subject.0, &asked.definition.0, at).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("subject or definition"))
}

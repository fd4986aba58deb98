//! What a play would send, without sending it.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Finds;
use crate::app::App;
use crate::extract::{Json, May, Name, Path, Query, scope};
use crate::noun::{LeadPreview, Page, PreviewFilter, SampleMessage};
use crate::problem::Problem;

/// For whom it is asked, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Whom {
    /// For this lead.
    #[param(inline)]
    lead: Option<Name>,
    /// For the lead of this account; as if one opened now where it has none.
    #[param(inline)]
    account: Option<Name>,
}

/// Tells what each step of a play would send now, to whom, and why not. Nothing is sent.
///
/// For a lead or an account that is named; else for the newest open leads of the play's track, at
/// most 20.
#[utoipa::path(
    get, path = "/plays/{play}/preview", operation_id = "preview_play", tag = "plays",
    params(("play" = String, Path, description = "The play's name."), Whom),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "Each lead.", body = Page<LeadPreview>), Finds),
)]
pub(super) async fn preview(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Path(name): Path<String>,
    Query(asked): Query<Whom>,
) -> Result<Json<Page<LeadPreview>>, Problem> {
    let text = |it: Option<Name>| it.map(|it| it.0);
    let of = PreviewFilter { lead: text(asked.lead), account: text(asked.account) };
    let found = app.backend.preview(&name, &of).await?;
    found.map(|it| Json(Page::last(it))).ok_or_else(|| Problem::not_found("play"))
}

/// Tells how each message of a play reads, for an account that nobody has: step by step, variant by
/// variant, language by language.
#[utoipa::path(
    get, path = "/plays/{play}/samples", operation_id = "sample_play", tag = "plays",
    params(("play" = String, Path, description = "The play's name.")),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "Each message.", body = Page<SampleMessage>), Finds),
)]
pub(super) async fn samples(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Path(name): Path<String>,
) -> Result<Json<Page<SampleMessage>>, Problem> {
    let found = app.backend.samples(&name).await?;
    found.map(|it| Json(Page::last(it))).ok_or_else(|| Problem::not_found("play"))
}

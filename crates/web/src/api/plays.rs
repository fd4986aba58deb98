//! Plays: what is done about leads, what was not sent and why, and who was held out.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{Finds, Reads};
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, Path, Query, scope};
use crate::noun::{Exposure, Page, Play, PlayDetail, PlayFilter, Suppressed};
use crate::problem::Problem;

/// Lists all plays by name, with how far they came.
#[utoipa::path(
    get, path = "/plays", operation_id = "list_plays", tag = "plays",
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "All of them.", body = Page<Play>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
) -> Result<Json<Page<Play>>, Problem> {
    Ok(Json(Page::last(app.backend.plays().await?)))
}

/// Tells what a play does, how far it came, and what came of it.
#[utoipa::path(
    get, path = "/plays/{play}", operation_id = "get_play", tag = "plays",
    params(("play" = String, Path, description = "The play's name.")),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "The play.", body = PlayDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Path(name): Path<String>,
) -> Result<Json<PlayDetail>, Problem> {
    let found = app.backend.play(&name).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("play"))
}

/// Which of them are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// Of this play.
    #[param(inline)]
    play: Option<Name>,
    /// Of this lead.
    #[param(inline)]
    lead: Option<Name>,
    /// Of this account.
    #[param(inline)]
    account: Option<Name>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Narrowed {
    fn filter(&self) -> PlayFilter {
        let text = |it: &Option<Name>| it.as_ref().map(|it| it.0.clone());
        PlayFilter { play: text(&self.play), lead: text(&self.lead), account: text(&self.account) }
    }
}

/// Lists messages that were not sent, and why, the newest first.
#[utoipa::path(
    get, path = "/suppressed", operation_id = "list_suppressed", tag = "plays", params(Narrowed),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "One page.", body = Page<Suppressed>), Reads),
)]
pub(super) async fn suppressed(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Suppressed>>, Problem> {
    let filter = asked.filter();
    let list = List::of("suppressed", &filter);
    let part = list.part(asked.limit, asked.cursor.as_deref())?;
    Ok(Json(list.page(app.backend.suppressed(&filter, &part).await?)))
}

/// Lists accounts that are told or held out, the newest assignment first.
#[utoipa::path(
    get, path = "/holdouts", operation_id = "list_holdouts", tag = "plays", params(Narrowed),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "One page.", body = Page<Exposure>), Reads),
)]
pub(super) async fn holdouts(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Exposure>>, Problem> {
    let filter = asked.filter();
    let list = List::of("holdouts", &filter);
    let part = list.part(asked.limit, asked.cursor.as_deref())?;
    Ok(Json(list.page(app.backend.exposures(&filter, &part).await?)))
}

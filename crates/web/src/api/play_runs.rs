//! How far plays have come for leads.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Reads;
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, Query, scope};
use crate::noun::{Page, PlayFilter, PlayRun, RunState};
use crate::problem::Problem;

/// Which of them are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// Of this play.
    #[param(inline)]
    play: Option<Name>,
    /// For this lead.
    #[param(inline)]
    lead: Option<Name>,
    /// For leads of this account.
    #[param(inline)]
    account: Option<Name>,
    /// That stand so.
    #[param(inline)]
    state: Option<RunState>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists how far plays have come for leads, those that began last first.
#[utoipa::path(
    get, path = "/play-runs", operation_id = "list_play_runs", tag = "plays", params(Narrowed),
    security(("token" = ["plays:read"])),
    responses((status = 200, description = "One page.", body = Page<PlayRun>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::PlaysRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<PlayRun>>, Problem> {
    let Narrowed { play, lead, account, state, limit, cursor } = asked;
    let text = |it: Option<Name>| it.map(|it| it.0);
    let filter = PlayFilter { play: text(play), lead: text(lead), account: text(account) };
    let list = List::of("play runs", &(&filter, state));
    let part = list.part(limit, cursor.as_deref())?;
    Ok(Json(list.page(app.backend.play_runs(&filter, state, &part).await?)))
}

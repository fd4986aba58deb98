//! Leads: the list, and one.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{Finds, Reads};
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, OneOf, Path, Query, scope};
use crate::noun::{
    At, Direction, Lead, LeadDetail, LeadFilter, LeadOrder, LeadStatus, Page, Track,
};
use crate::problem::Problem;

/// Which leads are asked for, in a query.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// On any of these tracks.
    #[param(value_type = Vec<Track>, inline, min_items = 1, style = Form, explode = false)]
    track: OneOf<Track>,
    /// With any of these statuses.
    #[param(value_type = Vec<LeadStatus>, inline, min_items = 1, style = Form, explode = false)]
    status: OneOf<LeadStatus>,
    /// Owned by.
    #[param(inline)]
    owner: Option<Name>,
    /// Of this account.
    #[param(inline)]
    account: Option<Name>,
    /// Changed at or after.
    #[param(inline)]
    since: Option<At>,
    /// Instead of all others, those of accounts that are held out.
    #[param(inline, required = false)]
    held_out: bool,
    /// Sorted by.
    #[param(value_type = LeadOrder, inline, required = false)]
    sort: LeadOrder,
    /// Which way.
    #[param(value_type = Direction, inline, required = false)]
    direction: Direction,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists leads.
#[utoipa::path(
    get, path = "/leads", operation_id = "list_leads", tag = "leads", params(Narrowed),
    security(("token" = ["leads:read"])),
    responses((status = 200, description = "One page.", body = Page<Lead>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::LeadsRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Lead>>, Problem> {
    let (limit, cursor) = (asked.limit, asked.cursor.clone());
    let filter = LeadFilter::from(asked);
    let list = List::of("leads", &filter);
    let page = app.backend.leads(&filter, &list.part(limit, cursor.as_deref())?).await?;
    Ok(Json(list.page(page)))
}

/// Tells all of one lead: its evidence, history and notes.
#[utoipa::path(
    get, path = "/leads/{lead}", operation_id = "get_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")),
    security(("token" = ["leads:read"])),
    responses((status = 200, description = "The lead.", body = LeadDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::LeadsRead>,
    Path(id): Path<String>,
) -> Result<Json<LeadDetail>, Problem> {
    let found = app.backend.lead(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("lead"))
}

impl From<Narrowed> for LeadFilter {
    fn from(asked: Narrowed) -> Self {
        Self {
            tracks: asked.track.0,
            statuses: asked.status.0,
            owner: asked.owner.map(|it| it.0),
            account: asked.account.map(|it| it.0),
            since: asked.since,
            held_out: Some(asked.held_out),
            order: asked.sort,
            direction: asked.direction,
            ..Self::default()
        }
    }
}

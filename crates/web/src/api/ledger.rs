//! `GET /api/v1/ledger`: how knowledge of the timelines grew.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Reads;
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, Query, SubjectParam, scope};
use crate::noun::{At, LedgerEntry, LedgerFilter, Page};
use crate::problem::Problem;

/// Which lines are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// Of this definition.
    #[param(inline)]
    definition: Option<Name>,
    /// About: `account:ID` or `person:ID`.
    #[param(inline)]
    subject: Option<SubjectParam>,
    /// Known at or after.
    #[param(inline)]
    since: Option<At>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists lines of the ledger, oldest first.
#[utoipa::path(
    get, path = "/ledger", operation_id = "list_ledger", tag = "definitions", params(Narrowed),
    security(("token" = ["ledger:read"])),
    responses((status = 200, description = "One page.", body = Page<LedgerEntry>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::LedgerRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<LedgerEntry>>, Problem> {
    let Narrowed { definition, subject, since, limit, cursor } = asked;
    let filter = LedgerFilter {
        definition: definition.map(|it| it.0),
        subject: subject.map(|it| it.0),
        since,
    };
    let list = List::of("ledger", &filter);
    let page = app.backend.ledger(&filter, &list.part(limit, cursor.as_deref())?).await?;
    Ok(Json(list.page(page)))
}

//! `GET /api/v1/accounts/{account}/facts`: what happened in an account.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::Finds;
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, OneOf, Path, Query, scope};
use crate::noun::{AccountFact, At, FactFilter, FactKind, Page};
use crate::problem::Problem;

/// Which facts are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// Of any of these kinds.
    #[param(value_type = Vec<FactKind>, inline, min_items = 1, style = Form, explode = false)]
    kind: OneOf<FactKind>,
    /// About this person.
    #[param(inline)]
    person: Option<Name>,
    /// Events and records of this name.
    #[param(inline)]
    name: Option<Name>,
    /// At or after.
    #[param(inline)]
    since: Option<At>,
    /// Before.
    #[param(inline)]
    until: Option<At>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the facts of an account, newest first.
///
/// Events, records, changes of traits, people who joined or left, and ids that turned out to be
/// theirs. Traits that were only said again are left out. A page may hold fewer facts than were asked
/// for, even none, and still have a `next`.
#[utoipa::path(
    get, path = "/accounts/{account}/facts", operation_id = "list_account_facts",
    tag = "accounts",
    params(("account" = String, Path, description = "The account's id."), Narrowed),
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "One page.", body = Page<AccountFact>), Finds),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Path(account): Path<String>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<AccountFact>>, Problem> {
    let Narrowed { kind, person, name, since, until, limit, cursor } = asked;
    let filter = FactFilter {
        kinds: kind.0,
        person: person.map(|it| it.0),
        name: name.map(|it| it.0),
        since,
        until,
    };
    let list = List::of("facts", &(&account, &filter));
    let listing = list.part(limit, cursor.as_deref())?;
    let found = app.backend.account_facts(&account, &filter, &listing).await?;
    let found = found.ok_or_else(|| Problem::not_found("account"))?;
    Ok(Json(list.page(found.page)))
}

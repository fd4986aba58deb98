//! Accounts: the list, and one.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{Finds, Reads};
use super::words::StageName;
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, OneOf, Path, Query, scope};
use crate::noun::{Account, AccountDetail, AccountFilter, Page};
use crate::problem::Problem;

/// Which accounts are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// In any of these lifecycle stages.
    #[param(value_type = Vec<StageName>, inline, min_items = 1, style = Form, explode = false)]
    stage: OneOf<StageName>,
    /// On this plan.
    #[param(inline)]
    plan: Option<Name>,
    /// Whose id or name begins with this, or has a word that does.
    #[param(inline)]
    text: Option<Name>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists accounts by id.
#[utoipa::path(
    get, path = "/accounts", operation_id = "list_accounts", tag = "accounts", params(Narrowed),
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "One page.", body = Page<Account>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Account>>, Problem> {
    let Narrowed { stage, plan, text, limit, cursor } = asked;
    let filter = AccountFilter {
        stages: stage.0.into_iter().map(|it| it.0).collect(),
        plan: plan.map(|it| it.0),
        text: text.map(|it| it.0),
    };
    let list = List::of("accounts", &filter);
    let page = app.backend.accounts(&filter, &list.part(limit, cursor.as_deref())?).await?;
    Ok(Json(list.page(page)))
}

/// Tells all of one account: traits, plan, stages, qualifications, leads of all tracks, people.
#[utoipa::path(
    get, path = "/accounts/{account}", operation_id = "get_account", tag = "accounts",
    params(("account" = String, Path, description = "The account's id.")),
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "The account.", body = AccountDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Path(id): Path<String>,
) -> Result<Json<AccountDetail>, Problem> {
    let found = app.backend.account(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("account"))
}

//! Usage against plans, and what an account may use: for products that ask before each use.

use axum::extract::State;

use super::responses::Finds;
use crate::app::App;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{Entitlement, Page, Usage};
use crate::problem::Problem;

/// Tells what an account has used against what its plan allows.
#[utoipa::path(
    get, path = "/accounts/{account}/usage", operation_id = "get_usage", tag = "usage",
    params(("account" = String, Path, description = "The account's id.")),
    security(("token" = ["usage:read"])),
    responses((status = 200, description = "Each meter.", body = Usage), Finds),
)]
pub(super) async fn usage(
    State(app): State<App>,
    _: May<scope::UsageRead>,
    Path(account): Path<String>,
) -> Result<Json<Usage>, Problem> {
    let found = app.backend.usage(&account).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("account"))
}

/// Lists what an account may use: every feature that a plan has, and every meter, by name.
#[utoipa::path(
    get, path = "/accounts/{account}/entitlements", operation_id = "list_entitlements",
    tag = "usage", params(("account" = String, Path, description = "The account's id.")),
    security(("token" = ["usage:read"])),
    responses((status = 200, description = "All of them.", body = Page<Entitlement>), Finds),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::UsageRead>,
    Path(account): Path<String>,
) -> Result<Json<Page<Entitlement>>, Problem> {
    let found = app.backend.entitlements(&account).await?;
    let found = found.map(|it| Json(Page::last(it)));
    found.ok_or_else(|| Problem::not_found("account"))
}

/// Tells whether an account may use a feature, and how much is left.
#[utoipa::path(
    get, path = "/accounts/{account}/entitlements/{feature}", operation_id = "get_entitlement",
    tag = "usage",
    params(("account" = String, Path, description = "The account's id."),
        ("feature" = String, Path, description = "The feature's name.")),
    security(("token" = ["usage:read"])),
    responses((status = 200, description = "Whether, and how much.", body = Entitlement), Finds),
)]
pub(super) async fn feature(
    State(app): State<App>,
    _: May<scope::UsageRead>,
    Path((account, feature)): Path<(String, String)>,
) -> Result<Json<Entitlement>, Problem> {
    let found = app.backend.feature(&account, &feature).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("account or feature"))
}

/// Tells whether an account may use more of a meter, and how much is left.
#[utoipa::path(
    get, path = "/accounts/{account}/meters/{meter}", operation_id = "get_meter", tag = "usage",
    params(("account" = String, Path, description = "The account's id."),
        ("meter" = String, Path, description = "The meter's name.")),
    security(("token" = ["usage:read"])),
    responses((status = 200, description = "Whether, and how much.", body = Entitlement), Finds),
)]
pub(super) async fn meter(
    State(app): State<App>,
    _: May<scope::UsageRead>,
    Path((account, meter)): Path<(String, String)>,
) -> Result<Json<Entitlement>, Problem> {
    let found = app.backend.meter(&account, &meter).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("account or meter"))
}

//! Who is who: a person's ids, and merges and splits by hand.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::responses::{Does, Finds, Reads, Sends};
use super::words::{Name, Reason};
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Path, Query, scope};
use crate::noun::{Hygiene, IdentityAct, IdentityActKind, NewIdentityAct, Page, PersonIds};
use crate::problem::Problem;

/// Which part of the list is asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A merge or split that somebody proposes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposeIdentityAct {
    /// Whether two become one, or one becomes two.
    kind: IdentityActKind,
    /// One user id.
    #[schema(inline)]
    person: Name,
    /// The other.
    #[schema(inline)]
    other: Name,
    /// Why.
    #[schema(inline)]
    reason: Option<Reason>,
}

/// Tells all ids of a person, found by any of them.
#[utoipa::path(
    get, path = "/people/{id}", operation_id = "get_person", tag = "identity",
    params(("id" = String, Path, description = "Any id of the person: a user's, or a device's.")),
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "The person.", body = PersonIds), Finds),
)]
pub(super) async fn person(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Path(id): Path<String>,
) -> Result<Json<PersonIds>, Problem> {
    let found = app.backend.person(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("person"))
}

/// Tells how well people and accounts are told apart.
#[utoipa::path(
    get, path = "/identity", operation_id = "get_identity", tag = "identity",
    security(("token" = ["accounts:read"])),
    responses((status = 200, description = "What was found.", body = Hygiene), Reads),
)]
pub(super) async fn hygiene(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
) -> Result<Json<Hygiene>, Problem> {
    Ok(Json(app.backend.hygiene().await?))
}

/// Lists merges and splits by hand, newest first.
#[utoipa::path(
    get, path = "/identity/acts", operation_id = "list_identity_acts", tag = "identity",
    params(Part), security(("token" = ["accounts:read"])),
    responses((status = 200, description = "One page.", body = Page<IdentityAct>), Reads),
)]
pub(super) async fn acts(
    State(app): State<App>,
    _: May<scope::AccountsRead>,
    Query(asked): Query<Part>,
) -> Result<Json<Page<IdentityAct>>, Problem> {
    let list = List::of("identity acts", &());
    let part = list.part(asked.limit, asked.cursor.as_deref())?;
    Ok(Json(list.page(app.backend.identity_acts(&part).await?)))
}

/// Proposes a merge or split. Nothing changes before it is made.
#[utoipa::path(
    post, path = "/identity/acts", operation_id = "propose_identity_act", tag = "identity",
    request_body = ProposeIdentityAct, security(("token" = ["identity:write"])),
    responses((status = 201, description = "The proposal.", body = IdentityAct), Sends),
)]
pub(super) async fn propose(
    State(app): State<App>,
    May(by, ..): May<scope::IdentityWrite>,
    Json(asked): Json<ProposeIdentityAct>,
) -> Result<(StatusCode, Json<IdentityAct>), Problem> {
    let ProposeIdentityAct { kind, person, other, reason } = asked;
    if person == other {
        return Err(Problem::invalid_body("other", "both ids are the same")
            .help("Name two ids of which you know that they are, or are not, one person."));
    }
    let reason = reason.map(|it| it.0);
    let act = NewIdentityAct { kind, person: person.0, other: other.0, reason };
    Ok((StatusCode::CREATED, Json(app.backend.propose(act, &by).await?)))
}

/// Makes a proposed merge or split: events are attributed anew, and leads follow.
#[utoipa::path(
    post, path = "/identity/acts/{act}/make", operation_id = "make_identity_act", tag = "identity",
    params(("act" = String, Path, description = "The act's id.")),
    security(("token" = ["identity:write"])),
    responses((status = 200, description = "The act as it is now.", body = IdentityAct), Does),
)]
pub(super) async fn make(
    State(app): State<App>,
    May(by, ..): May<scope::IdentityWrite>,
    Path(id): Path<String>,
) -> Result<Json<IdentityAct>, Problem> {
    let found = app.backend.make(&id, &by).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("act"))
}

/// Undoes a merge or split that was made, or drops a proposal.
#[utoipa::path(
    post, path = "/identity/acts/{act}/undo", operation_id = "undo_identity_act", tag = "identity",
    params(("act" = String, Path, description = "The act's id.")),
    security(("token" = ["identity:write"])),
    responses((status = 200, description = "The act as it is now.", body = IdentityAct), Does),
)]
pub(super) async fn undo(
    State(app): State<App>,
    May(by, ..): May<scope::IdentityWrite>,
    Path(id): Path<String>,
) -> Result<Json<IdentityAct>, Problem> {
    let found = app.backend.undo(&id, &by).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("act"))
}

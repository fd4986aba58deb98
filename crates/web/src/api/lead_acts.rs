//! What people do with a lead.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::responses::{Does, Sends};
use super::words::{Name, NoteText, Reason};
use crate::app::App;
use crate::backend::Caller;
use crate::extract::{Json, May, Path, scope};
use crate::noun::{At, LeadAct, LeadDetail};
use crate::problem::Problem;

type Acted = Result<Json<LeadDetail>, Problem>;

/// Why a lead is turned down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectLead {
    /// Why.
    #[schema(inline)]
    reason: Reason,
}

/// Until when a lead is put off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SnoozeLead {
    /// Until when; later than now.
    #[schema(inline)]
    until: At,
    /// Why.
    #[schema(inline)]
    reason: Option<Reason>,
}

/// A reason that may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Because {
    /// Why.
    #[schema(inline)]
    reason: Option<Reason>,
}

/// Who gets a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignLead {
    /// Who; `null` for nobody. It must be said.
    #[schema(inline, required)]
    #[serde(deserialize_with = "Option::deserialize")]
    owner: Option<Name>,
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// What it says.
    #[schema(inline)]
    text: NoteText,
}

async fn act(app: &App, id: &str, act: LeadAct, by: &Caller) -> Acted {
    let found = app.backend.act(id, act, by).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("lead"))
}

/// Takes a lead on: the account becomes sales-qualified.
#[utoipa::path(
    post, path = "/leads/{lead}/accept", operation_id = "accept_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")),
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Does),
)]
pub(super) async fn accept(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
) -> Acted {
    act(&app, &id, LeadAct::Accept, &by).await
}

/// Turns a lead down.
#[utoipa::path(
    post, path = "/leads/{lead}/reject", operation_id = "reject_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = RejectLead,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn reject(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<RejectLead>,
) -> Acted {
    act(&app, &id, LeadAct::Reject { reason: asked.reason.0 }, &by).await
}

/// Puts a lead off.
#[utoipa::path(
    post, path = "/leads/{lead}/snooze", operation_id = "snooze_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = SnoozeLead,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn snooze(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<SnoozeLead>,
) -> Acted {
    if asked.until.0 <= app.now() {
        return Err(Problem::invalid_body("until", "that is past")
            .help("Name an instant that is still to come."));
    }
    let reason = asked.reason.map(|it| it.0);
    act(&app, &id, LeadAct::Snooze { until: asked.until, reason }, &by).await
}

/// Opens a closed or snoozed lead again.
#[utoipa::path(
    post, path = "/leads/{lead}/reopen", operation_id = "reopen_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = Because,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn reopen(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<Because>,
) -> Acted {
    act(&app, &id, LeadAct::Reopen { reason: asked.reason.map(|it| it.0) }, &by).await
}

/// Says that a lead was won.
#[utoipa::path(
    post, path = "/leads/{lead}/won", operation_id = "win_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = Because,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn won(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<Because>,
) -> Acted {
    act(&app, &id, LeadAct::Won { reason: asked.reason.map(|it| it.0) }, &by).await
}

/// Says that a lead was lost.
#[utoipa::path(
    post, path = "/leads/{lead}/lost", operation_id = "lose_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = Because,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn lost(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<Because>,
) -> Acted {
    act(&app, &id, LeadAct::Lost { reason: asked.reason.map(|it| it.0) }, &by).await
}

/// Gives a lead to somebody, or to nobody.
#[utoipa::path(
    post, path = "/leads/{lead}/assign", operation_id = "assign_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = AssignLead,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn assign(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<AssignLead>,
) -> Acted {
    act(&app, &id, LeadAct::Assign { owner: asked.owner.map(|it| it.0) }, &by).await
}

/// Writes a note on a lead.
#[utoipa::path(
    post, path = "/leads/{lead}/notes", operation_id = "note_lead", tag = "leads",
    params(("lead" = String, Path, description = "The lead's id.")), request_body = NewNote,
    security(("token" = ["leads:write"])),
    responses((status = 200, description = "The lead as it is now.", body = LeadDetail), Sends),
)]
pub(super) async fn note(
    State(app): State<App>,
    May(by, ..): May<scope::LeadsWrite>,
    Path(id): Path<String>,
    Json(asked): Json<NewNote>,
) -> Acted {
    act(&app, &id, LeadAct::Note { text: asked.text.0 }, &by).await
}

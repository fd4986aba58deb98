//! What waits for a person, and what they did with it.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::token::Reader;
use crate::api::{ReadsOwn, SendsOwn};
use crate::app::App;
use crate::extract::{Json, Name};
use crate::noun::{InAppAct, InAppMessage, Page};
use crate::problem::Problem;

/// Lists what is to be shown to the person that the token names, the longest waiting first.
#[utoipa::path(
    get, path = "/messages", operation_id = "list_my_messages", tag = "in-app",
    security(("person" = [])),
    responses((status = 200, description = "All of them.", body = Page<InAppMessage>), ReadsOwn),
)]
pub(super) async fn list(
    State(app): State<App>,
    reader: Reader,
) -> Result<Json<Page<InAppMessage>>, Problem> {
    Ok(Json(Page::last(app.backend.inbox(&reader.person).await?)))
}

/// What the person did.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActOnMessage {
    /// With which message.
    #[schema(inline)]
    message: Name,
    /// What.
    act: InAppAct,
}

/// Says that the person saw a message, did what it offers, or put it away.
///
/// Each counts once, however often it is said, and is recorded as `Message shown`, `Message clicked`
/// or `Message dismissed` of that person. What was clicked or put away is not shown again.
#[utoipa::path(
    post, path = "/acts", operation_id = "act_on_my_message", tag = "in-app",
    request_body = ActOnMessage, security(("person" = [])),
    responses((status = 204, description = "It is recorded."), SendsOwn),
)]
pub(super) async fn act(
    State(app): State<App>,
    reader: Reader,
    Json(asked): Json<ActOnMessage>,
) -> Result<StatusCode, Problem> {
    let done = app.backend.act_on_message(&reader.person, &asked.message.0, asked.act).await?;
    done.map(|()| StatusCode::NO_CONTENT).ok_or_else(|| Problem::not_found("message"))
}

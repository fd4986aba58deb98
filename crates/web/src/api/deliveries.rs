//! What goes out: messages with their tries, and the channels.

use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::responses::{Does, Finds, Reads, Sends};
use super::words::Name as Word;
use crate::app::App;
use crate::extract::{Json, Limit, List, May, Name, OneOf, Path, Query, scope};
use crate::noun::{
    At, Channel, Delivery, DeliveryDetail, DeliveryFilter, DeliveryState, Page, Resent,
};
use crate::problem::Problem;

/// Which deliveries are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// In any of these states.
    #[param(value_type = Vec<DeliveryState>, inline, min_items = 1, style = Form, explode = false)]
    state: OneOf<DeliveryState>,
    /// Through this channel.
    #[param(inline)]
    channel: Option<Name>,
    /// About this lead.
    #[param(inline)]
    lead: Option<Name>,
    /// About this account.
    #[param(inline)]
    account: Option<Name>,
    /// Of this play.
    #[param(inline)]
    play: Option<Name>,
    /// Put into the queue at or after.
    #[param(inline)]
    since: Option<At>,
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists messages that go out, those put into the queue last first.
#[utoipa::path(
    get, path = "/deliveries", operation_id = "list_deliveries", tag = "deliveries",
    params(Narrowed), security(("token" = ["deliveries:read"])),
    responses((status = 200, description = "One page.", body = Page<Delivery>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::DeliveriesRead>,
    Query(asked): Query<Narrowed>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let Narrowed { state, channel, lead, account, play, since, limit, cursor } = asked;
    let text = |it: Option<Name>| it.map(|it| it.0);
    let filter = DeliveryFilter {
        states: state.0,
        channel: text(channel),
        lead: text(lead),
        account: text(account),
        play: text(play),
        since,
    };
    let list = List::of("deliveries", &filter);
    let page = app.backend.deliveries(&filter, &list.part(limit, cursor.as_deref())?).await?;
    Ok(Json(list.page(page)))
}

/// Tells what a message says, and of each try to send it.
#[utoipa::path(
    get, path = "/deliveries/{delivery}", operation_id = "get_delivery", tag = "deliveries",
    params(("delivery" = String, Path, description = "The delivery's id.")),
    security(("token" = ["deliveries:read"])),
    responses((status = 200, description = "The delivery.", body = DeliveryDetail), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::DeliveriesRead>,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let found = app.backend.delivery(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("delivery"))
}

/// Puts a message that was given up into the queue again, under the same id.
#[utoipa::path(
    post, path = "/deliveries/{delivery}/resend", operation_id = "resend_delivery",
    tag = "deliveries",
    params(("delivery" = String, Path, description = "The delivery's id.")),
    security(("token" = ["deliveries:write"])),
    responses((status = 200, description = "The delivery as it is now.", body = DeliveryDetail), Does),
)]
pub(super) async fn resend(
    State(app): State<App>,
    _: May<scope::DeliveriesWrite>,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let found = app.backend.resend(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("delivery"))
}

/// Of which channel everything that was given up is sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResendDead {
    /// The channel; of all of them if it is left out.
    #[schema(inline)]
    channel: Option<Word>,
}

/// Puts everything that was given up into the queue again.
#[utoipa::path(
    post, path = "/deliveries/resend", operation_id = "resend_dead", tag = "deliveries",
    request_body = ResendDead, security(("token" = ["deliveries:write"])),
    responses((status = 200, description = "How many.", body = Resent), Sends),
)]
pub(super) async fn resend_dead(
    State(app): State<App>,
    _: May<scope::DeliveriesWrite>,
    Json(asked): Json<ResendDead>,
) -> Result<Json<Resent>, Problem> {
    let channel = asked.channel.map(|it| it.0);
    let resent = app.backend.resend_dead(channel.as_deref()).await?;
    Ok(Json(Resent { resent }))
}

/// Lists the channels with how many messages are where.
#[utoipa::path(
    get, path = "/channels", operation_id = "list_channels", tag = "deliveries",
    security(("token" = ["deliveries:read"])),
    responses((status = 200, description = "All of them.", body = Page<Channel>), Reads),
)]
pub(super) async fn channels(
    State(app): State<App>,
    _: May<scope::DeliveriesRead>,
) -> Result<Json<Page<Channel>>, Problem> {
    Ok(Json(Page::last(app.backend.channels().await?)))
}

/// Lets messages go through a channel again that its receiver had stopped.
#[utoipa::path(
    post, path = "/channels/{channel}/enable", operation_id = "enable_channel", tag = "deliveries",
    params(("channel" = String, Path, description = "The channel's name.")),
    security(("token" = ["deliveries:write"])),
    responses((status = 200, description = "The channel as it is now.", body = Channel), Does),
)]
pub(super) async fn enable(
    State(app): State<App>,
    _: May<scope::DeliveriesWrite>,
    Path(name): Path<String>,
) -> Result<Json<Channel>, Problem> {
    let found = app.backend.enable_channel(&name).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("channel"))
}

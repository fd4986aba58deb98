//! Messages inside the product: the script that shows them, and what it asks for.
//!
//! Everybody's browser comes here, so every path asks for a token that the product's server signed
//! for the one person who reads ([`token`]), answers pages of other sites ([`mod@cors`]), and bounds what
//! each reader may ask ([`allowance`]). Nobody ever reads another's messages, and there is nothing
//! a token could name but its own person.

mod allowance;
mod cors;
mod messages;
mod reader;
mod script;
mod stream;
mod token;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(crate) use allowance::ReaderAllowances;
pub(crate) use cors::cors;

/// Where the paths for pages begin.
const BASE: &str = "/api/v1/in-app";

/// The paths that the script asks, or a product that draws its own messages.
pub(crate) fn router() -> OpenApiRouter<App> {
    let paths = OpenApiRouter::new()
        .routes(routes!(messages::list))
        .routes(routes!(messages::act))
        .routes(routes!(stream::listen));
    OpenApiRouter::new().nest(BASE, paths)
}

/// The script itself.
pub(crate) fn script() -> Router<App> {
    Router::new().route("/firsthand.js", get(script::script))
}

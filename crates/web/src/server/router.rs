//! Puts all paths together, and around them what every request has in common.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use bytes::Bytes;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::observe::{guard, in_time, observe};
use crate::problem::Problem;
use crate::{api, ingest, operation};

/// The paths of API and operation, and their description as it is sent.
pub(super) fn parts() -> (Router<App>, Bytes) {
    let described = OpenApiRouter::with_openapi(api::describe())
        .merge(api::router())
        .merge(operation::router());
    let (router, openapi) = described.split_for_parts();
    let openapi = serde_json::to_vec(&openapi).expect("a description is made of texts");
    (router, openapi.into())
}

/// Adds tracking calls, which are told by their paths, and what every request has in common.
pub(super) fn finish(router: Router<App>, app: &App) -> Router {
    router
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .route_layer(from_fn_with_state(app.clone(), in_time))
        .route_layer(from_fn(guard))
        .fallback(ingest::take)
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app.clone())
}

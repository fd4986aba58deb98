//! Puts all paths together, and around them what every request has in common.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use bytes::Bytes;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::observe::{guard, in_time, observe};
use crate::problem::Problem;
use crate::{api, inapp, ingest, operation, pages, slack, unsubscribe};

/// The paths of API and operation, and their description as it is sent.
pub(super) fn parts() -> (Router<App>, Bytes) {
    let described = OpenApiRouter::with_openapi(api::describe())
        .merge(api::router())
        .merge(inapp::router())
        .merge(operation::router());
    let (router, openapi) = described.split_for_parts();
    let openapi = serde_json::to_vec(&openapi).expect("a description is made of texts");
    // What people and their programs open is no part of the API.
    let router = router.merge(inapp::script()).merge(unsubscribe::router()).merge(slack::router());
    (router, openapi.into())
}

/// Adds tracking calls, which are told by their paths, and what every request has in common.
pub(super) fn finish(router: Router<App>, app: &App) -> Router {
    router
        .merge(pages::router(app))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .route_layer(from_fn_with_state(app.clone(), in_time))
        .route_layer(from_fn(guard))
        .fallback(ingest::take)
        .layer(from_fn_with_state(app.clone(), inapp::cors))
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app.clone())
}

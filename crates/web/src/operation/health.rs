//! Whether the process lives, and whether it decides.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::extract::Json;
use crate::noun::Readiness;

/// Answers as long as the process lives.
#[utoipa::path(
    get, path = "/health/live", operation_id = "live", tag = "operation", security(()),
    responses((status = 200, description = "It lives.", body = Readiness)),
)]
pub(super) async fn live(State(app): State<App>) -> Json<Readiness> {
    Json(app.backend.readiness())
}

/// Tells whether the server decides, or how far it is from that.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "ready", tag = "operation", security(()),
    responses(
        (status = 200, description = "It decides.", body = Readiness),
        (status = 503, description = "It does not yet.", body = Readiness),
    ),
)]
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let readiness = app.backend.readiness();
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

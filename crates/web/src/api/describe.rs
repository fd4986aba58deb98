//! `GET /api/v1/openapi.json`: the API's own description.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, Server};
use utoipa::{Modify, OpenApi as _};

use crate::app::App;
use crate::noun::LeadEvent;
use crate::problem::ProblemBody;

/// The description, but for its paths.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Firsthand",
        description = "Leads, accounts, usage against plans, and why. Times are RFC 3339 in UTC, ids \
                       are opaque texts, lists come page by page: hand `next` back as `cursor`. What \
                       goes wrong is told as problem details (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody, LeadEvent)),
    modifiers(&Bearer),
    tags(
        (name = "leads", description = "The open cases that people work on."),
        (name = "accounts", description = "Customers: what is known of them, and why."),
        (name = "usage", description = "Usage against plans, answered from memory."),
        (name = "definitions", description = "Who qualifies, and how that became known."),
        (name = "plays", description = "What is done about leads, and who was left out."),
        (name = "reports", description = "Whether it works: the lifecycle, backtests, what outreach caused."),
        (name = "deliveries", description = "What goes out, and what became of it."),
        (name = "in-app", description = "Messages inside the product, for the one person who reads."),
        (name = "identity", description = "Who is who, and erasure."),
        (name = "operation", description = "How the server and its sources are doing."),
    )
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token made by `firsthand key`, with the scopes each path names."))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("Names one person; the product's server signs it with HS256."))
            .build();
        components.add_security_scheme("person", SecurityScheme::Http(scheme));
    }
}

/// The description without paths, which the router adds.
pub(crate) fn describe() -> OpenApi {
    let mut api = Description::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut api.info.version);
    api.servers = Some(vec![Server::new("/")]);
    api
}

/// Describes this API.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "operation", security(()),
    responses((status = 200, description = "The description.", body = Object)),
)]
pub(super) async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.clone()).into_response()
}

//! What went wrong, told as problem details (RFC 9457).
//!
//! A handler returns a [`Problem`]; [`crate::observe`] writes it out, because only there the
//! request's id is known.

mod kind;

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::backend::{Failure, Scope};

pub(crate) use kind::Kind;

/// The media type of problem details.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Problem details as they go over the wire (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Names the kind of problem: `urn:firsthand:problem:` and the code.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, for programs.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
    /// What to do, as a whole sentence.
    pub help: Option<String>,
    /// The parameter, or the place in the body, that it is about.
    pub parameter: Option<String>,
    /// The request, for the logs.
    pub request_id: String,
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    detail: String,
    help: Option<String>,
    parameter: Option<String>,
    retry_after: Option<Duration>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail, help: None, parameter: None, retry_after: None }
    }

    /// Says what to do, as a whole sentence.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub(crate) fn parameter(mut self, parameter: impl Into<String>) -> Self {
        self.parameter = Some(parameter.into());
        self
    }

    #[must_use]
    pub(crate) fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// There is no such thing.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no such {what}"))
    }

    /// The path names nothing.
    pub(crate) fn no_such_path() -> Self {
        Self::new(Kind::NoSuchPath, "nothing is at this path")
            .help("All paths of the API are listed at `/api/v1/openapi.json`.")
    }

    /// The path is right, the method is not.
    pub(crate) fn method_not_allowed() -> Self {
        let detail = "this path does not know that method";
        Self::new(Kind::MethodNotAllowed, detail)
            .help("The header `Allow` lists the methods that it knows.")
    }

    /// A parameter of the path or query is wrong.
    pub(crate) fn invalid_parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidParameter, detail).parameter(name)
    }

    /// The cursor is none of this list.
    pub(crate) fn invalid_cursor() -> Self {
        let detail = "the cursor is not one of this list";
        Self::new(Kind::InvalidCursor, detail).parameter("cursor").help(
            "Hand back `next` of the page before, word for word, with the same filters; or begin \
             again without a cursor.",
        )
    }

    /// A place in the body is wrong.
    pub(crate) fn invalid_body(place: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, detail).parameter(place)
    }

    /// No token was given, or not as a bearer.
    pub(crate) fn missing_token() -> Self {
        Self::new(Kind::MissingToken, "this path needs a token")
            .help("Send the header `Authorization: Bearer TOKEN`; `firsthand key add` makes one.")
    }

    /// The token is not known.
    pub(crate) fn unknown_token() -> Self {
        Self::new(Kind::UnknownToken, "the token is not known")
            .help("It may have been revoked; `firsthand key list` tells, and `firsthand key add` makes one.")
    }

    /// The token may not do this.
    pub(crate) fn missing_scope(scope: Scope) -> Self {
        let detail = format!("the token lacks the scope `{scope}`");
        Self::new(Kind::MissingScope, detail)
            .help(format!("Use a token that has `{scope}` or `admin`."))
    }

    /// Come again later.
    pub(crate) fn busy(retry_after: Duration) -> Self {
        Self::new(Kind::Busy, "the server is busy")
            .help("Ask again after the seconds that the header `Retry-After` names.")
            .retry_after(retry_after)
    }

    /// One client asks too often.
    pub(crate) fn too_many_requests(retry_after: Duration) -> Self {
        Self::new(Kind::TooManyRequests, "you ask too often")
            .help("Ask again after the seconds that the header `Retry-After` names.")
            .retry_after(retry_after)
    }

    /// The answer did not come in time.
    pub(crate) fn timed_out() -> Self {
        let detail = "the answer took too long";
        Self::new(Kind::TimedOut, detail)
            .help("Ask again, for less at a time if that can be.")
            .retry_after(Duration::from_secs(5))
    }

    /// Something broke; what it was is in the log under the request's id.
    pub(crate) fn broken() -> Self {
        let detail = "something broke in the server";
        Self::new(Kind::Broken, detail).help("The server's log tells more under this request's id.")
    }

    pub(crate) fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Writes it out for this request.
    pub(crate) fn to_response(&self, request_id: &str) -> Response {
        let (status, code) = (self.kind.status(), self.kind.code());
        let body = ProblemBody {
            r#type: format!("urn:firsthand:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: self.detail.clone(),
            help: self.help.clone(),
            parameter: self.parameter.clone(),
            request_id: request_id.to_owned(),
        };
        let body = serde_json::to_vec(&body).expect("texts and a number are always JSON");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"firsthand\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(after).into());
        }
        response
    }
}

/// Seconds for `Retry-After`: rounded up, and never "at once".
pub(crate) fn whole_seconds(after: Duration) -> u64 {
    (after.as_secs() + u64::from(after.subsec_nanos() > 0)).max(1)
}

impl IntoResponse for Problem {
    /// Only carries it to [`crate::observe`], which writes it out.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes out the problem that a handler returned, keeping the headers that were set beside it
/// (`Allow`).
pub(crate) fn write_out(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let mut written = problem.to_response(request_id);
    let kept = response.headers().iter().filter(|(name, _)| !of_body(name));
    for (name, value) in kept {
        written.headers_mut().insert(name.clone(), value.clone());
    }
    written.extensions_mut().insert(problem);
    written
}

fn of_body(name: &HeaderName) -> bool {
    *name == header::CONTENT_TYPE || *name == header::CONTENT_LENGTH
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy { retry_after } => Self::busy(retry_after),
            Failure::NotReady { retry_after } => {
                let detail = "the state is still being rebuilt";
                Self::new(Kind::NotReady, detail)
                    .help("`/health/ready` tells how far it is.")
                    .retry_after(retry_after)
            }
            Failure::Conflict { code, detail, help } => {
                Self::new(Kind::Conflict(code), detail).help(help)
            }
            Failure::Invalid { parameter, detail, help } => {
                Self::invalid_body(parameter, detail).help(help)
            }
            Failure::Cursor => Self::invalid_cursor(),
            Failure::Broken(error) => {
                tracing::error!(error = &*error, "the backend failed");
                Self::broken()
            }
        }
    }
}

//! Bodies: read within limits of size and time, whatever the client does.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::place_of;
use crate::app::App;
use crate::problem::{Kind, Problem};

/// How much of a refused body is taken in, so that the client reads why.
const DISCARD_BYTES_MAX: usize = 64 << 20;
/// For how long.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(5);

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is larger than this.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// It took too long to come.
    #[error("the body did not come within {} seconds", limit.as_secs())]
    TooSlow { limit: Duration },
    /// The client went away, or what it sends is not HTTP.
    #[error("the body broke off")]
    BrokenOff,
    /// No room for more.
    #[error("too much is being read at the moment")]
    NoRoom,
}

/// Reads a body. `room` is asked before each piece is kept.
pub(crate) async fn read(
    body: Body,
    bytes_max: usize,
    time_max: Duration,
    mut room: impl FnMut(usize) -> bool,
) -> Result<Bytes, BodyError> {
    let mut body = body;
    let reading = async {
        let mut whole = Whole::default();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| BodyError::BrokenOff)?.into_data() else {
                continue; // Trailers.
            };
            if whole.len() + data.len() > bytes_max {
                return Err(BodyError::TooLarge { limit: bytes_max });
            }
            if !room(data.len()) {
                return Err(BodyError::NoRoom);
            }
            whole.push(data);
        }
        Ok(whole.into_bytes())
    };
    let read = tokio::time::timeout(time_max, reading).await;
    let read = read.unwrap_or(Err(BodyError::TooSlow { limit: time_max }));
    if matches!(read, Err(BodyError::TooLarge { .. } | BodyError::NoRoom)) {
        discard(body).await;
    }
    read
}

/// Takes in what a client still sends of a body that is refused, and forgets it. A connection that
/// is closed while the client writes is reset, and the client never reads why.
pub(crate) async fn discard(mut body: Body) {
    let discarding = async {
        let mut left = DISCARD_BYTES_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let size = frame.data_ref().map_or(0, Bytes::len);
            let Some(less) = left.checked_sub(size) else { return };
            left = less;
        }
    };
    let _ = tokio::time::timeout(DISCARD_TIME_MAX, discarding).await;
}

/// A body as it comes in; one piece, which is what small bodies are, is never copied.
#[derive(Default)]
struct Whole {
    first: Bytes,
    all: BytesMut,
}

impl Whole {
    fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&data);
    }

    fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

/// A JSON body, in or out. Unknown and unreadable fields are refused by name.
pub(crate) struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "the body must be JSON, and say so";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail)
                .help("Send the header `Content-Type: application/json`."));
        }
        let limits = &app.settings.limits;
        let body =
            read(request.into_body(), limits.api_body_bytes_max, limits.body_timeout, |_| true);
        parse(&body.await?).map(Self)
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Whether it is JSON at all is asked first: the one is malformed, the other means nothing.
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        let detail = format!("the body is not JSON: {error}");
        return Err(
            Problem::new(Kind::MalformedBody, detail).help("An empty object is written `{}`.")
        );
    }
    // A list would be taken for the fields in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::invalid_body("body", "an object is needed")
            .help("An empty object is written `{}`."));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (place, detail) = place_of(&error, "body");
        Problem::invalid_body(&place, detail)
            .help("`/api/v1/openapi.json` lists the fields of this body.")
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let essence = given.and_then(|it| it.split(';').next()).unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence.starts_with("application/") && essence.ends_with("+json")
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        let detail = error.to_string();
        match error {
            BodyError::TooLarge { .. } => {
                Self::new(Kind::BodyTooLarge, detail).help("Send less at a time.")
            }
            BodyError::TooSlow { .. } => {
                Self::new(Kind::BodyTooSlow, detail).help("Send the request again.")
            }
            BodyError::BrokenOff => {
                Self::new(Kind::BodyBrokenOff, detail).help("Send the request again.")
            }
            BodyError::NoRoom => Self::busy(Duration::from_secs(1)),
        }
    }
}

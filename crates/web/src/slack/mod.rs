//! `POST /channels/slack/interactive`: a rep pressed a button of a message about a lead.
//!
//! Slack gives us three seconds, so the press is answered as soon as it is recorded, or after
//! [`ANSWER_MAX`] in any case; what became of it is told in the place of the message.

mod press;
mod signature;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;

use crate::app::App;
use crate::backend::Failure;
use crate::extract::read;
use crate::problem::{Kind, Problem};

pub(crate) use signature::Presses;
use signature::SignatureError;

/// The largest call: a message comes back with its button.
const BODY_BYTES_MAX: usize = 512 << 10;
/// How long a press may keep Slack waiting.
const ANSWER_MAX: Duration = Duration::from_millis(2_500);

pub(crate) fn router() -> Router<App> {
    Router::new().route("/channels/slack/interactive", post(take))
}

async fn take(State(app): State<App>, request: Request) -> Result<StatusCode, Problem> {
    let (parts, body): (_, Body) = request.into_parts();
    let body = read(body, BODY_BYTES_MAX, app.settings.limits.body_timeout, |_| true).await?;
    let secrets = app.backend.slack_secrets();
    let channel = app.presses.check(&parts.headers, &body, &secrets, app.now()).map_err(refused)?;
    let form = form_urlencoded::parse(&body).find(|(name, _)| name == "payload");
    let payload = form.ok_or_else(|| Problem::invalid_body("payload", "there is no payload"))?;
    let press = press::read(&payload.1, channel)
        .map_err(|error| Problem::invalid_body("payload", error.to_string()))?;
    // Other interactions than our buttons (a link that was opened) need no more than a nod.
    let Some(press) = press else { return Ok(StatusCode::OK) };
    let backend = app.backend.clone();
    // A task of its own: what was begun is finished, also when Slack is answered before.
    let pressing = tokio::spawn(async move { backend.press(press).await });
    match tokio::time::timeout(ANSWER_MAX, pressing).await {
        Ok(Ok(done)) => done.map(|()| StatusCode::OK).map_err(Problem::from),
        Ok(Err(panic)) => Err(Failure::broken(panic).into()),
        Err(_) => Ok(StatusCode::OK),
    }
}

fn refused(error: SignatureError) -> Problem {
    match error {
        SignatureError::Unsigned | SignatureError::Old => {
            Problem::new(Kind::UnknownToken, error.to_string())
                .help("Check the channel's `signing_secret`, and the server's clock.")
        }
        SignatureError::Repeated => Problem::new(Kind::Conflict("repeated"), error.to_string())
            .help("Nothing is left to be done."),
        SignatureError::TooMany => Problem::busy(Duration::from_mins(1)),
    }
}

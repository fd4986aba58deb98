//! Who reads, by the token that came with the request.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::token::{Presented, Reader, TokenError};
use crate::app::App;
use crate::extract::bearer;
use crate::problem::{Kind, Problem};

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let given = parts.headers.get(header::AUTHORIZATION);
        let token = given.and_then(|it| it.to_str().ok()).and_then(bearer);
        let token = token.ok_or_else(|| {
            Problem::new(Kind::MissingToken, "this path needs a person's token")
                .help("Send the header `Authorization: Bearer TOKEN`; your server signs the token.")
        })?;
        let presented = Presented::read(token).map_err(refused)?;
        let secrets = app.backend.signing_secrets(presented.kid.as_deref()).await?;
        let reader = presented.reader(&secrets, app.now()).map_err(refused)?;
        app.in_app_readers.take(&reader.person).map_err(Problem::too_many_requests)?;
        Ok(reader)
    }
}

fn refused(error: TokenError) -> Problem {
    let help = match error {
        TokenError::Malformed | TokenError::Algorithm => {
            "Sign a JSON Web Token with HS256; docs/in-app.md shows how."
        }
        TokenError::Signature => {
            "`firsthand key list` shows the signing keys; `kid` names the one that signed."
        }
        TokenError::Expired => "Ask your server for a fresh token.",
        TokenError::Nobody
        | TokenError::Audience
        | TokenError::Endless
        | TokenError::Early
        | TokenError::TooLong => {
            "Put `sub` (the person's id) and `exp` (at most an hour from now, in seconds) into it."
        }
    };
    Problem::new(Kind::UnknownToken, error.to_string()).help(help)
}

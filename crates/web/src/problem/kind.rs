//! The kinds of problems, in one list: the documentation's table is drawn from it.

use axum::http::StatusCode;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidParameter,
    InvalidCursor,
    MalformedBody,
    BodyBrokenOff,
    MissingToken,
    UnknownToken,
    MissingScope,
    NotFound,
    NoSuchPath,
    MethodNotAllowed,
    BodyTooSlow,
    /// As things stand; the backend gives the code.
    Conflict(&'static str),
    BodyTooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Broken,
    Busy,
    NotReady,
    TimedOut,
    TooManyListeners,
}

impl Kind {
    /// All of them, by status.
    #[cfg(test)]
    pub const ALL: [Self; 21] = [
        Self::InvalidParameter,
        Self::InvalidCursor,
        Self::MalformedBody,
        Self::BodyBrokenOff,
        Self::MissingToken,
        Self::UnknownToken,
        Self::MissingScope,
        Self::NotFound,
        Self::NoSuchPath,
        Self::MethodNotAllowed,
        Self::BodyTooSlow,
        Self::Conflict("…"),
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::TooManyRequests,
        Self::Broken,
        Self::Busy,
        Self::NotReady,
        Self::TimedOut,
        Self::TooManyListeners,
    ];

    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidParameter
            | Self::InvalidCursor
            | Self::MalformedBody
            | Self::BodyBrokenOff => StatusCode::BAD_REQUEST,
            Self::MissingToken | Self::UnknownToken => StatusCode::UNAUTHORIZED,
            Self::MissingScope => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::NotReady | Self::TimedOut | Self::TooManyListeners => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// Stable, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidParameter => "invalid_parameter",
            Self::InvalidCursor => "invalid_cursor",
            Self::MalformedBody => "malformed_body",
            Self::BodyBrokenOff => "body_broken_off",
            Self::MissingToken => "missing_token",
            Self::UnknownToken => "unknown_token",
            Self::MissingScope => "missing_scope",
            Self::NotFound => "not_found",
            Self::NoSuchPath => "no_such_path",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooSlow => "body_too_slow",
            Self::Conflict(code) => code,
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::TooManyRequests => "too_many_requests",
            Self::Broken => "broken",
            Self::Busy => "busy",
            Self::NotReady => "not_ready",
            Self::TimedOut => "timed_out",
            Self::TooManyListeners => "too_many_listeners",
        }
    }

    /// What it means, for the documentation.
    #[cfg(test)]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidParameter => "a parameter of the query is wrong, unknown, or there twice",
            Self::InvalidCursor => "the cursor is not one of this list with these filters",
            Self::MalformedBody => "the body is not JSON",
            Self::BodyBrokenOff => "the body broke off",
            Self::MissingToken => "no token came with the request",
            Self::UnknownToken => "the token is not known, or was revoked",
            Self::MissingScope => "the token may not do this",
            Self::NotFound => "nothing has this id",
            Self::NoSuchPath => "nothing is at this path",
            Self::MethodNotAllowed => "the path does not know the method",
            Self::BodyTooSlow => "the body took too long to come",
            Self::Conflict(_) => {
                "it cannot be done as things stand; the code says what is in the way"
            }
            Self::BodyTooLarge => "the body is too large",
            Self::UnsupportedMediaType => "the body is not said to be JSON",
            Self::Invalid => "a field of the body, or a value, means nothing here",
            Self::TooManyRequests => {
                "one reader asks too often; ask again after `Retry-After` seconds"
            }
            Self::Broken => "something broke; the log tells more under the request's id",
            Self::Busy => "too much at once; ask again after `Retry-After` seconds",
            Self::NotReady => {
                "the state is still being rebuilt; ask again after `Retry-After` seconds"
            }
            Self::TimedOut => "the answer took too long; ask again",
            Self::TooManyListeners => "too many listen to events already",
        }
    }
}

//! What a caller is told, each protocol in its own words.

use std::borrow::Cow;

use firsthand_model::Text;
use firsthand_model::config::Protocol;

use super::route::Route;
use crate::json::write_string;

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status: 2xx may be sent only once everything received is durable.
    pub status: u16,
    /// The content type of the body; `None` where there is no body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Cow<'static, [u8]>,
    /// Further headers, by their names in small letters.
    pub headers: Vec<(&'static str, String)>,
}

pub(super) const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const PLAIN: &str = "text/plain; charset=utf-8";

/// A transparent picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\
\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

impl Answer {
    pub(super) fn new(
        status: u16,
        content_type: &'static str,
        body: impl Into<Cow<'static, [u8]>>,
    ) -> Self {
        Self { status, content_type: Some(content_type), body: body.into(), headers: Vec::new() }
    }

    pub(super) fn json(status: u16, body: String) -> Self {
        Self::new(status, JSON, body.into_bytes())
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, content_type: None, body: Cow::default(), headers: Vec::new() }
    }

    pub(super) fn pixel() -> Self {
        let mut answer = Self::new(200, "image/gif", PIXEL);
        answer.headers.push(("cache-control", "no-store".to_owned()));
        answer
    }

    /// What a protocol says when all is well and there is nothing to tell.
    pub(super) fn accepted(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Segment => Self::new(200, JSON, &br#"{"success":true}"#[..]),
            Protocol::PostHog => Self::new(200, JSON, &br#"{"status":"Ok"}"#[..]),
            Protocol::Snowplow => Self::new(200, PLAIN, &b"ok"[..]),
            Protocol::CloudEvents | Protocol::Facts => Self::empty(204),
            Protocol::Stripe => Self::new(200, JSON, &br#"{"received":true}"#[..]),
        }
    }
}

/// A request that was not taken in at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The source, where it is known whose request it was.
    pub source: Option<Text>,
    /// What to tell the caller.
    pub answer: Answer,
}

/// Why a request was not taken in at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is collected under this path.
    NoSuchPath,
    /// The path does not take this method.
    WrongMethod,
    /// No write key came with it.
    NoKey,
    /// No source has the key that came with it.
    UnknownKey,
    /// The source may not speak this protocol.
    NotAccepted,
    /// The body is larger than the limit, packed or unpacked.
    TooLarge,
    /// There are more items in it than the limit.
    TooMany,
    /// The body is packed in a way that is not known.
    UnknownEncoding,
    /// The body cannot be read; the text says why.
    BadBody(Cow<'static, str>),
    /// A signed request whose signature does not fit, or is too old.
    BadSignature(&'static str),
    /// There is too much at once: try again after so many seconds.
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// Nothing can be taken in now: try again after so many seconds.
    Unavailable {
        /// Seconds to wait.
        retry_after_s: u32,
    },
}

impl Refusal {
    pub(super) fn bad_body(why: impl Into<Cow<'static, str>>) -> Self {
        Self::BadBody(why.into())
    }

    /// The HTTP status. 429 and 503 mean *send it again*; all others mean *never again*.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoSuchPath => 404,
            Self::WrongMethod => 405,
            Self::NoKey | Self::UnknownKey => 401,
            Self::NotAccepted => 403,
            Self::TooLarge | Self::TooMany => 413,
            Self::UnknownEncoding => 415,
            Self::BadBody(_) | Self::BadSignature(_) => 400,
            Self::Busy { .. } => 429,
            Self::Unavailable { .. } => 503,
        }
    }

    /// A stable code, for metrics and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPath => "not_found",
            Self::WrongMethod => "method_not_allowed",
            Self::NoKey => "missing_write_key",
            Self::UnknownKey => "unknown_write_key",
            Self::NotAccepted => "protocol_not_accepted",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many_items",
            Self::UnknownEncoding => "unknown_encoding",
            Self::BadBody(_) => "bad_body",
            Self::BadSignature(_) => "bad_signature",
            Self::Busy { .. } => "busy",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// One sentence in lower case, no full stop: what is so.
    pub fn message(&self) -> &str {
        match self {
            Self::NoSuchPath => "nothing is collected under this path",
            Self::WrongMethod => "the path does not take this method",
            Self::NoKey => "no write key came with the request",
            Self::UnknownKey => "no source has this write key",
            Self::NotAccepted => "the source does not accept this protocol",
            Self::TooLarge => "the body is larger than the limit",
            Self::TooMany => "there are more items in the body than the limit",
            Self::UnknownEncoding => "the content encoding is not known",
            Self::BadBody(why) => why,
            Self::BadSignature(why) => why,
            Self::Busy { .. } => "too much at once, send it again later",
            Self::Unavailable { .. } => "nothing can be taken in now, send it again later",
        }
    }

    const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Busy { retry_after_s } | Self::Unavailable { retry_after_s } => {
                Some(*retry_after_s)
            }
            _ => None,
        }
    }

    /// The answer in the words of the protocol that a path belongs to.
    pub(super) fn answer(&self, route: Option<&Route<'_>>) -> Answer {
        let (mut status, code, message) = (self.status(), self.code(), self.message());
        let protocol = route.map(|it| (it.protocol(), it.is_v1()));
        // The browser client of PostHog sends again after a 503, and never after a 429.
        if status == 429 && protocol == Some((Protocol::PostHog, false)) {
            status = 503;
        }
        let mut answer = match protocol {
            Some((Protocol::Segment, _)) => {
                Answer::json(status, object(&[("code", code), ("message", message)]))
            }
            Some((Protocol::PostHog, true)) => {
                let body = [("error", code), ("error_description", message), ("error_uri", "")];
                Answer::json(status, object(&body))
            }
            Some((Protocol::PostHog | Protocol::Snowplow, _)) => {
                Answer::new(status, PLAIN, message.to_owned().into_bytes())
            }
            Some((Protocol::Stripe, _)) => Answer::json(status, object(&[("error", message)])),
            Some((Protocol::CloudEvents | Protocol::Facts, _)) | None => {
                let mut body = object(&[("title", message), ("code", code)]);
                body.insert_str(1, &format!("\"status\":{status},"));
                Answer::new(status, PROBLEM, body.into_bytes())
            }
        };
        if let Some(seconds) = self.retry_after_s() {
            answer.headers.push(("retry-after", seconds.to_string()));
        }
        if matches!(self, Self::NoKey | Self::UnknownKey) {
            answer.headers.push(("www-authenticate", "Basic realm=\"write key\"".to_owned()));
        }
        answer
    }
}

/// A JSON object of texts.
fn object(members: &[(&str, &str)]) -> String {
    let mut text = String::from("{");
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        write_string(&mut text, name);
        text.push(':');
        write_string(&mut text, value);
    }
    text.push('}');
    text
}

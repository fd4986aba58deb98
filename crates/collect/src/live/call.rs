//! Says whose a request is, and hands it to the protocol of its path.

use std::borrow::Cow;
use std::cell::OnceCell;

use firsthand_model::Text;
use firsthand_model::config::Protocol;

use super::answer::{Answer, Refusal};
use super::clock::Clock;
use super::intake::Intake;
use super::received::Received;
use super::request::{Method, Request};
use super::route::{Call, Route};
use super::sources::{Source, Sources};
use super::unpack::unpack;
use super::{cloudevents, own, pixel, posthog, query, segment, snowplow, start, stripe};
use crate::json::{Members, ObjectWriter};

/// A request with its path understood.
pub(super) struct Context<'a, 'r> {
    pub request: &'a Request<'r>,
    pub route: &'a Route<'a>,
    sender: Sender<'a>,
    /// The source, once it is found.
    found: OnceCell<Text>,
}

/// How it is found out whose a request is.
enum Sender<'a> {
    /// By its key.
    Unknown(&'a Sources),
    /// It is known: one of its items is read again.
    Known(&'a Source),
}

impl<'a, 'r> Context<'a, 'r> {
    pub(super) fn of(request: &'a Request<'r>, route: &'a Route<'a>, sources: &'a Sources) -> Self {
        Self { request, route, sender: Sender::Unknown(sources), found: OnceCell::new() }
    }

    /// The context of an item that is read again: whose it is was found out before.
    pub(super) fn trusted(
        request: &'a Request<'r>,
        route: &'a Route<'a>,
        source: &'a Source,
    ) -> Self {
        Self { request, route, sender: Sender::Known(source), found: OnceCell::new() }
    }

    /// Reads the request as the path says.
    pub(super) fn read(&self) -> Result<Received, Refusal> {
        let is_post = self.request.method == Method::Post;
        let is_get = matches!(self.request.method, Method::Get | Method::Head);
        let harmless = |answer| Ok(Received::nothing(answer));
        match self.route.call {
            Call::Message(kind) if is_post => segment::read(self, segment::Form::One(kind)),
            Call::Batch if is_post => segment::read(self, segment::Form::Batch),
            Call::Import if is_post => segment::read(self, segment::Form::Import),
            Call::SegmentPixel(kind) if is_get => pixel::segment(self, kind),
            Call::RudderPixel(kind) if is_get => pixel::rudder(self, kind),
            Call::Metrics | Call::Recordings if is_post => harmless(self.accepted()),
            Call::Settings(key) if is_get => harmless(start::settings(self.request, key)),
            Call::SourceConfig if is_get => {
                let key = self.presented_key().unwrap_or_default();
                let name = self.source(&[])?.name();
                harmless(start::source_config(name, &key))
            }
            Call::Capture if is_post || is_get => posthog::v0::read(self),
            Call::CaptureV1 if is_post => posthog::v1::read(self),
            Call::RemoteConfig(token) if is_get => harmless(posthog::start::remote_config(token)),
            Call::RemoteConfigScript(token) if is_get => {
                harmless(posthog::start::remote_config_script(token))
            }
            Call::Flags if is_post || is_get => harmless(posthog::start::flags()),
            Call::Decide if is_post || is_get => harmless(posthog::start::decide()),
            Call::Payload if is_post => snowplow::payload(self),
            Call::Ping if is_get => snowplow::ping(self),
            Call::CloudEvents if is_post => cloudevents::read(self),
            Call::Facts if is_post => own::read(self),
            Call::Webhook(name) if is_post => stripe::read(self, name),
            _ => Err(Refusal::WrongMethod),
        }
    }

    /// The body, unpacked.
    pub(super) fn body(&self) -> Result<Cow<'r, [u8]>, Refusal> {
        let body = self.request.body;
        if body.len() > self.route.body_bytes_max() {
            return Err(Refusal::TooLarge);
        }
        unpack(body, self.request.header("content-encoding").unwrap_or_default())
    }

    /// The source that sent this, by the key in the path, a header, the query, or the body, whose
    /// members that may hold a key are given. The first key that a source has counts.
    pub(super) fn source(&self, in_body: &[Option<Cow<'_, str>>]) -> Result<&'a Source, Refusal> {
        let sources = match self.sender {
            Sender::Known(source) => return Ok(source),
            Sender::Unknown(sources) => sources,
        };
        let query = self.request.query;
        let in_query = ["writeKey", "write_key", "api_key", "token", "key"];
        let mut any = false;
        let mut found = |key: &str| {
            any = true;
            sources.by_key(key.trim())
        };
        let source = self
            .route
            .key
            .and_then(&mut found)
            .or_else(|| self.authorization().and_then(|it| found(&it)))
            .or_else(|| self.request.header("x-write-key").and_then(&mut found))
            .or_else(|| self.request.header("x-api-key").and_then(&mut found))
            .or_else(|| in_body.iter().flatten().find_map(|it| found(it)))
            .or_else(|| {
                in_query.iter().filter_map(|it| query::value(query, it)).find_map(|it| found(&it))
            });
        if let Some(source) = source {
            self.found.get_or_init(|| source.name().clone());
        }
        match source {
            Some(source) if source.accepts(self.route.protocol()) => Ok(source),
            Some(_) => Err(Refusal::NotAccepted),
            None if any => Err(Refusal::UnknownKey),
            None => Err(Refusal::NoKey),
        }
    }

    /// The key that comes with a question, as it is.
    fn presented_key(&self) -> Option<Cow<'a, str>>
    where
        'r: 'a,
    {
        let in_query = || query::value(self.request.query, "writeKey");
        self.authorization().or_else(in_query)
    }

    /// The source that is found otherwise than by a key.
    pub(super) fn find(
        &self,
        by: impl Fn(&'a Sources) -> Option<&'a Source>,
    ) -> Option<&'a Source> {
        let source = match self.sender {
            Sender::Known(source) => source,
            Sender::Unknown(sources) => by(sources)?,
        };
        self.found.get_or_init(|| source.name().clone());
        Some(source)
    }

    /// Whose it is, as far as that was found out.
    pub(super) fn whose(&self) -> Option<Text> {
        self.found.get().cloned()
    }

    /// Whether whose it is was found out before.
    pub(super) const fn is_trusted(&self) -> bool {
        matches!(self.sender, Sender::Known(_))
    }

    /// The key in `Authorization`: the user's name of `Basic`, or all of `Bearer`.
    fn authorization(&self) -> Option<Cow<'r, str>> {
        let header = self.request.header("authorization")?;
        let (scheme, credentials) = header.split_once(' ')?;
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Cow::Borrowed(credentials));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = super::base64::decode(credentials.as_bytes())?;
        let decoded = String::from_utf8(decoded).ok()?;
        // Old clients leave out the colon that would end the name.
        let name = decoded.split(':').next().unwrap_or_default();
        Some(Cow::Owned(name.to_owned()))
    }

    /// Begins to take in the items of a source.
    pub(super) fn intake<'s>(&self, source: &'s Source) -> Intake<'s>
    where
        'a: 's,
    {
        Intake::new(source, self.request.received_at, self.route.path)
    }

    /// The clock of a source's messages.
    pub(super) fn clock(&self, source: &Source) -> Clock {
        Clock::new(self.request.received_at, source.skew_max())
    }

    /// What the protocol says when all is well.
    pub(super) fn accepted(&self) -> Answer {
        Answer::accepted(self.route.protocol())
    }

    /// The protocol of the path.
    pub(super) const fn protocol(&self) -> Protocol {
        self.route.protocol()
    }
}

/// The body as text. Bytes that are not UTF-8 become U+FFFD: refusing all of it would cost the
/// items that are well.
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => text,
    }
}

/// The body as one JSON object.
pub(super) fn object(text: &str) -> Result<Members<'_>, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::bad_body("the body is empty"));
    }
    Members::parse(text).map_err(|error| not_json(&error))
}

/// One item of a list in a body of its own, with what its envelope says of it under these names.
pub(super) fn alone(envelope: &Members<'_>, names: &[&str], list: &str, raw: &str) -> String {
    let mut body = ObjectWriter::new();
    for name in names {
        if let Some(value) = envelope.get(name) {
            body.member(name).push_str(value.get());
        }
    }
    let items = body.member(list);
    for part in ["[", raw, "]"] {
        items.push_str(part);
    }
    body.finish().as_str().to_owned()
}

pub(super) fn not_json(error: &serde_json::Error) -> Refusal {
    Refusal::bad_body(format!("the body is not JSON: {error}"))
}

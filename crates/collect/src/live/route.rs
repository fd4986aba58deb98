//! Which protocol a path belongs to, and what it asks.
//!
//! All paths stand here, so that the server can tell before it reads a body how large it may be.
//! Each is taken with and without a slash at its end. Any path may begin with `/in/KEY`, for
//! clients that can be given a host with a path but no key that we would know.

use firsthand_model::config::Protocol;

/// Most bytes of a body as it comes over the wire.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// The same for `PostHog`'s batches, whose clients count on it.
pub const POSTHOG_BODY_BYTES_MAX: usize = 20 << 20;
/// What stands before a key in a path.
const KEY_PREFIX: &str = "/in/";

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route<'p> {
    pub(super) call: Call<'p>,
    /// The key that stands in the path.
    pub(super) key: Option<&'p str>,
    /// The path behind the key.
    pub(super) path: &'p str,
}

/// One thing that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call<'p> {
    /// Segment: one message of this type, or a batch.
    Message(&'static str),
    /// Segment: a batch, or one message that says its type.
    Batch,
    /// Segment: a batch of old events, whose times are right.
    Import,
    /// Segment: one message in the query, answered by a picture.
    SegmentPixel(&'static str),
    /// `RudderStack`: the same, in separate parameters.
    RudderPixel(&'static str),
    /// Segment: the client's figures about itself.
    Metrics,
    /// Segment: what a browser asks for when it starts.
    Settings(&'p str),
    /// `RudderStack`: the same.
    SourceConfig,
    /// `PostHog`, as all its clients speak.
    Capture,
    /// `PostHog`, as its newest clients speak.
    CaptureV1,
    /// `PostHog`: what a browser asks for when it starts.
    RemoteConfig(&'p str),
    /// The same, as a script.
    RemoteConfigScript(&'p str),
    /// `PostHog`: the feature flags of a person.
    Flags,
    /// The same for older clients.
    Decide,
    /// `PostHog`: recordings of the screen, which are not kept.
    Recordings,
    /// Snowplow: a list of events.
    Payload,
    /// Snowplow: one event in the query, answered by a picture.
    Ping,
    /// `CloudEvents`.
    CloudEvents,
    /// Our own form.
    Facts,
    /// A webhook for the source of this name.
    Webhook(&'p str),
}

impl<'p> Route<'p> {
    /// Finds what a path asks for; `None` where nothing is collected under it.
    pub fn of(path: &'p str) -> Option<Self> {
        let (key, path) = match path.strip_prefix(KEY_PREFIX) {
            None => (None, path),
            Some(rest) => {
                let at = rest.find('/')?;
                (Some(&rest[..at]).filter(|it| !it.is_empty()), &rest[at..])
            }
        };
        let call = call(path.strip_suffix('/').unwrap_or(path))?;
        Some(Self { call, key, path })
    }

    /// The protocol it is spoken in.
    pub const fn protocol(&self) -> Protocol {
        match self.call {
            Call::Message(_)
            | Call::Batch
            | Call::Import
            | Call::SegmentPixel(_)
            | Call::RudderPixel(_)
            | Call::Metrics
            | Call::Settings(_)
            | Call::SourceConfig => Protocol::Segment,
            Call::Capture
            | Call::CaptureV1
            | Call::RemoteConfig(_)
            | Call::RemoteConfigScript(_)
            | Call::Flags
            | Call::Decide
            | Call::Recordings => Protocol::PostHog,
            Call::Payload | Call::Ping => Protocol::Snowplow,
            Call::CloudEvents => Protocol::CloudEvents,
            Call::Facts => Protocol::Facts,
            Call::Webhook(_) => Protocol::Stripe,
        }
    }

    /// Most bytes of a body under this path, as it comes over the wire.
    pub const fn body_bytes_max(&self) -> usize {
        match self.protocol() {
            Protocol::PostHog => POSTHOG_BODY_BYTES_MAX,
            _ => BODY_BYTES_MAX,
        }
    }

    pub(super) const fn is_v1(&self) -> bool {
        matches!(self.call, Call::CaptureV1)
    }
}

fn call(path: &str) -> Option<Call<'_>> {
    Some(match path {
        "/v1/identify" | "/v1/i" => Call::Message("identify"),
        "/v1/track" | "/v1/t" => Call::Message("track"),
        "/v1/page" | "/v1/p" => Call::Message("page"),
        "/v1/screen" | "/v1/s" => Call::Message("screen"),
        "/v1/group" | "/v1/g" => Call::Message("group"),
        "/v1/alias" | "/v1/a" => Call::Message("alias"),
        "/v1/merge" => Call::Message("merge"),
        "/v1/batch" | "/v1/b" | "/beacon/v1/batch" => Call::Batch,
        "/v1/import" => Call::Import,
        "/v1/pixel/track" => Call::SegmentPixel("track"),
        "/v1/pixel/page" => Call::SegmentPixel("page"),
        "/pixel/v1/track" => Call::RudderPixel("track"),
        "/pixel/v1/page" => Call::RudderPixel("page"),
        "/v1/m" => Call::Metrics,
        "/sourceConfig" => Call::SourceConfig,
        "/batch" | "/capture" | "/e" | "/i/v0/e" | "/track" | "/engage" => Call::Capture,
        "/i/v1/analytics/events" => Call::CaptureV1,
        "/flags" => Call::Flags,
        "/decide" => Call::Decide,
        "/s" => Call::Recordings,
        "/com.snowplowanalytics.snowplow/tp2" => Call::Payload,
        "/i" => Call::Ping,
        "/v1/cloudevents" => Call::CloudEvents,
        "/v1/facts" => Call::Facts,
        _ => return call_with_a_name(path),
    })
}

/// The calls in whose path somebody is named.
fn call_with_a_name(path: &str) -> Option<Call<'_>> {
    let is_name = |it: &&str| !it.is_empty() && !it.contains('/');
    let between = |before: &str, behind: &str| {
        path.strip_prefix(before)?.strip_suffix(behind).filter(is_name)
    };
    between("/v1/projects/", "/settings")
        .map(Call::Settings)
        .or_else(|| between("/array/", "/config").map(Call::RemoteConfig))
        .or_else(|| between("/array/", "/config.js").map(Call::RemoteConfigScript))
        .or_else(|| between("/webhooks/", "").map(Call::Webhook))
}

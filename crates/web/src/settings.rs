//! What the server is told at start: its clock and its limits (P8).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use firsthand_model::Time;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// What the server is told at start.
#[derive(Clone)]
pub struct Settings {
    /// Tells when a call arrived.
    pub clock: Clock,
    /// What may be at most.
    pub limits: Limits,
    /// Whether `/metrics` answers without a token. Otherwise it asks for `status:read`: the same
    /// port stands open to browsers.
    pub open_metrics: bool,
    /// Whether people are offered a guided tour of the pages: there must be the demo's company.
    pub tour: bool,
}

impl Settings {
    /// The default limits, with this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, limits: Limits::default(), open_metrics: false, tour: false }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock: _, limits, open_metrics, tour } = self;
        f.debug_struct("Settings")
            .field("limits", limits)
            .field("open_metrics", open_metrics)
            .field("tour", tour)
            .finish_non_exhaustive()
    }
}

/// What may be at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Connections at a time; the next wait in the kernel's queue.
    pub connections_max: usize,
    /// How long a client may take to send a request's head, or to begin with the next one.
    pub head_timeout: Duration,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// How long the server may take to begin an answer.
    pub answer_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// How long requests under way may take after the server was told to stop.
    pub stop_timeout: Duration,
    /// The size of a tracking call's body, as sent.
    pub ingest_body_bytes_max: usize,
    /// The size of all tracking calls' bodies that are in memory at a time.
    pub ingest_bytes_in_flight_max: usize,
    /// Large tracking calls that are unpacked and read at a time.
    pub ingest_readers_max: usize,
    /// The size of a body sent to the API.
    pub api_body_bytes_max: usize,
    /// Items a second that one source may send, over time.
    pub source_items_per_second: f64,
    /// Items that one source may send at once.
    pub source_items_burst: f64,
    /// Requests a second that one reader of messages inside the product may make, over time.
    pub reader_requests_per_second: f64,
    /// Requests that one such reader may make at once.
    pub reader_requests_burst: f64,
    /// Pages that listen to messages inside the product at a time; others ask now and then.
    pub in_app_listeners_max: usize,
    /// Listeners to lead events at a time.
    pub listeners_max: usize,
    /// How long one may listen before it must connect again.
    pub listen_max: Duration,
    /// How often a listener to whom nothing is said is sent a sign of life.
    pub sign_of_life_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            // Longer than proxies keep idle connections: they must be the first to close one.
            head_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(20),
            ingest_body_bytes_max: 20 << 20,
            ingest_bytes_in_flight_max: 256 << 20,
            ingest_readers_max: 2,
            api_body_bytes_max: 64 << 10,
            source_items_per_second: 200_000.0,
            source_items_burst: 400_000.0,
            reader_requests_per_second: 1.0,
            reader_requests_burst: 40.0,
            in_app_listeners_max: 2_048,
            listeners_max: 256,
            listen_max: Duration::from_hours(1),
            sign_of_life_every: Duration::from_secs(15),
        }
    }
}

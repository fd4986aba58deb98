//! What every handler is given.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use firsthand_model::Time;
use tokio::sync::{Semaphore, watch};

use crate::backend::Backend;
use crate::inapp::ReaderAllowances;
use crate::ingest::Allowances;
use crate::meters::Meters;
use crate::pages::Attempts;
use crate::request_id::RequestIds;
use crate::settings::Settings;
use crate::slack::Presses;

/// What every handler is given; cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What all requests share.
pub(crate) struct Shared {
    pub backend: Arc<dyn Backend>,
    pub settings: Settings,
    pub meters: Meters,
    pub request_ids: RequestIds,
    /// One permit for each byte of the tracking calls in memory.
    pub in_flight: Arc<Semaphore>,
    /// One permit for each large tracking call that is read beside the others.
    pub readers: Arc<Semaphore>,
    /// How much each source may still send.
    pub allowances: Allowances,
    /// How much each reader of messages inside the product may still ask.
    pub in_app_readers: Arc<ReaderAllowances>,
    /// The newest calls of Slack.
    pub presses: Presses,
    /// One permit a page that listens to messages inside the product.
    pub in_app_listeners: Arc<Semaphore>,
    /// One permit a listener to lead events.
    pub listeners: Arc<Semaphore>,
    /// Turns true when the server is told to stop.
    pub stopping: watch::Receiver<bool>,
    /// The API's description, as it is sent.
    pub openapi: Bytes,
    /// Who has tried to sign in, and how often.
    pub attempts: Attempts,
}

impl App {
    pub fn new(
        backend: Arc<dyn Backend>,
        settings: Settings,
        stopping: watch::Receiver<bool>,
        openapi: Bytes,
    ) -> Self {
        let limits = &settings.limits;
        let listeners = Arc::new(Semaphore::new(limits.listeners_max));
        let in_flight = Arc::new(Semaphore::new(limits.ingest_bytes_in_flight_max));
        let readers = Arc::new(Semaphore::new(limits.ingest_readers_max));
        let in_app_listeners = Arc::new(Semaphore::new(limits.in_app_listeners_max));
        let in_app_readers =
            ReaderAllowances::new(limits.reader_requests_per_second, limits.reader_requests_burst);
        let allowances = Allowances::new(limits.source_items_per_second, limits.source_items_burst);
        Self(Arc::new(Shared {
            backend,
            in_flight,
            readers,
            allowances,
            settings,
            meters: Meters::default(),
            request_ids: RequestIds::default(),
            in_app_readers: Arc::new(in_app_readers),
            in_app_listeners,
            presses: Presses::default(),
            listeners,
            stopping,
            openapi,
            attempts: Attempts::default(),
        }))
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        (self.settings.clock)()
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

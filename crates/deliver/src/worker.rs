//! The worker: a lane for each channel, and one who writes down what came of it all.
//!
//! It has a thread of its own, in which the lanes take turns; what blocks (the store, names being
//! resolved) is done beside it.

mod breaker;
mod lane;
mod pace;
mod recorder;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use firsthand_model::{Text, Time};
use firsthand_store::{Deliveries, DisabledChannel, Result, StoreError};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

use crate::counters::{ChannelCounts, Counts};
use crate::{Channel, Clock};

use lane::Lane;
use recorder::Recorder;

/// Where messages wait.
pub type Outbox = Arc<dyn Deliveries + Send + Sync>;

/// How long calls under way may take to come to an end when the worker stops.
const GRACE: Duration = Duration::from_secs(10);
/// How many lanes read the store at once.
const READERS_MAX: usize = 4;

/// A channel with its name, and how many messages it takes a minute.
pub struct Way {
    /// The channel's name in the configuration.
    pub name: Text,
    /// What sends.
    pub channel: Arc<dyn Channel>,
    /// Most messages a minute.
    pub per_minute: Option<u32>,
}

/// The worker could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A thread could not be started.
    #[error("the worker of deliveries could not be started")]
    Start(#[from] std::io::Error),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a lane is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneStatus {
    /// What was counted.
    pub counts: ChannelCounts,
    /// Failures of the channel in a row.
    pub failures: u32,
    /// Nothing is tried before this: the channel has failed too often, or asked for it.
    pub paused_until: Option<Time>,
    /// Why nothing goes through it, if it is disabled.
    pub disabled: Option<DisabledChannel>,
}

/// Sends what is due, until it is stopped.
pub struct Worker {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What all lanes see.
pub(crate) struct Shared {
    pub outbox: Outbox,
    pub clock: Clock,
    readers: Semaphore,
    disabled: Mutex<BTreeMap<Text, DisabledChannel>>,
    lanes: BTreeMap<Text, Arc<LaneShared>>,
}

/// What is known of a lane from outside.
#[derive(Default)]
pub(crate) struct LaneShared {
    pub wake: Notify,
    pub counts: Counts,
    pub standing: Mutex<(u32, Time)>,
}

impl Worker {
    /// Starts sending.
    ///
    /// # Errors
    /// Where the store cannot be read, or no thread started.
    pub fn start(outbox: Outbox, ways: Vec<Way>, clock: Clock) -> Result<Self, Stopped> {
        let disabled = outbox.disabled_channels()?;
        let shared = Arc::new(Shared {
            outbox,
            clock,
            readers: Semaphore::new(READERS_MAX),
            disabled: Mutex::new(disabled.into_iter().map(|it| (it.channel.clone(), it)).collect()),
            lanes: ways.iter().map(|it| (it.name.clone(), Arc::default())).collect(),
        });
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let recorder = Recorder::start(Arc::clone(&shared.outbox))?;
        let lanes: Vec<Lane> = ways
            .into_iter()
            .map(|way| Lane::new(way, Arc::clone(&shared), recorder.clone()))
            .collect();
        let thread = std::thread::Builder::new().name("deliver".to_owned()).spawn(move || {
            runtime.block_on(run(lanes, stopped));
            // A name that is still being resolved holds nobody up.
            runtime.shutdown_background();
        })?;
        Ok(Self { shared, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Something may be due in these channels: a commit has been written.
    pub fn wake<'a>(&self, channels: impl IntoIterator<Item = &'a str>) {
        for channel in channels {
            if let Some(lane) = self.shared.lanes.get(channel) {
                lane.wake.notify_one();
            }
        }
    }

    /// Something may be due anywhere: dead messages were put into the queue again.
    pub fn wake_all(&self) {
        for lane in self.shared.lanes.values() {
            lane.wake.notify_one();
        }
    }

    /// Lets messages go through a channel again; whether it was disabled. Blocks.
    pub fn enable(&self, channel: &str) -> Result<bool> {
        let was = self.shared.outbox.enable_channel(channel)?;
        self.shared.disabled().remove(channel);
        self.wake([channel]);
        Ok(was)
    }

    /// How all lanes are doing, by the name of the channel.
    pub fn lanes(&self) -> Vec<LaneStatus> {
        let disabled = self.shared.disabled();
        let status = |(name, lane): (&Text, &Arc<LaneShared>)| {
            let (failures, until) = *lock(&lane.standing);
            LaneStatus {
                counts: lane.counts.shown(name),
                failures,
                paused_until: (until > (self.shared.clock)()).then_some(until),
                disabled: disabled.get(name).cloned(),
            }
        };
        self.shared.lanes.iter().map(status).collect()
    }

    /// Begins nothing more, lets what is under way come to an end for a few seconds, and returns
    /// when nobody is left. What was not recorded is sent again after the next start.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the worker of deliveries ended in a panic");
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// Does something with the store, beside the lanes.
    pub async fn stored<T: Send + 'static>(
        &self,
        act: impl FnOnce(&(dyn Deliveries + Send + Sync)) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.readers.acquire().await.expect("it is never closed");
        let outbox = Arc::clone(&self.outbox);
        match tokio::task::spawn_blocking(move || act(outbox.as_ref())).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    pub fn is_disabled(&self, channel: &str) -> bool {
        self.disabled().contains_key(channel)
    }

    /// Lets nothing go through a channel any more.
    pub async fn disable(&self, channel: DisabledChannel) {
        self.disabled().insert(channel.channel.clone(), channel.clone());
        if let Err(error) = self.stored(move |it| it.disable_channel(&channel)).await {
            tracing::error!(%error, "a disabled channel could not be written down");
        }
    }

    pub fn lane(&self, name: &str) -> Arc<LaneShared> {
        Arc::clone(&self.lanes[name])
    }

    fn disabled(&self) -> MutexGuard<'_, BTreeMap<Text, DisabledChannel>> {
        lock(&self.disabled)
    }
}

async fn run(lanes: Vec<Lane>, stopped: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    for lane in lanes {
        running.spawn(lane.run(stopped.clone(), GRACE));
    }
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a lane of deliveries has ended");
        }
    }
}

/// A panic while one of these is held leaves it as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

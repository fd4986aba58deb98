//! Writes down what came of messages: one writer for all lanes, and one transaction for all that
//! waits, so that a sync is shared by as many as came while the last one ran.

use std::time::Duration;

use firsthand_store::{Deliveries, Settlement, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::Outbox;

/// Lanes that may wait to be written down.
const WAITING_MAX: usize = 4_096;
/// Settlements of one transaction, so that no other commit waits long.
const ROWS_MAX: usize = 500;
/// How long to wait where the store cannot be written now.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is tried then.
const TRIES_MAX: u32 = 60;

type Job = (Vec<Settlement>, oneshot::Sender<bool>);

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Recorder(mpsc::Sender<Job>);

impl Recorder {
    /// Starts the writer; it ends when nobody can reach it any more.
    pub fn start(outbox: Outbox) -> std::io::Result<Self> {
        let (jobs, taken) = mpsc::channel(WAITING_MAX);
        let write = move || run(outbox.as_ref(), taken);
        std::thread::Builder::new().name("outbox".to_owned()).spawn(write)?;
        Ok(Self(jobs))
    }

    /// Has settlements written down; whether they are durable.
    pub async fn record(&self, settlements: Vec<Settlement>) -> bool {
        let (answer, done) = oneshot::channel();
        self.0.send((settlements, answer)).await.is_ok() && done.await.unwrap_or(false)
    }
}

fn run(outbox: &(dyn Deliveries + Send + Sync), mut taken: mpsc::Receiver<Job>) {
    while let Some((mut settlements, answer)) = taken.blocking_recv() {
        let mut answers = vec![answer];
        while settlements.len() < ROWS_MAX
            && let Ok((more, answer)) = taken.try_recv()
        {
            settlements.extend(more);
            answers.push(answer);
        }
        let written = write(outbox, &settlements);
        for answer in answers {
            // A lane that was told to stop does not listen any more.
            answer.send(written).ok();
        }
    }
}

fn write(outbox: &(dyn Deliveries + Send + Sync), settlements: &[Settlement]) -> bool {
    for tries in 1.. {
        match outbox.settle_deliveries(settlements) {
            Ok(_) => return true,
            Err(error) if tries < TRIES_MAX && may_pass(&error) => {
                if tries == 1 {
                    tracing::warn!(%error, "what came of deliveries cannot be written down yet");
                }
                std::thread::sleep(PAUSE);
            }
            Err(error) => {
                tracing::error!(%error, "what came of deliveries could not be written down");
                return false;
            }
        }
    }
    false
}

fn may_pass(error: &StoreError) -> bool {
    error.may_retry()
}
